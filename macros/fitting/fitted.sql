{#-
    The SQL face of a fitted table: the columns its contract names, all model
    versions, from the Python model that fits them. A Python model can have
    neither a contract nor unit tests; this can.
-#}
{% macro fitted(fit_model) %}
select
    {{ model['columns'].keys() | join(',\n    ') if execute else '*' }}
from {{ ref(fit_model) }}
{% endmacro %}
