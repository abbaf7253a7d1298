r"""Lint all SQL, macros too: sqlfluff on a text in which Jinja has given way to plain SQL.

    python -m tools.lint_sql models macros tests/data

sqlfluff's own templater for dbt renders each file, which takes minutes, and shows no macro at all:
a file of macros renders to nothing. Here no dbt runs. An expression becomes a name, a loop runs
once, of an `if` each branch is read in turn, and a macro's body is whatever part of a statement it
can be parsed as. Two checks look at the source itself, strings of Jinja included: lines are at most
80 wide, and keywords are in lower case.
"""

import gc
import re
import sys
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from sqlfluff.core import FluffConfig, Linter
from sqlfluff.core.templaters import RawTemplater, TemplatedFile
from sqlfluff.core.templaters.base import RawFileSlice, TemplatedFileSlice

WIDTH = 80
PROCESSES = 2
OPENING = re.compile(r"\{[{%#]")
STRING_END = {quote: re.compile(rf"(?<!\\)(?:\\\\)*{quote}") for quote in "'\""}
"""The end of a string, but for a quote after a backslash."""
CLOSING = {"{{": "}}", "{%": "%}", "{#": "#}"}
KEYWORDS = re.compile(
    r"\b(SELECT|FROM|WHERE|GROUP BY|ORDER BY|PARTITION BY|INNER|LEFT|JOIN|UNION|HAVING|QUALIFY|"
    r"CAST|CASE|WHEN|THEN|ELSE|COALESCE|COUNT|SUM|AVG|DISTINCT|BETWEEN|LIKE|OVER|AS|IN|IS|NOT|"
    r"AND|OR|ON|NULL|END|WITH)\b"
)
SILENT = re.compile(
    r"config\(|return\(|exceptions\.|segmentation\.say|',' if not loop\.|'union all' if not"
)
"""Expressions that write nothing, or nothing in the last round of a loop."""
MACRO = re.compile(r"\{%-?\s*(?:macro|test|materialization)\b")
END_OF_MACRO = re.compile(r"\{%-?\s*end(?:macro|test|materialization)\b")
PARTS = (
    ("", ""),
    ("select\n", "\n"),
    ("select 1 from x where\n", "\n"),
    ("select 1 from\n", "\n"),
    ("select 1 from x\n", "\n"),
    ("with\n", "\nselect 1\n"),
    ("select 1", "\n"),
    ("with x as (select 1)", "\nselect 1\n"),
)
"""What a macro's body may be a part of: a statement, its columns, a condition, tables, joins …"""
OF_WHOLE_FILES = "LT02,LT09,LT12,LT13,AM04,ST03,AL05,AL09,RF02,RF03"
"""Rules that need the whole statement: its indentation and ends, and who reads which name in it."""
LOOP_IN_FRONT = re.compile(r"(?:select|\()\s*\{%")
OF_WHOLE_LISTS = "LT02,LT09"
"""Rules that sqlfluff cannot answer, or not without an exception, where Jinja comes first."""


@dataclass(frozen=True)
class Piece:
    """A stretch of the source, and what stands for it in the text that is linted."""

    start: int
    stop: int
    text: str
    kind: str = "literal"


# --- from Jinja to plain SQL ---


def split(source: str) -> Iterator[Piece]:
    """Cut a source into SQL, expressions, statements and comments, each as it stands."""
    position = 0
    while opening := OPENING.search(source, position):
        if opening.start() > position:
            yield Piece(position, opening.start(), source[position : opening.start()])
        position = _end_of(source, opening)
        yield Piece(opening.start(), position, source[opening.start() : position], opening[0])
    if position < len(source):
        yield Piece(position, len(source), source[position:])


def _end_of(source: str, opening: re.Match) -> int:
    closing, depth, position = CLOSING[opening[0]], 0, opening.end()
    while not (depth == 0 and source.startswith(closing, position)):
        character = source[position]
        if opening[0] != "{#" and character in "'\"":
            position = STRING_END[character].search(source, position + 1).end() - 1
        elif opening[0] != "{#":
            depth += (character in "({[") - (character in ")}]")
        position += 1
    return position + 2


@dataclass
class Frame:
    """An open `if`, `for` or `set` while a source is read."""

    word: str
    chosen: int
    is_indented: bool = False
    branch: int = 0

    @property
    def is_read(self) -> bool:
        """Whether the text that comes now is read."""
        return self.branch == self.chosen


def render(pieces: list[Piece], variant: int) -> list[Piece]:
    """Return the pieces as plain SQL; a variant reads the first branch of each `if`, or another."""
    frames: list[Frame] = []
    rendered: list[Piece] = []
    branches, texts = _branches(pieces), _texts(pieces)
    for number, piece in enumerate(pieces):
        if piece.kind == "{%":
            last = min(variant, branches.get(number, 1) - 1)
            kind = _statement(_words(piece), frames, last, _is_indented(pieces, number))
            rendered.append(replace(piece, text="", kind=kind))
        elif piece.kind == "{#" or not all(frame.is_read for frame in frames):
            rendered.append(replace(piece, text="", kind="comment"))
        elif piece.kind == "{{":
            before = "".join(each.text for each in rendered).rstrip()
            after = pieces[number + 1].text.lstrip() if number + 1 < len(pieces) else ""
            text = expression(" ".join(_words(piece)), before, after, texts)
            rendered.append(replace(piece, text=text, kind="templated" if text else "comment"))
        else:
            rendered.append(piece)
    return _without_silence(rendered)


def _without_silence(pieces: list[Piece]) -> list[Piece]:
    """Return the pieces with what writes nothing behind a word joined to the space behind it.

    At the end of a loop sqlfluff would take an empty piece for the end of the clause.
    """
    joined: list[Piece] = []
    for piece in pieces:
        last, before = joined[-1:], joined[-2].text if len(joined) > 1 else ""
        is_silent = last and last[0].kind == "comment" and not before[-1:].isspace() and before
        space = re.match(r"\s*", piece.text)[0]
        if is_silent and piece.kind == "comment":
            joined[-1] = replace(last[0], stop=piece.stop)
        elif is_silent and piece.kind == "literal" and space:
            middle = piece.start + len(space)
            joined[-1] = Piece(last[0].start, middle, space, "templated")
            joined.append(Piece(middle, piece.stop, piece.text[len(space) :]))
        else:
            joined.append(piece)
    return joined


def _is_indented(pieces: list[Piece], number: int) -> bool:
    """Whether what stands in a block is indented more than the block; both are allowed."""
    before = pieces[number - 1].text if number else ""
    after = pieces[number + 1].text if number + 1 < len(pieces) else ""
    inside = re.match(r"\s*\n( *)", after)
    return inside is not None and len(inside[1]) > len(before.rpartition("\n")[2])


def _texts(pieces: list[Piece]) -> dict[str, str]:
    """Return the variables of Jinja that hold a text as it stands."""
    literal = r"(?:\"[^\"]*\"|'[^']*')"
    found = {}
    for piece in pieces:
        if piece.kind == "{%":
            text = " ".join(_words(piece))
            given = re.fullmatch(rf"set (\w+) = ({literal}(?: ~ {literal})*)", text)
            if given:
                parts = re.findall(literal, given[2])
                found[given[1]] = "".join(part[1:-1] for part in parts)
    return found


def _words(piece: Piece) -> list[str]:
    return piece.text.strip("{}%- \n").split()


def _branches(pieces: list[Piece]) -> dict[int, int]:
    """Return how many branches each `if` has, by its place."""
    found, open_ifs = {}, []
    for number, piece in enumerate(pieces):
        word = _words(piece)[0] if piece.kind == "{%" else ""
        if word in ("if", "for"):
            open_ifs.append(number)
            found[number] = 1
        elif word in ("elif", "else"):
            found[open_ifs[-1]] += 1
        elif word in ("endif", "endfor"):
            open_ifs.pop()
    return found


def _statement(words: list[str], frames: list[Frame], chosen: int, is_indented: bool) -> str:
    """Open, turn or close a frame; return what kind of block the statement is to sqlfluff."""
    word, *rest = words
    kind = "comment"
    if word == "if":
        # A loop runs once, so that it is in its first round and in its last.
        is_round = {"loop.first", "loop.last"} & set(rest) and "not" in rest
        frames.append(Frame(word, 1 if is_round else chosen, is_indented))
        kind = "block_start"
    elif word == "for":
        frames.append(Frame(word, 0, is_indented))
        kind = "block_start"
    elif word == "set" and "=" not in rest:
        frames.append(Frame(word, -1))
    elif word in ("elif", "else"):
        frames[-1].branch += 1
        kind = "block_mid"
    elif word in ("endif", "endfor", "endset"):
        return "block_end" if frames.pop().is_indented else "comment"
    return kind if frames and frames[-1].is_indented else "comment"


def expression(text: str, before: str, after: str, texts: dict[str, str]) -> str:
    """Return the SQL that stands for an expression of Jinja, between what stands around it."""
    named = re.match(r"(?:ref|source)\((?:'\w+', )?'(\w+)'\)|(this)\b", text)
    if named:
        return named[1] or "this"
    if SILENT.match(text):
        return ""
    spelt = re.match(r"['\"]( is null|from |where |,|\*)['\"]?( ~)?", text)
    if spelt:
        return spelt[1] + ("x" if spelt[2] else "")
    if before.endswith(("as (", "from (")) or not before + after:
        return "select x from x"
    if before.endswith("),") and after.startswith("select"):
        return "x as (select 1 as x)"
    return texts.get(text, "x")


# --- sqlfluff ---


class PlainSql(RawTemplater):
    """A templater of sqlfluff that is handed the pieces."""

    name = "plain_sql"

    def __init__(self, pieces: list[Piece]) -> None:
        super().__init__()
        self._pieces = pieces

    def process(self, *, in_str: str, fname: str, config=None, formatter=None):
        """Return the text to lint, and where each part of it comes from."""
        slices, raw, text = [], [], ""
        for piece in self._pieces:
            there = slice(len(text), len(text) + len(piece.text))
            text += piece.text
            slices.append(TemplatedFileSlice(piece.kind, slice(piece.start, piece.stop), there))
            if piece.stop > piece.start:
                source = in_str[piece.start : piece.stop]
                raw.append(RawFileSlice(source, piece.kind, piece.start))
        return TemplatedFile(in_str, fname, text, slices, raw), []


@cache
def _config(excluded: str) -> FluffConfig:
    rules = FluffConfig.from_root().get("exclude_rules")
    rules = ",".join(filter(None, (rules, "LT05", excluded)))
    return FluffConfig.from_root(overrides={"exclude_rules": rules})


def sqlfluff(source: str, name: str, pieces: list[Piece], excluded: str = "") -> set[tuple]:
    """Return what sqlfluff finds: line, rule, and what is wrong."""
    config = _config(excluded)
    linter = Linter(config)
    linter.templater = config._configs["core"]["templater_obj"] = PlainSql(pieces)
    found = linter.lint_string(source, fname=name).get_violations()
    told = {(each.line_no, each.rule_code(), each.desc()) for each in found}
    return {each for each in told if not _is_named_by_jinja(each, source)}


def _is_named_by_jinja(found: tuple, source: str) -> bool:
    """Whether a name that no SQL reads stands in an expression or statement of Jinja."""
    _, rule, said = found
    if rule not in ("AL05", "ST03"):
        return False
    name = re.search(r"[\"'](\w+)[\"']", said)[1]
    jinja = (piece.text for piece in split(source) if piece.kind in ("{{", "{%"))
    return any(re.search(rf"\b{name}\b", text) for text in jinja)


def _unparsable(found: Iterable[tuple]) -> bool:
    return any(rule in ("PRS", "LXR", "TMP") for _, rule, _ in found)


# --- a file ---


def lint(path: Path) -> list[str]:
    """Return what is wrong with a file, a line each."""
    source = path.read_text(encoding="utf-8")
    pieces = list(split(source))
    found = set(by_line(source, pieces))
    if any(MACRO.match(piece.text) for piece in pieces):
        for first, last in _macros(pieces):
            found |= lint_macro(source, str(path), pieces, first, last)
    else:
        excluded = OF_WHOLE_LISTS if LOOP_IN_FRONT.search(source) else ""
        for variant in range(max(_branches(pieces).values(), default=1)):
            found |= sqlfluff(source, str(path), render(pieces, variant), excluded)
    return [f"{path}:{line}: {rule} {said}" for line, rule, said in sorted(found)]


def by_line(source: str, pieces: list[Piece]) -> Iterator[tuple]:
    """Return lines that are too wide, and keywords in capitals outside of comments."""
    for number, line in enumerate(source.splitlines(), 1):
        if len(line) > WIDTH:
            yield number, "LT05", f"Line is too long ({len(line)} > {WIDTH})."
    for piece in pieces:
        if piece.kind != "{#":
            text = re.sub("--.*", "", piece.text)
            for keyword in KEYWORDS.finditer(text):
                line = source[: piece.start].count("\n") + text[: keyword.start()].count("\n") + 1
                yield line, "CP01", f"Keywords must be lower case: {keyword[0]}."


def _macros(pieces: list[Piece]) -> Iterator[tuple[int, int]]:
    starts = [number for number, piece in enumerate(pieces) if MACRO.match(piece.text)]
    stops = [number for number, piece in enumerate(pieces) if END_OF_MACRO.match(piece.text)]
    return zip((start + 1 for start in starts), stops, strict=True)


def lint_macro(source: str, name: str, pieces: list[Piece], first: int, last: int) -> set[tuple]:
    """Return what sqlfluff finds in a macro's body, read as the part of a statement that fits."""
    found: set[tuple] = set()
    body = pieces[first:last]
    for variant in range(max(_branches(body).values(), default=1)):
        rendered = render(body, variant)
        if not "".join(piece.text for piece in rendered).strip():
            continue
        for part in PARTS:
            placed = _placed(rendered, part, len(source))
            told = sqlfluff(source, name, placed, OF_WHOLE_FILES)
            if not _unparsable(told):
                found |= told
                break
        else:
            line = source[: body[0].start].count("\n") + 1
            found.add((line, "PRS", f"No part of a statement, variant {variant}."))
    return found


def _placed(body: list[Piece], part: tuple[str, str], length: int) -> list[Piece]:
    start, stop = body[0].start, body[-1].stop
    return [
        Piece(0, start, "", "comment"),
        Piece(start, start, part[0], "templated"),
        *body,
        Piece(stop, stop, part[1], "templated"),
        Piece(stop, length, "", "comment"),
    ]


def main(folders: list[str]) -> int:
    """Lint all SQL of folders; return 1 if anything is wrong."""
    paths = sorted(path for folder in folders for path in Path(folder).rglob("*.sql"))
    with ProcessPoolExecutor(PROCESSES, initializer=gc.disable) as pool:
        found = [line for lines in pool.map(lint, paths, chunksize=4) for line in lines]
    print("\n".join(found) or f"{len(paths)} files of SQL: nothing to say.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
