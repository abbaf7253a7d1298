"""Who gets a campaign and who does not: drawn by a hash of campaign and key, evenly by stratum.

Only MD5 of a text, an order and whole numbers are used, so that SQL on any engine gives the same
groups; docs/campaigns.md has the statement.
"""

import hashlib
from collections.abc import Sequence

import numpy as np

PARTS = 10_000
"""A share is so many parts of this: whole numbers are the same on every engine."""
VALUE_GROUPS = 3
LEAST_CONTROLS = 2
"""Expected in a stratum: with fewer, chance would leave one without any."""


def order_of(campaign: str, identifier: str) -> str:
    """Return the place of a customer in the draw of a campaign: MD5 of ``campaign|identifier``.

    Examples
    --------
    >>> order_of("spring", "42")
    'a62d85cd208985e003ef629db9ed1557'
    """
    return hashlib.md5(f"{campaign}|{identifier}".encode(), usedforsecurity=False).hexdigest()


def start_of(campaign: str) -> int:
    """Return where counting begins, below `PARTS`: four hexadecimal digits of the name's MD5."""
    digest = hashlib.md5(campaign.encode(), usedforsecurity=False).hexdigest()
    return int(digest[:4], 16) % PARTS


def allocate(campaign: str, ids: Sequence[str], strata: np.ndarray, parts: int) -> np.ndarray:
    """Draw the control group.

    Customers are put in the order of stratum, hash and key, and every so-manieth is taken. So each
    stratum gives its share to less than one customer, all together do, and within a stratum
    everybody is as likely as another. The order of the rows does not matter.

    Parameters
    ----------
    campaign : str
        The salt: draws of different campaigns are independent.
    ids : sequence of str
        n keys, each once.
    strata : ndarray of int, shape (n,)
    parts : int
        The share of controls, in parts of `PARTS`.

    Returns
    -------
    ndarray of bool, shape (n,)
        Who is a control.
    """
    hashes = [order_of(campaign, one) for one in ids]
    order = sorted(range(len(ids)), key=lambda i: (strata[i], hashes[i], ids[i]))
    counted = (np.arange(len(ids) + 1, dtype=np.int64) * parts + start_of(campaign)) // PARTS
    is_control = np.zeros(len(ids), dtype=bool)
    is_control[order] = np.diff(counted) > 0
    return is_control


def strata_of(
    segments: Sequence[int], values: np.ndarray, ids: Sequence[str], parts: int
) -> np.ndarray:
    """Return the stratum of each customer: segment, and within it the third by past value.

    A segment of few gets fewer groups; those with less than `LEAST_CONTROLS` expected controls
    are one stratum, 0.

    Parameters
    ----------
    segments : sequence of int
        n segment ids.
    values : ndarray of float, shape (n,)
        What each spent so far; unknown counts as the least.
    ids : sequence of str
        Keys, which order equal values.
    parts : int
        The share of controls, in parts of `PARTS`.

    Returns
    -------
    ndarray of int, shape (n,)
    """
    segments = np.asarray(segments)
    known = np.nan_to_num(np.asarray(values, dtype=float), nan=-np.inf)
    strata, used = np.zeros(len(segments), dtype=np.int64), 0
    smaller = min(parts, PARTS - parts)
    for segment in np.unique(segments):
        members = np.flatnonzero(segments == segment)
        groups = min(VALUE_GROUPS, len(members) * smaller // (PARTS * LEAST_CONTROLS))
        if not groups:
            continue
        order = sorted(members, key=lambda i: (known[i], ids[i]))
        strata[order] = used + 1 + np.arange(len(members)) * groups // len(members)
        used += groups
    return strata
