"""How much of the planted personas a recipe of all behaviour finds, and how much could be found.

    python -m benchmarks.personas --users 20000 --seed 1

The ceiling is a random forest that is *told* the personas and sees the same features, judged on
customers it was not trained on. No clustering can be expected to do better. Personas differ in
what they return and cancel as well, which the recipe `default` leaves out: the features are those
that version 0.1 clustered.
"""

import argparse
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pandas as pd
import yaml
from sklearn.ensemble import RandomForestClassifier
from sklearn.metrics import adjusted_rand_score
from sklearn.model_selection import cross_val_predict

from benchmarks.builds import Build, run_build
from segmentation.features.recipe import Recipe
from tools.sample.files import write_sample

RECIPES = Path(__file__).resolve().parents[1] / "tests" / "fixtures" / "classic" / "vars.yml"


@dataclass(frozen=True)
class Recovery:
    """Agreement with the planted personas.

    Attributes
    ----------
    customers, personas : int
        Buyers, and personas among them.
    found : float
        Adjusted Rand index of the segments.
    ceiling : float
        Adjusted Rand index of the forest's out-of-fold predictions.
    """

    customers: int
    personas: int
    found: float
    ceiling: float

    @property
    def ratio(self) -> float:
        """The part of what could be found that is found."""
        return self.found / self.ceiling


def persona_recovery(frame: pd.DataFrame, features: list[str], *, folds: int = 5) -> Recovery:
    """Compare segments and a forest with the planted personas.

    Parameters
    ----------
    frame : DataFrame of n rows
        Columns persona, segment_id and the features, numbers without missing values.
    features : list of str
        What the recipe clusters, and the forest sees.
    folds : int
        Parts of the cross-validation.

    Returns
    -------
    Recovery
    """
    forest = RandomForestClassifier(100, min_samples_leaf=5, random_state=0)
    predicted = cross_val_predict(forest, frame[features], frame["persona"], cv=folds)
    return Recovery(
        customers=len(frame),
        personas=frame["persona"].nunique(),
        found=adjusted_rand_score(frame["persona"], frame["segment_id"]),
        ceiling=adjusted_rand_score(frame["persona"], predicted),
    )


def measure_personas(
    folder: Path,
    users: int,
    seed: int,
    build: Callable[[Path, Path, dict], Build] = run_build,
) -> Recovery:
    """Generate a shop in a folder, build it with k given, and compare.

    Parameters
    ----------
    folder : Path
        Gets the shop and the build.
    users, seed : int
        As in `tools.sample.files.write_sample`.
    build : callable
        Builds raw files into a folder with variables.

    Returns
    -------
    Recovery
    """
    files = write_sample(users, seed, folder / "raw", "parquet")
    truth = f"'{files.pop('personas')}'"
    with duckdb.connect() as connection:
        (k,) = connection.execute(
            f"select count(distinct persona) from {truth} "
            f"where user_id in (select user_id from '{files['orders']}')"
        ).fetchall()[0]
    recipes = yaml.safe_load(RECIPES.read_text(encoding="utf-8"))["recipes"]
    variables = {"k": k, "recipe": "classic", "recipes": recipes}
    variables |= {"products": False, "extras": False}
    built = build(folder, folder / "raw", variables)
    with duckdb.connect(str(built.published), read_only=True) as connection:
        ((text,),) = connection.execute(
            "select recipe from segment_models where segmentation = 'customer'"
        ).fetchall()
        frame = connection.execute(
            f"""
            select features.*, segments.segment_id, personas.persona
            from customer_features as features
            inner join customer_segments as segments using (customer_id)
            inner join {truth} as personas on features.customer_id = personas.user_id
            order by features.customer_id
            """
        ).df()
    features = [feature.name for feature in Recipe.from_json(text).features]
    frame[features] = frame[features].astype(float)
    return persona_recovery(frame.fillna(frame[features].median()), features)


def main() -> None:
    """Print both figures and their ratio."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--users", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        recovery = measure_personas(Path(folder), options.users, options.seed)
    print(f"{recovery.customers:,} buyers, {recovery.personas} planted personas")
    print(f"  segments of all behaviour          ARI {recovery.found:.3f}")
    print(f"  random forest told the personas    ARI {recovery.ceiling:.3f}")
    print(f"  ratio                                  {recovery.ratio:.3f}")


if __name__ == "__main__":
    main()
