import math

import numpy as np
import pytest

from gdlab import schedules
from gdlab.schedules import constant, cosine, exponential, step_decay, warmup

# Every schedule at a rate that may be a number or an array, and its values at k = 0, 1, 2, … for rate 1.
BY_HAND = {
    "constant": (constant, [1, 1, 1, 1]),
    "step_decay": (lambda rate: step_decay(rate, every=2), [1, 1, 0.5, 0.5, 0.25, 0.25]),
    "step_decay-factor": (lambda rate: step_decay(rate, every=1, factor=0.1), [1, 0.1, 0.01]),
    "exponential": (lambda rate: exponential(rate, decay=0.9), [1, 0.9, 0.81, 0.729]),
    "cosine": (
        lambda rate: cosine(rate, steps=4),
        [1, (1 + math.sqrt(0.5)) / 2, 0.5, (1 - math.sqrt(0.5)) / 2, 0, 0],
    ),
    "warmup": (lambda rate: warmup(constant(rate), steps=4), [0.2, 0.4, 0.6, 0.8, 1, 1]),
}
over_schedules = pytest.mark.parametrize("make, values", BY_HAND.values(), ids=BY_HAND)


def test_every_maker_is_tested_here():
    makers = {
        key
        for key, value in vars(schedules).items()
        if callable(value) and getattr(value, "__module__", "") == schedules.__name__
    }
    assert makers - {"check_rate"} == {key.split("-")[0] for key in BY_HAND}


@over_schedules
@pytest.mark.parametrize("rate", [1.0, 0.3, 2])
def test_values_by_hand(make, values, rate):
    schedule = make(rate)
    # 1e-15: cos(π/2) is 6e-17, not 0
    expected = rate * np.array(values)
    np.testing.assert_allclose([schedule(k) for k in range(len(values))], expected, atol=1e-15)


@over_schedules
def test_an_array_of_rates_is_one_schedule_a_lane(make, values):
    rates = np.array([[0.1, 0.5, 2.0], [1.0, 3.0, 4.0]])
    lanes = make(rates)
    for k in range(len(values)):
        assert lanes(k).shape == (2, 3)
        for lane in np.ndindex(2, 3):
            np.testing.assert_allclose(lanes(k)[lane], make(rates[lane])(k), rtol=1e-15)


@over_schedules
def test_rates_are_copied(make, values):
    rates = np.array([0.1, 0.5])
    schedule = make(rates)
    before = schedule(1).copy()
    rates[:] = 99.0
    np.testing.assert_array_equal(schedule(1), before)


def test_the_rates_of_a_constant_schedule_cannot_be_written_to():
    with pytest.raises(ValueError, match="read-only"):
        constant([0.1, 0.5])(0)[0] = 1.0


def test_cosine_ends_at_its_final_rate_and_stays_there():
    schedule = cosine(0.5, steps=10, final=0.1)
    assert schedule(0) == 0.5
    assert schedule(5) == pytest.approx(0.3, rel=1e-15)
    assert [schedule(k) for k in (10, 11, 1000)] == pytest.approx([0.1] * 3, rel=1e-15)
    assert all(schedule(k) > schedule(k + 1) for k in range(10))


def test_cosine_of_one_step_falls_at_once():
    assert [cosine(0.5, steps=1, final=0.1)(k) for k in range(3)] == pytest.approx([0.5, 0.1, 0.1])


def test_warmup_climbs_in_even_steps_and_joins_the_schedule_where_it_starts():
    after = exponential(0.8, decay=0.5)
    schedule = warmup(after, steps=3)
    assert [schedule(k) for k in range(7)] == pytest.approx(
        [0.2, 0.4, 0.6, 0.8, 0.4, 0.2, 0.1], rel=1e-15
    )
    assert [schedule(3 + k) for k in range(5)] == [after(k) for k in range(5)]


def test_warmup_takes_any_function_of_the_step():
    schedule = warmup(lambda k: 1 / (k + 1), steps=1)
    assert [schedule(k) for k in range(4)] == pytest.approx([1 / 2, 1, 1 / 2, 1 / 3], rel=1e-15)


@over_schedules
@pytest.mark.parametrize(
    "rate, error",
    [
        (0, ValueError),
        (-0.1, ValueError),
        (math.nan, ValueError),
        (math.inf, ValueError),
        ("0.1", TypeError),
        (None, TypeError),
        (True, TypeError),
        ([0.1, 0.0], ValueError),
        ([0.1, math.nan], ValueError),
        ([], ValueError),
        (["a"], TypeError),
    ],
    ids=str,
)
def test_bad_rates_are_named(make, values, rate, error):
    with pytest.raises(error, match=r"^rate: "):
        make(rate)


@pytest.mark.parametrize(
    "make, error, argument",
    [
        (lambda: step_decay(1.0, every=0), ValueError, "every"),
        (lambda: step_decay(1.0, every=1.5), TypeError, "every"),
        (lambda: step_decay(1.0, every=2, factor=0), ValueError, "factor"),
        (lambda: step_decay(1.0, every=2, factor=1.1), ValueError, "factor"),
        (lambda: exponential(1.0, decay=0), ValueError, "decay"),
        (lambda: exponential(1.0, decay=1.01), ValueError, "decay"),
        (lambda: exponential(1.0, decay="0.9"), TypeError, "decay"),
        (lambda: cosine(1.0, steps=0), ValueError, "steps"),
        (lambda: cosine(1.0, steps=2.0), TypeError, "steps"),
        (lambda: cosine(1.0, steps=2, final=-0.1), ValueError, "final"),
        (lambda: warmup(constant(1.0), steps=0), ValueError, "steps"),
        (lambda: warmup(0.1, steps=3), TypeError, "schedule"),
    ],
)
def test_bad_settings_are_named(make, error, argument):
    with pytest.raises(error, match=f"^{argument}: "):
        make()
