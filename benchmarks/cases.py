"""What was measured on shops of several sizes: medians, growth, and how it is told and drawn."""

import math
from dataclasses import dataclass, replace
from itertools import pairwise

from benchmarks.builds import Measured

TARGETS = {
    "build ÷ notebook": {1_000_000: 2.5, 10_000_000: 1.0},
    "peak GB": {10_000_000: 4.0},
    "1 % more orders ÷ build": {10_000_000: 0.3},
    "objective ÷ best of 20 restarts": {1_000_000: 1.001, 10_000_000: 1.001},
    "MLlib ÷ build": {1_000_000: 2.0},
}
"""What we want, by users; at least for the last, at most for the others."""


@dataclass
class Case:
    """All that was measured on one shop.

    Attributes
    ----------
    users : int or None
        None is the embedded sample.
    costs : dict of str to Measured
        By what ran.
    stages : dict of str to float
        Seconds of the build's nodes.
    slowest : list of (str, float)
    scanned : float
        Rows that the statements of the build read, divided by the rows of the raw files.
    objective : float
        Sum of squared distances to the centroids of the published segments, divided by the least of
        `pipeline.RESTARTS` fits to all rows, or to the first `pipeline.OBJECTIVE_ROWS`.

    The last two are None where they were left out.
    """

    users: int | None
    costs: dict[str, Measured]
    stages: dict[str, float]
    slowest: list[tuple[str, float]]
    scanned: float | None = None
    objective: float | None = None

    @property
    def title(self) -> str:
        """What was built, in words."""
        return f"{self.users:,} generated users" if self.users else "the embedded sample"

    @property
    def figures(self) -> dict[str, float]:
        """What targets are about, by name."""
        build, costs = self.costs["build"], self.costs
        told = {
            "build ÷ notebook": build.seconds / costs["notebook"].seconds,
            "peak GB": build.peak_memory,
            "objective ÷ best of 20 restarts": self.objective,
            "rows scanned ÷ rows given": self.scanned,
        }
        for name in ("nothing changed", "1 % more orders"):
            if name in costs:
                told[f"{name} ÷ build"] = costs[name].seconds / build.seconds
        if "floor" in costs:
            told["build ÷ floor"] = build.seconds / costs["floor"].seconds
        if "MLlib" in costs:
            told["MLlib ÷ build"] = costs["MLlib"].seconds / build.seconds
        return {name: value for name, value in told.items() if value is not None}


def median_of(turns: list[Case]) -> Case:
    """Return one case: each cost is the median by seconds, stages are those of the median build.

    Parameters
    ----------
    turns : list of Case
        Of one shop, the first with what is found once. Of an even number the lower middle is taken.
    """

    def middle(name: str) -> int:
        seconds = [case.costs[name].seconds for case in turns]
        return sorted(range(len(turns)), key=seconds.__getitem__)[(len(turns) - 1) // 2]

    first, build = turns[0], turns[middle("build")]
    costs = {name: turns[middle(name)].costs[name] for name in first.costs}
    return replace(first, costs=costs, stages=build.stages, slowest=build.slowest)


def told(case: Case) -> str:
    """Return all of one shop as Markdown."""
    lines = [f"## {case.title[0].upper()}{case.title[1:]}", ""]
    lines += ["| | seconds | on processors | peak GB | written GB |", "|---|--:|--:|--:|--:|"]
    for name, cost in case.costs.items():
        lines.append(
            f"| {name} | {cost.seconds:.1f} | {cost.processor_seconds:.1f} | "
            f"{cost.peak_memory:.2f} | {cost.written:.2f} |"
        )
    lines += ["", "| | target | measured |", "|---|--:|--:|"]
    for name, value in case.figures.items():
        target = TARGETS.get(name, {}).get(case.users)
        sign = "≥" if name.startswith("MLlib") else "≤"
        shown = f"{value:.4f}" if "objective" in name else f"{value:.2f}"
        lines.append(f"| {name} | {f'{sign} {target:g}' if target else ''} | {shown} |")
    lines += ["", "| stage | seconds |", "|---|--:|"]
    lines += [f"| {stage} | {seconds:.1f} |" for stage, seconds in case.stages.items()]
    lines += ["", "| slowest nodes | seconds |", "|---|--:|"]
    lines += [f"| {name} | {seconds:.1f} |" for name, seconds in case.slowest]
    return "\n".join(lines)


def growth(smaller: Case, larger: Case) -> dict[str, float]:
    """Return the exponent of each stage and of the whole: 1 is as much more time as there is shop.

    Parameters
    ----------
    smaller, larger : Case
        Of shops of different sizes.
    """
    factor = math.log(larger.users / smaller.users)
    seconds = [case.stages | {"whole": case.costs["build"].seconds} for case in (smaller, larger)]
    return {
        stage: math.log(seconds[1][stage] / seconds[0][stage]) / factor
        for stage in seconds[0]
        if min(one[stage] for one in seconds) > 0
    }


def told_growth(cases: list[Case]) -> str:
    """Return the exponents from each size to the next as Markdown; empty for one size."""
    pairs = list(pairwise(cases))
    if not pairs:
        return ""
    grown = [growth(*pair) for pair in pairs]
    heads = [f"{one.users:,} to {other.users:,}" for one, other in pairs]
    lines = ["## Growth", "", f"| exponent | {' | '.join(heads)} |", f"|---|{'--:|' * len(heads)}"]
    for stage in grown[0]:
        shown = (f"{one[stage]:.2f}" if stage in one else "" for one in grown)
        lines.append(f"| {stage} | {' | '.join(shown)} |")
    return "\n".join(lines)


def picture(cases: list[Case]) -> str:
    """Return a picture of all costs as SVG: a bar of seconds for each, by size of the shop."""
    bars = [(case, name, cost.seconds) for case in cases for name, cost in case.costs.items()]
    longest, height = max(seconds for *_, seconds in bars), 22
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="760" height="{height * len(bars) + 20}" '
        'font-family="sans-serif" font-size="12" fill="#555">'
    ]
    for place, (case, name, seconds) in enumerate(bars):
        top, width = 10 + place * height, 380 * seconds / longest
        colour = "#4361ee" if name == "build" else "#adb5bd"
        label = f"{case.title}: {name}"
        parts += [
            f'<text x="300" y="{top + 13}" text-anchor="end">{label}</text>',
            f'<rect x="310" y="{top}" width="{width:.1f}" height="16" fill="{colour}"/>',
            f'<text x="{316 + width:.1f}" y="{top + 13}">{seconds:.0f} s</text>',
        ]
    return "\n".join([*parts, "</svg>\n"])
