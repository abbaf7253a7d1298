"""The rules that people write: the seed ``rule_segments``, which the next build reads."""

from collections.abc import Mapping
from pathlib import Path

from segmentation.features.written_rules import WrittenRule, problems_of, rules_of
from segmentation.published.served import CommandError
from segmentation.scaffold.seeds import read_seed, write_seed

FILE = "rule_segments.csv"
COLUMNS = ("segmentation", "position", "segment_name", "feature", "operator", "value")


def read_rules(folder: Path) -> dict[str, tuple[WrittenRule, ...]]:
    """Return the rules by segmentation.

    Raises
    ------
    CommandError
        If the file is missing, has other columns, or a row is none.
    """
    rows = read_seed(folder / FILE, COLUMNS, whole="position")
    names = dict.fromkeys(row["segmentation"] for row in rows)
    return {name: rules_of(row for row in rows if row["segmentation"] == name) for name in names}


def write_rules(
    folder: Path, segmentation: str, rules: tuple[WrittenRule, ...], kinds: Mapping[str, str]
) -> None:
    """Write the rules of a segmentation in place of its earlier ones; none takes those out.

    Parameters
    ----------
    folder : Path
        Of the seeds.
    segmentation : str
    rules : tuple of WrittenRule
    kinds : mapping of str to str
        ``number`` or ``category`` by feature.

    Raises
    ------
    CommandError
        If a rule is wrong, in a sentence for each.
    """
    problems = problems_of(rules, kinds) if rules else []
    if problems:
        raise CommandError(" ".join(problems))
    known = read_rules(folder)
    known[segmentation] = rules
    write_seed(
        folder / FILE,
        COLUMNS,
        [row for name in sorted(known) for one in known[name] for row in _rows(name, one)],
    )


def _rows(segmentation: str, rule: WrittenRule) -> list[tuple]:
    own = (segmentation, rule.position, rule.segment_name)
    asked = [(*own, one.feature, one.operator, one.value) for one in rule.conditions]
    return asked or [(*own, "", "", "")]
