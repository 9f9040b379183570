"""Percentages are exact, half up, and never pass 100; late is never shown as nothing."""

from datetime import timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.status.rates import Stand, percentage, rates
from app.domain.status.words import duration_words


@pytest.mark.parametrize(
    ("part", "whole", "said"),
    [
        (0, 0, None),
        (0, 7, "0.0"),
        (7, 7, "100.0"),
        (1, 3, "33.3"),
        (2, 3, "66.7"),
        (1, 8, "12.5"),
        (1, 2000, "0.1"),  # 0.05, half up
        (1999, 2000, "100.0"),  # 99.95
        (1, 2001, "0.0"),
        (29, 400, "7.3"),  # 7.25
        (9, 400, "2.3"),  # 2.25, which to even would be 2.2
    ],
)
def test_a_percentage_has_one_decimal_half_up(part: int, whole: int, said: str | None) -> None:
    assert percentage(part, whole) == said


@given(st.integers(1, 10**6).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_a_percentage_is_within_half_a_tenth(of: tuple[int, int]) -> None:
    part, whole = of
    said = Fraction(percentage(part, whole) or "")
    assert -Fraction(1, 20) < said - Fraction(100 * part, whole) <= Fraction(1, 20)
    assert said <= 100


STANDS = st.one_of(
    st.builds(
        Stand,
        st.sampled_from(["in_review", "returned", "accepted"]),
        st.booleans(),
        st.sampled_from(["on_time", "late", "late_with_extension", "by_document"]),
    ),
    st.builds(
        Stand,
        st.just("missing"),
        nil=st.just(value=False),
        timeliness=st.sampled_from(["late", "not_due"]),
    ),
)


@given(st.lists(STANDS, max_size=60))
def test_both_sums_of_the_rates_hold(stands: list[Stand]) -> None:
    found = rates(stands)
    assert found.required == len(stands)
    assert found.required == found.accepted + found.in_review + found.returned + found.missing
    came = found.on_time + found.late_with_extension + found.late + found.by_document
    assert found.required == came + found.outstanding + found.not_due
    assert found.missing == found.outstanding + found.not_due
    assert found.nil <= found.accepted


@pytest.mark.parametrize(
    ("span", "said"),
    [
        (timedelta(0), ""),
        (timedelta(microseconds=1), "dưới 1 phút"),
        (timedelta(minutes=1), "1 phút"),
        (timedelta(days=1, hours=9), "1 ngày 9 giờ"),
        (timedelta(days=2, minutes=5, seconds=59), "2 ngày 5 phút"),
    ],
)
def test_a_duration_is_said_in_days_hours_and_minutes(span: timedelta, said: str) -> None:
    assert duration_words(span) == said
