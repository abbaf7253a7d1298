"""Ensures that SQL is linted wherever it stands: in models, in macros, in strings of Jinja."""

import pytest

from tools.lint_sql import lint

CLEAN_MODEL = """\
{{ config(materialized='table') }}

with orders as (

    select * from {{ ref('shop_orders') }}

)

{% for s in segmentation.segmentations() %}
    select
        '{{ s.name }}' as segmentation,
        count(*) as units,
        {{ share_of('units') }} as share
    from orders
    {% if s.key -%}
        group by orders.region
    {%- else -%}
        group by orders.country
    {%- endif %}
    {{ 'union all' if not loop.last }}
{% endfor %}
"""
CLEAN_MACRO = """\
{#- A comment may SHOUT: SELECT. -#}
{% macro counted(relation, columns) -%}
select
    {% for column in columns %}{{ column }},{% endfor %}
    count(*) as units
from {{ relation }} as rows_read
{%- if columns %}
where rows_read.is_kept
{%- endif %}
{%- endmacro %}

{% macro default__longest(left, right) %}
    {{- 'greatest(' ~ left ~ ', ' ~ right ~ ')' -}}
{% endmacro %}

{% macro refuse(name) %}
    {% if not execute %}
        {{ exceptions.raise_compiler_error("There is no " ~ name ~ "}}.") }}
    {% endif %}
{% endmacro %}
"""


@pytest.fixture
def found(tmp_path):
    """Return the rules that a text breaks, each with its line."""

    def rules(text: str) -> set[tuple[int, str]]:
        path = tmp_path / "text.sql"
        path.write_text(text, encoding="utf-8")
        places = (line.removeprefix(f"{path}:").split()[:2] for line in lint(path))
        return {(int(line.rstrip(":")), rule) for line, rule in places}

    return rules


@pytest.mark.parametrize("text", [CLEAN_MODEL, CLEAN_MACRO])
def test_what_is_clean_is_clean(found, text):
    assert found(text) == set()


@pytest.mark.parametrize(
    ("text", "right", "wrong", "rule"),
    [
        (CLEAN_MODEL, "select * from {{", "SELECT * from {{", (5, "CP01")),
        (CLEAN_MODEL, "from orders\n", "from orders o\n", (14, "AL01")),
        (CLEAN_MODEL, "count(*) as units", "count(*) units", (12, "AL02")),
        (CLEAN_MODEL, "as share\n", "as share,\n", (13, "CV03")),
        (CLEAN_MODEL, "group by orders.country", "GROUP BY orders.country", (18, "CP01")),
        (CLEAN_MODEL, "        count(*)", "      count(*)", (12, "LT02")),
        (CLEAN_MACRO, "select\n", "SELECT\n", (3, "CP01")),
        (CLEAN_MACRO, "count(*) as", "COUNT(*) as", (5, "CP01")),
        (CLEAN_MACRO, "count(*) as units", "count(*) units", (5, "AL02")),
        (CLEAN_MACRO, "as rows_read", "rows_read", (6, "AL01")),
        (CLEAN_MACRO, "as units\n", "as units,\n", (5, "CV03")),
        (CLEAN_MACRO, "as units\n", "as units\n    , 1 as one\n", (6, "LT04")),
        (CLEAN_MACRO, "where rows", "WHERE rows", (8, "CP01")),
        (CLEAN_MACRO, "as units\n", f"as units -- {'x' * 60}\n", (5, "LT05")),
        (CLEAN_MACRO, "greatest(' ~ left", "greatest(' ~ left ~ ' IS NULL'", (13, "CP01")),
        (CLEAN_MACRO, "where rows", "where where rows", (2, "PRS")),
    ],
)
def test_a_planted_fault_is_found(found, text, right, wrong, rule):
    assert text.count(right) == 1
    assert rule in found(text.replace(right, wrong))
