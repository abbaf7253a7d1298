{{ extras_plan('customer') }}
