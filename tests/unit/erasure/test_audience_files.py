"""Ensures that an audience without a person is the audience that would be exported anew."""

import hashlib
import json
from pathlib import Path

import duckdb
import pytest

from segmentation.erasure.audience_files import (
    audiences_of,
    refuse_without_secret,
    rewrite_audience,
)
from segmentation.erasure.persons import Persons
from segmentation.published.served import CommandError

SECRET = "a secret of more than thirty-two characters"


def persons(*ids: str) -> Persons:
    names = frozenset({"customer_id"})
    return Persons(ids, "customer", "customer_id", ("customer",), names, {})


@pytest.fixture
def audience(command, tmp_path):
    """A function that exports a segment and returns the manifest and the file."""

    def export(*options: str) -> tuple[Path, Path]:
        assert command("export", "--segment", "20", "--out", tmp_path, *options)[0] == 0
        (manifest,) = audiences_of(tmp_path, persons())
        return manifest, manifest.with_name(told(manifest)["file"])

    return export


def told(manifest: Path) -> dict:
    return json.loads(manifest.read_text(encoding="utf-8"))


def rows(path: Path) -> list[tuple]:
    return duckdb.sql(f"from '{path}'").fetchall()


@pytest.mark.parametrize("kind", ["csv", "json", "parquet"])
def test_a_person_goes_and_nothing_else_changes(audience, kind):
    manifest, path = audience("--format", kind)
    before, said = rows(path), told(manifest)
    gone = str(before[3][0])
    path.chmod(0o600)
    assert rewrite_audience(manifest, persons(gone)) == 1
    assert rows(path) == before[:3] + before[4:]
    assert path.stat().st_mode & 0o777 == 0o600
    assert told(manifest) == said | {
        "rows": said["rows"] - 1,
        "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
    }
    assert rewrite_audience(manifest, persons(gone)) == 0


@pytest.mark.parametrize("kind", ["csv", "json", "parquet"])
def test_who_is_not_in_it_changes_no_byte(audience, kind):
    manifest, path = audience("--format", kind)
    before = manifest.read_bytes(), path.read_bytes()
    assert rewrite_audience(manifest, persons("nobody")) == 0
    assert (manifest.read_bytes(), path.read_bytes()) == before


@pytest.mark.parametrize("kind", ["csv", "json", "parquet"])
def test_nobody_may_be_left(audience, kind):
    manifest, path = audience("--format", kind)
    everybody = persons(*(str(row[0]) for row in rows(path)))
    assert rewrite_audience(manifest, everybody) == told(manifest)["rows_in_segment"]
    assert told(manifest)["rows"] == 0
    assert rewrite_audience(manifest, everybody) == 0


def test_the_manifest_does_not_name_who_was_asked_for(audience, command, tmp_path):
    _, path = audience()
    one, other = (str(row[0]) for row in rows(path)[:2])
    manifest, _ = audience(
        "--overwrite", "--where", f"customer_id={one}", "--where", f"customer_id={other}"
    )
    assert rewrite_audience(manifest, persons(one)) == 1
    assert told(manifest)["filters"]["where"] == {"customer_id": [other]}


def test_an_id_behind_an_apostrophe_is_found(tmp_path):
    (tmp_path / "a.csv").write_text("customer_id,name\n'-5,x\n-6,y\n")
    manifest = tmp_path / "a.manifest.json"
    manifest.write_text(
        json.dumps(
            {
                "segmentation": "customer",
                "file": "a.csv",
                "is_pseudonymised": False,
                "rows": 2,
                "filters": {"where": {}},
            }
        )
    )
    assert rewrite_audience(manifest, persons("-5", "-6")) == 2
    assert (tmp_path / "a.csv").read_text() == "customer_id,name\n"


# --- pseudonyms ---


def test_a_pseudonym_goes_with_whom_it_stands_for(audience, monkeypatch):
    monkeypatch.setenv("SEGMENTATION_PSEUDONYM_KEY", SECRET)
    manifest, path = audience()
    gone, size = str(rows(path)[0][0]), len(rows(path))
    manifest, path = audience("--overwrite", "--pseudonymise")
    refuse_without_secret([manifest])
    assert rewrite_audience(manifest, persons(gone)) == 1
    assert len(rows(path)) == size - 1


def test_without_the_secret_nothing_is_begun(audience, monkeypatch):
    monkeypatch.setenv("SEGMENTATION_PSEUDONYM_KEY", SECRET)
    manifest, _ = audience("--pseudonymise")
    monkeypatch.delenv("SEGMENTATION_PSEUDONYM_KEY")
    with pytest.raises(CommandError, match=r"SEGMENTATION_PSEUDONYM_KEY is not set"):
        refuse_without_secret([manifest])


# --- which files ---


def test_only_what_export_wrote_is_looked_at(audience, tmp_path):
    manifest, _ = audience()
    for name, text in {"broken": "{", "list": "[]", "strange": '{"file": "x"}'}.items():
        (tmp_path / f"{name}.manifest.json").write_text(text)
    (tmp_path / "other.csv").write_text("customer_id\n3\n")
    other = told(manifest) | {"segmentation": "product"}
    (tmp_path / "product.manifest.json").write_text(json.dumps(other))
    assert audiences_of(tmp_path, persons()) == [manifest]


def test_a_manifest_without_its_file_is_refused(audience, tmp_path):
    _, path = audience()
    path.unlink()
    with pytest.raises(CommandError, match=rf"tells of {path.name}, which is not beside it"):
        audiences_of(tmp_path, persons())
