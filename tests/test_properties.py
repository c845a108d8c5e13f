"""Laws of descent, on random quadratics, batches and seeds."""

from dataclasses import dataclass
from itertools import islice

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gdlab import (
    AdaGrad,
    Adam,
    AdamW,
    EmpiricalRisk,
    GradientDescent,
    Momentum,
    Nesterov,
    RMSProp,
    data,
    descend,
    landscapes,
    losses,
    models,
)

STEPS = 30
LINEAR = pytest.mark.parametrize("kind", [GradientDescent, Momentum, Nesterov])

steady = settings(max_examples=200, deadline=None, derandomize=True)  # the same examples in every run
coordinates = st.floats(-5, 5)
points = st.tuples(coordinates, coordinates)
curvatures = st.tuples(st.floats(0.1, 10), st.floats(0.1, 10))
angles = st.floats(-np.pi, np.pi)
shares = st.floats(0.05, 1)  # of 1/λ_max, where all three linear optimizers are stable
seeds = st.integers(0, 2**32)


def turn(angle):
    """The rotation by an angle in radians."""
    return np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])


@dataclass
class Bowl:
    """½ scale (θ − c)ᵀ H (θ − c), independent of gdlab."""

    H: np.ndarray
    center: np.ndarray
    scale: float = 1.0

    def __call__(self, theta):
        offset = theta - self.center
        return 0.5 * self.scale * np.einsum("...i,ij,...j", offset, self.H, offset)

    def gradient(self, theta):
        return self.scale * (theta - self.center) @ self.H


# --- equivariance --------------------------------------------------------------------------------


@LINEAR
@steady
@given(curvatures, points, points, points, angles, angles, shares)
def test_a_bowl_moved_and_turned_moves_and_turns_the_path(
    kind, lambdas, center, start, shift, tilt, angle, share
):
    H, R = turn(tilt) @ np.diag(lambdas) @ turn(tilt).T, turn(angle)
    optimizer = kind(share / max(lambdas))
    plain = descend(Bowl(H, np.array(center)), start, optimizer, STEPS)
    moved = descend(Bowl(R @ H @ R.T, R @ center + shift), R @ start + shift, optimizer, STEPS)
    # coordinates up to 20, some 30 roundings a coordinate, momentum up to 10 times as many
    np.testing.assert_allclose(moved.thetas, plain.thetas @ R.T + shift, rtol=0, atol=1e-9)
    np.testing.assert_allclose(moved.values, plain.values, rtol=1e-9, atol=1e-9)


@steady
@given(points, points)
def test_a_bowl_moved_moves_the_path_of_adam(start, shift):
    H, optimizer = np.diag([1.0, 10.0]), Adam(0.01)
    start = np.sign(start) + start  # at least 1 from the centre: near it √s is all rounding
    plain = descend(Bowl(H, np.zeros(2)), start, optimizer, STEPS)
    moved = descend(Bowl(H, np.array(shift)), start + np.array(shift), optimizer, STEPS)
    np.testing.assert_allclose(moved.thetas, plain.thetas + shift, rtol=0, atol=1e-9)


def test_a_bowl_turned_does_not_turn_the_path_of_adam():
    R, start = turn(np.pi / 4), np.array([1.0, 0.0])
    plain = descend(Bowl(np.eye(2), np.zeros(2)), start, Adam(0.1), 1)
    turned = descend(Bowl(np.eye(2), np.zeros(2)), R @ start, Adam(0.1), 1)  # a round bowl: R H Rᵀ = H
    lengths = [np.linalg.norm(run.thetas[1] - run.thetas[0]) for run in (plain, turned)]
    # α along one axis; α along both once turned. A rotation would keep the length.
    np.testing.assert_allclose(lengths, [0.1, 0.1 * np.sqrt(2)], rtol=1e-7)  # eps


# --- scale ---------------------------------------------------------------------------------------


@LINEAR
@steady
@given(curvatures, points, points, shares, st.floats(1e-3, 1e3))
def test_a_loss_scaled_up_needs_a_rate_scaled_down(kind, lambdas, center, start, share, scale):
    rate, H, center = share / max(lambdas), np.diag(lambdas), np.array(center)
    plain = descend(Bowl(H, center), start, kind(rate), STEPS)
    scaled = descend(Bowl(H, center, scale), start, kind(rate / scale), STEPS)
    np.testing.assert_allclose(scaled.thetas, plain.thetas, rtol=0, atol=1e-9)  # rounding only


@pytest.mark.parametrize("kind", [AdaGrad, RMSProp, Adam])
@steady
@given(curvatures, points)
def test_the_scale_of_the_loss_is_nothing_to_an_adaptive_rate(kind, lambdas, start):
    start = 2 * np.sign(start) + start  # |g| stays above 0.1, so that eps / |g| stays below 1e-7
    plain = descend(Bowl(np.diag(lambdas), np.zeros(2)), start, kind(0.01), STEPS)
    scaled = descend(Bowl(np.diag(lambdas), np.zeros(2), 1000.0), start, kind(0.01), STEPS)
    np.testing.assert_allclose(scaled.thetas, plain.thetas, rtol=0, atol=1e-6)


# --- quadratics ----------------------------------------------------------------------------------


@steady
@given(st.lists(st.floats(0.1, 10), min_size=1, max_size=6), st.floats(0.01, 1.99), seeds)
def test_the_closed_form_on_quadratics(lambdas, share, seed):
    lambdas = np.array(lambdas)
    rng, rate = np.random.default_rng(seed), share / lambdas.max()
    Q = np.linalg.qr(rng.normal(size=(len(lambdas), len(lambdas))))[0]
    center, start = rng.normal(size=(2, len(lambdas)))
    run = descend(Bowl(Q @ np.diag(lambdas) @ Q.T, center), start, GradientDescent(rate), STEPS)
    powers = (1 - rate * lambdas) ** np.arange(STEPS + 1)[:, None]
    expected = center + (powers * ((start - center) @ Q)) @ Q.T
    np.testing.assert_allclose(run.thetas, expected, rtol=0, atol=1e-10)  # coordinates of order 1


@steady
@given(curvatures, st.floats(0.01, 0.999), st.floats(1.001, 5))
def test_two_over_lambda_parts_shrinking_from_growing(lambdas, below, above):
    bowl, limit = landscapes.Quadratic(lambdas), 2 / max(lambdas)
    run = descend(bowl, [1.0, 1.0], GradientDescent(limit * np.array([below, above])), STEPS)
    shrinking, growing = np.abs(run.thetas[..., int(np.argmax(lambdas))]).T
    assert (np.diff(shrinking) < 0).all() or shrinking[-1] < 1e-12  # below that, rounding
    assert (np.diff(growing) > 0).all()


# --- batches and seeds ---------------------------------------------------------------------------


@steady
@given(st.integers(1, 40), st.integers(1, 40), seeds)
def test_the_batches_of_a_pass_add_up_to_the_whole(n, size, seed):
    size, dataset = min(size, n), data.line(n=n, noise=1.0, seed=seed)
    risk, theta = EmpiricalRisk(models.Linear(), losses.SquaredError(), dataset), np.array([0.5, -2.0])
    per_pass = -(-n // size)
    deals = list(islice(data.batches(n, size, seed), 2 * per_pass))
    for one_pass in (deals[:per_pass], deals[per_pass:]):
        assert sorted(np.concatenate(one_pass)) == list(range(n))
        shares = [len(rows) / n for rows in one_pass]
        parts = [
            share * risk.on(rows).gradient(theta) for share, rows in zip(shares, one_pass, strict=True)
        ]
        np.testing.assert_allclose(sum(parts), risk.gradient(theta), rtol=0, atol=1e-12)  # sums of 40


@pytest.mark.parametrize("kind", [GradientDescent, Momentum, Nesterov, AdaGrad, RMSProp, Adam, AdamW])
@steady
@given(seeds)
def test_the_same_seed_gives_the_same_bytes(kind, seed):
    def run(data_seed, batch_seed):
        dataset = data.standardize(data.line(n=30, noise=0.5, seed=data_seed))
        risk = EmpiricalRisk(models.Linear(), losses.SquaredError(), dataset)
        batches = data.batches(30, size=8, seed=batch_seed)
        return descend(risk, [0.0, 0.0], kind(0.01), steps=10, batches=batches).thetas.tobytes()

    assert run(seed, seed) == run(seed, seed)
    assert run(seed, seed) != run(seed + 1, seed)
    assert run(seed, seed) != run(seed, seed + 1)
