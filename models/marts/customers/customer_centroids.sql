{{ centroids('customer', unit='customers') }}
