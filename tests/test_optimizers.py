"""Optimizers against PyTorch, against fractions worked out by hand, and against each other."""

import json
from dataclasses import FrozenInstanceError, fields
from fractions import Fraction as F
from pathlib import Path

import numpy as np
import pytest

import gdlab
from gdlab import (
    AdaGrad,
    Adam,
    AdamW,
    GradientDescent,
    Momentum,
    Nesterov,
    RMSProp,
    descend,
    landscapes,
    optimizers,
    schedules,
)

OPTIMIZERS = (GradientDescent, Momentum, Nesterov, AdaGrad, RMSProp, Adam, AdamW)
REFERENCE = json.loads((Path(__file__).parent / "reference_paths.json").read_text())
VALLEY, START = landscapes.Rosenbrock(), (-1.2, 1.0)
TINY = 1e-300  # an eps that disappears in a sum

every_optimizer = pytest.mark.parametrize("kind", OPTIMIZERS)


def updates(optimizer, gradients, theta=0.0):
    """The updates for gradients given one by one, whatever theta is: no objective involved."""
    theta, result = np.array([theta]), []
    state = optimizer.init(theta)
    for k, gradient in enumerate(gradients):
        update, state = optimizer.step(k, np.array([float(gradient)]), state)
        result.append(float(update[0]))
    return result


def test_every_optimizer_is_exported_and_tested_here():
    found = {
        kind
        for kind in vars(optimizers).values()
        if isinstance(kind, type) and issubclass(kind, optimizers.Optimizer)
    }
    assert found - {optimizers.Optimizer} == set(OPTIMIZERS)
    assert all(getattr(gdlab, kind.__name__) is kind for kind in OPTIMIZERS)
    assert {kind.__name__ for kind in OPTIMIZERS} <= set(gdlab.__all__)


# --- against PyTorch -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "optimizer"),
    {
        "SGD": GradientDescent(1e-3),
        "SGD, momentum": Momentum(1e-3),
        "SGD, Nesterov": Nesterov(1e-4),
        "Adagrad": AdaGrad(0.1),
        "RMSprop": RMSProp(0.01),
        "Adam": Adam(0.01),
        "AdamW": AdamW(0.01, weight_decay=0.1),
    }.items(),
    ids=REFERENCE["paths"],
)
def test_the_path_down_rosenbrock_is_that_of_pytorch(name, optimizer):
    run = descend(VALLEY, REFERENCE["start"], optimizer, steps=REFERENCE["steps"])
    expected = REFERENCE["paths"][name]["points"]
    # Rounding only: the two order their sums differently, and 200 steps carry that along.
    np.testing.assert_allclose(run.thetas[:: REFERENCE["every"]], expected, rtol=0, atol=1e-12)


def test_the_defaults_are_those_of_pytorch():
    theirs = {name: path["settings"] for name, path in REFERENCE["paths"].items()}
    assert AdaGrad(1).eps == theirs["Adagrad"]["eps"]
    assert RMSProp(1).beta == theirs["RMSprop"]["alpha"]
    assert RMSProp(1).eps == theirs["RMSprop"]["eps"]
    for adam in (Adam(1), AdamW(1)):
        assert [adam.beta1, adam.beta2] == theirs["Adam"]["betas"]
        assert adam.eps == theirs["Adam"]["eps"]


# --- by hand -------------------------------------------------------------------------------------

BY_HAND = {
    # θ ← θ − α g
    "GradientDescent": (GradientDescent(0.25), [4, 2, -8], [F(-1), F(-1, 2), F(2)]),
    # v = 4, 2 + 2, −8 + 2
    "Momentum": (Momentum(0.25, beta=0.5), [4, 2, -8], [F(-1), F(-1), F(3, 2)]),
    # the same v; g + v/2 = 6, 4, −11
    "Nesterov": (Nesterov(0.25, beta=0.5), [4, 2, -8], [F(-3, 2), F(-1), F(11, 4)]),
    # √s = √9, √(9 + 16), √(25 + 144)
    "AdaGrad": (AdaGrad(0.5, eps=TINY), [3, 4, -12], [F(-1, 2), F(-2, 5), F(6, 13)]),
    # √s = √(64/4), √(3/4 · 16 + 1/4), √(3/4 · 49/4 + 529/16) = 4, 7/2, 13/2
    "RMSProp": (RMSProp(0.5, beta=0.75, eps=TINY), [8, 1, -11.5], [F(-1), F(-1, 7), F(23, 26)]),
    # m̂ = 3 / (1/2), 2 / (3/4), −1 / (7/8) = 6, 8/3, −8/7;  ŝ = 9 / (1/4), 7 / (7/16), 37/4 / (37/64)
    "Adam": (Adam(0.25, 0.5, 0.75, TINY), [6, 1, -4], [F(-1, 4), F(-1, 6), F(1, 14)]),
    # Adam's updates after decay by 1 − α/2 = 7/8 each: θ = 8, 27/4, 551/96, 27383/5376
    "AdamW": (AdamW(0.25, 0.5, 0.75, TINY, 0.5), [6, 1, -4], [F(-5, 4), F(-97, 96), F(-3473, 5376)]),
}


def test_by_hand_covers_every_optimizer():
    assert set(BY_HAND) == {kind.__name__ for kind in OPTIMIZERS}


@pytest.mark.parametrize(("optimizer", "gradients", "expected"), BY_HAND.values(), ids=BY_HAND)
def test_three_steps_are_the_fractions_worked_out_by_hand(optimizer, gradients, expected):
    found = updates(optimizer, gradients, theta=8.0)
    np.testing.assert_allclose(found, [float(step) for step in expected], rtol=1e-14)  # a few roundings


@pytest.mark.parametrize(
    ("optimizer", "length"),
    [
        (AdaGrad(0.5, eps=1.0), F(1, 2) * F(3, 4)),  # |g| / (|g| + eps)
        (RMSProp(0.5, beta=0.75, eps=1.0), F(1, 2) * F(3) / F(5, 2)),  # |g| / (|g|/2 + eps)
        (Adam(0.5, eps=1.0), F(1, 2) * F(3, 4)),  # the bias is corrected before eps is added
        (AdamW(0.5, eps=1.0, weight_decay=0), F(1, 2) * F(3, 4)),
    ],
    ids=["AdaGrad", "RMSProp", "Adam", "AdamW"],
)
def test_eps_is_added_outside_the_root(optimizer, length):
    assert updates(optimizer, [3.0]) == pytest.approx([-float(length)], rel=1e-14)


# --- laws ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("gradient", [1e-3, -2.0, 5e4])
@pytest.mark.parametrize(
    ("optimizer", "length"),
    [
        (Adam(0.1), 0.1),
        (AdamW(0.1), 0.1),
        (AdaGrad(0.1), 0.1),
        (RMSProp(0.1), 1.0),  # α / √(1 − 0.99)
        (RMSProp(0.1, beta=0.75), 0.2),
    ],
    ids=["Adam", "AdamW", "AdaGrad", "RMSProp", "RMSProp 0.75"],
)
def test_the_first_step_has_one_length_whatever_the_gradient(optimizer, length, gradient):
    # eps shortens it by eps / √s: at most 1e-8 / 1e-4 here
    assert updates(optimizer, [gradient]) == pytest.approx([-np.sign(gradient) * length], rel=2e-4)
    sharp = type(optimizer)(0.1, **{**settings_of(optimizer), "eps": TINY})
    assert updates(sharp, [gradient]) == pytest.approx([-np.sign(gradient) * length], rel=1e-13)


def settings_of(optimizer):
    """Every field but the learning rate."""
    names = [field.name for field in fields(optimizer) if field.name != "learning_rate"]
    return {name: getattr(optimizer, name) for name in names}


def test_rmsprop_without_memory_steps_by_the_sign():
    found = updates(RMSProp(0.5, beta=0.0, eps=TINY), [3.0, -0.01, 1e6, 0.0])
    assert found == [-0.5, 0.5, -0.5, 0.0]


@pytest.mark.parametrize("kind", [Momentum, Nesterov])
def test_momentum_without_memory_is_gradient_descent(kind):
    plain = descend(VALLEY, START, GradientDescent(1e-3), steps=100)
    memoryless = descend(VALLEY, START, kind(1e-3, beta=0.0), steps=100)
    assert memoryless.thetas.tobytes() == plain.thetas.tobytes()


def test_momentum_takes_its_first_step_undamped():
    assert updates(Momentum(0.1), [3.0]) == updates(GradientDescent(0.1), [3.0])


def test_the_theta_of_nesterov_is_the_look_ahead_point_of_the_textbook():
    rate, beta, theta, velocity, seen = 1e-4, 0.9, np.array(START), np.zeros(2), []
    for _ in range(201):
        ahead = theta + beta * velocity
        seen.append(ahead)
        velocity = beta * velocity - rate * VALLEY.gradient(ahead)
        theta = theta + velocity
    run = descend(VALLEY, START, Nesterov(rate, beta), steps=200)
    np.testing.assert_allclose(run.thetas, seen, rtol=0, atol=1e-12)  # rounding over 200 steps


def test_the_exponential_average_is_momentum_with_a_smaller_rate():
    rate, beta, theta, average, seen = 1e-2, 0.9, np.array(START), np.zeros(2), []
    for _ in range(201):
        seen.append(theta)
        average = beta * average + (1 - beta) * VALLEY.gradient(theta)
        theta = theta - rate * average
    run = descend(VALLEY, START, Momentum(rate * (1 - beta), beta), steps=200)
    np.testing.assert_allclose(run.thetas, seen, rtol=0, atol=1e-11)  # rounding over 200 steps


def test_adamw_without_decay_is_adam():
    adam = descend(VALLEY, START, Adam(0.01), steps=100)
    adamw = descend(VALLEY, START, AdamW(0.01, weight_decay=0), steps=100)
    assert adamw.thetas.tobytes() == adam.thetas.tobytes()


def test_adamw_decays_theta_and_leaves_the_gradient_alone():
    shrunk = np.cumprod([1 - 0.1 * 0.5] * 20)
    found = 8.0 + np.cumsum(updates(AdamW(0.1, weight_decay=0.5), [0.0] * 20, theta=8.0))
    np.testing.assert_allclose(found, 8.0 * shrunk, rtol=1e-14)  # no gradient: decay is all there is


# --- learning rates: schedules and lanes ---------------------------------------------------------


@pytest.mark.parametrize("kind", [k for k in OPTIMIZERS if k is not AdamW])
def test_the_schedule_scales_every_step_by_its_own_rate(kind):
    # (AdamW remembers theta, so there a rate acts on later steps too: see the test below.)
    rates, gradients = schedules.step_decay(0.5, every=2, factor=0.25), [3.0, -1.0, 2.0, 0.5, 4.0]
    steady = updates(kind(1.0), gradients)
    expected = [rates(k) * step for k, step in enumerate(steady)]
    assert updates(kind(rates), gradients) == pytest.approx(expected, rel=1e-14)


def test_the_schedule_scales_the_decay_of_adamw():
    rates = schedules.step_decay(0.5, every=2, factor=0.25)
    found = np.cumsum(updates(AdamW(rates, weight_decay=0.5), [0.0] * 4, theta=1.0)) + 1
    expected = np.cumprod([1 - 0.5 * rates(k) for k in range(4)])
    np.testing.assert_allclose(found, expected, rtol=1e-14)


@every_optimizer
def test_a_constant_schedule_is_the_number(kind):
    number = descend(VALLEY, START, kind(1e-4), steps=30)
    schedule = descend(VALLEY, START, kind(schedules.constant(1e-4)), steps=30)
    assert schedule.thetas.tobytes() == number.thetas.tobytes()


@every_optimizer
@pytest.mark.parametrize("scheduled", [False, True], ids=["array", "schedule of arrays"])
@pytest.mark.parametrize("landscape", [VALLEY, landscapes.StyblinskiTang(3)], ids=["valley", "3-D"])
def test_every_lane_is_its_solo_run(kind, landscape, scheduled):
    rates, start = np.array([1e-5, 1e-4, 3e-4]), [-1.2, 1.0, 0.5][: landscape.dimension]

    def rate(values):
        return schedules.exponential(values, 0.9) if scheduled else values

    lanes = descend(landscape, start, kind(rate(rates)), steps=30)
    for i, alone in enumerate(rates):
        solo = descend(landscape, start, kind(rate(float(alone))), steps=30)
        # elementwise formulas: at most the last digit of a power may differ
        np.testing.assert_allclose(lanes.thetas[:, i], solo.thetas, rtol=1e-12)


# --- settings ------------------------------------------------------------------------------------

NOT_A_NUMBER = ["0.1", None, True, 1j]
BAD = {
    "learning_rate": [0, -0.1, np.nan, np.inf, [0.1, 0.0], [0.1, np.nan], [], ["a"], lambda k: -1.0],
    "beta": [1, 1.5, -0.1, np.nan, np.inf, [0.9]],
    "eps": [0, -1e-8, np.nan, np.inf, [1e-8]],
    "weight_decay": [-0.01, np.nan, np.inf, [0.1]],
}
BAD["beta1"] = BAD["beta2"] = BAD["beta"]
CASES = [
    pytest.param(kind, field.name, value, id=f"{kind.__name__}-{field.name}-{value!r:.12}")
    for kind in OPTIMIZERS
    for field in fields(kind)
    for value in BAD[field.name] + NOT_A_NUMBER
]


@pytest.mark.parametrize(("kind", "field", "value"), CASES)
def test_a_bad_setting_is_refused_by_name(kind, field, value):
    with pytest.raises((ValueError, TypeError), match=rf"^{field}\b.* expected, .* given"):
        kind(**{"learning_rate": 0.1, field: value})


@every_optimizer
def test_the_limits_of_the_settings_are_allowed(kind):
    lowest = {"beta": 0, "beta1": 0, "beta2": 0, "eps": TINY, "weight_decay": 0}
    kind(TINY, **{name: lowest[name] for name in settings_of(kind(1.0))})


@every_optimizer
def test_an_optimizer_cannot_be_changed(kind):
    rates = np.array([0.1, 0.2])
    optimizer = kind(rates)
    rates[0] = 9.0
    assert optimizer.learning_rate.tolist() == [0.1, 0.2]
    with pytest.raises(ValueError, match="read-only"):
        optimizer.learning_rate[0] = 9.0
    for field in fields(kind):
        with pytest.raises(FrozenInstanceError):
            setattr(optimizer, field.name, 0.5)


@every_optimizer
def test_init_and_step_leave_their_arguments_alone(kind):
    theta, gradient, optimizer = np.array([1.0, 2.0]), np.array([0.5, -0.5]), kind(0.1)
    states = [optimizer.init(theta)]
    for k in range(3):
        before = repr(states)
        states.append(optimizer.step(k, gradient, states[-1])[1])
        assert repr(states[:-1]) == before
    assert theta.tolist() == [1.0, 2.0]
    assert gradient.tolist() == [0.5, -0.5]


# --- memory and rates ----------------------------------------------------------------------------


@every_optimizer
def test_the_memory_has_the_shape_of_theta(kind):
    theta = np.arange(6.0).reshape(3, 2)
    state = kind(0.1).init(theta)
    parts = [state] if isinstance(state, np.ndarray) else np.array(state[-1] if kind is AdamW else state)
    assert all(part.shape == theta.shape and not part.any() for part in parts)


def test_what_a_schedule_returns_is_a_number_or_an_array_of_floats():
    assert type(GradientDescent(lambda k: 0.5).rate(3)) is float
    rates = GradientDescent(lambda k: [1, 2]).rate(3)
    assert rates.dtype == float and rates.tolist() == [1, 2]


def test_a_bad_learning_rate_is_named():
    with pytest.raises(TypeError, match=r"^learning_rate: a function is expected"):
        GradientDescent(dict)
    with pytest.raises(ValueError, match=r"^learning_rate at step 0: "):
        GradientDescent(lambda k: 0.1 * k)
