"""``segmentation new --rules-of``: the entry and the table of segments by written rules."""

from string import Template
from typing import Any

from segmentation.published.served import CommandError
from segmentation.scaffold.files import OPENING, SEGMENT, VERSION, both_files

SHOP = {
    "customer": ("customer_features", "customer_id"),
    "product": ("product_features", "product_id"),
}
"""Of the package's own segmentations the table and its key."""
LEFT_OUT = ("recipe", "segments", "kind")
"""Parts of another entry that are its own."""
MODEL = Template("""\
select
    cast(unit_id as $key_type) as $key,
    segment_id,
    segment_name,
    cast(null as double) as confidence,
    model_version
from {{ ref('segmentation', 'rule_assignments') }}
where segmentation = '$name'
""")
PROPERTIES = Template(
    """\
models:
  - name: ${name}_segments
    description: >
      One row per row of $table that a rule of $name takes (seed rule_segments). Those that none
      takes are in exclusions.
"""
    + OPENING
    + """\
          arguments: {unique: [$key]}
    columns:
      - {name: $key, data_type: "$key_type", constraints: &never_null [{type: not_null}],
         description: The key.}
"""
    + SEGMENT
    + """\
      - {name: confidence, data_type: double,
         description: "Null: a rule takes a row or does not."}
"""
    + VERSION
)


def ruled_entry(of: str, entries: dict[str, Any]) -> dict[str, Any]:
    """Return an entry of `kind: rules` for what another segmentation divides.

    Parameters
    ----------
    of : str
        The other one: ``customer``, ``product``, or an entry.
    entries : dict
        The project's own.

    Raises
    ------
    CommandError
        If there is none of that name.
    """
    if of in SHOP:
        return {"kind": "rules", "table": SHOP[of][0]}
    if not isinstance(entries.get(of), dict):
        known = ", ".join([*SHOP, *(name for name in entries if name not in SHOP)])
        raise CommandError(f"--rules-of {of} is no segmentation here. There are: {known}.")
    kept = {part: value for part, value in entries[of].items() if part not in LEFT_OUT}
    return {"kind": "rules", **kept}


def ruled_files(name: str, of: str, entry: dict[str, Any]) -> dict[str, str]:
    """Return the text of both files, by file name.

    Parameters
    ----------
    name, of : str
        Of this segmentation and of the other one.
    entry : dict
        As `ruled_entry` returns it.
    """
    if of in SHOP:
        key = SHOP[of][1]
        key_type = f"{{{{ var('key_types', {{}}).get('{key}', 'bigint') }}}}"
    else:
        # A table that is cleaned on reading is known by a key of the segmentation's name.
        key = f"{name}_id" if entry.get("columns") else entry.get("key", f"{name}_id")
        key_type = entry.get("key_type", "string")
    values = {"name": name, "table": entry["table"], "key": key, "key_type": key_type}
    return both_files(MODEL, PROPERTIES, values)
