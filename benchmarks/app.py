"""How long the app takes to answer at a size: a prediction and its five nearest customers.

    python -m benchmarks.app --serving DIR --runs 20

Reads a published file; `make bench` and `make build` make one. Each run asks for other values, so
that no kept answer is measured.
"""

import argparse
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from segmentation.published.answers import find_row, form_fields, neighbours_of, predict_values
from segmentation.published.served import open_published

LIMIT_SECONDS = 0.5


@dataclass(frozen=True)
class Timing:
    """Seconds of the runs of one question."""

    question: str
    seconds: list[float]

    def __str__(self) -> str:
        """Return the median and the slowest as a row of a Markdown table."""
        return f"| {self.question} | {np.median(self.seconds):.3f} | {max(self.seconds):.3f} |"


def measure(serving: Path, runs: int) -> tuple[int, list[Timing]]:
    """Return the number of customers and the timings; each run opens the file anew."""
    with open_published(serving) as published:
        fields = form_fields(published)
        ((rows,),) = published.rows(f"select count(*) from {published.members}")
        keys = published.rows(
            f"select {published.key} from {published.members} "
            f"order by md5({published.unit_id}) limit ?",
            [runs],
        )
    draw = np.random.default_rng(0)
    asked = [
        {field.name: _varied(field, float(draw.uniform(0.2, 4))) for field in fields}
        for _ in range(runs)
    ]
    return rows, [
        Timing("form: medians and levels", _timed(serving, form_fields, [()] * 3)),
        Timing(
            "predict: segment, reasons, 5 neighbours",
            _timed(serving, predict_values, [(values,) for values in asked]),
        ),
        Timing("find: segment and history", _timed(serving, find_row, _texts(keys))),
        Timing("find: 5 neighbours by 2 measures", _timed(serving, neighbours_of, _texts(keys))),
    ]


def _varied(field, factor: float) -> object:
    if field.is_category or field.follows:
        return field.default
    varied = (field.default or 0.1) * factor
    return round(varied) if field.is_whole else varied


def _texts(keys: list[tuple]) -> list[tuple[str]]:
    return [(str(key),) for (key,) in keys]


def _timed(serving: Path, question, arguments: list[tuple]) -> list[float]:
    seconds = []
    for values in arguments:
        started = time.perf_counter()
        with open_published(serving) as published:
            question(published, *values)
        seconds.append(time.perf_counter() - started)
    return seconds


def main() -> None:
    """Print the timings as a Markdown table; fail if a prediction takes too long."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--serving", type=Path, default=Path("serving"))
    parser.add_argument("--runs", type=int, default=20)
    arguments = parser.parse_args()
    rows, timings = measure(arguments.serving, arguments.runs)
    print(f"{rows:,} customers\n\n| question | median s | slowest s |\n|---|---|---|")
    print(*timings, sep="\n")
    if np.median(timings[1].seconds) > LIMIT_SECONDS:
        raise SystemExit(f"A prediction takes more than {LIMIT_SECONDS} s.")


if __name__ == "__main__":
    main()
