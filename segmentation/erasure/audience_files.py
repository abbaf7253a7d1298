"""Audiences without persons: the files beside which `segmentation audience` left a manifest."""

import csv
import hashlib
import json
import os
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from segmentation.erasure.persons import Persons
from segmentation.published import output
from segmentation.published.audiences import pseudonym, pseudonym_key
from segmentation.published.served import CommandError

BOM = "\ufeff"
"""What a file for spreadsheets begins with."""


def audiences_of(folder: Path, persons: Persons) -> list[Path]:
    """Return the manifests of a folder that are about the persons' segmentation.

    Raises
    ------
    CommandError
        If there is no such folder, or a manifest names a file that is missing.
    """
    if not folder.is_dir():
        raise CommandError(f"--audiences {folder} is no folder: name the one that holds them.")
    return [
        path for path, told in _manifests(folder) if told["segmentation"] in persons.segmentations
    ]


def rewrite_audience(manifest: Path, persons: Persons) -> int:
    """Take persons out of an audience and its manifest; return how many rows went.

    Raises
    ------
    CommandError
        If it holds pseudonyms, and the secret that made them is not in the environment.
    """
    told = json.loads(manifest.read_text(encoding="utf-8"))
    path = manifest.with_name(told["file"])
    kind, mode = path.suffix.removeprefix("."), path.stat().st_mode
    table = _read(path, kind)
    kept = _without(table, told, persons)
    if kept.num_rows < table.num_rows:
        output.write_tables(iter([kept]), kept.schema, str(path), kind)
        path.chmod(mode)
    where = told["filters"]["where"]
    if persons.key_column in where:
        where[persons.key_column] = [
            one for one in where[persons.key_column] if one not in persons.ids
        ]
    fresh = told | {
        "rows": kept.num_rows,
        "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
    }
    with output.opened(str(manifest)) as stream:
        stream.write(json.dumps(fresh, indent=2, ensure_ascii=False) + "\n")
    return table.num_rows - kept.num_rows


def refuse_without_secret(manifests: list[Path]) -> None:
    """Raise a CommandError if nobody can say which rows of an audience are whose.

    Its pseudonyms were made by a secret that is not given, or its sender takes no keys.
    """
    for path in manifests:
        told = json.loads(path.read_text(encoding="utf-8"))
        if told["is_pseudonymised"]:
            pseudonym_key(os.environ)
        if told.get("key", "") is None:
            raise CommandError(
                f"{path.with_name(told['file'])} holds contacts without keys, so nobody can be "
                f"found in it: delete it and {path.name}, and write it again afterwards."
            )


def _manifests(folder: Path) -> Iterator[tuple[Path, dict]]:
    for path in sorted(folder.glob("*.manifest.json")):
        try:
            told = json.loads(path.read_text(encoding="utf-8"))
        except ValueError:
            continue
        ours = {"segmentation", "file", "is_pseudonymised", "rows", "filters"}
        if isinstance(told, dict) and ours <= set(told):
            if not path.with_name(told["file"]).is_file():
                raise CommandError(
                    f"{path} tells of {told['file']}, which is not beside it: put it back, or "
                    "remove the manifest."
                )
            yield path, told


def _names(told: dict, persons: Persons) -> set[str]:
    if told["is_pseudonymised"]:
        key = pseudonym_key(os.environ)
        return {pseudonym(key, one) for one in persons.ids}
    # A spreadsheet would take some texts for formulas: those stand behind an apostrophe.
    return {*persons.ids, *(f"'{one}" for one in persons.ids)}


def _without(table: pa.Table, told: dict, persons: Persons) -> pa.Table:
    if not table.num_columns:
        return table
    names, columns = _names(told, persons), [one.lstrip(BOM) for one in table.column_names]
    key = told.get("key")
    keys = table.column(columns.index(key) if key in columns else 0).to_pylist()
    return table.filter(pa.array([str(key) not in names for key in keys], pa.bool_()))


def _read(path: Path, kind: str) -> pa.Table:
    if kind == "parquet":
        return pq.read_table(path)
    if kind == "json":
        return pa.Table.from_pylist(json.loads(path.read_text(encoding="utf-8")))
    with path.open(encoding="utf-8", newline="") as stream:
        header, *rows = csv.reader(stream)
    columns = list(zip(*rows, strict=True)) or [()] * len(header)
    return pa.table([pa.array(column, pa.string()) for column in columns], names=header)
