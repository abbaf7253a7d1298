"""The project's own file: what it says of segmentations, and one entry more, as a text edit."""

import re
import textwrap
from pathlib import Path
from typing import Any

import yaml

from segmentation.published.served import CommandError

ENTRIES = "segmentations"
PACKAGE = "segmentation"


def project_settings(folder: Path) -> dict[str, Any]:
    """Read ``dbt_project.yml``.

    Raises
    ------
    CommandError
        If the folder has none, or it holds no settings.
    """
    path = folder / "dbt_project.yml"
    if not path.is_file():
        raise CommandError(
            f"{folder} is not a dbt project, it has no dbt_project.yml: "
            "run this in your project or name it with --project-dir."
        )
    settings = yaml.safe_load(path.read_text(encoding="utf-8"))
    if not isinstance(settings, dict):
        raise CommandError(f"{path} has no settings: it needs a name and a profile at least.")
    return settings


def vars_file(folder: Path) -> Path:
    """Return the file that the project's vars stand in: ``vars.yml``, if it has any."""
    own = folder / "vars.yml"
    found = yaml.safe_load(own.read_text(encoding="utf-8")) if own.is_file() else None
    return own if value_at(found, ("vars",)) else folder / "dbt_project.yml"


def place_of_entries(settings: dict[str, Any], project: str) -> tuple[str, ...]:
    """Return where entries stand: under ``vars``, so that the package and the project see them.

    Parameters
    ----------
    settings : dict
        The file that holds the vars.
    project : str
        Name of the project.

    Raises
    ------
    CommandError
        If the var is set for one of them alone, which then does not see what stands elsewhere.
    """
    given = settings.get("vars") or {}
    for scope in (project, PACKAGE):
        if isinstance(given.get(scope), dict) and ENTRIES in given[scope]:
            if project == PACKAGE:
                return ("vars", scope, ENTRIES)
            raise CommandError(
                f"The var {ENTRIES} stands under vars: {scope}:, where only the models of "
                f"{scope} see it: move it up, to stand under vars: itself."
            )
    return ("vars", ENTRIES)


def value_at(settings: Any, place: tuple[str, ...]) -> Any:
    """Return what stands at a place, None where nothing does."""
    for key in place:
        settings = settings.get(key) if isinstance(settings, dict) else None
    return settings


def with_lines(text: str, place: tuple[str, ...], name: str, lines: str) -> str | None:
    """Add a mapping at a place of a YAML file; all else stays byte for byte.

    Parameters
    ----------
    text : str
        The file.
    place : tuple of str
        Keys that lead to the mapping it is added to; made where they are missing.
    name : str
        Its key.
    lines : str
        The key and its value as YAML, not indented.

    Returns
    -------
    str or None
        None where the file is written in a way that this cannot add to safely.
    """
    expected = yaml.safe_load(text)
    target = expected
    for key in place:
        if target.get(key) is None:
            target[key] = {}
        target = target[key]
        if not isinstance(target, dict):
            return None
    target[name] = yaml.safe_load(lines)[name]
    try:
        after = _added(text, place, lines)
        return after if yaml.safe_load(after) == expected else None
    except (yaml.YAMLError, ValueError):
        return None


def with_value(text: str, place: tuple[str, ...], name: str, value: str) -> str | None:
    """Set a key of a mapping to a value that is written in one line; all else stays.

    Parameters
    ----------
    text : str
        The file.
    place : tuple of str
        Keys that lead to the mapping; made where they are missing.
    name : str
        The key.
    value : str
        Its value as YAML.

    Returns
    -------
    str or None
        None where the file is written in a way that this cannot change safely.
    """
    node = yaml.compose(text)
    for key in (*place, name):
        node = _child(node, key)
    if node is None:
        return with_lines(text, place, name, f"{name}: {value}")
    if node.start_mark.line != node.end_mark.line:
        return None
    changed = text[: node.start_mark.index] + value + text[node.end_mark.index :]
    expected = yaml.safe_load(text)
    value_at(expected, place)[name] = yaml.safe_load(value)
    return changed if yaml.safe_load(changed) == expected else None


def _added(text: str, place: tuple[str, ...], lines: str) -> str:
    """Write the lines below the deepest key of the place that there is."""
    parent, node, missing = None, yaml.compose(text), list(place)
    while missing and (child := _child(node, missing[0])) is not None:
        parent, node = node, child
        missing.pop(0)
    for key in reversed(missing):
        lines = f"{key}:\n" + textwrap.indent(lines, "  ")
    newline = "\r\n" if "\r\n" in text else "\n"
    if isinstance(node, yaml.MappingNode) and node.value and not node.flow_style:
        column = node.value[0][0].start_mark.column
        end = _end_of_block(text, _end(node), column) if column else len(text)
        lines = lines if column else f"\n{lines}"
    elif parent is None:
        raise ValueError("the whole file stands in braces, or holds nothing")
    else:
        column = parent.value[0][0].start_mark.column + 2
        lines = "\n".join([*_pairs(text, node), lines])
        text, end = _emptied(text, node)
    written = textwrap.indent(lines, " " * column).replace("\n", newline) + newline
    starts_a_line = end == 0 or text[end - 1] == "\n"
    return text[:end] + ("" if starts_a_line else newline) + written + text[end:]


def _child(node: yaml.Node | None, key: str) -> yaml.Node | None:
    pairs = node.value if isinstance(node, yaml.MappingNode) else []
    return next((value for name, value in pairs if name.value == key), None)


def _end(node: yaml.Node) -> int:
    """Return where the last value of a node ends, before blank lines and comments."""
    is_block = isinstance(node, yaml.CollectionNode) and not node.flow_style and node.value
    if not is_block:
        return node.end_mark.index
    last = node.value[-1]
    return _end(last[1] if isinstance(last, tuple) else last)


def _end_of_block(text: str, end: int, column: int) -> int:
    """Return the start of the line below a block and the comments that are as far in."""
    end = _next_line(text, end)
    comments = re.compile(rf"(?:[ ]*\r?\n)*[ ]{{{column},}}#.*(?:\n|$)")
    while found := comments.match(text, end):
        end = found.end()
    return end


def _next_line(text: str, position: int) -> int:
    if position and text[position - 1] == "\n":
        return position
    return text.find("\n", position) + 1 or len(text)


def _pairs(text: str, node: yaml.Node) -> list[str]:
    """Return the pairs of a mapping in braces, each as it is written."""
    if not isinstance(node, yaml.MappingNode):
        return []
    if node.start_mark.line != node.end_mark.line:
        raise ValueError("a comment may stand between the braces")
    return [text[key.start_mark.index : value.end_mark.index] for key, value in node.value]


def _emptied(text: str, node: yaml.Node) -> tuple[str, int]:
    """Take a value of one line away, and return where the next line starts."""
    start = node.start_mark.index
    emptied = text[:start].rstrip(" ") + text[node.end_mark.index :]
    return emptied, _next_line(emptied, len(text[:start].rstrip(" ")))
