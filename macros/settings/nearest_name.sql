{#-
    The name that shares most pairs of letters with what somebody wrote; none
    if that is not more than a share of both.
-#}
{% macro nearest_name(written, names, share=-1) %}
    {% set best = namespace(name=none, score=share) %}
    {% set text = ' ' ~ written | lower ~ ' ' %}
    {% set pairs = set(zip(text, text[1:])) | list %}
    {% for name in names %}
        {% set text = ' ' ~ name | lower ~ ' ' %}
        {% set others = set(zip(text, text[1:])) | list %}
        {% set common = pairs | select('in', others) | list | length %}
        {% set score = 2 * common / (pairs | length + others | length) %}
        {% if score > best.score %}
            {% set best.name = name %}
            {% set best.score = score %}
        {% endif %}
    {% endfor %}
    {{ return(best.name) }}
{% endmacro %}
