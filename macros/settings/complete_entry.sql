{#-
    An entry of the var `segmentations` with all its parts, checked. The vars
    `recipe` and `as_of` win over what an entry says; a shop has one date.
-#}
{% macro complete_entry(name, given) %}
    {% set defaults = segmentation.built_in_segmentations() %}
    {% set entry = dict(defaults['any'], **defaults.get(name, {})) %}
    {% do segmentation.check_entry(name, given, entry.keys() | list) %}
    {% do entry.update(given) %}
    {% for part, value in {
        'key': name ~ '_id',
        'recipe': name,
        'segments': name ~ '_segments',
        'key_type': 'string',
        'population': none if entry.columns else entry.table,
    }.items() if entry[part] is none %}
        {% do entry.update({part: value}) %}
    {% endfor %}
    {% set recipe = segmentation.given_var(
        segmentation.setting_var(name, 'recipe')
    ) %}
    {% set as_of = segmentation.setting_var(
        'customer' if entry.is_shop else name, 'as_of'
    ) %}
    {% set columns = [] %}
    {% for column in entry.columns or [] %}
        {% do columns.append(dict({'from': column.name}, **column)) %}
    {% endfor %}
    {% do entry.update({
        'name': name,
        'columns': columns or none,
        'key_columns': [entry.key] if entry.key is string else entry.key,
        'key_column': name ~ '_id' if entry.columns else entry.key,
        'recipe': entry.recipe if recipe is none else recipe,
        'as_of': segmentation.calendar_date(
            as_of, segmentation.given_var(as_of) or entry.as_of
        ),
    }) %}
    {{ return(entry) }}
{% endmacro %}


{% macro check_entry(name, given, known) %}
    {% set is_name = name is string
        and modules.re.match('^[a-z][a-z0-9_]*$', name) and name != 'basket' %}
    {% if not is_name or given is not mapping %}
        {% do exceptions.raise_compiler_error(
            "Segmentation " ~ segmentation.shown_value(name) ~ " is "
            ~ segmentation.shown_value(given) ~ ", but an entry of the var"
            ~ " segmentations is a name in lower case (not basket) and a"
            ~ " mapping: '{seller: {table: seller_features, key: seller_id}}'."
        ) %}
    {% endif %}
    {% for part in given if part not in known %}
        {% do exceptions.raise_compiler_error(
            "Segmentation '" ~ name ~ "' says '" ~ part ~ "', which means"
            ~ " nothing. The nearest is '"
            ~ segmentation.nearest_name(part, known)
            ~ "'. Correct it in the var segmentations."
        ) %}
    {% endfor %}
    {% for part, value in given.items() %}
        {% set rule = segmentation.broken_part(part, value, given) %}
        {% if rule %}
            {% do exceptions.raise_compiler_error(
                "Segmentation '" ~ name ~ "' has the " ~ part ~ " "
                ~ segmentation.shown_value(value) ~ ", but it " ~ rule
                ~ ". Correct it in the var segmentations."
            ) %}
        {% endif %}
    {% endfor %}
    {% if name not in ['customer', 'product'] and not given.get('table') %}
        {% do exceptions.raise_compiler_error(
            "Segmentation '" ~ name ~ "' has no table. Add the model that holds"
            ~ " its features: '{" ~ name ~ ": {table: " ~ name ~ "_features}}'."
        ) %}
    {% endif %}
{% endmacro %}


{#- What a part of an entry should be; none if it is. -#}
{% macro broken_part(part, value, given) %}
    {% set choices = {
        'on_failure': ['stop', 'warn'],
        'duplicates': [none, 'first', 'aggregate', 'keep'],
    } %}
    {% if part in ['is_shop', 'explore'] and value is not boolean %}
        {{ return('must be true or false') }}
    {% elif part in choices and value not in choices[part] %}
        {{ return('must be one of ' ~ choices[part] | select | join(', ')) }}
    {% elif part == 'columns' and value is not none %}
        {% for column in value if column is not mapping
            or not (column.get('name') and column.get('type')) %}
            {{ return('must list them as `{name: spend, type: double}`') }}
        {% endfor %}
    {% elif part == 'key' and not given.get('columns')
        and value is not string and value is not none %}
        {{ return('must be one column where no `columns` are listed') }}
    {% elif part in [
        'table', 'unit', 'segments', 'population', 'absent', 'date_column',
        'revenue', 'earnings', 'key_type',
    ] and value is not string and value is not none %}
        {{ return('must be a name') }}
    {% endif %}
    {{ return(none) }}
{% endmacro %}
