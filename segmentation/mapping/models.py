"""The models of a map, as text: one that says which column is what, and what follows from it."""

from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from string import Template

from segmentation.features.frames import quoted_name
from segmentation.mapping.exports import EXPORTS, Export
from segmentation.mapping.look import CANCELLATION, File, given

DESCRIPTIONS = {
    "lines": "One row per line: which column is what, and what the line comes to.",
    "checked": "One row per line with what becomes of it (fate): kept, or why it is not.",
    "orders": "One row per order. Fills shop_orders.",
    "order_items": "One row per line that is kept. Fills shop_order_items.",
    "customers": "One row per customer who ordered. Fills shop_customers.",
    "products": "One row per product that was sold. Fills shop_products.",
    "data_quality": "One row per check of the lines, in lines and money. Fills data_quality.",
}


@dataclass(frozen=True)
class Mapping:
    """What a file is mapped as.

    Attributes
    ----------
    name : str
        First word of the models' names.
    export : str
        Which of `EXPORTS` it is.
    file : File
        Holds the lines.
    columns : dict of str to str
        Column of the file by role.
    formats : dict of str to str
        How its numbers and dates are written, by role.
    orders : File or None
        Holds the orders, where they have a file of their own.
    order_columns : dict of str to str
        Column of that file by role.
    has_cancellations : bool
        Whether a number of C and digits is that of a cancelled invoice.
    has_emails : bool
        Whether customers are told by e-mail addresses, which are hashed.
    """

    name: str
    export: str
    file: File
    columns: dict[str, str]
    formats: dict[str, str]
    orders: File | None = None
    order_columns: dict[str, str] | None = None
    has_cancellations: bool = False
    has_emails: bool = False

    @property
    def has_products(self) -> bool:
        """Whether a line says what was bought."""
        return bool({"product_id", "sku", "product_name"} & self.columns.keys())

    @property
    def has_customers(self) -> bool:
        """Whether something is known of a customer."""
        return bool({"country", "country_text"} & self.columns.keys())

    @property
    def parts(self) -> list[str]:
        """The models, in the order they are built in."""
        left_out = {"products": not self.has_products, "customers": not self.has_customers}
        return [part for part in DESCRIPTIONS if not left_out.get(part)]


def models_of(mapping: Mapping, project: Path) -> dict[str, str]:
    """Return the text of each file, by its name.

    Parameters
    ----------
    mapping : Mapping
    project : Path
        The dbt project, from where files inside it are named.
    """
    values = _values(mapping, project)
    texts = {}
    for part in mapping.parts:
        folder = mapping.export if part == "lines" else "common"
        template = (files("segmentation.mapping") / "maps" / folder / f"{part}.sql").read_text(
            encoding="utf-8"
        )
        texts[f"{mapping.name}_{part}.sql"] = Template(template).substitute(values)
    described = [
        f'  - {{name: {mapping.name}_{part}, description: "{DESCRIPTIONS[part]}"}}'
        for part in mapping.parts
    ]
    texts[f"_{mapping.name}.yml"] = "\n".join(["models:", *described, ""])
    return texts


def vars_of(mapping: Mapping) -> dict[str, str]:
    """Return the vars that name the models, each value as YAML in one line."""
    keys = ["customer_id", "order_id", "order_item_id", "product_id"]
    named = {
        "shop_orders": f"{mapping.name}_orders",
        "shop_order_items": f"{mapping.name}_order_items",
        "shop_customers": f"{mapping.name}_customers" if mapping.has_customers else "null",
        "shop_products": f"{mapping.name}_products" if mapping.has_products else "null",
        "data_quality": f"{mapping.name}_data_quality",
        "key_types": "{" + ", ".join(f"{key}: string" for key in keys) + "}",
    }
    return named if mapping.has_products else named | {"products": "false"}


def _values(mapping: Mapping, project: Path) -> dict[str, str]:
    """Return what stands in the templates for their names."""
    export = EXPORTS[mapping.export]
    order = mapping.columns.get("order_number")
    cancelled = f"regexp_matches(trim(order_number), '{CANCELLATION}')"
    values = {
        "name": mapping.name,
        "table": mapping.name,
        "files": mapping.file.listed,
        "reading": mapping.file.reading(project).replace("\n", "\n    "),
        "columns": _columns(export, mapping),
        "formats": _formats(mapping.formats),
        "is_cancellation": cancelled if order and mapping.has_cancellations else "false",
    }
    if mapping.orders:
        values |= {
            "files": f"{mapping.file.listed}, with {mapping.orders.listed}",
            "order_reading": mapping.orders.reading(project).replace("\n", "\n    "),
            "order_columns": ",\n        ".join(
                _column(role, mapping.order_columns.get(role)) for role in export.orders.columns
            ),
        }
    return values


def _columns(export: Export, mapping: Mapping) -> str:
    """Return the select list that gives each role its column, null where the file has none."""
    selected = {role: _column(role, mapping.columns.get(role)) for role in export.columns}
    if mapping.export == "purchases":
        customer, date = mapping.columns["customer_id"], mapping.columns["date_text"]
        if mapping.has_emails:
            selected["customer_id"] = f"md5(lower({given(customer)})) as customer_id"
        if "product_id" not in mapping.columns and mapping.has_products:
            selected["product_id"] = _column("product_id", mapping.columns["product_name"])
        if "order_number" not in mapping.columns:
            day = f"split_part(trim({quoted_name(date)}), ' ', 1)"
            key = selected["customer_id"].removesuffix(" as customer_id")
            selected["order_number"] = f"{key} || ' ' || {day} as order_number"
    return ",\n        ".join(selected.values())


def _column(role: str, column: str | None) -> str:
    named = quoted_name(column) if column else "null"
    return f"cast({named} as string) as {role}"


def _formats(formats: dict[str, str]) -> str:
    """Return the formats as rows; dates of years first and plain numbers need none."""
    rows = [f"('{role}', '{written}')" for role, written in formats.items()]
    return ",\n        ".join(rows or ["('', '')"])
