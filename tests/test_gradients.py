import math

import numpy as np
import pytest

from gdlab import data, gradients, landscapes
from gdlab.closed_form import design
from gdlab.gradients import check, complex_step, hessian, numerical, sharpness
from gdlab.losses import BinaryCrossEntropy, SoftmaxCrossEntropy, SquaredError
from gdlab.models import Linear, Logistic, Network
from gdlab.objectives import EmpiricalRisk

ROSENBROCK = landscapes.Rosenbrock()
POINTS = np.random.default_rng(0).uniform(-2, 2, (10, 2))


def rosenbrock_gradient(x, y):
    """Multiplied out by hand: f = 1 − 2x + x² + 100y² − 200x²y + 100x⁴."""
    return np.array([-2 + 2 * x - 400 * x * y + 400 * x**3, 200 * y - 200 * x**2])


class Bowl:
    """½ θᵀ H θ without a Hessian of its own. `spoil` turns the right gradient into another."""

    def __init__(self, H, spoil=lambda gradient: gradient):
        self.H, self.spoil = np.asarray(H, dtype=float), spoil

    def __call__(self, theta):
        return 0.5 * ((theta @ self.H) * theta).sum(axis=-1)

    def gradient(self, theta):
        return self.spoil(theta @ self.H)


class NoHessian:
    """Another objective, its Hessian hidden."""

    def __init__(self, objective):
        self.objective, self.gradient = objective, objective.gradient

    def __call__(self, theta):
        return self.objective(theta)


def symmetric(eigenvalues, seed=0):
    """A random symmetric matrix with those eigenvalues."""
    d = len(eigenvalues)
    Q = np.linalg.qr(np.random.default_rng(seed).normal(size=(d, d)))[0]
    return Q @ np.diag(eigenvalues) @ Q.T


def least_squares(X):
    """A linear least-squares risk on those inputs."""
    names = [f"x{i}" for i in range(X.shape[1])]
    y = np.random.default_rng(1).normal(size=len(X))
    return EmpiricalRisk(Linear(), SquaredError(), data.Dataset(X, y, names, "y", "seeded"))


INPUTS = np.random.default_rng(2).normal(size=(30, 3)) * [3.0, 1.0, 0.5]


# --- differences ---------------------------------------------------------------------------------


@pytest.mark.parametrize("theta", POINTS, ids=str)
def test_numerical_gradient_of_rosenbrock(theta):
    expected = rosenbrock_gradient(*theta)
    # 1e-8 of the longest coordinate: rounding over h = 1e-6
    allowed = 1e-8 * np.abs(expected).max()
    np.testing.assert_allclose(numerical(ROSENBROCK, theta), expected, rtol=0, atol=allowed)


@pytest.mark.parametrize("theta", POINTS, ids=str)
def test_complex_step_of_rosenbrock(theta):
    expected = rosenbrock_gradient(*theta)
    # 1e-14 of the longest coordinate: a few roundings
    allowed = 1e-14 * np.abs(expected).max()
    np.testing.assert_allclose(complex_step(ROSENBROCK, theta), expected, rtol=0, atol=allowed)


def test_central_differences_are_exact_for_a_parabola_whatever_the_width():
    bowl = Bowl(np.diag([2.0, 4.0]))
    np.testing.assert_allclose(numerical(bowl, [1.0, -3.0], h=0.5), [2, -12], rtol=1e-14)


def test_the_error_falls_as_the_square_of_the_width():
    errors = [abs(numerical(landscapes.DoubleWell(0.0), [1.0], h)[0]) for h in (1e-2, 1e-3)]
    assert errors[0] / errors[1] == pytest.approx(100, rel=1e-3)


def test_the_width_grows_with_the_parameter():
    seen = []

    def f(theta):
        seen.append(theta)
        return theta.sum(axis=-1)

    numerical(f, [0.5, -1000.0], h=1e-3)
    np.testing.assert_allclose(seen[0] - [0.5, -1000.0], np.diag([1e-3, 1.0]), atol=1e-12)


def test_blocks_give_the_same_gradient(monkeypatch):
    bowl, theta = Bowl(symmetric([1.0, 2, 3, 4, 5])), np.arange(5.0)
    whole, sizes = numerical(bowl, theta), []

    def counting(theta):
        sizes.append(len(theta))
        return bowl(theta)

    monkeypatch.setattr(gradients, "BLOCK", 10)
    in_blocks = numerical(counting, theta)
    assert sizes == [2, 2, 2, 2, 1, 1]  # rows at once: 10 numbers of 5 coordinates
    np.testing.assert_allclose(in_blocks, whole, rtol=1e-8)


# --- check ---------------------------------------------------------------------------------------

RIGHT = {
    **{type(f).__name__: f for f in landscapes.GALLERY},
    "least squares": least_squares(INPUTS),
    "logistic": EmpiricalRisk(Logistic(), BinaryCrossEntropy(), data.blobs(40)),
    "network": EmpiricalRisk(
        Network((2, 5, 3)),
        SoftmaxCrossEntropy(),
        data.penguins(("bill_length_mm", "bill_depth_mm"), "species").take(slice(0, 344, 10)),
    ),
}


@pytest.mark.parametrize("objective", RIGHT.values(), ids=RIGHT)
def test_check_passes_right_gradients(objective):
    theta = np.random.default_rng(3).uniform(0.1, 1, objective.dimension)
    verdict = check(objective, theta)
    assert verdict.passed
    assert verdict.error < 1e-7
    assert "agrees with" in str(verdict)


THETA = np.array([0.5, -1.0, 3.0, 0.25])  # the gradient of the bowl below is (½, −2, 9, 1)


def nth(i, change):
    """A bug in one coordinate."""

    def spoil(gradient):
        gradient = gradient.copy()
        gradient[..., i] = change(gradient[..., i])
        return gradient

    return spoil


@pytest.mark.parametrize(
    "spoil, coordinate, error",
    [
        (lambda g: -g, 2, 18 / 9),
        (lambda g: 2 * g, 2, 9 / 9),
        (lambda g: g / 7, 2, 6 / 7),  # as if 1/n stood there once too often
        (lambda g: 0 * g, 2, 9 / 9),
        (nth(0, lambda g: g + 1e-4), 0, 1e-4 / 9),
        (nth(1, lambda g: -g), 1, 4 / 9),
        (nth(3, lambda g: 2 * g), 3, 1 / 9),
        (lambda g: g[..., [0, 1, 3, 2]], 2, 8 / 9),
        (nth(3, lambda g: g * math.nan), 3, math.nan),
        (nth(1, lambda g: g + math.inf), 1, math.inf),
    ],
    ids="sign twice seventh zero offset one-sign one-twice swapped nan infinite".split(),
)
def test_check_rejects_planted_bugs_and_says_where(spoil, coordinate, error):
    bowl = Bowl(np.diag([1.0, 2.0, 3.0, 4.0]), spoil)
    verdict = check(bowl, THETA)
    assert not verdict.passed
    assert verdict.coordinate == coordinate
    # 1e-8: central differences err by 1e-10, the smallest planted bug by 1e-5
    assert verdict.error == pytest.approx(error, abs=1e-8, nan_ok=True)
    assert verdict.measured == pytest.approx(THETA[coordinate] * (coordinate + 1), rel=1e-8)
    assert verdict.given == pytest.approx(bowl.gradient(THETA)[coordinate], nan_ok=True)
    assert f"differs from central differences: largest error {verdict.error:.1e}" in str(verdict)
    assert f"at coordinate {coordinate} " in str(verdict)


def test_check_rejects_a_risk_that_forgets_to_divide_by_n():
    class Forgetful(EmpiricalRisk):
        def gradient(self, theta):
            return super().gradient(theta) * len(self.dataset)

    right = least_squares(INPUTS)
    wrong = Forgetful(right.model, right.loss, right.dataset)
    theta = np.ones(4)
    assert check(right, theta).passed
    assert not check(wrong, theta).passed
    assert check(wrong, theta).given == pytest.approx(30 * check(wrong, theta).measured, rel=1e-6)


def test_check_is_as_strict_as_it_is_told():
    bowl = Bowl(np.diag([1.0, 2.0, 3.0, 4.0]), nth(0, lambda g: g + 9e-4))  # an error of 1e-4
    assert check(bowl, THETA, tolerance=1.1e-4).passed
    assert not check(bowl, THETA, tolerance=0.9e-4).passed


@pytest.mark.parametrize("spoil", [lambda g: g[..., :3], lambda g: g.sum(), lambda g: g[None]])
def test_check_refuses_a_gradient_of_a_wrong_shape(spoil):
    with pytest.raises(ValueError, match=r"^objective: a gradient of shape \(4,\)"):
        check(Bowl(np.eye(4), spoil), THETA)


# --- hessian -------------------------------------------------------------------------------------

TWO_D = [f for f in landscapes.GALLERY if f.dimension == 2]


@pytest.mark.parametrize("f", TWO_D, ids=lambda f: type(f).__name__)
def test_measured_hessian_agrees_with_the_exact_one(f):
    for theta in POINTS[:5]:
        exact, measured = hessian(f, theta), hessian(NoHessian(f), theta)
        np.testing.assert_array_equal(exact, f.hessian(theta))
        # 1e-6 of the largest entry: h² times a fourth derivative
        np.testing.assert_allclose(measured, exact, rtol=0, atol=1e-6 * max(1, np.abs(exact).max()))
        np.testing.assert_array_equal(measured, measured.T)


def test_hessian_of_least_squares_is_2_over_n_times_the_products_of_its_columns():
    A = design(INPUTS)
    measured = hessian(least_squares(INPUTS), np.ones(4))
    np.testing.assert_allclose(measured, 2 / len(A) * A.T @ A, rtol=1e-8, atol=1e-8)


def test_hessian_far_from_the_origin():
    H = symmetric([1.0, 5.0])
    # 1e-8: the width grows with the parameter, or rounding would leave three digits
    np.testing.assert_allclose(hessian(Bowl(H), [1e6, -1e6]), H, rtol=1e-8)


# --- sharpness -----------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize(
    "eigenvalues",
    [
        [20.0, 8.0, 3.0, 1.0, 0.1],
        [5.0, 2.0, -1.0],
        [3.0, 1.0, -10.0],  # the largest in size is negative
        [0.5, -2.0, -7.0],
        [4.0, 0.0, 0.0],
    ],
    ids=str,
)
def test_sharpness_is_the_largest_eigenvalue(eigenvalues, seed):
    H = symmetric(eigenvalues, seed)
    theta = np.random.default_rng(seed).normal(size=len(H))
    # 1e-6: differences over h = 1e-5; power iteration has converged, the next eigenvalue in size
    # is at most 0.85 of the first, and 0.85^200 = 1e-14
    found = sharpness(Bowl(H), theta, seed=seed)
    assert found == pytest.approx(np.linalg.eigvalsh(H)[-1], rel=1e-6)


def test_sharpness_of_a_risk():
    risk = least_squares(INPUTS)
    largest = np.linalg.eigvalsh(hessian(risk, np.ones(4)))[-1]
    assert sharpness(risk, np.ones(4)) == pytest.approx(largest, rel=1e-6)


def test_sharpness_of_a_network():
    network = Network((2, 4, 1))
    risk = EmpiricalRisk(network, BinaryCrossEntropy(), data.xor())
    theta = network.start(seed=0)
    largest = np.linalg.eigvalsh(hessian(risk, theta))[-1]
    assert sharpness(risk, theta, steps=2000) == pytest.approx(largest, rel=1e-4)


def test_sharpness_of_a_plane_is_zero():
    assert sharpness(Bowl(np.zeros((3, 3))), np.ones(3)) == 0


def test_sharpness_comes_from_its_seed():
    H, theta = symmetric([5.0, 4.9, 1.0]), np.ones(3)
    found = [sharpness(Bowl(H), theta, steps=3, seed=seed) for seed in (1, 1, 2)]
    assert found[0] == found[1] != found[2]


# --- what is refused -----------------------------------------------------------------------------


@pytest.mark.parametrize("measure", [numerical, complex_step, check, hessian, sharpness])
@pytest.mark.parametrize(
    "theta, error",
    [
        (1.0, ValueError),
        ([[1.0, 2.0]], ValueError),
        ([], ValueError),
        ([1.0, math.nan], ValueError),
        ([1.0, math.inf], ValueError),
        (["a", "b"], TypeError),
        (None, TypeError),
    ],
    ids=str,
)
def test_bad_points_are_named(measure, theta, error):
    with pytest.raises(error, match=r"^theta: "):
        measure(Bowl(np.eye(2)), theta)


@pytest.mark.parametrize(
    "call, error, argument",
    [
        (lambda bowl, theta: numerical(bowl, theta, h=0), ValueError, "h"),
        (lambda bowl, theta: numerical(bowl, theta, h="1"), TypeError, "h"),
        (lambda bowl, theta: check(bowl, theta, tolerance=-1), ValueError, "tolerance"),
        (lambda bowl, theta: check(bowl, theta, tolerance=math.nan), ValueError, "tolerance"),
        (lambda bowl, theta: hessian(bowl, theta, h=-1e-5), ValueError, "h"),
        (lambda bowl, theta: sharpness(bowl, theta, steps=0), ValueError, "steps"),
        (lambda bowl, theta: sharpness(bowl, theta, steps=1.5), TypeError, "steps"),
        (lambda bowl, theta: sharpness(bowl, theta, seed=-1), ValueError, "seed"),
        (lambda bowl, theta: sharpness(bowl, theta, h=0), ValueError, "h"),
    ],
)
def test_bad_settings_are_named(call, error, argument):
    with pytest.raises(error, match=f"^{argument}: "):
        call(Bowl(np.eye(2)), [1.0, 2.0])
