{{ config(materialized='table') }}

{{ served_before('customer', as_of=ref('as_of')) }}
