{{ cluster_report('product', unit='products') }}
