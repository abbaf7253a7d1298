{{ extras_plan('product') }}
