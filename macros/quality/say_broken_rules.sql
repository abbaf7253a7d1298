{#-
    At the end of a run: one sentence for each rule that a table breaks, of the
    tests keeps_rules that failed or warned.
-#}
{% macro say_broken_rules(results) %}
{% for result in results if result.status in ['fail', 'warn'] %}
    {% set test = result.node.test_metadata %}
    {% if test and test.name == 'keeps_rules' %}
        {% set table = result.node.attached_node.split('.')[-1] %}
        {% for column, rule, number in run_query(
            result.node.compiled_code
        ).rows %}
            {% do exceptions.warn(
                table ~ "." ~ column ~ ": " ~ number
                ~ (" row " if number == 1 else " rows ") ~ rule ~ "."
            ) %}
        {% endfor %}
    {% endif %}
{% endfor %}
{% endmacro %}
