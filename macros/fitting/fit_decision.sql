{#- The first reason to fit that holds, or null. -#}
{% macro fit_reason(policy) -%}
case
            when active.model_version is null then 'there was no model yet'
            when '{{ policy['refit'] }}' = 'always' then 'refit is set to always'
            when active.recipe_hash <> available.recipe_hash
                then 'the recipe changed'
            when {{ dbt.datediff('active_fit.as_of_date', 'as_of.as_of_date', 'day') }}
                > {{ policy['max_model_age_days'] }}
                then 'the model is older than {{ policy['max_model_age_days'] }} days'
            when drifted.feature_count > 0
                then concat('the feature ', drifted.first_feature, ' drifted')
        end
{%- endmacro %}


{% macro is_fit(policy) -%}
{%- if policy['model_version'] -%}
false
{%- elif policy['refit'] == 'never' -%}
active_version is null
{%- elif policy['refit'] == 'always' -%}
true
{%- else -%}
fit_reason is not null
        and rejected_version is null
        and returning_version is null
{%- endif -%}
{%- endmacro %}


{#- The version that serves where this build fits none. -#}
{% macro served_version(policy) -%}
{%- if policy['model_version'] -%}
{{ policy['model_version'] }}
{%- elif policy['refit'] == 'never' -%}
active_version
{%- else -%}
coalesce(returning_version, active_version)
{%- endif -%}
{%- endmacro %}


{% macro plan_reason(policy) -%}
{%- if policy['model_version'] -%}
'model_version is set to {{ policy['model_version'] }}'
{%- else -%}
case
        when is_fit then fit_reason
        when fit_reason is null then 'the active model still fits'
        when '{{ policy['refit'] }}' = 'never'
            then concat('refit is set to never, although ', fit_reason)
        when returning_version is not null then concat(
            'the recipe is again that of version ',
            cast(returning_version as string)
        )
        else concat(
            'version ', cast(rejected_version as string),
            ' was already tried on this recipe and data, although ', fit_reason
        )
    end
{%- endif -%}
{%- endmacro %}
