{#-
    An entry of the var `segmentations` with all its parts, checked. The vars
    `recipe` and `as_of` win over what an entry says; a shop has one date.
-#}
{% macro complete_entry(name, given, defaults) %}
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
    {% set entry = dict(defaults['any'], **defaults.get(name, {})) %}
    {#- Rules for the shop's customers or products know what those know. #}
    {% for own in ['customer', 'product'] if given.get('kind') == 'rules'
        and given.get('table') == defaults[own].table %}
        {% do entry.update(dict(defaults[own], on_failure='warn',
            recipe=none, segments=none)) %}
    {% endfor %}
    {% set rules = {
        'kind': {'kind': 'choice', 'choices': ['fitted', 'rules']},
        'is_shop': {'kind': 'switch'}, 'explore': {'kind': 'switch'},
        'on_failure': {'kind': 'choice', 'choices': ['stop', 'warn']},
        'duplicates': {'kind': 'choice', 'nullable': true,
            'choices': ['first', 'aggregate', 'keep']},
        'columns': {'kind': 'columns', 'nullable': true},
        'key': {'kind': 'any' if given.columns else 'column',
            'nullable': true},
        'recipe': {'kind': 'any'}, 'as_of': {'kind': 'any'},
    } %}
    {% for part, value in given.items() %}
        {% if part not in entry %}
            {% do exceptions.raise_compiler_error(
                "Segmentation '" ~ name ~ "' says '" ~ part ~ "', which means"
                ~ " nothing. The nearest is '"
                ~ segmentation.nearest_name(part, entry.keys() | list)
                ~ "'. Correct it in the var segmentations."
            ) %}
        {% endif %}
        {% set rule = segmentation.broken_rule(
            rules.get(part, {'kind': 'name', 'nullable': true}), value
        ) %}
        {% if rule %}
            {% do exceptions.raise_compiler_error(
                "Segmentation '" ~ name ~ "' has the " ~ part ~ " "
                ~ segmentation.shown_value(value) ~ ", but it " ~ rule
                ~ ". Correct it in the var segmentations."
            ) %}
        {% endif %}
    {% endfor %}
    {% do entry.update(given) %}
    {% if not entry.table %}
        {% do exceptions.raise_compiler_error(
            "Segmentation '" ~ name ~ "' has no table. Add the model that holds"
            ~ " its features: '{" ~ name ~ ": {table: " ~ name ~ "_features}}'."
        ) %}
    {% endif %}
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
