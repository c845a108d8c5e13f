import math

import numpy as np
import pytest

from gdlab import data, gradients, landscapes, losses
from gdlab.closed_form import design
from gdlab.gradients import check, complex_step, hessian, numerical, sharpness
from gdlab.losses import BinaryCrossEntropy, SoftmaxCrossEntropy, SquaredError
from gdlab.models import Linear, Logistic, Network, Polynomial, Softmax
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
    monkeypatch.setattr(gradients, "BLOCK", 1)
    numerical(counting, theta)
    assert sizes[6:] == [1] * 10


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


# (what is done to the gradient (½, −2, 9, 1), kind, what the reading says)
VERDICTS = {
    "sign": (lambda g: -g, "sign", "sign is turned round, everywhere: plus for minus?"),
    "one sign": (nth(1, lambda g: -g), "sign", "sign is turned round at coordinate 1:"),
    "twice": (lambda g: 2 * g, "factor", "2 times the measured gradient, everywhere: is a 2 counted"),
    "half": (lambda g: g / 2, "factor", "½ times the measured gradient, everywhere: is the 2"),
    "minus twice": (lambda g: -2 * g, "factor", "−2 times the measured gradient, everywhere"),
    "sum": (lambda g: 30 * g, "factor", "30 times the measured gradient, everywhere: a sum over 30"),
    "1/n": (lambda g: g / 30, "factor", "1/30 times the measured gradient, everywhere: divided"),
    "odd factor": (lambda g: 1.37 * g, "factor", "1.37 times the measured gradient, everywhere"),
    "two by a factor": (
        lambda g: g * np.array([1, 1.5, 1.5, 1]),
        "factor",
        "1.5 times the measured gradient at coordinates 1, 2",
    ),
    "twice in one": (nth(2, lambda g: 2 * g), "factor", "2 times the measured gradient at coordinate 2"),
    "left out": (
        nth(3, lambda g: 0 * g),
        "factor",
        "gradient is 0 at coordinate 3: is this part left out",
    ),
    "nothing": (lambda g: 0 * g, "factor", "the given gradient is 0, everywhere"),
    "swapped": (lambda g: g[..., [0, 1, 3, 2]], "order", "coordinates 2 and 3 are swapped"),
    "rolled": (lambda g: g[..., [1, 2, 3, 0]], "order", "the right numbers stand in the wrong order"),
    "a term": (
        lambda g: g + np.array([1.0, 2, 0, 3]),
        "other",
        "no common factor at coordinates 0, 1, 3",
    ),
    "one term": (nth(1, lambda g: g + 0.1), "other", "no common factor at coordinate 1:"),
    "nan": (
        nth(3, lambda g: g * math.nan),
        "not finite",
        "given gradient is not finite at coordinate 3",
    ),
}


@pytest.mark.parametrize("spoil, kind, words", VERDICTS.values(), ids=VERDICTS)
def test_check_tells_bugs_apart(spoil, kind, words):
    verdict = check(Bowl(np.diag([1.0, 2.0, 3.0, 4.0]), spoil), THETA)
    assert not verdict.passed
    assert verdict.kind == kind
    assert words in verdict.reading
    assert verdict.reading in str(verdict)
    assert verdict.kinks == ()


def test_check_tells_a_right_gradient_in_one_line():
    verdict = check(Bowl(np.diag([1.0, 2.0, 3.0, 4.0])), THETA)
    assert verdict.kind == "right" and verdict.reading == "" and "\n" not in str(verdict)


def test_check_tells_wrong_coordinates_in_as_many_lines():
    gradient = np.array([0.25, 0.0, 1.5])
    verdict = check(Bowl(np.diag([1.0, 2.0, 3.0])), [1.0, 1.0, 1.0], gradient=gradient)
    assert str(verdict).splitlines() == [
        (
            "gradient differs from central differences: largest error 6.7e-01 at coordinate 1 "
            "(0 given, 2 measured)"
        ),
        "  then 2 (1.5 given, 3 measured)",
        "  then 0 (0.25 given, 1 measured)",
        "  no common factor at coordinates 0, 1, 2: is a term missing, or a derivative wrong?",
    ]
    gradient = np.array([1.0, 2.0, 3.0])
    agreed = str(check(Bowl(np.diag([1.0, 2.0, 3.0])), [1.0, 1.0, 1.0], gradient=gradient))
    assert agreed.startswith("gradient agrees with central differences: largest error ")


@pytest.mark.parametrize("d, places", [(5, "0, 1, 2, 3, 4:"), (6, "0, 1, 2, 3, 4, …:")])
def test_check_cuts_a_long_list_of_coordinates(d, places):
    verdict = check(Bowl(np.eye(d)), np.arange(d) + 1.0, gradient=np.arange(d) ** 2 + 0.5)
    assert verdict.reading.startswith(f"no common factor at coordinates {places} ")


def test_the_words_for_a_wrong_order():
    verdict = check(Bowl(np.diag([1.0, 2.0, 3.0, 4.0]), lambda g: g[..., [1, 2, 3, 0]]), THETA)
    assert verdict.reading == (
        "the right numbers stand in the wrong order: is something transposed, or are parts swapped?"
    )


def test_check_takes_wider_differences_far_from_the_origin():
    verdict = check(Bowl(np.diag([1.0, 2.0])), [1e6, -1e6])
    assert verdict.passed and verdict.tolerance == 1e-6


def test_check_lists_the_worst_coordinates_first():
    H, spoil = np.diag(np.arange(1.0, 9)), (lambda g: g + np.arange(8) * (-1.0) ** np.arange(8) + 0.0)
    verdict = check(Bowl(H, spoil), np.ones(8))
    assert [i for i, _, _ in verdict.worst] == [7, 6, 5, 4, 3]
    for i, given, measured in verdict.worst:
        assert measured == pytest.approx(i + 1, rel=1e-7)
        assert given == i + 1 + i * (-1) ** i
        assert f"{i} ({given:.4g} given, {i + 1} measured)" in str(verdict)


@pytest.mark.parametrize("rows, columns", [(2, 3), (3, 2), (3, 4), (4, 4)])
def test_check_finds_a_transposed_matrix_among_other_parameters(rows, columns):
    """A model of `rows` inputs and `columns` outputs: 2 numbers, W row by row, then its biases."""
    end = 2 + rows * columns

    def transposed(g):
        return np.concatenate([g[:2], g[2:end].reshape(rows, columns).T.ravel(), g[end:]])

    d = end + columns
    verdict = check(Bowl(np.diag(np.arange(1.0, d + 1) ** 2), transposed), np.ones(d))
    assert verdict.kind == "order"
    words = f"coordinates 2 to {end - 1}: a matrix of {rows} × {columns} numbers is transposed"
    assert words in verdict.reading


def test_check_says_where_the_value_does_not_change():
    verdict = check(lambda w: w[0] ** 2, [1.0, 1.0], gradient=lambda w: np.array([2 * w[0], 0.5]))
    assert verdict.kind == "other"
    assert "the value does not change at coordinate 1" in verdict.reading


def test_check_says_that_the_value_is_not_finite():
    verdict = check(lambda w: np.log(w).sum(), [1.0, 1e-7], gradient=lambda w: 1 / w)
    assert verdict.kind == "not finite"
    assert "value beside theta is not finite at coordinate 1" in verdict.reading
    for value in (math.inf, math.nan):
        verdict = check(lambda w, value=value: value, [1.0, 2.0], gradient=lambda w: w)
        assert verdict.kind == "not finite" and not verdict.passed and verdict.tolerance == 1e-6


class Accumulating:
    """A bowl whose gradient is added up from call to call, as some frameworks do until told not to."""

    def __init__(self):
        self.total = np.zeros(2)

    def __call__(self, theta):
        return (theta**2).sum(axis=-1)

    def gradient(self, theta):
        self.total = self.total + 2 * theta
        return self.total


def test_check_finds_a_gradient_that_is_not_reset():
    verdict = check(Accumulating(), [1.0, -2.0])
    assert verdict.kind == "memory" and not verdict.passed
    assert "agrees with" in str(verdict) and "a second call gives another gradient" in str(verdict)


def test_check_finds_a_gradient_drawn_at_random():
    rng = np.random.default_rng(0)
    verdict = check(lambda w: w @ w, [1.0, 2.0], gradient=lambda w: 2 * w * rng.integers(0, 9, 2))
    assert verdict.kind == "memory"
    assert verdict.reading == (
        "a second call gives another gradient: is it added up and not reset, or drawn anew?"
    )


@pytest.mark.parametrize("slope, kind", [(0.0, "right"), (1.0, "kink"), (-0.3, "kink")])
def test_check_warns_of_a_kink_at_theta(slope, kind):
    verdict = check(
        lambda w: abs(w[0]) + 3 * w[1] ** 2, [0, 1], gradient=lambda w: np.array([slope, 6 * w[1]])
    )
    assert verdict.kinks == (0,) and verdict.kind == kind and verdict.passed == (kind == "right")
    assert verdict.reading == (
        "the value has a kink at coordinate 0: slope -1 before, 1 after; "
        "differences settle nothing there, try another theta"
    )


@pytest.mark.parametrize("share", [-0.85, -0.5, 0.0, 0.3, 0.85])
def test_check_warns_of_a_kink_beside_theta(share):
    """The kink lies within the difference's own step of 1e-6: what is measured is neither slope."""
    verdict = check(lambda w: max(w[0], 0.0) + w[0] ** 2, [share * 1e-6], gradient=lambda w: 2 * w)
    assert verdict.kinks == (0,)


def test_a_kink_does_not_hide_a_bug_elsewhere():
    verdict = check(lambda w: abs(w[0]) + w[1] ** 2, [0, 1], gradient=lambda w: np.array([0, -2 * w[1]]))
    assert verdict.kinks == (0,) and verdict.kind == "sign" and verdict.coordinate == 1


def test_bending_is_no_kink():
    for curvature in (1.0, 1e3, 1e6, 1e9):
        bowl = Bowl(curvature * np.diag([1.0, 2.0]))
        assert check(bowl, [1.0, -1.0]).kinks == ()
        assert check(bowl, [0.0, 0.0]).kinks == ()


def test_check_allows_for_rounding_where_the_value_is_large():
    """A value of 1e9 has 7 digits after its point: its difference over 2e-6 is good to 0.1 only."""
    bowl = Bowl(np.diag([1.0, 2.0]))
    verdict = check(lambda w: bowl(w) + 1e9, [1.0, 1.0], gradient=bowl.gradient)
    assert verdict.passed and 1e-6 < verdict.tolerance < 1
    assert not check(lambda w: bowl(w) + 1e9, [1.0, 1.0], gradient=lambda w: -bowl.gradient(w)).passed


def test_check_takes_any_two_functions_of_one_point():
    X, y = INPUTS, np.arange(30.0)

    def risk(theta):  # one point only: no lanes
        assert theta.shape == (3,)
        return float(np.mean((X @ theta - y) ** 2))

    def right(theta):
        return 2 / 30 * X.T @ (X @ theta - y)

    theta = [0.3, -1.0, 2.0]
    assert check(risk, theta, gradient=right).passed
    assert check(risk, theta, gradient=right(np.array(theta))).passed  # the numbers themselves
    assert check(risk, theta, gradient=[float(g) for g in right(np.array(theta))]).passed
    assert check(risk, theta, gradient=lambda w: 30 * right(w)).reading.startswith("30 times")


def test_check_of_a_pair_looks_at_the_given_gradient_only():
    bowl = Bowl(np.eye(2), lambda g: -g)
    assert not check(bowl, [1.0, 2.0]).passed
    assert check(bowl, [1.0, 2.0], gradient=lambda w: w).passed


def test_check_keeps_its_theta_from_the_functions():
    theta = np.array([1.0, 2.0])

    def spoiling(w):
        w *= 2
        return w

    check(lambda w: float(spoiling(w).sum()), theta, gradient=lambda w: np.ones(2) * spoiling(w).size)
    np.testing.assert_array_equal(theta, [1, 2])


GALLERY = [(type(f).__name__, f) for f in landscapes.GALLERY]
NUMBERS = data.standardize(data.penguins(("bill_length_mm", "bill_depth_mm")).take(slice(0, 342, 20)))
SEXES = data.standardize(
    data.penguins(("bill_length_mm", "bill_depth_mm"), "sex").take(slice(0, 333, 20))
)
SPECIES = data.penguins(("bill_length_mm", "bill_depth_mm"), "species").take(slice(0, 342, 20))
OF_NUMBERS = [losses.SquaredError(), losses.AbsoluteError(), losses.Huber(), losses.Huber(500.0)]
OF_LABELS = [losses.BinaryCrossEntropy(), losses.Brier(), losses.Hinge(), losses.ZeroOne()]
TWO_IN = [
    Linear(),
    Logistic(),
    Network((2, 4, 1)),
    Network((2, 4, 1), "relu"),
    Network((2, 3, 3, 1), "relu"),
]
RISKS = [(m, loss, NUMBERS) for m in TWO_IN for loss in OF_NUMBERS]
RISKS += [(m, loss, SEXES) for m in TWO_IN for loss in OF_LABELS]
RISKS += [(Polynomial(k), loss, data.line(20, noise=0.3)) for k in (1, 5) for loss in OF_NUMBERS]
RISKS += [
    (m, SoftmaxCrossEntropy(), SPECIES)
    for m in (Softmax(3), Network((2, 3, 3)), Network((2, 3), "relu"))
]


@pytest.mark.parametrize("f", [f for _, f in GALLERY], ids=[name for name, _ in GALLERY])
def test_no_complaint_about_any_landscape(f):
    window = np.array(f.window)
    for theta in np.random.default_rng(5).uniform(window[:, 0], window[:, 1], (40, f.dimension)):
        verdict = check(f, theta)
        assert verdict.passed and verdict.kinks == (), f"{theta}: {verdict}"


@pytest.mark.parametrize(
    "parts", RISKS, ids=lambda parts: " ".join(type(part).__name__ for part in parts[:2])
)
def test_no_complaint_about_any_model_and_loss(parts):
    risk, rng = EmpiricalRisk(*parts), np.random.default_rng(6)
    for size in (0.3, 1, 3):
        theta = rng.normal(size=risk.dimension) * size
        verdict = check(risk, theta)
        assert verdict.passed and verdict.kinks == (), f"{theta}: {verdict}"


@pytest.mark.parametrize(
    "parts", RISKS[:1] + RISKS[8:9] + RISKS[-1:], ids=["linear", "network", "softmax"]
)
@pytest.mark.parametrize("factor, words", [(-1, "sign"), (0.5, "½"), (18, "18 times")])
def test_planted_in_a_risk_each_bug_is_named(parts, factor, words):
    risk = EmpiricalRisk(*parts)
    theta = np.random.default_rng(7).normal(size=risk.dimension)
    verdict = check(risk, theta, gradient=lambda w: factor * risk.gradient(w))
    assert not verdict.passed and words in verdict.reading and "everywhere" in verdict.reading


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


def test_the_error_of_a_small_gradient_is_not_made_relative():
    assert check(np.sum, [0.0], gradient=[1.5]).error == pytest.approx(0.5)


def test_check_is_as_strict_as_it_is_told():
    bowl = Bowl(np.diag([1.0, 2.0, 3.0, 4.0]), nth(0, lambda g: g + 9e-4))  # an error of 1e-4
    assert check(bowl, THETA, tolerance=1.1e-4).passed
    assert not check(bowl, THETA, tolerance=0.9e-4).passed


@pytest.mark.parametrize("spoil", [lambda g: g[..., :3], lambda g: g.sum(), lambda g: g[None]])
def test_check_refuses_a_gradient_of_a_wrong_shape(spoil):
    with pytest.raises(ValueError, match=r"^objective: a gradient of shape \(4,\)"):
        check(Bowl(np.eye(4), spoil), THETA)


W = np.arange(1.0, 7).reshape(2, 3)


@pytest.mark.parametrize(
    "given, ending",
    [
        (W, r"shape \(2, 3\) given; its numbers are right, flatten it"),
        (W.reshape(6, 1), r"shape \(6, 1\) given; its numbers are right, flatten it"),
        (W.T, r"shape \(3, 2\) given; its numbers are right, transpose and flatten it"),
        (-W, r"shape \(2, 3\) given"),
        (W + 0.5, r"shape \(2, 3\) given"),
        (W[0], r"shape \(3,\) given"),
    ],
)
def test_a_wrong_shape_is_refused_with_what_would_mend_it(given, ending):
    with pytest.raises(
        ValueError, match=rf"^gradient: a gradient of shape \(6,\) is expected, {ending}$"
    ):
        check(lambda w: w @ w / 2, W.ravel(), gradient=lambda w: given)


@pytest.mark.parametrize(
    "call, error, argument",
    [
        (lambda: check("f", [1.0], gradient=np.sin), TypeError, "objective"),
        (lambda: check(Bowl, [1.0]), TypeError, "objective"),
        (lambda: check(np.sum, [1.0]), TypeError, "gradient"),
        (lambda: check(np.sum, [1.0], gradient="g"), TypeError, "gradient"),
        (lambda: check(np.sum, [1.0], gradient=dict), TypeError, "gradient"),
        (lambda: check(np.sum, [1.0], gradient=lambda w: None), TypeError, "gradient"),
        (lambda: check(np.sum, [1.0], gradient=lambda w: w * 1j), TypeError, "gradient"),
        (lambda: check(np.sum, [1.0, 2.0], gradient=1.0), ValueError, "gradient"),
        (lambda: check(np.sin, [1.0, 2.0], gradient=np.cos), ValueError, "objective"),
        (lambda: check(lambda w: w[:1], [1.0, 2.0], gradient=np.cos), ValueError, "objective"),
        (lambda: check(np.sum, [1.0], "loose", np.ones_like), TypeError, "tolerance"),
        (lambda: check(np.sum, [[1.0]], gradient=np.ones_like), ValueError, "theta"),
    ],
)
def test_what_check_refuses_it_names(call, error, argument):
    with pytest.raises(error, match=rf"^{argument}: "):
        call()


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
        [1.0, -2.9],
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


def test_sharpness_takes_a_hundred_steps_from_seed_0_unless_told():
    H, theta = symmetric([5.0, 4.9, 1.0]), np.ones(3)
    assert sharpness(Bowl(H), theta) == sharpness(Bowl(H), theta, steps=100, seed=0)
    assert sharpness(Bowl(H), theta) != sharpness(Bowl(H), theta, steps=101, seed=0)


def test_sharpness_takes_one_step_and_every_seed_that_numpy_takes():
    assert sharpness(Bowl(3 * np.eye(2)), [1.0, 1.0], steps=1, seed=2**64) == pytest.approx(3)


# --- what is refused -----------------------------------------------------------------------------


@pytest.mark.parametrize("measure", [numerical, complex_step, check, hessian, sharpness])
def test_a_bad_shape_is_said(measure):
    with pytest.raises(ValueError, match=r"^theta: shape \(d,\) is expected, shape \(\) given$"):
        measure(Bowl(np.eye(2)), 1.0)


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
        (lambda bowl, theta: numerical("f", theta), TypeError, "f"),
        (lambda bowl, theta: numerical(np.sin, theta), ValueError, "f"),
        (lambda bowl, theta: complex_step(bowl, theta, h=0), ValueError, "h"),
        (lambda bowl, theta: complex_step("f", theta), TypeError, "f"),
        (lambda bowl, theta: hessian(bowl, theta, h=-1e-5), ValueError, "h"),
        (lambda bowl, theta: hessian(bowl, theta, h=0), ValueError, "h"),
        (lambda bowl, theta: sharpness(bowl, theta, seed=2**64 + 1), ValueError, "seed"),
        (lambda bowl, theta: sharpness(bowl, theta, steps=0), ValueError, "steps"),
        (lambda bowl, theta: sharpness(bowl, theta, steps=1.5), TypeError, "steps"),
        (lambda bowl, theta: sharpness(bowl, theta, seed=-1), ValueError, "seed"),
        (lambda bowl, theta: sharpness(bowl, theta, h=0), ValueError, "h"),
    ],
)
def test_bad_settings_are_named(call, error, argument):
    with pytest.raises(error, match=f"^{argument}: "):
        call(Bowl(np.eye(2)), [1.0, 2.0])


@pytest.mark.parametrize(
    ("times", "kind", "says"), [(1.000005, "factor", "a number rounded"), (-1, "sign", "plus")]
)
def test_a_gradient_that_is_a_little_off_is_not_turned_round(times, kind, says):
    told = check(lambda w: w @ w, [3.0, 0.5], gradient=lambda w: 2 * w * times)
    assert told.kind == kind and says in str(told)
