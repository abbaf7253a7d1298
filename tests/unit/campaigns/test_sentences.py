"""Ensures that results are told in plain words, and never as more than they are."""

import pytest

from segmentation.campaigns.lift import Lift
from segmentation.campaigns.sentences import Result, sentence


def lift(difference: float, half: float) -> Lift:
    return Lift(0.2, 0.2, difference, difference - half, difference + half, 0.0)


def result(buying: Lift | None, status: str = "complete", days: int = 30) -> Result:
    orders, spend = lift(0.0325, 0.02), lift(1.84, 3.0)
    return Result(status, days, 30, 1250, buying, buying and orders, buying and spend)


@pytest.mark.parametrize(
    ("found", "verdict", "told"),
    [
        (result(None, "running", 0), "early", "Too early to say: 0 of 30 days are counted."),
        (
            result(lift(0.01, 0.05), "running", 12),
            "early",
            "Too early to say: 12 of 30 days are counted.",
        ),
        (
            result(lift(0.01, 0.03)),
            "none",
            "No effect seen; one of 4 points or more is unlikely.",
        ),
        (
            result(lift(-0.02, 0.0301), "closed", 20),
            "none",
            "No effect seen; one of 5.1 points or more is unlikely. So far: 20 of 30 days are "
            "counted.",
        ),
        (
            result(lift(0.031, 0.019)),
            "more",
            "+3.1 points (1.2 to 5.0): about 41 more orders, 2,300 in revenue.",
        ),
        (
            result(lift(0.1, 0.05), "running", 9),
            "more",
            "+10.0 points (5.0 to 15.0): about 41 more orders, 2,300 in revenue. So far: 9 of 30 "
            "days are counted.",
        ),
        (
            result(lift(float("nan"), float("nan")), "closed", 3),
            "unknown",
            "Nothing can be said: 3 of 30 days are counted, and too few bought to compare.",
        ),
    ],
)
def test_a_result_is_one_sentence(found, verdict, told):
    assert (found.verdict, sentence(found)) == (verdict, told)


def test_harm_is_called_so():
    orders, spend = lift(-0.0325, 0.02), lift(-1.84, 3.0)
    harm = Result("complete", 30, 30, 1250, lift(-0.031, 0.019), orders, spend)
    assert harm.verdict == "less"
    assert sentence(harm) == (
        "−3.1 points (−5.0 to −1.2): about 41 fewer orders, 2,300 less revenue."
    )
