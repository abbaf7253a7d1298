"""``segmentation map``: look at files of a shop, say what is what, and write the models on request.

A known export is told by its columns; any other table of purchases by their names. What the files
cannot tell is said. Nothing is written without ``--write``.
"""

import re
import textwrap
from dataclasses import dataclass
from pathlib import Path

from click import Argument, Choice, Option

from segmentation.cli.options import FILE, JSON, PROJECT, Arguments
from segmentation.cli.telling import tell
from segmentation.cli.working import working
from segmentation.mapping.exports import (
    EXPORTS,
    NO_COSTS,
    NO_PRODUCTS,
    NUMBERS,
    THELOOK,
    Export,
    columns_by_role,
    export_of,
    folded,
)
from segmentation.mapping.look import (
    File,
    cancellations,
    counts_of,
    holds_emails,
    is_total_of_order,
    look_at,
    share_apart,
    values_of,
)
from segmentation.mapping.models import Mapping, models_of, vars_of
from segmentation.mapping.written import (
    DATE_FORMATS,
    NUMBER_FORMATS,
    SLIPS,
    date_format,
    number_format,
)
from segmentation.published.served import CommandError
from segmentation.scaffold.new import placed, switch_off_telemetry
from segmentation.scaffold.project_file import project_settings, vars_file, with_value

ROLES = {
    "order": "order_number",
    "customer": "customer_id",
    "date": "date_text",
    "product": "product_id",
    "name": "product_name",
    **{role: f"{role}_text" for role in ("quantity", "price", "amount", "refunded", "cost")},
    **{role: role for role in ("brand", "category", "country", "currency", "status")},
}
"""What `--column` calls the roles of a table of purchases."""
IDENTIFIER = re.compile(r"[a-z][a-z0-9_]*")


PARAMETERS = [
    Argument(["files"], nargs=-1, required=True, type=FILE, metavar="FILE..."),
    Option(["--as", "export"], type=Choice(EXPORTS), help="Which export it is."),
    Option(
        ["--column"],
        multiple=True,
        metavar="ROLE=COLUMN",
        help=f"Which column is what, of a table of purchases: {', '.join(ROLES)}; "
        "nothing after = leaves it out.",
    ),
    Option(["--numbers"], type=Choice(NUMBER_FORMATS), help="How numbers are written."),
    Option(["--dates"], type=Choice(DATE_FORMATS), help="How dates are written."),
    Option(["--name"], help="Of the models; a word in lower case."),
    Option(["--write"], is_flag=True, help="Write the models and the vars."),
    JSON,
    PROJECT,
]


def run(arguments: Arguments) -> int:
    """Look at the files, say what they are, and write the models if asked to."""
    files = look_at(arguments.files)
    if _need_no_map(files) and not arguments.export:
        folder = arguments.files[0].resolve().parent
        text = (
            "These files have the columns that the project reads itself, and need no map:\n\n"
            f"    segmentation build --raw {folder}"
        )
        tell(text, {"export": "thelook", "raw": folder}, arguments.json)
        return 0
    with working("Looking at the files"):
        looked = _look(files, arguments)
    told = (
        _write(looked.mapping, arguments.project_dir)
        if arguments.write
        else "\nNothing was written: the same with --write puts the models into the project."
    )
    tell(f"{_explained(looked)}\n{told}", _stated(looked, arguments.write), arguments.json)
    return 0


@dataclass(frozen=True)
class Looked:
    """What was found: the map, what is told of it, and what the files cannot tell."""

    mapping: Mapping
    counts: dict[str, tuple[int, int]]
    facts: list[str]
    cannot_tell: list[str]


def _need_no_map(files: list[File]) -> bool:
    paths = [(path, file) for file in files for path in file.paths]
    names = {path.stem for path, _ in paths}
    return {"users", "orders", "order_items"} <= names <= THELOOK.keys() and all(
        THELOOK[path.stem] <= set(map(folded, file.names)) for path, file in paths
    )


def _look(files: list[File], arguments: Arguments) -> Looked:
    kinds = [arguments.export or export_of(file.names) for file in files]
    name = next((kind for kind in kinds if kind != "purchases"), "purchases")
    export = EXPORTS[name]
    of_lines = [file for kind, file in zip(kinds, files, strict=True) if kind == name]
    file = next((f for f in of_lines if _is_whole(export, f)), of_lines[0])
    beside = _file_beside(name, export, file, files)
    roles = _with_said(columns_by_role(export, file.names), file, name, arguments.column)
    _refuse_missing(export, roles, file, is_told=name == "purchases")
    facts, dropped = _purchases(file, roles) if name == "purchases" else ([], {})
    roles = {role: column for role, column in roles.items() if role not in dropped}
    mapping = Mapping(
        name=_name(arguments.name, name, file),
        export=name,
        file=file,
        columns=roles,
        formats=_formats(file, roles, arguments),
        orders=beside,
        order_columns=columns_by_role(export.orders, beside.names) if beside else {},
        has_cancellations=bool(
            name == "purchases"
            and "order_number" in roles
            and cancellations(file, roles["order_number"])
        ),
        has_emails=name == "purchases" and holds_emails(file, roles["customer_id"]),
    )
    if beside:
        orders = {role: c for role, c in mapping.order_columns.items() if role == "date_text"}
        mapping.formats.update(_formats(beside, orders, arguments))
    return Looked(
        mapping,
        counts_of(file, list(roles.values())),
        [*facts, *_facts(mapping, file)],
        _not_told(export, mapping),
    )


def _is_whole(export: Export, file: File) -> bool:
    return set(export.required) <= columns_by_role(export, file.names).keys()


def _file_beside(name: str, export: Export, file: File, files: list[File]) -> File | None:
    """Return the file of orders that an export of items needs."""
    others = [other for other in files if other is not file]
    if export.orders is None and others:
        raise CommandError(
            f"{others[0].listed} has other columns than {file.listed}: give files of one table, "
            "or those of one export that has several."
        )
    if export.orders is None:
        return None
    for other in others:
        if _is_whole(export.orders, other):
            return other
    raise CommandError(
        f"{file.listed} holds the items of {name}; its orders stand in a table of their own: give "
        f"{export.orders.title} too."
    )


def _with_said(
    roles: dict[str, str], file: File, name: str, said: tuple[str, ...]
) -> dict[str, str]:
    """Return the columns by role, with those that the user names in their place."""
    for text in said:
        role, equals, column = text.partition("=")
        if name != "purchases" or not equals or role not in ROLES:
            raise CommandError(
                f"--column is '{text}', but it must be ROLE=COLUMN of a table of purchases "
                f"(--as purchases), with one of {', '.join(ROLES)}."
            )
        if column and column not in file.names:
            raise CommandError(
                f"{file.listed} has no column {column} (it has: {', '.join(file.names)})."
            )
        roles = {key: value for key, value in roles.items() if value != column}
        roles.pop(ROLES[role], None)
        if column:
            roles[ROLES[role]] = column
    return roles


def _refuse_missing(export: Export, roles: dict[str, str], file: File, is_told: bool) -> None:
    missing = [role for role in export.required if role not in roles]
    if is_told and not missing and not {"price_text", "amount_text"} & roles.keys():
        missing = ["price_text"]
    if not missing:
        return
    called = next((word for word, role in ROLES.items() if role == missing[0]), missing[0])
    remedy = (
        f"name it with --column {called}=COLUMN"
        if is_told
        else f"export {' or '.join(export.columns[missing[0]])} too"
    )
    raise CommandError(
        f"No column of {file.listed} is known as the {called} (it has: {', '.join(file.names)}): "
        f"{remedy}."
    )


def _purchases(file: File, roles: dict[str, str]) -> tuple[list[str], set[str]]:
    """Return what is to say of a table of purchases, and the roles that are not read."""
    if not {"price_text", "amount_text"} <= roles.keys():
        return [], set()
    price, amount = roles["price_text"], roles["amount_text"]
    is_total = "order_number" in roles and is_total_of_order(
        file, roles["order_number"], amount, price
    )
    if is_total:
        said = f"{amount} is the amount of the whole order in each of its lines, and is not read."
        return [said], {"amount_text"}
    if quantity := roles.get("quantity_text"):
        apart = share_apart(file, amount, quantity, price)
        if apart <= SLIPS:
            return [f"{amount} is {quantity} times {price}, and is not read."], {"amount_text"}
        return [
            f"{amount} is not {quantity} times {price} in {apart:.0%} of the lines: it is taken "
            f"for what a line comes to, and {price} is not read. --column amount= takes both."
        ], {"price_text"}
    return [f"{amount} is what a line comes to; {price} is not read."], {"price_text"}


def _formats(file: File, roles: dict[str, str], arguments: Arguments) -> dict[str, str]:
    """Return how the numbers and dates of each column are written, where it matters."""
    found = {}
    for role, column in roles.items():
        if role in NUMBERS:
            found[role] = number_format(values_of(file, column), column, arguments.numbers)
        elif role == "date_text":
            found[role] = date_format(values_of(file, column), column, arguments.dates)
    return {role: written for role, written in found.items() if written}


def _name(said: str | None, export: str, file: File) -> str:
    stem = re.sub(r"\W+", "_", file.paths[0].stem.lower()).strip("_")
    proposed = said or (export if export != "purchases" else stem)
    if not IDENTIFIER.fullmatch(proposed):
        if said is None:
            return "purchases"
        raise CommandError(
            f"--name is '{said}', but it must be lower-case letters, digits and underscores."
        )
    return proposed


def _facts(mapping: Mapping, file: File) -> list[str]:
    """Return what the lines themselves say about the map."""
    facts = [
        f"{mapping.columns[role]} is written as {form}."
        for role, form in mapping.formats.items()
        if form != NUMBER_FORMATS[0] and role in mapping.columns
    ]
    if mapping.has_cancellations:
        lines = cancellations(file, mapping.columns["order_number"])
        facts.append(
            f"{lines:,} lines have a number of C and digits: cancelled invoices, which are credit "
            "notes."
        )
    if mapping.has_emails:
        facts.append("Customers are told by their e-mail address: a hash of it is the key.")
    return facts


def _not_told(export: Export, mapping: Mapping) -> list[str]:
    missing = list(export.cannot_tell)
    if mapping.export == "purchases":
        for role, sentence in {
            "order_number": "which lines are one order: what a customer bought on a day is one",
            "product_id": NO_PRODUCTS,
            "quantity_text": "pieces: a line is one item",
            "status": "what was cancelled or returned, but by credit notes",
            "cost_text": NO_COSTS,
            "country": "the country of a customer",
        }.items():
            if role not in mapping.columns:
                missing.append(sentence)
    return missing


def _stated(looked: Looked, is_written: bool) -> dict:
    mapping = looked.mapping
    columns = [
        {"column": column, "role": role, "different": counts[0], "missing": counts[1]}
        for role, column in mapping.columns.items()
        for counts in [looked.counts[column]]
    ]
    return {
        "export": mapping.export,
        "name": mapping.name,
        "lines": mapping.file.lines,
        "columns": columns,
        "vars": vars_of(mapping),
        "facts": looked.facts,
        "cannot_tell": looked.cannot_tell,
        "is_written": is_written,
    }


def _explained(looked: Looked) -> str:
    mapping = looked.mapping
    export = EXPORTS[mapping.export]
    files = mapping.file.listed + (f" and {mapping.orders.listed}" if mapping.orders else "")
    lines = [f"{files}: {mapping.file.lines:,} lines, {export.title}.", ""]
    width = max(map(len, mapping.columns.values()))
    for role, column in mapping.columns.items():
        different, missing = looked.counts[column]
        without = f", {missing:,} lines without" if missing else ""
        called = role.removesuffix("_text").replace("_", " ")
        lines.append(f"  {column:<{width}}  {called:<17}  {different:,} different{without}")
    unread = [name for name in mapping.file.names if name not in mapping.columns.values()]
    if unread:
        lines.append(f"\nNot read: {', '.join(unread)}.")
    customer = mapping.columns.get("customer_id", mapping.columns.get("email"))
    nobody = looked.counts[customer][1] if customer and mapping.export == "purchases" else 0
    facts = list(looked.facts)
    if nobody:
        facts.append(
            f"{nobody:,} of {mapping.file.lines:,} lines ({nobody / mapping.file.lines:.1%}) name "
            "no customer: they are left out, and each build says what they come to."
        )
    lines += ["", *facts] if facts else []
    lines += ["\nIt cannot tell", *(f"  - {sentence}" for sentence in looked.cannot_tell)]
    return "\n".join(lines)


def _write(mapping: Mapping, project: Path) -> str:
    """Write models and vars, or nothing; return what is to be said."""
    settings = project_settings(project)
    files = placed(models_of(mapping, project), mapping.name, settings)
    existing = [str(path) for path in files if (project / path).exists()]
    if existing:
        raise CommandError(
            f"{existing[0]} exists, and nothing was written: choose another --name, or remove the "
            "files first."
        )
    for path, text in files.items():
        (project / path).parent.mkdir(parents=True, exist_ok=True)
        (project / path).write_text(text, encoding="utf-8")
    unwritten = _write_vars(vars_file(project), vars_of(mapping))
    if settings.get("name") != "segmentation":
        switch_off_telemetry(project, settings)
    folder = next(iter(files)).parent
    told = [f"\nWrote {len(files)} files into {folder} and {len(vars_of(mapping))} vars."]
    if unwritten:
        told = [
            f"\nWrote {len(files)} files into {folder}. {vars_file(project).name} cannot be added "
            "to safely; put this there, under vars:\n",
            textwrap.indent("\n".join(unwritten), "    "),
        ]
    return "\n".join([*told, "Next: segmentation build"])


def _write_vars(path: Path, values: dict[str, str]) -> list[str]:
    """Set the vars in the project's file; return those lines that could not be written."""
    text = path.read_bytes().decode("utf-8")
    for name, value in values.items():
        changed = with_value(text, ("vars",), name, value)
        if changed is None:
            return [f"{name}: {value}" for name, value in values.items()]
        text = changed
    path.write_bytes(text.encode("utf-8"))
    return []
