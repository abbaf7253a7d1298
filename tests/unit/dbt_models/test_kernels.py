"""Ensures that another processor gives the same ids, names and k, and figures equal to 1e-9.

OpenBLAS and NumPy choose their code by the processor, and are told here to choose another.
"""

import os
import platform
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

ROOT = Path(__file__).resolve().parents[3]
DISPATCHED = "X86_V3 X86_V4 AVX512_ICL AVX512_SPR"
KERNELS = {
    "own": {},
    "oldest": {"OPENBLAS_CORETYPE": "Prescott", "NPY_DISABLE_CPU_FEATURES": DISPATCHED},
}
"""The processor's own code, and the one for any processor with SSE3."""
CLOSE = 1e-9


@pytest.fixture(scope="module")
def fitted(tmp_path_factory) -> dict[str, tuple[str, dict[str, pd.DataFrame]]]:
    """The kernels in use and every fitted table, by the processor that is played."""
    if platform.machine().lower() not in ("x86_64", "amd64"):
        pytest.skip("The kernels named here are those of x86.")
    return {
        name: run(settings, tmp_path_factory.mktemp(name) / "tables")
        for name, settings in KERNELS.items()
    }


def run(settings: dict[str, str], path: Path) -> tuple[str, dict[str, pd.DataFrame]]:
    """Fit in a process of its own, with settings that are read when libraries are loaded."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.unit.dbt_models.fitted_elsewhere", str(path)],
        cwd=ROOT,
        env=os.environ | settings,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout, pd.read_pickle(path)


def test_the_code_is_another(fitted):
    assert fitted["own"][0] != fitted["oldest"][0]


def test_ids_names_and_k_are_the_same_and_figures_equal_to_nine_decimals(fitted):
    own, oldest = (tables for _, tables in fitted.values())
    assert own["candidates"]["is_selected"].sum() == 1
    for name, table in own.items():
        for column in table.columns.drop("seconds", errors="ignore"):
            one, other = (comparable(tables[name])[column] for tables in (own, oldest))
            assert_same(f"{name}.{column}", one, other)


def comparable(table: pd.DataFrame) -> pd.DataFrame:
    """Leave out HDBSCAN: of equal distances NumPy's sort takes first what suits the processor."""
    return table[table["algorithm"] != "hdbscan"] if "algorithm" in table else table


def assert_same(name: str, one: pd.Series, other: pd.Series) -> None:
    """Assert that texts, whole numbers and flags are equal, and figures to their size."""
    if not pd.api.types.is_float_dtype(one):
        assert one.map(str).tolist() == other.map(str).tolist(), name
        return
    np.testing.assert_allclose(one, other, rtol=CLOSE, atol=CLOSE, err_msg=name)
