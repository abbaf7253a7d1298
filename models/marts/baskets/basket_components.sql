{{ basket_components(ref('fit_basket_components')) }}
