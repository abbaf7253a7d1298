{{ config(materialized='table') }}

{{ served_before('customer', as_of=ref('int_as_of')) }}
