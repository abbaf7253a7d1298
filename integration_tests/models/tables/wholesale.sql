select * from read_csv('{{ test_data("wholesale/wholesale.csv") }}')
