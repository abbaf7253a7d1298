"""A published file of made-up customers, fitted by the library itself."""

import json
from collections.abc import Callable
from dataclasses import asdict
from datetime import date
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pytest
from sklearn.mixture import GaussianMixture

from segmentation.clustering.clusters import assign, fit_clusters
from segmentation.features.pca import apply_pca, fit_pca
from segmentation.features.recipe import MISSING, Feature, Recipe
from segmentation.features.scaling import apply_scaling, fit_scaling
from tests.recipes import make_recipe

NUMBERS = (
    Feature("total_orders", "number", "log1p"),
    Feature("total_spend", "number", "log1p"),
    Feature("return_rate", "number"),
)
CATEGORIES = (Feature("country", "category"), Feature("brand", "category"))
RECIPES = {
    "numbers": make_recipe("numbers", NUMBERS),
    "famd": make_recipe("famd", NUMBERS + CATEGORIES, max_levels=5),
    "famd_drop": make_recipe("famd_drop", NUMBERS + CATEGORIES, missing="drop", max_levels=5),
    "label_drop": make_recipe(
        "label_drop", NUMBERS + CATEGORIES, missing="drop", encoding="label", components=2
    ),
    "label_fill": make_recipe("label_fill", NUMBERS + CATEGORIES, encoding="label", components=2),
    "shrunk": make_recipe(
        "shrunk",
        (
            Feature("total_spend", "number", "log1p", 30.0, 2.0, "total_orders"),
            Feature("return_rate", "number", weight=0.5, shrink_by="total_orders"),
            Feature("country", "category", weight=3.0),
        ),
        missing="drop",
    ),
    "bisecting": make_recipe("bisecting", NUMBERS, algorithm="bisecting_kmeans"),
    "mixture": make_recipe("mixture", NUMBERS, algorithm="gaussian_mixture"),
    "mixture_famd": make_recipe(
        "mixture_famd",
        NUMBERS + CATEGORIES,
        missing="drop",
        max_levels=5,
        algorithm="gaussian_mixture",
    ),
}


def made_up_features(rows: int = 200, seed: int = 5) -> pd.DataFrame:
    """Customers with skewed numbers, awkward texts and a few gaps."""
    draw = np.random.default_rng(seed)
    brands = ["Levi's", 'Say "Ah"', "back\\slash", "Zoë, Inc.", "O;--", "Plain", "Rare", "Rarer"]
    frame = pd.DataFrame(
        {
            "customer_id": np.arange(1, rows + 1) * 3,
            "total_orders": draw.geometric(0.4, rows).astype(float),
            "total_spend": np.round(draw.lognormal(3, 1.2, rows), 2),
            "return_rate": np.round(draw.beta(1, 4, rows), 3),
            "country": draw.choice(["Brasil", "China", "Namibia"], rows, p=[0.6, 0.3, 0.1]),
            "brand": draw.choice(brands, rows),
            "favourite_day": draw.choice(["Mon", "Tue"], rows),
        }
    )
    frame.loc[::17, "total_spend"] = np.nan
    frame.loc[3::19, "brand"] = MISSING
    return frame


def publish_made_up(
    folder: Path, recipe: str = "numbers", k: int = 4, segmentation: str = "customer"
) -> Path:
    """Fit a recipe on the made-up customers and write the file that BI would read."""
    features = made_up_features().rename(columns={"customer_id": f"{segmentation}_id"})
    units, shared = fitted_tables(features, RECIPES[recipe], k, f"{segmentation}_id")
    named = {f"{segmentation}_{name}": frame for name, frame in units.items()}
    for name, frame in shared.items():
        named[name] = frame.copy()
        named[name].insert(0, "segmentation", segmentation)
    named["segmentations"] = segmentations(segmentation)
    named["publications"] = publications(segmentation)
    folder.mkdir(parents=True, exist_ok=True)
    with duckdb.connect(str(folder / "segmentation.duckdb")) as connection:
        for name, frame in named.items():
            connection.register("rows_to_write", frame)
            connection.execute(f"create table {name} as from rows_to_write")
            connection.unregister("rows_to_write")
    return folder


def fitted_tables(
    features: pd.DataFrame, recipe: Recipe, k: int, key: str
) -> tuple[dict[str, pd.DataFrame], dict[str, pd.DataFrame]]:
    """Fit a recipe; return the tables of units and those that segmentations share."""
    scaling = fit_scaling(features, recipe)
    scaled = apply_scaling(features, scaling)
    kept = ~np.isnan(scaled).any(axis=1)
    pca = fit_pca(scaled[kept], scaling, recipe)
    components = apply_pca(scaled[kept], pca)
    clusters = fit_clusters(components, k, recipe)
    keys, ids = features.loc[kept, key].to_numpy(), 10 * (1 + np.arange(k))
    names = pd.DataFrame({"segment_id": ids, "segment_name": [f"Name of {one}" for one in ids]})
    registry = pd.DataFrame(
        {"model_version": [6, 7], "status": ["retired", "active"], "recipe": [as_json(recipe)] * 2}
    )
    segments = segments_of(components, clusters, ids)
    return {"features": features, "segments": segments.assign(**{key: keys})}, {
        "exclusions": pd.DataFrame(
            {"unit_id": features.loc[~kept, key].astype(str), "reason": "no value for something"}
        ),
        "scaling": scaling.assign(model_version=7),
        "loadings": pca.assign(model_version=7),
        "centroids": clusters.drop(columns=["cluster", "fitted_rows"]).assign(
            segment_id=ids[clusters["cluster"] - 1], model_version=7
        ),
        "segment_names": names.assign(model_version=7),
        "segment_models": registry,
    }


def segments_of(components: np.ndarray, clusters: pd.DataFrame, ids: np.ndarray) -> pd.DataFrame:
    """Place rows by the library's own rule, which the build's SQL is held to as well."""
    placed = assign(components, clusters)
    nearest = placed.cluster - 1
    centroids = clusters.pivot(index="cluster", columns="component", values="centroid").to_numpy()
    runner_up = pd.Series(ids, range(1, 1 + len(ids)), "Int64").reindex(placed.runner_up)
    is_mixture = clusters["log_constant"].notna().all()
    return pd.DataFrame(
        {
            "segment_id": ids[nearest],
            "segment_name": [f"Name of {one}" for one in ids[nearest]],
            "distance": np.linalg.norm(components - centroids[nearest], axis=1),
            "runner_up_segment_id": runner_up.array,
            "confidence": placed.margin,
            "probability": probabilities(components, clusters) if is_mixture else np.nan,
            "components": list(components),
            "model_version": 7,
        }
    )


def probabilities(components: np.ndarray, clusters: pd.DataFrame) -> np.ndarray:
    """Return scikit-learn's probability of each row's most probable component."""
    rows = clusters.groupby("cluster", sort=True)
    axes = np.array([np.array(each["axis_loadings"].tolist()).T for _, each in rows])
    determinants = np.log(np.diagonal(axes, axis1=1, axis2=2)).sum(axis=1)
    mixture = GaussianMixture(len(axes), covariance_type="full")
    mixture.means_ = np.array([each["centroid"].to_numpy() for _, each in rows])
    mixture.precisions_cholesky_ = axes
    mixture.weights_ = np.exp(
        rows["log_constant"].first().to_numpy()
        - determinants
        + components.shape[1] / 2 * np.log(2 * np.pi)
    )
    assert mixture.weights_.sum() == pytest.approx(1)
    return mixture.predict_proba(components).max(axis=1)


def as_json(recipe: Recipe) -> str:
    return json.dumps(asdict(recipe))


def segmentations(name: str) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "segmentation": [name],
            "unit": [f"{name}s"],
            "key_column": [f"{name}_id"],
            "features_table": [f"{name}_features"],
            "segments_table": [f"{name}_segments"],
            "history_table": [f"{name}_segment_history"],
            "model_version": [7],
            "as_of_date": [date(2023, 6, 30)],
            "units": [200],
            "is_stale": [False],
            "reason": ["there was no model yet"],
        }
    )


def publications(segmentation: str) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "table_name": [f"{segmentation}_features", f"{segmentation}_segments"],
            "content_hash": ["hash of features", "hash of segments"],
            "published_at": pd.to_datetime(["2023-07-01 10:00:00"] * 2),
        }
    )


@pytest.fixture(scope="session")
def published_folder(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """Return the folder of a published file by recipe, k and segmentation, made once each."""
    made: dict[tuple, Path] = {}

    def folder(recipe: str = "numbers", k: int = 4, segmentation: str = "customer") -> Path:
        asked = (recipe, k, segmentation)
        if asked not in made:
            made[asked] = publish_made_up(tmp_path_factory.mktemp("serving"), *asked)
        return made[asked]

    return folder


@pytest.fixture
def command(published_folder, capsys, monkeypatch) -> Callable[..., tuple[int, str, str]]:
    """Run a command in this process on the file of a recipe; return code, stdout and stderr."""
    from segmentation.cli.main import main

    def run(*arguments: str, recipe: str = "numbers", serving: Path | None = None):
        monkeypatch.setenv("SEGMENTATION_SERVING", str(serving or published_folder(recipe)))
        code = main([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        assert "Traceback" not in captured.err
        return code, captured.out, captured.err

    return run
