{{ centroids('product', unit='products') }}
