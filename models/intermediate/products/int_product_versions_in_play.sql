{{ versions_in_play('product') }}
