"""Columns of an input, by the names that the model gives them.

A table of one's own was renamed on its way in: *Annual Income (k$)* is ``annual_income_k`` since.
Its own headers are accepted, and so are those that only write a feature's name otherwise.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from segmentation.published.score_inputs import Damaged, InputRows, Row
from segmentation.published.served import CommandError, Published


@dataclass(frozen=True)
class Headers:
    """What columns are called.

    Attributes
    ----------
    known : frozenset of str
        The features and the key, as they are published.
    sources : mapping of str to str
        Features by the name of the column they were made of, in lower case.
    key : str
        The key as it is published.
    key_parts : tuple of str
        The columns it was made of, in lower case, where those are several.
    """

    known: frozenset[str]
    sources: Mapping[str, str]
    key: str
    key_parts: tuple[str, ...] = ()

    @property
    def unremarkable(self) -> frozenset[str]:
        """Columns that need no remark although the model does not use them."""
        return self.known | set(self.key_parts)

    def feature(self, header: str, is_source: bool = False) -> str:
        """Return the feature or key that a header means; the header where it means none.

        Parameters
        ----------
        header : str
        is_source : bool
            Whether the source's names go before the features' own, which may be others of them.
        """
        name = header.strip().lower()
        if is_source and name in self.sources:
            return self.sources[name]
        if name in self.known:
            return name
        if name in self.sources:
            return self.sources[name]
        plain = re.sub(r"[^a-z0-9]+", "_", name).strip("_")
        return plain if plain in self.known else name

    def are_of_source(self, columns: tuple[str, ...]) -> bool:
        """Return whether columns are called as the source calls them rather than as features."""
        return len(self.sources.keys() & set(columns)) > len(self.known & set(columns))


def headers_of(published: Published, inputs: frozenset[str]) -> Headers:
    """Return how the columns of a segmentation are called.

    Parameters
    ----------
    published : Published
        An open published file.
    inputs : frozenset of str
        The features that its model reads.
    """
    columns = published.columns(published.features) if published.has(published.features) else {}
    made_of = published.source_columns()
    parts = tuple(name.strip().lower() for name in made_of.get(published.key, ()))
    sources = {
        names[0].strip().lower(): feature for feature, names in made_of.items() if len(names) == 1
    }
    return Headers(
        frozenset(columns) | inputs | {published.key},
        sources,
        published.key,
        parts if len(parts) > 1 else (),
    )


def renamed(inputs: InputRows, headers: Headers) -> InputRows:
    """Return rows by the model's names of their columns.

    A column that has the model's name itself goes before one that only means the same, unless the
    input is the source itself.

    Raises
    ------
    CommandError
        If two columns mean the same feature.
    """
    named: dict[str, str] = {}
    is_source = headers.are_of_source(inputs.columns)
    for header in sorted(inputs.columns, key=lambda header: header not in headers.known):
        feature = headers.feature(header, is_source)
        if not is_source and feature != header and feature in inputs.columns:
            feature = header
        if feature in named.values():
            other = next(one for one, meant in named.items() if meant == feature)
            raise CommandError(
                f"The columns '{other}' and '{header}' both mean {feature}: remove one."
            )
        named[header] = feature
    is_joined = bool(headers.key_parts) and set(headers.key_parts) <= set(inputs.columns)
    is_joined = is_joined and headers.key not in inputs.columns
    if not is_joined and all(header == feature for header, feature in named.items()):
        return inputs
    columns = [named[header] for header in inputs.columns] + [headers.key] * is_joined
    return replace(
        inputs,
        columns=tuple(columns),
        rows=_renamed(inputs.rows, named, headers if is_joined else None),
        types={named[header]: data_type for header, data_type in inputs.types.items()},
    )


def joined_key(parts: list[object]) -> str | None:
    """Return the key that several columns become, as the build joins them; None without one."""
    texts = [None if part is None else str(part) for part in parts]
    if any(text is None for text in texts):
        return None
    return "|,".join(text.replace("|", "|.") for text in texts)


def _renamed(rows: Iterator[Row], named: Mapping[str, str], joined: Headers | None) -> Iterator:
    for row in rows:
        if isinstance(row, Damaged):
            yield row
            continue
        meant = {named[header]: value for header, value in row.items()}
        if joined:
            meant[joined.key] = joined_key([row.get(part) for part in joined.key_parts])
        yield meant
