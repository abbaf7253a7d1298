"""Contracts, descriptions, tests and the recipe of a new segmentation, as YAML."""

import re

import yaml

from segmentation.scaffold.columns import Choice
from segmentation.scaffold.models import EXTRAS, FITS, INTERMEDIATE, PUBLIC, SAMPLE

FORGET = "{{ var('forget_models', false) | as_bool }}"
DOUBLES = "{{ 'array<double>' if target.type == 'spark' else 'double[]' }}"

COLUMNS = {
    "model_version": ("bigint", "Version of the fitted model: 1, 2, 3 … in order of fitting."),
    "segment_id": ("bigint", "The segment; a later fit keeps the number of one it finds again."),
    "segment_name": ("string", "Readable name, unique within a build."),
    "automatic_name": ("string", "Name made of what sets the segment apart."),
    "override_reason": ("string", "Why the seed sets another name; null where it does not."),
    "position": ("bigint", "Place in the encoded vector, from 1."),
    "feature": ("string", "Column of the feature table."),
    "level": ("string", "Level of a category; null for numbers."),
    "code": ("double", "Number a level stands for (label encoding only)."),
    "transform": ("string", "none, log1p, famd or label."),
    "fill_value": ("double", "What a missing value becomes; null where rows are left out."),
    "center": ("double", "Subtracted after the transform."),
    "scale": ("double", "Divides: the standard deviation."),
    "weight": ("double", "Multiplies last."),
    "component": ("bigint", "Number of the principal component, from 1."),
    "loading": ("double", "Weight of the encoded feature in the component."),
    "mean": ("double", "Mean in the segment; for components, over the fitted rows."),
    "explained_variance_ratio": ("double", "Share of the variance it explains, in [0, 1]."),
    "k": ("bigint", "Number of segments."),
    "inertia": ("double", "Sum of squared distances to the centroids."),
    "silhouette": ("double", "Mean silhouette, in [-1, 1]; null for one segment."),
    "silhouette_se": ("double", "Its standard error, from bootstrap refits."),
    "calinski_harabasz": ("double", "Between- to within-segment variance; higher is better."),
    "davies_bouldin": ("double", "Similarity to the most similar segment; lower is better."),
    "gap": ("double", "Gap statistic; null where it is not computed."),
    "gap_se": ("double", "Its standard error."),
    "stability": ("double", "Smallest clusterwise Jaccard over bootstrap refits."),
    "smallest_share": ("double", "Share of the smallest segment, in [0, 1]."),
    "is_elbow": ("boolean", "Whether the inertia has its elbow here."),
    "is_selected": ("boolean", "Whether this number of segments was chosen."),
    "reason": ("string", "Why, in words."),
    "centroid": ("double", "The segment's mean on the component."),
    "axis_loadings": (DOUBLES, "Gaussian mixtures only: a column of the precision factor."),
    "log_constant": ("double", "Gaussian mixtures only: constant of the log density."),
    "scaled_values": (DOUBLES, "Encoded values in the order of position."),
    "components": (DOUBLES, "Principal components, the first first."),
    "component_1": ("double", "First principal component: the x of a picture."),
    "component_2": ("double", "Second principal component; null where the model has one."),
    "distance": ("double", "Distance to the segment's centroid, in component space."),
    "runner_up_segment_id": ("bigint", "The segment that is second nearest."),
    "margin": ("double", "(d₂ - d₁) / d₂ of the two nearest: 0 on the border, 1 at the centre."),
    "probability": ("double", "Of the segment under a Gaussian mixture; else null."),
    "segment_share": ("double", "Share of all segmented rows in the segment, in [0, 1]."),
    "rank": ("bigint", "1 is the most frequent value; ties by value."),
    "value": ("string", "The value, or the band of numbers."),
    "share": ("double", "Share of the segment with the value, in [0, 1]."),
    "population_share": ("double", "Share of all segmented rows with it, in [0, 1]."),
    "lift": ("double", "share / population_share."),
    "median": ("double", "Median in the segment."),
    "population_mean": ("double", "Mean over all segmented rows."),
    "relative_importance": ("double", "mean / population_mean - 1."),
    "effect_size": ("double", "(mean - population_mean) / standard deviation of all."),
    "status": ("string", "active, retired or candidate."),
    "as_of_date": ("date", "Date of the data, not of the clock."),
    "recipe_name": ("string", "Name of the recipe."),
    "recipe": ("string", "The whole recipe as JSON."),
    "recipe_hash": ("string", "md5 of the recipe."),
    "data_fingerprint": ("string", "Hash of the feature table."),
    "rows_available": ("bigint", "Rows of the feature table."),
    "rows_fitted": ("bigint", "Rows the fit looked at."),
    "explained_variance": ("double", "Share of the variance the components keep, in [0, 1]."),
    "mean_confidence": ("double", "Mean margin over the fitted rows, in [0, 1]."),
    "library_versions": ("string", "Versions of the libraries that fitted it, as JSON."),
    "fitted_at": ("timestamp", "When the version was registered, in UTC."),
    "recorded_at": ("timestamp", "When the event was written, in UTC."),
    "event_number": ("bigint", "Events in their order, from 1."),
    "event": ("string", "fitted, activated, rejected (by its gates) or applied (to a new date)."),
    "earlier_segment_id": ("bigint", "Segment before that date; null for joiners."),
    "cause": ("string", "joined, left, behaviour or refit."),
    "valid_from": ("date", "First date in the segment."),
    "valid_to": ("date", "Date it ended; null while it lasts."),
    "jaccard": ("double", "Mean best Jaccard similarity over bootstrap refits, in [0, 1]."),
    "verdict": ("string", "The same in words."),
    "refits": ("bigint", "Refits, each on rows drawn with replacement."),
    "gap_k": ("bigint", "Number of segments by the gap statistic."),
    "smallest_stability": ("double", "Stability of the least stable segment."),
    "mean_stability": ("double", "Mean over the segments; null without extras."),
    "null_silhouette": ("double", "Silhouette on Gaussian data with the same covariance."),
    "null_silhouette_sd": ("double", "Its standard deviation."),
    "excess": ("double", "silhouette - null_silhouette; structure needs 0.03."),
    "z": ("double", "excess in those standard deviations; structure needs 2."),
    "valley_depth": ("double", "Fall of the density between the two clearest groups."),
    "has_structure": ("boolean", "Whether separation and valley both say so."),
    "rows_judged": ("bigint", "Rows looked at: a bounded sample."),
}
"""Type and description of a column by its name, which means the same in every table."""

TABLES = {
    "scaling": (
        "One row per encoded feature of a model version: how a feature becomes a number near 0.",
        "model_version position level",
        "model_version! position! feature! level code transform! fill_value center! scale! weight!",
    ),
    "pca": (
        "One row per principal component and encoded feature of a model version.",
        "model_version component position",
        "model_version! component! position! feature! level loading! mean! "
        "explained_variance_ratio!",
    ),
    "k_candidates": (
        "One row per candidate number of segments of a model version, with the reason in words.",
        "model_version k",
        "model_version! k! inertia silhouette silhouette_se calinski_harabasz davies_bouldin gap "
        "gap_se stability smallest_share is_elbow! is_selected! reason!",
    ),
    "centroids": (
        "One row per segment and component of a model version.",
        "model_version segment_id component",
        "model_version! segment_id! component! centroid! UNIT! axis_loadings log_constant",
    ),
    "scaled_features": (
        "One row per row and version in play with its features as numbers near 0.",
        "",
        "KEY model_version scaled_values",
    ),
    "components": (
        "One row per row and version in play with its principal components.",
        "model_version KEY",
        "KEY! model_version! components!",
    ),
    "segment_names": (
        "One row per segment of a model version with its name.",
        "model_version segment_id",
        "model_version! segment_id! segment_name! automatic_name! override_reason",
    ),
    "segments": (
        "One row per row of the table that has a segment: the answer.",
        "KEY",
        "KEY! segment_id! segment_name! component_1! component_2 distance! runner_up_segment_id! "
        "margin probability model_version!",
    ),
    "exclusions": ("One row per row of the table without a segment.", "KEY", "KEY! reason!"),
    "cluster_report": (
        "One row per segment, feature and rank: the three most frequent values.",
        "segment_id feature rank",
        "segment_id! segment_name! segment_share! feature! rank! value! UNIT! share! "
        "population_share! lift",
    ),
    "segment_profiles": (
        "One row per segment and numeric feature: the average against that of all.",
        "segment_id feature",
        "segment_id! segment_name! feature! mean median population_mean relative_importance "
        "effect_size",
    ),
    "segment_models": (
        "One row per model version: what it was fitted to, when and why, and whether it serves.",
        "model_version",
        "model_version! status! reason! as_of_date! recipe_name! recipe! recipe_hash! "
        "data_fingerprint! rows_available! rows_fitted! k! silhouette smallest_share "
        "explained_variance mean_confidence library_versions! fitted_at!",
    ),
    "segment_history": (
        "One row per row of the table and stay in a segment.",
        "KEY valid_from",
        "KEY! segment_id! segment_name! valid_from! valid_to cause! model_version!",
    ),
    "segment_stability": (
        "One row per segment of a model version: how well bootstrap refits find it again.",
        "model_version segment_id",
        "model_version! segment_id! segment_name! jaccard verdict! refits!",
    ),
    "segmentation_quality": (
        "One row per model version: whether its segments are groups or slices of one cloud.",
        "model_version",
        "model_version! k! gap_k silhouette explained_variance! smallest_stability mean_stability "
        "null_silhouette null_silhouette_sd excess z valley_depth has_structure! verdict! "
        "rows_judged!",
    ),
    "model_log": (
        "One row per event in the life of the models, append-only.",
        "event_number",
        "event_number! event! model_version! reason! as_of_date! recipe_name! recipe recipe_hash! "
        "data_fingerprint! rows_available! rows_fitted! recorded_at!",
    ),
    "segment_changes": (
        "One row per row of the table and change of segment, append-only.",
        "KEY as_of_date",
        "KEY! as_of_date! earlier_segment_id segment_id cause! model_version!",
    ),
}
"""Description, unique columns and columns (``!``: never null) of every contracted table."""

NOTES = {
    "as_of": "One row: the date the data are of.",
    "fit_plan": "One row: whether this build fits a model, why, and with which recipe.",
    "fit_rows": "One row per row that a fit looks at; none in a build that fits nothing.",
    "fit_sample_features": "One row per fitted row with its features.",
    "fit_sample_scaled_features": "One row per fitted row with its scaled values.",
    "fit_sample_components": "One row per fitted row with its principal components.",
    "versions_in_play": "One row per model version that this build applies.",
    "assignments": "One row per row and version in play: the two nearest segments.",
    "serving_model": "One row: the model version whose segments this build publishes.",
    "earlier_events": "One row per event of the model log as earlier builds left it.",
    "earlier_names": "One row per segment id ever given: its name at birth.",
    "active_baseline": "One row per feature and bin stored with the model that serves.",
    "previous_segments": "One row per row ever segmented: the stored segment.",
    "served_before": "The version that served on the last date before this one; no row at first.",
    "feature_drift": "One row per feature: how far it is from the rows the model was fitted to.",
    "feature_moments": "One row per numeric feature for all rows and for each segment.",
    "banded_features": "One row per segmented row with its features as readable values.",
    "extras_plan": "One row: the fit plan as the expensive extras see it.",
    "trust_sample": "One row per row that trust is judged on, with its segment.",
    "public_tables": "One row per table to publish.",
}
VIEWS = ("as_of", "trust_sample", *(f"fit_sample_{s}" for s in SAMPLE))


def feature_yaml(name: str, model: str, key_type: str, choices: tuple[Choice, ...]) -> str:
    """Return the contract of ``<name>_features``: the key, then every feature."""
    key = {
        "name": f"{name}_id",
        "data_type": key_type,
        "description": f"Key: {', '.join(c.column for c in choices if c.role == 'key')}.",
        "constraints": [{"type": "not_null"}],
        "config": {"meta": {"feature": False}},
        "data_tests": ["unique", _complete(name)],
    }
    features = [
        {"name": c.name, "data_type": c.data_type, "description": f"{c.column}, a {c.role}."}
        for c in choices
        if c.role in ("number", "category")
    ]
    table = {
        "name": f"{name}_features",
        "description": f"One row per key of {model}: what its segments are made of.",
        "config": _table_config(name),
        "columns": [key, *features],
    }
    return _dump({"models": [table]})


def _complete(name: str) -> dict:
    arguments = {"segments": f"ref('{name}_segments')", "exclusions": f"ref('{name}_exclusions')"}
    return {"segmentation.is_segmented_or_excluded": {"arguments": arguments}}


def public_yaml(name: str, key_type: str, unit: str) -> str:
    """Return contracts, descriptions and tests of the public tables."""
    models = []
    for kind in PUBLIC:
        description, unique, columns = TABLES[kind]
        config = _table_config(name)
        if kind == "scaled_features":
            config["materialized"] = "view"
        if kind in ("model_log", "segment_changes"):
            del config["materialized"]
        table = {"name": f"{name}_{kind}", "description": description, "config": config}
        if unique:
            names = [_own_name(column, name, unit) for column in unique.split()]
            table["data_tests"] = [
                {"segmentation.unique_combination": {"arguments": {"columns": names}}}
            ]
        words = [(word.rstrip("!"), word.endswith("!")) for word in columns.split()]
        table["columns"] = [_column(*word, name, key_type, unit) for word in words]
        models.append(table)
    return _dump({"models": models})


def _own_name(column: str, name: str, unit: str) -> str:
    return {"KEY": f"{name}_id", "UNIT": unit}.get(column, column)


def _column(column: str, is_required: bool, name: str, key_type: str, unit: str) -> dict:
    own = {
        "KEY": (key_type, f"Key of {name}_features."),
        "UNIT": ("bigint", "How many of them; of those fitted, for centroids."),
    }
    data_type, description = (own | COLUMNS)[column]
    found = {"name": _own_name(column, name, unit), "data_type": data_type}
    if is_required:
        found["constraints"] = [{"type": "not_null"}]
    return found | {"description": description}


def _table_config(name: str) -> dict:
    return {
        "materialized": "table",
        "contract": {"enforced": True},
        "persist_docs": {"relation": True, "columns": True},
        "tags": [name],
    }


def chain_yaml(name: str, choices: tuple[Choice, ...]) -> str:
    """Return the recipe, what earlier builds left, and every model between."""
    state = {
        "name": f"{name}_state",
        "description": (
            "What earlier builds left behind; a source, because the models that write "
            "these tables are downstream of the readers."
        ),
        "schema": "{{ target.schema }}",
        "tables": [
            {"name": f"{name}_model_log", "description": TABLES["model_log"][0]},
            {"name": f"{name}_segment_changes", "description": TABLES["segment_changes"][0]},
            {"name": f"fit_{name}_names", "description": "One row per segment and its name."},
            {"name": f"fit_{name}_baseline", "description": "One row per feature and bin."},
            {"name": f"fit_{name}_stability", "description": TABLES["segment_stability"][0]},
        ],
    }
    between = [_between(name, kind) for kind in INTERMEDIATE]
    plan = next(model for model in between if model["name"].endswith("_fit_plan"))
    plan["config"]["meta"] = {
        "segmentation": name,
        "features": f"{name}_features",
        "recipe": recipe(choices),
    }
    fits = [_fit(name, kind) for kind in FITS]
    return _dump({"sources": [state], "models": [*between, *fits, _publications(name)]})


def _between(name: str, kind: str) -> dict:
    materialized = "view" if kind in VIEWS else "table"
    return {
        "name": f"int_{name}_{kind}",
        "description": NOTES[kind],
        "config": {"materialized": materialized, "tags": [name]},
    }


def _fit(name: str, kind: str) -> dict:
    config = {"full_refresh": FORGET, "tags": [name, *(["extras"] if kind in EXTRAS else [])]}
    if kind == "facts":
        config["on_schema_change"] = "append_new_columns"
    return {
        "name": f"fit_{name}_{kind}",
        "description": f"One row per model version and what the fit of {kind} finds.",
        "config": config,
    }


def _publications(name: str) -> dict:
    return {
        "name": f"{name}_publications",
        "description": f"One row per published table; building it publishes {name}.duckdb.",
        "config": {
            "pre_hook": "{{ segmentation.refuse_partial_publication(only_above=true) }}",
            "meta": {"serving": "{{ env_var('SEGMENTATION_SERVING', 'serving') }}"},
            "tags": [name],
        },
    }


def recipe(choices: tuple[Choice, ...]) -> dict:
    """Return the recipe: numbers cluster and categories describe, if there are any numbers."""
    numbers = [choice for choice in choices if choice.role == "number"]
    clustering = numbers or [choice for choice in choices if choice.role == "category"]
    features = [_recipe_feature(choice) for choice in clustering]
    described = "Numbers cluster, categories describe." if numbers else "Categories cluster."
    return {"description": described, "features": features}


def _recipe_feature(choice: Choice) -> dict:
    feature = {"name": choice.name}
    if choice.transform != "none":
        feature["transform"] = choice.transform
    if choice.role == "number" and choice.words:
        feature |= {"low": f"low {choice.words}", "high": f"high {choice.words}"}
    return feature


def _dump(document: dict) -> str:
    text = yaml.safe_dump({"version": 2, **document}, sort_keys=False, allow_unicode=True, width=78)
    # a blank line between models, for whoever reads on
    return re.sub(r"(?m)^(?=- name: )(?<!models:\n)(?<!sources:\n)", "\n", text)
