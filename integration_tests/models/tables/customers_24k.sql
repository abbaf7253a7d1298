select * from read_csv('{{ test_data("customers_24k/customers.csv") }}')
