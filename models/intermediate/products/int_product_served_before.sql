{{ config(materialized='table') }}

{{ served_before('product', as_of=ref('int_as_of')) }}
