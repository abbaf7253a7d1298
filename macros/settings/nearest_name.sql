{#-
    The name that shares most pairs of letters with what somebody wrote; none
    if that is not more than a share of both.
-#}
{% macro nearest_name(written, names, share=-1) %}
    {% set best = namespace(name=none, score=share) %}
    {% set pairs = segmentation.letter_pairs(written) %}
    {% for name in names %}
        {% set others = segmentation.letter_pairs(name) %}
        {% set common = pairs | select('in', others) | list | length %}
        {% set score = 2 * common / (pairs | length + others | length) %}
        {% if score > best.score %}
            {% set best.name = name %}
            {% set best.score = score %}
        {% endif %}
    {% endfor %}
    {{ return(best.name) }}
{% endmacro %}


{% macro letter_pairs(name) %}
    {% set text = ' ' ~ name | string | lower ~ ' ' %}
    {{ return(set(zip(text, text[1:])) | list) }}
{% endmacro %}
