"""Ensures that every command ends in an answer or in one sentence, never in a traceback."""

import subprocess
import sys
from importlib.metadata import version

import pytest

from segmentation.cli.main import COMMANDS, build_parser, main


def test_help_lists_every_command(capsys):
    with pytest.raises(SystemExit) as stopped:
        main(["--help"])
    assert stopped.value.code == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert all(name in shown and COMMANDS[name].summary in shown for name in COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_explains_its_options(name, capsys):
    with pytest.raises(SystemExit) as stopped:
        main([name, "--help"])
    assert stopped.value.code == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert COMMANDS[name].summary[1:] in shown
    assert f"Example: segmentation {name} " in shown


@pytest.mark.parametrize("name", COMMANDS)
def test_the_example_of_every_command_is_understood(name):
    example = [name, *COMMANDS[name].example.split()]
    assert build_parser([name]).parse_args(example).command == name


@pytest.mark.parametrize("arguments", [[], ["unknown"], ["predict"], ["similar", "--nope"]])
def test_wrong_usage_ends_with_2(arguments, capsys):
    with pytest.raises(SystemExit) as stopped:
        main(arguments)
    assert stopped.value.code == 2
    assert "segmentation" in capsys.readouterr().err


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


def test_only_the_command_that_is_asked_for_is_imported():
    script = (
        "import sys; from segmentation.cli.main import build_parser; build_parser(['export-sql']);"
        "print('segmentation.published.predict' in sys.modules, 'sklearn' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.stdout.split() == ["False", "False"], done.stderr


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


def test_an_option_is_not_guessed_from_its_beginning():
    with pytest.raises(SystemExit):
        build_parser(["predict"]).parse_args(["predict", "--inp", "file.csv"])


def test_the_version_is_the_library_s(capsys):
    with pytest.raises(SystemExit) as stopped:
        main(["--version"])
    assert stopped.value.code == 0
    assert capsys.readouterr().out == f"segmentation {version('customer-segmentation')}\n"
