"""One thread for every fit: BLAS and OpenMP alike.

Parallel sums add up in the order in which threads happen to finish, so the last bits of a fit
change from run to run and a tie can fall on the other side. Limiting BLAS alone is not enough:
scikit-learn's k-means adds in OpenMP threads of its own.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from threading import RLock

from threadpoolctl import ThreadpoolController

_one_fit_at_a_time = RLock()


@cache
def _controller() -> ThreadpoolController:
    # A pool can only be limited once its library is loaded, and these load all that fits use.
    import scipy.linalg  # noqa: F401
    import sklearn.cluster  # noqa: F401

    return ThreadpoolController()


@contextmanager
def single_thread() -> Iterator[None]:
    """Run the enclosed block on one BLAS and one OpenMP thread.

    Works as ``with single_thread():`` and as the decorator ``@single_thread()``, and may be nested.
    Python threads take turns (dbt runs models in threads): the BLAS limit belongs to the whole
    process, and threadpoolctl silently ignores a second thread that asks while a first holds it.

    Yields
    ------
    None

    Examples
    --------
    >>> with single_thread():
    ...     pass
    """
    with _one_fit_at_a_time, _controller().limit(limits=1):
        yield
