"""The thin models of a new segmentation, as text: SQL that calls a macro, Python that calls a fit.

In the templates ``$name`` is the segmentation, ``$key`` its key column, ``$unit`` what its rows
are called and ``$key_type`` the type of the key.
"""

import re
from collections.abc import Sequence
from string import Template

from segmentation.scaffold.columns import Choice, reserved_words

PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")

KEEP = """{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='append_new_columns',
    full_refresh=var('forget_models', false) | as_bool,
%s) }}
"""

PUBLIC = {
    "scaling": "{{ segmentation.fitted('fit_$name_scaling') }}",
    "pca": "{{ segmentation.fitted('fit_$name_pca') }}",
    "k_candidates": "{{ segmentation.fitted('fit_$name_k') }}",
    "centroids": "{{ segmentation.centroids('$name', unit='$unit') }}",
    "scaled_features": "{{ segmentation.scaled_features('$name', key='$key') }}",
    "components": "{{ segmentation.principal_components('$name', key='$key') }}",
    "segment_names": "{{ segmentation.segment_names('$name') }}",
    "segments": "{{ segmentation.segments('$name', key='$key') }}",
    "cluster_report": "{{ segmentation.cluster_report('$name', unit='$unit') }}",
    "segment_profiles": "{{ segmentation.segment_profiles('$name', key='$key') }}",
    "exclusions": """{{ segmentation.exclusions(
    '$name',
    key='$key',
    population=ref('$name_features'),
    absent_reason='not in the table',
) }}""",
    "segment_models": "{{ segmentation.segment_models('$name') }}",
    "segment_history": "{{ segmentation.segment_history('$name', key='$key') }}",
    "segment_stability": "{{ segmentation.segment_stability('$name') }}",
    "segmentation_quality": "{{ segmentation.segmentation_quality('$name') }}",
    "model_log": KEEP
    % """    post_hook="{{ segmentation.warn_of_rejection('$name') }}",
"""
    + """-- Written after the audits of the tables that a version is judged by.
-- depends_on: {{ ref('$name_cluster_report') }}
-- depends_on: {{ ref('$name_exclusions') }}
-- depends_on: {{ ref('$name_segment_profiles') }}

{{ segmentation.model_log('$name', as_of=ref('int_$name_as_of')) }}""",
    "segment_changes": KEEP
    % """    pre_hook="{{ segmentation.forget_as_of(ref('int_$name_as_of')) }}",
"""
    + """-- Recorded after the audits, like the model that it is about.
-- depends_on: {{ ref('$name_model_log') }}

{{ segmentation.segment_changes(
    '$name',
    key='$key',
    changes=source('$name_state', '$name_segment_changes'),
    as_of=ref('int_$name_as_of'),
) }}""",
}
"""Contracted models by what follows the segmentation in their name."""

INTERMEDIATE = {
    "as_of": "{{ segmentation.table_as_of('$name', ref('$model')$date_column) }}",
    "fit_plan": """{{ config(
    pre_hook="{{ segmentation.refuse_unfittable('$name', '$unit') }}",
    post_hook="{{ segmentation.say_plan('$name') }}",
) }}

{{ segmentation.fit_plan('$name', as_of=ref('int_$name_as_of')) }}""",
    "fit_rows": "{{ segmentation.fit_rows('$name', key='$key') }}",
    "fit_sample_features": "{{ segmentation.fit_sample('$name', '$key', stage='features') }}",
    "fit_sample_scaled_features": (
        "{{ segmentation.fit_sample('$name', '$key', stage='scaled_features') }}"
    ),
    "fit_sample_components": "{{ segmentation.fit_sample('$name', '$key', stage='components') }}",
    "versions_in_play": "{{ segmentation.versions_in_play('$name') }}",
    "assignments": "{{ segmentation.nearest_centroids('$name', key='$key') }}",
    "serving_model": "{{ segmentation.serving_model('$name') }}",
    "earlier_events": """{{ config(
    post_hook="{{ segmentation.refuse_unknown_version('$name') }}",
) }}

{{ segmentation.earlier_events(source('$name_state', '$name_model_log')) }}""",
    "served_before": "{{ segmentation.served_before('$name', as_of=ref('int_$name_as_of')) }}",
    "earlier_names": """{{ segmentation.earlier_names(
    source('$name_state', 'fit_$name_names'), '$name'
) }}""",
    "active_baseline": """{{ segmentation.active_baseline(
    source('$name_state', 'fit_$name_baseline'), '$name'
) }}""",
    "previous_segments": """{{ segmentation.previous_segments(
    '$name',
    changes=source('$name_state', '$name_segment_changes'),
    names=source('$name_state', 'fit_$name_names'),
    key='$key',
    as_of=ref('int_$name_as_of'),
    key_type='$key_type',
) }}""",
    "feature_drift": "{{ segmentation.feature_drift('$name') }}",
    "feature_moments": "{{ segmentation.feature_moments('$name', key='$key') }}",
    "banded_features": "{{ segmentation.banded_features('$name', key='$key') }}",
    "extras_plan": """{{ segmentation.extras_plan('$name', extras=[
    source('$name_state', 'fit_$name_stability'),
]) }}""",
    "trust_sample": "{{ segmentation.trust_sample('$name', key='$key') }}",
    "public_tables": "{{ segmentation.published_tables('$name') }}",
}
"""Models between, by what follows ``int_<segmentation>_`` in their name."""

SAMPLE = {
    stage: f"int_$name_fit_sample_{stage}"
    for stage in ("features", "scaled_features", "components")
}
FITS = {
    "scaling": ("fit_scaling_table", [SAMPLE["features"]]),
    "pca": ("fit_pca_table", [SAMPLE["scaled_features"], "$name_scaling"]),
    "k": ("fit_candidates_table", [SAMPLE["components"]]),
    "kmeans": (
        "fit_clusters_table",
        [SAMPLE["components"], "$name_k_candidates", "int_$name_previous_segments"],
    ),
    "matches": (
        "fit_matches_table",
        [
            SAMPLE["components"],
            "fit_$name_kmeans",
            "int_$name_previous_segments",
            "int_$name_earlier_names",
        ],
    ),
    "names": (
        "fit_names_table",
        [
            SAMPLE["features"],
            SAMPLE["components"],
            "fit_$name_kmeans",
            "fit_$name_matches",
            "int_$name_earlier_names",
        ],
    ),
    "baseline": ("fit_baseline_table", [SAMPLE["features"]]),
    "facts": (
        "fit_facts_table",
        [SAMPLE["components"], "fit_$name_kmeans", "$name_pca", "int_$name_trust_sample"],
    ),
    "structure": (
        "fit_structure_table",
        ["int_$name_trust_sample", SAMPLE["scaled_features"], "$name_pca"],
    ),
    "stability": ("fit_stability_table", ["int_$name_trust_sample"]),
}
"""Function of the library and what it reads after the plan, by fit."""
EXTRAS = frozenset({"stability"})
"""Fits that the var `extras` leaves out."""
OF_TRUST = frozenset({"structure", "stability"})

FIT = """from segmentation.dbt_models.{module} import {function}


def model(dbt, session):
    \"\"\"Fit in a build that fits, for all rows or a sample of them; else add nothing.\"\"\"
    dbt.config(
        materialized="incremental",
        incremental_strategy="delete+insert",
        unique_key="model_version",
    )
    return {function}(
        dbt.ref("int_$name_{plan}"),
{inputs}
        key="$key",{more}
    )
"""

PUBLISH = """from segmentation.published.publishing import publish, read_public_tables


def model(dbt, session):
    \"\"\"Publish the audited tables; they and all their tests are above this model.\"\"\"
    dbt.config(materialized="table")
    tables = read_public_tables(dbt.ref("int_$name_public_tables"))
    version = next(iter(tables.values())).serving_version
    return publish(session, tables, dbt.config.meta_get("serving"), version, name="$name")
"""


def fill(text: str, **values: str) -> str:
    """Fill a template's ``$name``, also where a name goes on behind it: ``fit_$name_pca``."""
    braced = text
    for word in ("name", "key_type", "key", "unit", "model", "date_column"):
        braced = braced.replace(f"${word}", f"${{{word}}}")
    return Template(braced).substitute(values)


def chain_files(**values: str) -> dict[str, str]:
    """Return the text of every model but the features, by file name without folder."""
    name = values["name"]
    files = {f"{name}_{kind}.sql": text for kind, text in PUBLIC.items()}
    files |= {f"int_{name}_{kind}.sql": text for kind, text in INTERMEDIATE.items()}
    files |= {f"fit_{name}_{kind}.py": _fit(kind) for kind in FITS}
    files[f"{name}_publications.py"] = PUBLISH
    return {path: fill(text, **values).rstrip() + "\n" for path, text in files.items()}


def _fit(kind: str) -> str:
    function, inputs = FITS[kind]
    return FIT.format(
        module="trust" if kind in OF_TRUST else "fitting",
        plan="extras_plan" if kind in EXTRAS else "fit_plan",
        function=function,
        inputs="\n".join(f'        dbt.ref("{relation}"),' for relation in inputs),
        more='\n        unit="$unit",' if kind == "k" else "",
    )


FEATURES = """{{ config(pre_hook="{{ segmentation.refuse_unusable_table(
    ref('$model'), $key_columns, $duplicates
) }}") }}

with $name_rows as (

    {{ segmentation.rows_by_key(
        ref('$model'),
        key=$key_columns,
        duplicates=$duplicates,
        numbers=$numbers,
        categories=$categories,
    ) | indent(4) }}

)

select
    $select
from $name_rows
"""


def features_model(
    segmentation: str,
    model: str,
    key: tuple[str, ...],
    key_type: str,
    choices: tuple[Choice, ...],
    duplicates: str | None,
) -> str:
    """Return the SQL of ``<segmentation>_features``."""
    features = [choice for choice in choices if choice.role in ("number", "category")]
    by_role = {
        role: [c.column for c in features if c.role == role and c.column != "row_count"]
        for role in ("number", "category")
    }
    lines = [f"{_key_expression(key, key_type, duplicates)} as {segmentation}_id"]
    lines += [f"{_expression(choice)} as {choice.name}" for choice in features]
    replaced = {
        "$model": model,
        "$name": segmentation,
        "$key_columns": _names(key),
        "$duplicates": f"'{duplicates}'" if duplicates else "none",
        "$numbers": _names(by_role["number"]),
        "$categories": _names(by_role["category"]),
        "$select": ",\n    ".join(lines),
    }
    text = FEATURES
    for word, value in replaced.items():
        text = text.replace(word, value)
    return text


def _names(names: Sequence[str]) -> str:
    return "[" + ", ".join(f"'{name}'" for name in names) + "]"


def _quoted(column: str) -> str:
    """Return a Jinja expression of the column: quoted only where SQL needs it."""
    is_plain = PLAIN.fullmatch(column) and column.lower() not in reserved_words()
    return f"'{column.lower()}'" if is_plain else f"adapter.quote('{column}')"


def _written(column: str) -> str:
    expression = _quoted(column)
    is_quoted = expression.startswith("adapter")
    return f"{{{{ {expression} }}}}" if is_quoted else expression.strip("'")


def _key_expression(key: tuple[str, ...], key_type: str, duplicates: str | None) -> str:
    if duplicates == "keep":
        return "row_number"
    if len(key) > 1:
        return "{{ segmentation.joined_key(" + _names(key) + ") }}"
    return f"cast({_written(key[0])} as {key_type})"


def _expression(choice: Choice) -> str:
    if choice.column == "row_count":
        return "row_count"
    if choice.role == "category":
        cleaned = f"segmentation.clean_text({_quoted(choice.column)})"
        return f"{{{{ segmentation.or_missing({cleaned}) }}}}"
    if choice.data_type == "double":
        finite = f"{{{{ segmentation.finite_number({_quoted(choice.column)}) }}}}"
        return f"cast(\n        {finite} as double\n    )"
    return f"cast({_written(choice.column)} as {choice.data_type})"
