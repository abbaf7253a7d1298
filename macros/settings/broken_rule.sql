{#-
    What a value should be, by its row of the settings table or, for a part of
    an entry, by its rule; none if it is that.
-#}
{% macro broken_rule(row, value) %}
    {% set is_number = value is number and value is not boolean %}
    {% set is_whole = value is integer and value is not boolean %}
    {% set is_share = is_number and 0 <= value <= 1 %}
    {% set is_text = value is string %}
    {% set is_list = value is sequence and not is_text
        and value is not mapping %}
    {% if row.kind == 'any'
        or value is none and row.get('nullable', row.default is none) %}
        {{ return(none) }}
    {% endif %}
    {#- By kind: whether the value is of it, and what it must be. -#}
    {% set kinds = {
        'switch': [value is boolean, 'be true or false'],
        'names': [value is boolean or is_list,
            'be true or false, or a list of segmentations'],
        'choice': [value in row.get('choices', []),
            'be one of ' ~ row.choices | join(', ')],
        'whole': [is_whole and value >= row.get('least', 0),
            'be a whole number of at least ' ~ row.least],
        'share': [is_share and value < row.get('below', 2),
            'be a share from 0 to below ' ~ row.below if 'below' in row
            else 'be a number from 0 to 1'],
        'amount': [is_number and 0 < value < 1e16, 'be a number above 0'],
        'components': [is_number and value > 0 and (is_whole or value < 1),
            'be a whole number of components or a share of variance between '
            ~ '0 and 1'],
        'model': [is_text and value | trim, 'be the name of a model'],
        'name': [is_text, 'be a name'],
        'column': [is_text, 'be one column where no `columns` are listed'],
        'columns': [is_list and not value | rejectattr('name') | list
            and not value | rejectattr('type') | list,
            'list them as `{name: spend, type: double}`'],
        'list': [is_list, 'be a list'],
        'mapping': [value is mapping, 'be a mapping'],
    } %}
    {% set is_right, what = kinds.get(row.kind, [true, none]) %}
    {% if not is_right %}
        {{ return(row.get('rule', 'must ' ~ what)) }}
    {% elif 'below' in row and value >= row.below %}
        {{ return('must be below ' ~ row.below) }}
    {% elif 'above' in row and value <= row.above %}
        {{ return('must be above ' ~ row.above) }}
    {% endif %}
    {{ return(none) }}
{% endmacro %}
