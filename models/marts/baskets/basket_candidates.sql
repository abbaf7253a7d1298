{{ fitted('fit_basket_count') }}
