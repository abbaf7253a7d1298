"""Words for what dbt tells: what a node does, and why it failed."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

STAGES = {
    "seeds": ("Loading the seeds", "Loading {}"),
    "thelook": ("Reading the raw tables", "Reading {}"),
    "shop": ("Filling the shop's tables", "Filling {}"),
    "features": ("Counting features", "Counting {}"),
    "segmentation/plan": ("Planning", "Planning: {}"),
    "segmentation/fit": ("Fitting models", "Fitting {}"),
    "segmentation/apply": ("Giving everyone a segment", "Applying the model: {}"),
    "segmentation/describe": ("Describing the segments", "Describing: {}"),
    "insights": ("Counting what segments are worth", "Counting {}"),
    "baskets": ("Finding typical baskets", "Finding baskets: {}"),
    "quality": ("Counting what was kept", "Counting {}"),
    "segmentation/history": ("Writing the history", "Writing {}"),
    "semantic": ("Preparing metrics", "Preparing {}"),
    "publish": ("Publishing", "Publishing: {}"),
}
"""By folder of models: what a build is doing there, and what it does to one table."""
PYTHON_FOLDERS = {
    "fit": "segmentation/fit",
    "apply": "baskets",
    "describe": "segmentation/describe",
    "measure": "insights",
    "publications": "publish",
}
"""Python models lie in one folder; the first word of their name says where they belong."""
CLAIMS = {"assert": "Checking that {}", "warn": "Checking: {}"}
OUR_ERRORS = ("ValueError", "OSError", "RuntimeError")
"""Kinds of errors that are told by their sentence alone."""
COLOURS = re.compile(r"\x1b\[[0-9;]*m")
HEADER = re.compile(r"(\w+ )+Error( in .+)?")


@dataclass(frozen=True)
class Step:
    """A node of dbt in words.

    Attributes
    ----------
    stage : str or None
        What the build is doing, None where a step belongs to any stage.
    phrase : str
        What it does now.
    """

    stage: str | None
    phrase: str


def step_of(node: Mapping[str, Any]) -> Step:
    """Return what a node does.

    Parameters
    ----------
    node : mapping
        dbt's ``node_info``: unique_id, node_name, node_path, resource_type.
    """
    name = str(node["node_name"])
    words = name.replace("_", " ")
    if node["resource_type"] == "test":
        first, _, rest = words.partition(" ")
        return Step(
            None, CLAIMS.get(first, "Checking {}").format(rest if first in CLAIMS else words)
        )
    folder = _folder(node)
    if folder not in STAGES or node["unique_id"].split(".")[1] != "segmentation":
        return Step("Building the project's own tables", f"Building {words}")
    stage, phrase = STAGES[folder]
    if folder == "segmentation/fit":
        words = words.removeprefix("fit ")
    words = words.removeprefix("measure ")
    return Step(stage, phrase.format(words))


def _folder(node: Mapping[str, Any]) -> str:
    if node["resource_type"] == "seed":
        return "seeds"
    parts = str(node["node_path"]).split("/")
    if len(parts) == 1:
        return PYTHON_FOLDERS.get(str(node["node_name"]).split("_")[0], "")
    return "/".join(parts[:2] if parts[0] == "segmentation" else parts[:1])


def reason_of(message: str) -> str:
    """Return what an error of dbt says, as one line: no traceback, no header, no path of macros.

    Parameters
    ----------
    message : str
        As dbt tells it.
    """
    lines = COLOURS.sub("", message).splitlines()
    if any("Traceback (most recent call last)" in line for line in lines):
        return _raised(lines)
    kept = []
    for line in (line.strip() for line in lines):
        is_header = HEADER.fullmatch(line) or line.endswith("Encountered an error:")
        if re.match(r"> in |LINE \d+:|Raw Error:|-{4,}", line):
            break
        if line and not (is_header and not kept):
            kept.append(line)
    return " ".join(kept)


def _raised(lines: list[str]) -> str:
    """Return what the last traceback ends with, which may be several lines."""
    start = max(
        number for number, line in enumerate(lines) if "Traceback (most recent call last)" in line
    )
    column = len(lines[start]) - len(lines[start].lstrip())
    frames = [
        number
        for number, line in enumerate(lines[start:], start)
        if number == start or (line.strip() and line.startswith(" " * (column + 2)))
    ]
    raised = " ".join(line.strip() for line in lines[frames[-1] + 1 :]).strip()
    kind, _, sentence = raised.partition(": ")
    is_ours = kind.split(".")[-1] in OUR_ERRORS and " " in sentence
    return sentence if is_ours else raised


def failure_of(kind: str, name: str, path: str, message: str, query: str) -> str:
    """Return one sentence for a node that failed.

    Parameters
    ----------
    kind, name, path : str
        What it is (model, test, seed), what it is called and where it is written.
    message : str
        As dbt tells it.
    query : str
        File of what was run, empty if there is none.
    """
    found = re.search(r"Got (\d+) results?, configured to", message)
    if not found:
        return f"The {kind} {name} ({path}) failed: {ended(reason_of(message))}"
    rows = f"{int(found[1]):,} row{'' if found[1] == '1' else 's'}"
    shown = f"; the query in {query} shows {'it' if found[1] == '1' else 'them'}" if query else ""
    return f"{_claim(name)} ({path}): {rows}{shown}."


def _claim(test: str) -> str:
    """Return what a test found, in the words of its name if they are a sentence."""
    claim = re.fullmatch(r"(assert|warn_when|warn_of)_(.+)", test)
    if claim is None:
        return f"The test {test} does not hold"
    words = claim[2].replace("_", " ")
    return f"It does not hold that {words}" if claim[1] == "assert" else words.capitalize()


def ended(sentence: str) -> str:
    """Return a sentence with a full stop."""
    return sentence if sentence.endswith((".", "!", "?")) else f"{sentence}."
