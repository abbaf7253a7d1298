"""Ensures that `init` makes a project of nothing, loses nothing, and says what to do next."""

import subprocess
from pathlib import Path

import pytest
import yaml

from segmentation.cli.main import main
from segmentation.scaffold.package import COPY

ROOT = Path(__file__).parents[3]
WRITTEN = {"dbt_project.yml", "packages.yml", "profiles.yml", ".gitignore", "README.md", COPY}


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def read(path: str) -> dict:
    return yaml.safe_load(Path(path).read_text())


def test_a_project_is_made_of_nothing(capsys):
    assert main(["init", "My Shop"]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "Next: cd 'My Shop' && segmentation build"
    assert {path.name for path in Path("My Shop").iterdir()} == WRITTEN
    project = read("My Shop/dbt_project.yml")
    assert project["name"] == project["profile"] == "my_shop"
    assert project["flags"]["send_anonymous_usage_stats"] is False
    assert list(read("My Shop/profiles.yml")) == ["my_shop"]
    assert read("My Shop/packages.yml") == {"packages": [{"local": COPY}]}


def test_nothing_that_is_written_names_this_machine():
    main(["init", "shop"])
    for path in Path("shop").iterdir():
        assert path.is_dir() or str(Path.cwd()) not in path.read_text()


def test_the_copy_is_all_that_dbt_reads_of_the_package():
    main(["init", "shop"])
    parts = ("dbt_project.yml", "macros", "models", "python_models", "seeds", "tests/data")
    tracked = subprocess.run(
        ["git", "ls-files", *parts], cwd=ROOT, capture_output=True, text=True, check=True
    )
    copied = {str(path.relative_to(f"shop/{COPY}")) for path in Path(f"shop/{COPY}").rglob("*")}
    assert set(tracked.stdout.splitlines()) <= copied


def test_this_folder_and_tables_within_it(capsys):
    Path("exports").mkdir()
    assert main(["init", "--raw", "exports", "--name", "corner"]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "Next: segmentation build --raw exports"
    assert "segmentation build --raw exports" in Path("README.md").read_text()
    assert read("dbt_project.yml")["name"] == "corner"


def test_tables_elsewhere_are_named_by_their_whole_path(capsys):
    Path("exports").mkdir()
    main(["init", "shop", "--raw", "exports"])
    assert f"build --raw {Path('exports').resolve()}" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["done"], "is a dbt project already: segment a table of it with `segmentation new`"),
        (["full"], "has README.md already, which would be lost: name another folder"),
        (["a_file"], "a_file is a file: name a folder for the project"),
        (["shop", "--name", "Shop!"], "--name Shop! cannot be the name of a dbt project"),
        (["shop", "--name", "segmentation"], "beside the package segmentation"),
        (["shop", "--raw", "nowhere"], "'--raw': Directory 'nowhere' does not exist"),
        (["full", "--update"], f"has no {COPY} to bring up to date"),
    ],
)
def test_what_cannot_be_is_one_sentence_and_changes_nothing(arguments, said, capsys):
    for folder, file in (("done", "dbt_project.yml"), ("full", "README.md")):
        Path(folder).mkdir()
        Path(folder, file).write_text("mine")
    Path("a_file").touch()
    before = sorted(Path().rglob("*"))
    assert main(["init", *arguments]) == 2
    told = capsys.readouterr().err
    assert said in told and told.count("\n") == 1
    assert sorted(Path().rglob("*")) == before


def test_an_update_renews_the_copy_and_nothing_else():
    main(["init", "shop"])
    mine = Path("shop/dbt_project.yml")
    mine.write_text(mine.read_text() + "vars: {k: 5}\n")
    Path(f"shop/{COPY}/dbt_project.yml").write_text("old")
    Path(f"shop/{COPY}/models/gone.sql").write_text("select 1")
    Path(f"shop/{COPY}/seeds/segment_overrides.csv").write_text("what people wrote")
    assert main(["init", "shop", "--update"]) == 0
    assert read("shop/dbt_project.yml")["vars"] == {"k": 5}
    assert read(f"shop/{COPY}/dbt_project.yml")["name"] == "segmentation"
    assert not Path(f"shop/{COPY}/models/gone.sql").exists()
    assert Path(f"shop/{COPY}/seeds/segment_overrides.csv").read_text() == "what people wrote"
    assert {path.name for path in Path("shop").iterdir()} == WRITTEN


def test_a_folder_called_as_the_package_gets_another_name():
    main(["init", "segmentation"])
    assert read("segmentation/dbt_project.yml")["name"] == "my_segmentation"
