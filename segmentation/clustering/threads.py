"""One thread for every fit: BLAS and OpenMP alike.

Parallel sums add up in the order in which threads happen to finish, so the last bits of a fit
change from run to run and a tie can fall on the other side. Limiting BLAS alone is not enough:
scikit-learn's k-means adds in OpenMP threads of its own.

A pool can only be limited once its library is loaded, so each controller loads what fits use first.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from threading import Lock

from threadpoolctl import OpenBLASController, ThreadpoolController


@cache
def _blas() -> ThreadpoolController:
    import scipy.linalg  # noqa: F401

    return ThreadpoolController()


@cache
def _openmp() -> ThreadpoolController:
    import sklearn.cluster  # noqa: F401

    return ThreadpoolController()


class _SharedLimit:
    """The limit of BLAS, which belongs to the whole process.

    The first block to begin sets it and the last to end gives it back: a block that ends while
    another still runs must not restore the threads of both. threadpoolctl silently ignores every
    Python thread but the one that set a limit first, so each step takes that right over.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._blocks = 0

    @contextmanager
    def held(self) -> Iterator[None]:
        with self._lock:
            if not self._blocks:
                OpenBLASController.clear_controlling_thread(force=True)
                self._limit = _blas().limit(limits=1, user_api="blas")
            self._blocks += 1
        try:
            yield
        finally:
            with self._lock:
                self._blocks -= 1
                if not self._blocks:
                    OpenBLASController.clear_controlling_thread(force=True)
                    self._limit.restore_original_limits()
                    OpenBLASController.clear_controlling_thread()


single_blas_thread = _SharedLimit().held
"""Like `single_thread`, for fits without scikit-learn, which takes half a second to import."""


@contextmanager
def single_thread() -> Iterator[None]:
    """Run the enclosed block on one BLAS and one OpenMP thread.

    Works as ``with single_thread():`` and as the decorator ``@single_thread()``, and may be nested.
    Blocks in several Python threads run side by side (dbt runs models in threads), each on one
    thread: OpenMP keeps a limit for every thread that calls it.

    Yields
    ------
    None

    Examples
    --------
    >>> with single_thread():
    ...     pass
    """
    with single_blas_thread(), _openmp().limit(limits=1, user_api="openmp"):
        yield
