"""Text of files from anywhere: which encoding, and which mark between the fields."""

import codecs
import re
from dataclasses import dataclass

from segmentation.published.served import CommandError

DELIMITERS = (",", ";", "\t", "|")
BYTE_ORDER_MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
"""Those of UTF-32 first: one of them begins like one of UTF-16."""
LOOKED_AT = 4096
OF_CODE_PAGE_437 = re.compile(rb"[a-zA-Z][\x81-\x89\x8b\x8d\x8f\x90\x94\x95\x99\xa1-\xa5][a-zA-Z]")
"""Its accented letters where they stand between others; elsewhere they are marks."""
OF_WINDOWS_1252 = re.compile(rb"[a-zA-Z][\xc0-\xe0\xe2-\xff][a-zA-Z]")


@dataclass(frozen=True)
class Encoding:
    """How the bytes of a file are read.

    Attributes
    ----------
    name : str
        Of Python's codec.
    is_guess : bool
        Whether nothing in the file says so: it is only not UTF-8.
    is_torn : bool
        Whether it is UTF-8 with bytes here and there that are not.
    """

    name: str
    is_guess: bool = False
    is_torn: bool = False


def encoding_of(content: bytes, wanted: str | None, source: str) -> Encoding:
    """Return how a file is read: as it is told, as its first bytes say, or as its text suggests.

    Text without such a mark is UTF-8 where it can be. Where it cannot, it is UTF-8 with torn
    characters if whole ones outnumber them, else Windows-1252, which Latin-1 is a part of, or
    code page 437, by which letters have accents where the other has marks.

    Parameters
    ----------
    content : bytes
    wanted : str or None
        What the user says.
    source : str
        The file, for the sentence.

    Raises
    ------
    CommandError
        If the encoding that is wanted is none, or the file is not written in it.
    """
    if wanted is not None:
        _refuse_other(content, wanted, source)
        return Encoding(wanted)
    for mark, name in BYTE_ORDER_MARKS.items():
        if content.startswith(mark):
            _refuse_other(content, name, source)
            return Encoding(name)
    if utf16 := _utf16(content[:LOOKED_AT]):
        _refuse_other(content, utf16, source)
        return Encoding(utf16)
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return _not_utf8(content)
    return Encoding("utf-8")


def delimiter_of(header: str) -> str:
    """Return the mark that parts a header most often outside quotation marks; ties: a comma."""
    outside = "".join(header.split('"')[::2])
    return max(DELIMITERS, key=outside.count)


def is_torn(text: str) -> bool:
    """Return whether a text holds bytes that were not UTF-8, as ``surrogateescape`` keeps them."""
    return not text.isascii() and any("\udc80" <= letter <= "\udcff" for letter in text)


def _refuse_other(content: bytes, name: str, source: str) -> None:
    try:
        content.decode(name)
    except LookupError as error:
        raise CommandError(
            f"There is no encoding '{name}': say --encoding utf-8, utf-16, latin-1 or cp1252."
        ) from error
    except UnicodeError as error:
        raise CommandError(
            f"{source} is not {name.removesuffix('-sig').upper()} text from byte "
            f"{getattr(error, 'start', 0):,} on: save it as UTF-8, or say --encoding."
        ) from error


def _utf16(start: bytes) -> str | None:
    """Return which UTF-16 it is: Latin text has a zero in every second byte, of one parity."""
    pairs = max(len(start) // 2, 1)
    for name, zeros, others in (
        ("utf-16-le", start[1::2], start[::2]),
        ("utf-16-be", start[::2], start[1::2]),
    ):
        if zeros.count(0) > 0.4 * pairs and not others.count(0):
            return name
    return None


def _not_utf8(content: bytes) -> Encoding:
    text = content.decode("utf-8", errors="surrogateescape")
    torn = sum(1 for letter in text if "\udc80" <= letter <= "\udcff")
    whole = sum(1 for letter in text if letter > "\x7f") - torn
    if whole > torn:
        return Encoding("utf-8", is_torn=True)
    if OF_CODE_PAGE_437.search(content) and not OF_WINDOWS_1252.search(content):
        return Encoding("cp437", is_guess=True)
    try:
        content.decode("cp1252")
    except UnicodeDecodeError:
        return Encoding("latin-1", is_guess=True)
    return Encoding("cp1252", is_guess=True)
