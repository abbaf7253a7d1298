"""``python -m docs.tools.settings``: write docs/settings.md from the table of settings.

It is made of the YAML inside ``macros/settings``, which dbt reads too.
"""

import sys
from pathlib import Path

import yaml

DOCS = Path(__file__).resolve().parents[1]
PAGE = DOCS / "settings.md"
MACROS = DOCS.parent / "macros" / "settings"

SCOPES = {
    "segmentation": (
        "A segmentation",
        "Customers read a var by its name (`recipe`), any other segmentation puts its own in "
        "front (`product_recipe`); so do the settings of recipes and of the policy below. These "
        "two win over what the entry says.\n\n"
        "The var `segmentations` holds an entry for each. It is merged over these, of which `any` "
        "is every entry's start; `product: null` leaves products out:\n\n"
        "```yaml\n{entries}```",
    ),
    "recipe": (
        "A recipe",
        "A change of one fits a new model. They stand in a recipe, or in a var (`k`, `product_k`), "
        "which wins.",
    ),
    "policy": (
        "The policy",
        "When a segmentation refits, what it takes for a new model to serve, and how firmly "
        "members stay in their segment: vars (`refit`, `product_refit`).",
    ),
    "basket": ("Typical baskets", "A change of one refits the baskets and leaves segments alone."),
    "project": ("The project", "Vars by their name."),
}
"""Title and introduction of each scope, in the order of the page."""

INTRODUCTION = """\
# Settings

<!-- Written by `make docs` from macros/settings/settings_table.sql. -->

Every setting, its default and what it is for. Say another value in `dbt_project.yml`, or for one
build with `--vars '{k: 4}'`. A value of the wrong kind and a name that is none of these end a build
before its first model, in one sentence with the nearest name; vars that only models of your own
read are listed in `own_vars`.
"""


def text_of(name: str, file: str) -> str:
    """Return the text that a macro of the settings sets to a name."""
    macro = (MACROS / file).read_text(encoding="utf-8")
    return macro.split(f"{{% set {name} %}}")[1].split("{% endset %}")[0].lstrip()


def settings_table() -> dict[str, dict]:
    """Read every setting: its row by its name, with its scope."""
    scopes = yaml.safe_load(text_of("settings", "settings_table.sql"))
    return {
        name: row | {"scope": scope} for scope, rows in scopes.items() for name, row in rows.items()
    }


def page() -> str:
    """Return the page."""
    table = settings_table()
    entries = text_of("segmentations", "built_in.sql")
    parts = [INTRODUCTION]
    for scope, (title, introduction) in SCOPES.items():
        rows = {name: row for name, row in table.items() if row["scope"] == scope}
        text = introduction.replace("{entries}", entries)
        parts.append(f"\n## {title}\n\n{text}\n\n{_rows(rows)}")
    return "".join(parts)


def _rows(rows: dict[str, dict]) -> str:
    lines = ["| setting | default | value | what for |", "|---|---|---|---|"]
    for name, row in rows.items():
        unit = f", {row['unit']}" if "unit" in row else ""
        shown = yaml.safe_dump(row["default"], default_flow_style=True).removesuffix("\n...\n")
        lines.append(
            f"| `{name}` | {shown.strip()} | {_values(row)}{unit} | {row['reason'].strip()} |"
        )
    return "\n".join(lines) + "\n"


def _values(row: dict) -> str:
    kinds = {
        "amount": "number above 0",
        "components": "share of variance, or whole number",
        "names": "true, false, or a list of segmentations",
        "switch": "true or false",
        "date": "YYYY-MM-DD",
    }
    match row:
        case {"kind": "choice"}:
            return ", ".join(row["choices"])
        case {"kind": "whole"}:
            below = f", below {row['below']}" if "below" in row else ""
            return f"whole number of at least {row['least']}{below}"
        case {"kind": "share"}:
            least = "above 0" if "above" in row else "0"
            return f"{least} to {'below 1' if 'below' in row else 1}"
    return kinds.get(row["kind"], row["kind"])


def main() -> int:
    """Write the page."""
    PAGE.write_text(page(), encoding="utf-8")
    print(f"Wrote {PAGE}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
