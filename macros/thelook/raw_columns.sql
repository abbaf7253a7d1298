{#- What the project reads of a raw table: by the source's name the name here,
    what it holds, and if it is needed. What is not listed never enters the
    warehouse. -#}
{% macro raw_columns(table_name) -%}
    {%- set columns -%}
users: {id: [user_id, whole number, true], age: [age, whole number, false],
  gender: [gender, text, false], country: [country, text, false],
  traffic_source: [traffic_source, text, false],
  created_at: [created_at, time, false]}
orders: {order_id: [order_id, whole number, true],
  user_id: [user_id, whole number, true], status: [status, text, false],
  created_at: [created_at, time, true], currency: [currency, text, false]}
order_items: {id: [order_item_id, whole number, true],
  order_id: [order_id, whole number, true],
  user_id: [user_id, whole number, false],
  product_id: [product_id, whole number, false],
  inventory_item_id: [inventory_item_id, whole number, false],
  status: [status, text, false], created_at: [created_at, time, false],
  shipped_at: [shipped_at, time, false],
  delivered_at: [delivered_at, time, false],
  returned_at: [returned_at, time, false],
  sale_price: [sale_price, number, true], quantity: [quantity, number, false],
  refunded_amount: [refunded_amount, number, false],
  currency: [currency, text, false]}
inventory_items: {id: [inventory_item_id, whole number, true],
  product_id: [product_id, whole number, false], cost: [cost, number, false],
  product_category: [category, text, false], product_name: [name, text, false],
  product_brand: [brand, text, false],
  product_retail_price: [retail_price, number, false],
  product_department: [department, text, false]}
products: {id: [product_id, whole number, true], cost: [cost, number, false],
  category: [category, text, false], name: [name, text, false],
  brand: [brand, text, false], retail_price: [retail_price, number, false],
  department: [department, text, false]}
    {%- endset -%}
    {{ return(fromyaml(columns)[table_name]) }}
{%- endmacro %}
