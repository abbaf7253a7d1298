"""Ensures that tables of any types, spellings, marks, keys and encodings are segmented and scored.

Every table is segmented by `segmentation new`, all of them are built at once, and the same rows are
scored from CSV, JSON and Parquet in other spellings: each row gets its published segment, or words.
"""

import csv
import io
import json
import random
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from tests.pipeline.test_any_table import (  # noqa: F401
    PRODUCTION,
    PUBLISHED,
    UserProject,
    ask_new,
    library,
    succeed,
    warm,
    write_project,
)
from tests.pipeline.warm_dbt import WarmDbt

GIGABYTE = 2**20
"""In the kilobytes that Linux counts."""
MARKS = ("?", "-", "n/a", "#N/A", "none")
WORDS = ("Köln", "Zürich", "it's", 'say "ah"', "a;b", "x,y", "年齢", "Ωmega", "back\\slash")
NAMES = (
    *("visits", "Annual Income (k$)", "Größe (cm)", "年齢", "union", "Net Sum", "x", "Is Active"),
    *("segment_id", "2nd", "a.b", "  spaced", "UPPER", "mixed Case", "per cent %", "column_1"),
)
KINDS = ("whole", "fraction", "tiny", "huge", "decimal", "bool", "flag", "one_zero", "yes_no")
KINDS += ("code", "text", "shifted")
ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "latin-1")


@dataclass(frozen=True)
class Made:
    """A table of one example.

    Attributes
    ----------
    rows : list of dict
        Typed values by column; None is missing.
    key : tuple of str
        Columns of the key; none if it has no key.
    is_file : bool
        Whether `segmentation new` gets a CSV file, not a model.
    encoding, delimiter, decimal, mark : str
        Of that file: `mark` stands for a missing number.
    """

    rows: list[dict[str, object]]
    key: tuple[str, ...]
    is_file: bool
    encoding: str
    delimiter: str
    decimal: str
    mark: str


def value_of(kind: str, draw: random.Random, group: int) -> object:
    """Return a value of a kind; numbers and texts depend on the group, so that there are some."""
    noise = draw.random()
    return {
        "whole": lambda: 20 * group + draw.randint(0, 19) + 37 * draw.randint(0, 1),
        "fraction": lambda: round(group * 10 + noise * 7, 2),
        "tiny": lambda: (1 + group + noise) * 1e-9,
        "huge": lambda: (1 + group + noise) * 1e12,
        "decimal": lambda: round(group * 100 + noise * 50, 1),
        "bool": lambda: noise < 0.3 + 0.4 * (group % 2),
        "flag": lambda: float(noise < 0.5),
        "one_zero": lambda: int(noise < 0.4),
        "yes_no": lambda: "yes" if noise < 0.6 else "no",
        "code": lambda: 1 + draw.randrange(4),
        "text": lambda: WORDS[(group + draw.randrange(3)) % len(WORDS)],
        "shifted": lambda: -5 * group + noise,
    }[kind]()


def table_of(number: int, widest: int) -> Made:
    """Make a table of a number: hypothesis draws numbers, of which no two make the same."""
    draw = random.Random(number)
    is_file = draw.random() < 0.5
    encoding = draw.choice(ENCODINGS) if is_file else "utf-8"
    width = widest if widest > 100 else draw.randint(2, widest)
    kinds = draw.choices(KINDS, k=width)
    words = draw.sample(NAMES, min(width, len(NAMES)))
    words += [f"feature number {n}" for n in range(width - len(words))]
    missing = draw.choice([0, 0.03, 0.15])
    rows = [
        {
            name: None if draw.random() < missing else value_of(kind, draw, n % 3)
            for name, kind in zip(words, kinds, strict=True)
        }
        for n in range(draw.randint(60, 140))
    ]
    rows, key = with_key(rows, draw.choice(["number", "text", "padded", "both", "none"]))
    rows = [in_latin(row) for row in rows] if encoding == "latin-1" else rows
    decimal = draw.choice(".,") if is_file else "."
    delimiter = draw.choice(",;\t") if decimal == "." else ";"
    return Made(rows, key, is_file, encoding, delimiter, decimal, draw.choice(MARKS))


def with_key(rows: list[dict], kind: str) -> tuple[list[dict], tuple[str, ...]]:
    keys: dict[str, Callable[[int], dict]] = {
        "number": lambda n: {"Customer No.": 1000 + 7 * n},
        "text": lambda n: {"Kunde": f"Kü-{n}|{n}"},
        "padded": lambda n: {"nr": f"{n:06d}"},
        "both": lambda n: {"shop": f"S|{n % 2}", "till": n // 2},
        "none": lambda n: {},
    }
    return [keys[kind](n) | row for n, row in enumerate(rows)], tuple(keys[kind](0))


def in_latin(row: dict) -> dict:
    return {
        name.encode("latin-1", "ignore").decode("latin-1") or f"sign {n}": value
        if not isinstance(value, str)
        else value.encode("latin-1", "replace").decode("latin-1")
        for n, (name, value) in enumerate(row.items())
    }


def as_text(value: object, made: Made) -> str:
    """Write a value as the file of the table has it."""
    if value is None:
        return ""
    if isinstance(value, float):
        return repr(value).replace(".", made.decimal)
    return str(value)


def write_source(made: Made, name: str, folder: Path) -> tuple[str, ...]:
    """Write the file or the model of a table, and return what `new` is asked."""
    key = ("--key", ",".join(made.key)) if made.key else ()
    if not made.is_file:
        pd.DataFrame(made.rows).to_parquet(folder / f"{name}.parquet")
        model = f"select * from read_parquet('{name}.parquet')"
        config = "{{ config(materialized='table') }}\n"
        (folder / "models" / f"{name}_rows.sql").write_text(config + model)
        return (name, "--model", f"{name}_rows", *key)
    content = as_csv(made, lambda value: as_text(value, made))
    (folder / f"{name}.csv").write_bytes(content.encode(made.encoding))
    return (name, "--file", f"{name}.csv", *key)


def as_csv(made: Made, spell: Callable[[object], str]) -> str:
    numbers = {name for name in made.rows[0] if measures([row[name] for row in made.rows])}
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, delimiter=made.delimiter)
    writer.writerow(made.rows[0])
    for row in made.rows:
        writer.writerow(
            made.mark if value is None and name in numbers else spell(value)
            for name, value in row.items()
        )
    return stream.getvalue()


def measures(values: list) -> bool:
    """Return whether values are of a number: a mark in more than a fifth of a flag is a level."""
    return len({value for value in values if isinstance(value, float)}) > 2


def otherwise(value: object, draw: random.Random, made: Made) -> str:
    """Spell a value as another program would."""
    if isinstance(value, bool):
        return draw.choice([str(value), str(value).lower(), str(int(value)), f"{int(value)}.0"])
    if value is None:
        return draw.choice(["", "null", "NaN"])
    if value in ("yes", "no"):
        return draw.choice([value, value.upper(), "1" if value == "yes" else "0"])
    if isinstance(value, float) and value.is_integer() and abs(value) < 10:
        return draw.choice([f"{value:.0f}", as_text(value, made)])
    return as_text(value, made)


def write_inputs(made: Made, folder: Path) -> list[Path]:
    """Write the rows in three formats and other spellings."""
    draw, paths = (
        random.Random(9),
        [folder / f"again.{kind}" for kind in ("csv", "json", "parquet")],
    )
    text = as_csv(made, lambda value: otherwise(value, draw, made))
    paths[0].write_text(text, encoding="utf-8", newline="")
    numbers_as_floats = [
        {name: keep(made, name, value) for name, value in row.items()} for row in made.rows
    ]
    paths[1].write_text(json.dumps(numbers_as_floats))
    frame = pd.DataFrame(made.rows)
    for name, column in frame.items():
        if column.dropna().map(lambda one: isinstance(one, bool)).all() and name not in made.key:
            frame[name] = column.map({True: 1, False: 0}).astype("Int64")
    frame.to_parquet(paths[2])
    return paths


def keep(made: Made, name: str, value: object) -> object:
    is_whole = isinstance(value, int) and not isinstance(value, bool)
    return float(value) if is_whole and name not in made.key else value


def joined(made: Made, row: dict) -> str:
    if len(made.key) == 1:
        return str(row[made.key[0]])
    return "|,".join(str(row[name]).replace("|", "|.") for name in made.key)


def check_scores(project: UserProject, made: Made, name: str) -> None:
    """Compare what is scored with what is published, row by row or, without a key, by count."""
    rows = project.query(
        PUBLISHED, f"select cast({name}_id as varchar), segment_id from {name}_segments"
    )
    published = dict(rows)
    assert len(published) == len(made.rows), name
    for path in write_inputs(made, project.folder):
        target = project.folder / "scored.parquet"
        ask = (sys.executable, "-m", "segmentation.cli", "predict", "--segmentation", name)
        done = project.run(*ask, "--input", path.name, "--output", target.name, "--force")
        assert done.returncode in (0, 1) and "Traceback" not in done.stderr, (name, done.stderr)
        found = duckdb.sql(f"select segment_id, notes from '{target}' order by row").fetchall()
        assert len(found) == len(made.rows)
        assert all(notes for segment, notes in found if segment is None)
        if made.key:
            wanted = [published[joined(made, row)] for row in made.rows]
            wrong = [
                (row, want, got, notes)
                for row, want, (got, notes) in zip(made.rows, wanted, found, strict=True)
                if got is not None and got != want
            ]
            assert not wrong, (name, path.name, made, wrong[:3])
        elif done.returncode == 0:
            assert Counter(segment for segment, _ in found) == Counter(published.values()), name
        assert sum(segment is None for segment, _ in found) <= len(found) // 4, (name, found[:9])


def check_tables(project: UserProject, drawn: list[Made]) -> None:
    """Segment, build and score tables."""
    write_project(project.folder)
    succeed(project.dbt("deps"))
    names = [f"drawn_{number}" for number in range(len(drawn))]
    asked = [
        write_source(made, name, project.folder) for made, name in zip(drawn, names, strict=True)
    ]
    if not all(made.is_file for made in drawn):
        succeed(project.dbt("run", "--select", "drawn_*"))
    ask_new(project, asked)
    succeed(project.dbt(*PRODUCTION))
    left_out = dict(
        project.query(PUBLISHED, "select segmentation, reason from segmentations where is_stale")
    )
    for made, name in zip(drawn, names, strict=True):
        if name in left_out:
            assert "too few different" in left_out[name], left_out
        else:
            check_scores(project, made, name)


@pytest.fixture
def projects(tmp_path_factory, library: Path, warm: WarmDbt) -> Iterator[Callable]:  # noqa: F811
    """Return a function that makes a new project for each example."""
    return lambda: UserProject(tmp_path_factory.mktemp("drawn"), library, warm)


SLOW = {
    "deadline": None,
    "database": None,
    "suppress_health_check": list(HealthCheck),
    "phases": ["generate"],
}


def checked(count: int, examples: int, widest: int) -> Callable:
    """Return a property of so many examples, each of so many tables."""

    def decorate(test: Callable) -> Callable:
        numbers = st.lists(st.integers(0, 2**32), min_size=count, max_size=count, unique=True).map(
            lambda drawn: [table_of(number, widest) for number in drawn]
        )
        drawn = given(drawn=numbers)(test)
        return seed(16)(settings(max_examples=examples, **SLOW)(drawn))

    return decorate


@checked(count=2, examples=1, widest=9)
def test_a_few_tables_are_segmented_and_scored(projects, drawn):
    check_tables(projects(), drawn)


@pytest.mark.soak
@checked(count=16, examples=3, widest=40)
def test_many_tables_are_segmented_and_scored(projects, drawn):
    check_tables(projects(), drawn)


@pytest.mark.soak
@checked(count=1, examples=2, widest=400)
def test_the_widest_tables_take_a_gigabyte_at_most(projects, drawn):
    project = projects()
    check_tables(project, drawn)
    script = (
        "import resource, subprocess, sys; subprocess.run(sys.argv[1:], check=True); "
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
    )
    dbt = str(Path(sys.executable).with_name("dbt"))
    told = succeed(project.run(sys.executable, "-c", script, dbt, "--quiet", *PRODUCTION))
    assert int(told.splitlines()[-1]) <= GIGABYTE
