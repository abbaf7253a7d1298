"""Ensures that rules are written whole into the seed that the next build reads."""

import pytest

from segmentation.cli.main import main
from segmentation.features.written_rules import WrittenCondition, WrittenRule
from segmentation.published.served import CommandError
from segmentation.scaffold.rule_file import COLUMNS, FILE, read_rules, write_rules

KINDS = {"spend": "number", "country": "category"}
RULES = (
    WrittenRule(1, "Best, of all", (WrittenCondition("spend", ">=", "100"),)),
    WrittenRule(2, "Rest"),
)


@pytest.fixture
def folder(tmp_path):
    (tmp_path / FILE).write_text(f"{','.join(COLUMNS)}\n")
    return tmp_path


def test_rules_of_one_segmentation_leave_those_of_another(folder):
    write_rules(folder, "tiers", RULES, KINDS)
    write_rules(folder, "areas", RULES[:1], KINDS)
    assert read_rules(folder) == {"areas": RULES[:1], "tiers": RULES}
    write_rules(folder, "areas", (), KINDS)
    assert read_rules(folder) == {"tiers": RULES}


def test_wrong_rules_are_not_written(folder):
    wrong = (*RULES, WrittenRule(3, "Late", (WrittenCondition("nothing", "=", "1"),)))
    with pytest.raises(CommandError, match="Rule 3 asks of 'nothing'"):
        write_rules(folder, "tiers", wrong, KINDS)
    assert read_rules(folder) == {}


def test_a_file_of_other_rows_is_told(folder):
    (folder / FILE).write_text(f"{','.join(COLUMNS)}\ntiers,first,A,spend,>,1\n")
    with pytest.raises(CommandError, match="line 2 is no row of"):
        read_rules(folder)


@pytest.fixture
def project(tmp_path):
    """A dbt project with a segmentation of its own."""
    (tmp_path / "dbt_project.yml").write_text(
        "name: mine\nvars:\n  segmentations:\n    club:\n      table: members\n"
        "      key: member\n      key_type: bigint\n      recipe: {k: 3}\n"
        "      columns:\n      - {name: spend, type: double}\n"
    )
    return tmp_path


def test_segments_by_rules_get_an_entry_and_a_table(project, new, capsys):
    assert new("tiers", "customer", project) == 0
    text = (project / "dbt_project.yml").read_text()
    assert "    tiers:\n      kind: rules\n      table: customer_features\n" in text
    assert "recipe: {k: 3}" in text
    model = (project / "models/tiers/tiers_segments.sql").read_text()
    assert "as {{ var('key_types', {}).get('customer_id', 'bigint') }}) as customer_id" in model
    assert "where segmentation = 'tiers'" in model
    assert "Next: segmentation build" in capsys.readouterr().out


def test_segments_by_rules_divide_what_another_segmentation_divides(project, new):
    assert new("areas", "club", project) == 0
    text = (project / "dbt_project.yml").read_text()
    entry = text[text.index("    areas:") :]
    assert "kind: rules" in entry and "key: member" in entry and "recipe" not in entry
    model = (project / "models/areas/areas_segments.sql").read_text()
    assert "cast(unit_id as bigint) as areas_id" in model


def test_a_segmentation_that_is_not_there_cannot_be_divided_by_rules(project, new, capsys):
    assert new("areas", "clubs", project) == 2
    assert "--rules-of clubs is no segmentation here" in capsys.readouterr().err
    assert not (project / "models").exists()


@pytest.fixture
def new():
    """Run ``segmentation new NAME --rules-of OTHER``."""

    def call(name, of, folder):
        return main(["new", name, "--rules-of", of, "--project-dir", str(folder)])

    return call
