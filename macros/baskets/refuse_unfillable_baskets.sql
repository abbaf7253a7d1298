{#-
    Post-hook of the basket shares: more typical baskets than categories, or
    than customers who mix them, cannot be fitted.
-#}
{% macro refuse_unfillable_baskets() %}
{% set wanted = segmentation.basket_settings()['components'] %}
{% if execute and wanted is not none %}
    {% set found = run_query(
        "select count(*), (select count(distinct category) from "
        ~ this ~ ") from (select customer_id from " ~ this
        ~ " group by customer_id having count(*) > 1) as mixed"
    ).rows[0] %}
    {% set most = [
        found[0], found[1], segmentation.basket_settings()['max_categories']
    ] | min %}
    {% if wanted > most %}
        {% do exceptions.raise_compiler_error(
            "Setting basket_components is " ~ wanted ~ ", but this data allows"
            ~ " at most " ~ most ~ ": there are " ~ found[1]
            ~ " categories, and " ~ found[0] ~ " customers who bought of more"
            ~ " than one. Lower it, or leave it out."
        ) %}
    {% endif %}
{% endif %}
{% endmacro %}
