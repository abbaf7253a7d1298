{{ versions_in_play('customer') }}
