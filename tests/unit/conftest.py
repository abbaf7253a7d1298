"""A published file of made-up customers, fitted by the library itself."""

import json
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pytest

from segmentation.kmeans import fit_kmeans, nearest_centroid
from segmentation.pca import apply_pca, fit_pca
from segmentation.recipe import MISSING, Feature, Recipe
from segmentation.scaling import apply_scaling, fit_scaling

NUMBERS = (
    Feature("total_orders", "number", "log1p"),
    Feature("total_spend", "number", "log1p"),
    Feature("return_rate", "number"),
)
CATEGORIES = (Feature("country", "category"), Feature("brand", "category"))
RECIPES = {
    "numbers": Recipe("numbers", NUMBERS),
    "famd": Recipe("famd", NUMBERS + CATEGORIES, max_levels=5),
    "famd_drop": Recipe("famd_drop", NUMBERS + CATEGORIES, missing="drop", max_levels=5),
    "label_drop": Recipe(
        "label_drop", NUMBERS + CATEGORIES, missing="drop", encoding="label", components=2
    ),
    "label_fill": Recipe("label_fill", NUMBERS + CATEGORIES, encoding="label", components=2),
    "bisecting": Recipe("bisecting", NUMBERS, algorithm="bisecting_kmeans"),
    "mixture": Recipe("mixture", NUMBERS, algorithm="gaussian_mixture"),
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
    tables = fitted_tables(features, RECIPES[recipe], k, f"{segmentation}_id")
    folder.mkdir(parents=True, exist_ok=True)
    with duckdb.connect(str(folder / "segmentation.duckdb")) as connection:
        for name, frame in tables.items():
            table = name if name == "publications" else f"{segmentation}_{name}"
            connection.register("rows_to_write", frame)
            connection.execute(f"create table {table} as from rows_to_write")
            connection.unregister("rows_to_write")
    return folder


def fitted_tables(
    features: pd.DataFrame, recipe: Recipe, k: int, key: str
) -> dict[str, pd.DataFrame]:
    scaling = fit_scaling(features, recipe)
    scaled = apply_scaling(features, scaling)
    kept = ~np.isnan(scaled).any(axis=1)
    pca = fit_pca(scaled[kept], scaling, recipe)
    components = apply_pca(scaled[kept], pca)
    fit = fit_kmeans(components, k, seed=0, n_init=3, max_iter=100)
    nearest = nearest_centroid(components, fit.centroids)
    keys, ids = features.loc[kept, key].to_numpy(), 10 * (1 + np.arange(k))
    centroids = pd.DataFrame(fit.centroids, index=ids, columns=range(1, 1 + components.shape[1]))
    centroids = centroids.rename_axis("segment_id").reset_index()
    centroids = centroids.melt("segment_id", var_name="component", value_name="centroid")
    names = pd.DataFrame({"segment_id": ids, "segment_name": [f"Name of {one}" for one in ids]})
    segments = pd.DataFrame(
        {
            key: keys,
            "segment_id": ids[nearest.labels],
            "segment_name": names["segment_name"].to_numpy()[nearest.labels],
            "distance": np.linalg.norm(components - fit.centroids[nearest.labels], axis=1),
        }
    )
    two = np.sort(np.linalg.norm(components[:, None] - fit.centroids[None], axis=2), axis=1)[:, :2]
    segments["margin"] = (two[:, 1] - two[:, 0]) / two[:, 1] if k > 1 else np.nan
    segments["model_version"] = 7
    registry = pd.DataFrame(
        {"model_version": [6, 7], "status": ["retired", "active"], "recipe": [as_json(recipe)] * 2}
    )
    return {
        "features": features,
        "exclusions": pd.DataFrame(
            {key: features.loc[~kept, key], "reason": "no value for something"}
        ),
        "segments": segments,
        "components": pd.DataFrame({key: keys, "model_version": 7, "components": list(components)}),
        "scaling": scaling.assign(model_version=7),
        "pca": pca.assign(model_version=7),
        "centroids": centroids.assign(model_version=7),
        "segment_names": names.assign(model_version=7),
        "segment_models": registry,
        "publications": publications(key.removesuffix("_id")),
    }


def as_json(recipe: Recipe) -> str:
    return json.dumps(asdict(recipe))


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
    from segmentation.cli import main

    def run(*arguments: str, recipe: str = "numbers", serving: Path | None = None):
        monkeypatch.setenv("SEGMENTATION_SERVING", str(serving or published_folder(recipe)))
        code = main([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        assert "Traceback" not in captured.err
        return code, captured.out, captured.err

    return run
