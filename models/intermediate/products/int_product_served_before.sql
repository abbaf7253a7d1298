{{ config(materialized='table') }}

{{ served_before('product', as_of=ref('as_of')) }}
