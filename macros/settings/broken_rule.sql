{#-
    What a value should be, by its row of the settings table or, for a part of
    an entry, by its rule; none if it is that.
-#}
{% macro broken_rule(row, value) %}
    {% set kind = row.kind %}
    {% set is_number = value is number and value is not boolean %}
    {% set is_whole = value is integer and value is not boolean %}
    {% set is_share = is_number and 0 <= value <= 1 %}
    {% set is_list = value is sequence and value is not string
        and value is not mapping %}
    {% if kind == 'any' %}
        {{ return(none) }}
    {% elif value is none and row.get('nullable', row.default is none) %}
        {{ return(none) }}
    {% elif kind == 'switch' and value is not boolean %}
        {{ return('must be true or false') }}
    {% elif kind == 'names' and value is not boolean and not is_list %}
        {{ return('must be true or false, or a list of segmentations') }}
    {% elif kind == 'choice' and value not in row.choices %}
        {{ return(
            row.get('rule', 'must be one of ' ~ row.choices | join(', '))
        ) }}
    {% elif kind == 'whole' and not (is_whole and value >= row.least) %}
        {{ return('must be a whole number of at least ' ~ row.least) }}
    {% elif kind == 'share' and 'below' in row
        and not (is_share and value < row.below) %}
        {{ return('must be a share from 0 to below ' ~ row.below) }}
    {% elif kind == 'share' and not is_share %}
        {{ return('must be a number from 0 to 1') }}
    {% elif kind == 'amount' and not (is_number and 0 < value < 1e16) %}
        {{ return('must be a number above 0') }}
    {% elif kind == 'components'
        and not (is_number and value > 0 and (is_whole or value < 1)) %}
        {{ return(
            'must be a whole number of components or a share of variance '
            ~ 'between 0 and 1'
        ) }}
    {% elif kind == 'model' and not (value is string and value | trim) %}
        {{ return('must be the name of a model') }}
    {% elif kind == 'name' and value is not string %}
        {{ return('must be a name') }}
    {% elif kind == 'column' and value is not string %}
        {{ return('must be one column where no `columns` are listed') }}
    {% elif kind == 'columns' and (
        value | rejectattr('name') | list or value | rejectattr('type') | list
    ) %}
        {{ return('must list them as `{name: spend, type: double}`') }}
    {% elif kind == 'list' and not is_list %}
        {{ return('must be a list') }}
    {% elif kind == 'mapping' and value is not mapping %}
        {{ return('must be a mapping') }}
    {% elif 'below' in row and value >= row.below %}
        {{ return('must be below ' ~ row.below) }}
    {% elif 'above' in row and value <= row.above %}
        {{ return('must be above ' ~ row.above) }}
    {% endif %}
    {{ return(none) }}
{% endmacro %}
