{#-
    Pre-hook of a fit plan: stops the build in one sentence when no model can
    be fitted to this data, and warns of features that leave the recipe.
-#}
{% macro refuse_unfittable(entity, unit) %}
{% if execute %}
    {% set features_model = entity ~ '_features' %}
    {% set relation = ref(features_model) %}
    {% set recipe = segmentation.resolved_recipe(segmentation.named_entry(entity)) %}
    {#- A k can be judged only where it is below the number of different rows. #}
    {% set least = recipe['k'] or [recipe['k_min'], 2] | max + 1 %}
    {% set needed = "k is " ~ recipe['k'] ~ ". Bring more data or lower k." if recipe['k']
        else "at least " ~ least ~ " are needed. Bring more data." %}
    {% set rows = segmentation.count_up_to(least, "select 1 as one from " ~ relation) %}
    {% if rows < least %}
        {% do exceptions.raise_compiler_error(
            features_model ~ " has too few " ~ unit ~ " (" ~ rows ~ "): " ~ needed
        ) %}
    {% endif %}
    {% set usable = segmentation.usable_features(relation, recipe) %}
    {% if not usable %}
        {% do exceptions.raise_compiler_error(
            "No feature of recipe '" ~ recipe['name'] ~ "' varies in "
            ~ features_model ~ ": every one is missing throughout or constant. "
            ~ "Choose other features, or check the columns they come from."
        ) %}
    {% endif %}
    {% set rows = segmentation.count_fittable(relation, recipe, usable, least) %}
    {% if rows < least %}
        {% do exceptions.raise_compiler_error(
            features_model ~ " has too few different " ~ unit ~ " that recipe '"
            ~ recipe['name'] ~ "' can use (" ~ rows ~ "): " ~ needed
        ) %}
    {% endif %}
{% endif %}
{% endmacro %}


{#- The recipe's features with two or more values; the others get a warning. -#}
{% macro usable_features(relation, recipe) %}
    {% set checks = [] %}
    {% for feature in recipe['features'] %}
        {% set value = feature.name %}
        {% do checks.append(
            "coalesce(min(" ~ value ~ ") <> max(" ~ value ~ "), false)"
        ) %}
    {% endfor %}
    {% set found = run_query("select " ~ checks | join(', ') ~ " from " ~ relation).rows[0] %}
    {% set usable = [] %}
    {% for feature in recipe['features'] %}
        {% if found[loop.index0] %}
            {% do usable.append(feature) %}
        {% else %}
            {% do exceptions.warn(
                "Feature '" ~ feature.name ~ "' is missing throughout or constant in "
                ~ relation.identifier ~ ": it leaves the recipe '" ~ recipe['name'] ~ "'."
            ) %}
        {% endif %}
    {% endfor %}
    {{ return(usable) }}
{% endmacro %}


{#- How many different rows a recipe can use, counted up to `enough`. -#}
{% macro count_fittable(relation, recipe, usable, enough) %}
    {% set conditions = ['1 = 1'] %}
    {% if recipe['missing'] == 'drop' %}
        {% for feature in usable %}
            {% do conditions.append(feature.name ~ (
                " is not null" if feature.kind == 'number' else " <> '(missing)'"
            )) %}
        {% endfor %}
    {% endif %}
    {{ return(segmentation.count_up_to(
        enough,
        "select distinct " ~ usable | map(attribute='name') | join(', ')
        ~ " from " ~ relation ~ " where " ~ conditions | join(' and ')
    )) }}
{% endmacro %}


{% macro count_up_to(enough, query) %}
    {{ return(run_query(
        "select count(*) from (" ~ query ~ " limit " ~ enough ~ ") as kept"
    ).rows[0][0]) }}
{% endmacro %}
