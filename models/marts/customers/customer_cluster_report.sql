{{ cluster_report('customer', unit='customers') }}
