"""Ensures that every command explains itself, answers programs, and costs no more than it needs."""

import json
import subprocess
import sys
from importlib.metadata import version

import click
import pytest
from click.shell_completion import get_completion_class

from segmentation.cli.main import COMMANDS, main, segmentation

LISTED = [one for one in COMMANDS if not one.hidden]


def named(name: str) -> click.Command:
    return segmentation.commands[name]


def test_help_lists_every_command_in_order(capsys):
    assert main(["--help"]) == 0
    shown = " ".join(capsys.readouterr().out.split())
    places = [shown.index(f"{one.name} {one.short_help}") for one in LISTED]
    assert places == sorted(places)


def test_without_a_command_the_help_is_shown_and_nothing_done(capsys):
    assert main([]) == 2
    assert "Commands:" in capsys.readouterr().err


@pytest.mark.parametrize("one", COMMANDS, ids=lambda one: one.name)
def test_every_command_explains_its_options(one, capsys):
    assert main([one.name, "--help"]) == 0
    shown = capsys.readouterr().out
    assert all(len(line) <= 80 for line in shown.splitlines())
    words = " ".join(shown.split())
    assert one.short_help[1:] in words
    assert f"Example: segmentation {one.name} {one.example}" in words
    options = [parameter for parameter in one.params if isinstance(parameter, click.Option)]
    assert [option.opts for option in options if not option.help] == []


@pytest.mark.parametrize("one", COMMANDS, ids=lambda one: one.name)
def test_the_example_of_every_command_is_understood(one, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "exports").mkdir()
    assert one.make_context(one.name, one.example.split()).params


COMPLETE = {
    "status": [],
    "report": [],
    "segments": [],
    "predict": ["--set", "total_spend=1"],
    "export-sql": [],
    "similar": ["--id", "3"],
    "audience": ["--segment", "10", "--out", "out"],
    "lift": [],
    "export": ["--segment", "10", "--out", "out"],
    "forget": ["--id", "3", "--warehouse", "nowhere.duckdb"],
}


@pytest.mark.parametrize("name", COMPLETE)
def test_without_a_published_file_every_command_says_to_build(name, tmp_path, command):
    code, out, err = command(name, *COMPLETE[name], serving=tmp_path / "nowhere")
    assert (code, out) == (2, "")
    assert err.startswith(f"segmentation {name}: ") and "run `segmentation build`" in err
    assert err.count("\n") == 1


def parameters(name: str) -> list[str]:
    with click.Context(named(name)) as context:
        return [option for one in named(name).get_params(context) for option in one.opts]


def test_every_command_that_prints_data_does_so_for_programs():
    without = {one.name for one in LISTED if "--json" not in parameters(one.name)}
    assert without == {"init", "build", "export-sql", "app", "docs"}


@pytest.mark.parametrize(
    ("asked", "keys"),
    [
        (["predict", "--set", "total_spend=3", "--set", "total_orders=1"], {"segment_id", "row"}),
        (["similar", "--id", "3"], {"measure", "rank", "segment_id"}),
        (["audience", "--segment", "10", "--out", "out"], {"rows", "sha256", "path", "notes"}),
    ],
    ids=lambda one: one[0] if isinstance(one, list) else "",
)
def test_what_programs_get_is_json_alone(command, asked, keys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    code, out, _ = command(*asked, "--json")
    told = json.loads(out)
    assert code == 0 and keys <= (told[0] if isinstance(told, list) else told).keys()


def test_campaigns_are_told_to_programs(command, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    warehouse = ["--warehouse", str(tmp_path / "w.duckdb")]
    drawn = ["--campaign", "spring", "--control", "50%", "--rule", "true", "--out", "out"]
    code, out, err = command("audience", *drawn, *warehouse, "--json")
    assert code == 0, err
    assert json.loads(out)["campaign"] == "spring"
    (listed,) = json.loads(command("campaigns", *warehouse, "--json")[1])
    assert listed["campaign"] == "spring" and listed["treated"] >= 10
    closed = json.loads(command("campaigns", "--close", "spring", *warehouse, "--json")[1])
    assert closed.keys() == {"campaign", "closed_on"}
    deleted = json.loads(command("campaigns", "--delete", "spring", *warehouse, "--json")[1])
    assert deleted == {"campaign": "spring", "is_deleted": True}


def test_only_the_command_that_is_asked_for_is_imported():
    script = (
        "import sys; from segmentation.cli.main import main; main(['--help']);"
        "print([one for one in ('duckdb', 'pyarrow', 'pandas', 'rich') if one in sys.modules]);"
        "main(['export-sql', '--help']);"
        "print('segmentation.published.predict' in sys.modules, 'sklearn' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    lines = done.stdout.splitlines()
    assert "[]" in lines and lines[-1] == "False False", done.stderr


@pytest.mark.parametrize(
    "command", ["predict --set total_orders=2", "similar --id 6", "export-sql"]
)
@pytest.mark.parametrize("recipe", ["famd", "mixture"])
def test_what_only_applies_a_model_does_not_wait_for_scikit_learn(
    published_folder, recipe, command
):
    arguments = [*command.split(), "--serving", str(published_folder(recipe))]
    script = (
        "import sys; from segmentation.cli.main import main; "
        f"code = main({arguments!r}); print(code, 'sklearn' in sys.modules, 'scipy' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.stdout.splitlines()[-1] == "0 False False", done.stderr


def test_a_reader_that_has_enough_is_no_error(published_folder):
    script = f"{sys.executable} -m segmentation.cli export-sql --serving {published_folder()}"
    done = subprocess.run(
        ["bash", "-c", f"set -o pipefail; {script} | head -1"], capture_output=True, text=True
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "with typed as materialized (\n", "")


def test_what_is_stopped_says_so_and_leaves_no_traceback(monkeypatch, command):
    def stop(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("segmentation.published.status.stated", stop)
    assert command("status") == (130, "", "\nsegmentation: stopped.\n")


def test_the_version_is_the_library_s(capsys):
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"segmentation {version('customer-segmentation')}\n"


def test_a_build_hands_on_to_dbt_what_is_not_its_own():
    of_dbt = ["--vars", "{recipe: article}", "-s", "a", "b", "--threads=1", "-x"]
    asked = named("build").make_context("build", ["--verbose", *of_dbt]).params
    assert (asked["verbose"], asked["dbt"]) == (True, tuple(of_dbt))


def completed(*words: str) -> list[str]:
    """Return what a shell is offered after the words, of which the last is not whole."""
    complete = get_completion_class("bash")(
        segmentation, {}, "segmentation", "_SEGMENTATION_COMPLETE"
    )
    return [item.value for item in complete.get_completions(list(words[:-1]), words[-1])]


def test_a_shell_completes_commands_options_and_choices():
    assert completed("s") == ["status", "segments", "similar"]
    assert completed("lift", "--ca") == ["--campaign"]
    assert completed("export-sql", "--dialect", "s") == ["sqlite", "spark", "snowflake"]
    assert "export" not in completed("ex")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_documented_line_gives_a_shell_its_completion(shell, monkeypatch, capsys):
    monkeypatch.setenv("_SEGMENTATION_COMPLETE", f"{shell}_source")
    with pytest.raises(SystemExit) as stopped:
        main([])
    assert stopped.value.code == 0
    assert "_SEGMENTATION_COMPLETE" in capsys.readouterr().out
