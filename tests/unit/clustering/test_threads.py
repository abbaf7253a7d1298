"""Ensures that fits run on one BLAS and one OpenMP thread, and that limits are given back."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event

import numpy as np
import pytest
import sklearn.cluster  # noqa: F401
from threadpoolctl import threadpool_info, threadpool_limits

from segmentation.clustering.threads import single_blas_thread, single_thread


def _threads(api: str) -> set[int]:
    return {pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == api}


@pytest.fixture
def two_threads():
    # One core would make every limit look kept; ask for two whatever the machine has.
    with threadpool_limits(limits=2):
        yield


@pytest.mark.parametrize("api", ["blas", "openmp"])
def test_both_kinds_of_threads_are_limited_and_restored(two_threads, api):
    assert _threads(api) == {2}
    with single_thread():
        assert _threads(api) == {1}
    assert _threads(api) == {2}


def test_blas_alone_can_be_limited(two_threads):
    with single_blas_thread():
        assert (_threads("blas"), _threads("openmp")) == ({1}, {2})
    assert _threads("blas") == {2}


def test_it_decorates_a_function(two_threads):
    @single_thread()
    def inside() -> set[int]:
        return _threads("blas") | _threads("openmp")

    assert inside() == inside() == {1}
    assert _threads("openmp") == {2}


def test_nested_use_stays_limited_until_the_outermost_leaves(two_threads):
    with single_thread():
        with single_thread():
            pass
        assert _threads("blas") == _threads("openmp") == {1}
    assert _threads("blas") == _threads("openmp") == {2}


def test_limits_are_restored_after_an_error(two_threads):
    with pytest.raises(RuntimeError), single_thread():
        raise RuntimeError
    assert _threads("blas") == _threads("openmp") == {2}


def test_python_threads_run_side_by_side_and_each_is_limited_until_the_last_leaves(two_threads):
    both_inside, first_left = Barrier(2, timeout=30), Event()

    def fit(leaves_first: bool) -> tuple[set[int], set[int]]:
        with single_thread():
            both_inside.wait()
            before = _threads("blas") | _threads("openmp")
            if not leaves_first:
                assert first_left.wait(timeout=30)
            after = _threads("blas") | _threads("openmp")
        if leaves_first:
            first_left.set()
        return before, after

    with ThreadPoolExecutor(2) as pool:
        seen = list(pool.map(fit, [True, False]))
    assert seen == [({1}, {1})] * 2
    assert _threads("blas") == _threads("openmp") == {2}


def test_results_are_passed_through():
    assert single_thread()(np.sum)([1, 2]) == 3
