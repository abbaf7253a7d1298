"""Files as senders and spreadsheets take them: names of columns, and what must be in a row.

The names are those of the senders' own pages on CSV imports: Klaviyo, "Create and add contacts to a
new list"; Braze, "CSV import"; Meta, "How to format a customer list".
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

import pyarrow as pa
import pyarrow.compute as pc

from segmentation.published import output
from segmentation.published.served import CommandError

BOM = b"\xef\xbb\xbf"
"""By it spreadsheets know UTF-8."""
WORDS = {
    "email": ("email", "e_mail", "mail", "email_address"),
    "phone": ("phone", "phone_number", "mobile", "telephone"),
    "first_name": ("first_name", "firstname", "given_name"),
    "last_name": ("last_name", "lastname", "surname", "family_name"),
    "city": ("city", "town"),
    "state": ("state", "region", "province"),
    "zip": ("zip", "zip_code", "zipcode", "postal_code", "postcode"),
    "country": ("country",),
    "gender": ("gender",),
    "birthday": ("birthday", "date_of_birth", "dob"),
}
"""What columns of contacts may be called, in small letters and with _ for what is no letter."""


@dataclass(frozen=True)
class Sender:
    """How a file for somebody looks.

    Attributes
    ----------
    names : mapping of str to str
        By key of `WORDS`: what the column is called; the order is that of the file.
    needs : tuple of str
        One of these must be in a row.
    key : str or None
        What the key is called; None keeps its name, and empty leaves it out.
    keeps_others : bool
        Whether further columns are taken.
    has_bom : bool
    """

    names: Mapping[str, str] = field(default_factory=dict)
    needs: tuple[str, ...] = ()
    key: str | None = None
    keeps_others: bool = True
    has_bom: bool = False


SENDERS = {
    "spreadsheet": Sender(has_bom=True),
    "klaviyo": Sender(
        {
            "email": "Email",
            "phone": "Phone Number",
            "first_name": "First Name",
            "last_name": "Last Name",
            "city": "City",
            "state": "Region",
            "zip": "Zip Code",
            "country": "Country",
        },
        needs=("email", "phone"),
    ),
    "braze": Sender(
        {
            "email": "email",
            "phone": "phone",
            "first_name": "first_name",
            "last_name": "last_name",
            "city": "home_city",
            "country": "country",
            "gender": "gender",
            "birthday": "dob",
        },
        key="external_id",
    ),
    "meta": Sender(
        {
            "email": "email",
            "phone": "phone",
            "first_name": "fn",
            "last_name": "ln",
            "city": "ct",
            "state": "st",
            "zip": "zip",
            "country": "country",
            "gender": "gen",
            "birthday": "dob",
        },
        needs=("email", "phone"),
        key="",
        keeps_others=False,
    ),
}


def told_by(table: pa.Table) -> dict[str, str]:
    """Return which columns tell what: by key of `WORDS` the name of the first that does."""
    plain = {re.sub(r"\W+", "_", name.strip().lower()): name for name in table.column_names}
    found = {}
    for what, words in WORDS.items():
        known = [plain[word] for word in words if word in plain]
        if known:
            found[what] = known[0]
    return found


def reachable(table: pa.Table, sender: Sender) -> pa.Table:
    """Return the rows that a sender can reach.

    Raises
    ------
    CommandError
        If no column says how.
    """
    if not sender.needs:
        return table
    told = told_by(table)
    columns = [told[one] for one in sender.needs if one in told]
    if not columns:
        raise CommandError(
            f"No column is called {' or '.join(sender.needs)}, one of which this sender needs: "
            "name a file that has it with --contacts."
        )
    cells = zip(*(table.column(name).to_pylist() for name in columns), strict=True)
    return table.filter(pa.array([any(map(_is_filled, row)) for row in cells], pa.bool_()))


def _is_filled(cell: object) -> bool:
    return cell is not None and bool(str(cell).strip())


def shaped(table: pa.Table, key: str, sender: Sender) -> tuple[pa.Table, str | None]:
    """Return a table with a sender's columns, and what its key is called there, None if it went."""
    told = told_by(table)
    names = {told[what]: name for what, name in sender.names.items() if what in told}
    if "phone" in sender.names and "phone" in told:
        table = _with_plain_phones(table, told["phone"])
    called = key if sender.key is None else sender.key
    first = [key] if called and sender.key else []
    others = [one for one in table.column_names if one not in names and one not in first]
    others = [one for one in others if sender.keeps_others and (called or one != key)]
    if not sender.names:
        first, others = table.column_names, []
    chosen = [*first, *names, *others]
    renamed = names | {key: called}
    return table.select(chosen).rename_columns([renamed.get(one, one) for one in chosen]), (
        called or None
    )


def _with_plain_phones(table: pa.Table, name: str) -> pa.Table:
    """Write numbers as +491711234567: so senders want them, and no spreadsheet takes them apart."""
    digits = pc.replace_substring_regex(pc.cast(table.column(name), pa.string()), r"[^0-9+]", "")
    return table.set_column(table.column_names.index(name), name, digits)


def content(table: pa.Table, kind: str, sender: Sender) -> bytes:
    """Return the content of the file; its CSV holds nothing that a spreadsheet runs."""
    made = output.as_bytes(output.harmless(table) if kind == "csv" else table, kind)
    return BOM + made if sender.has_bom else made
