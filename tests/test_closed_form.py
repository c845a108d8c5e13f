import math

import numpy as np
import pytest

from gdlab import data
from gdlab.closed_form import cost, design, lstsq, normal_equation, qr
from gdlab.losses import SquaredError
from gdlab.models import Linear
from gdlab.objectives import EmpiricalRisk

METHODS = (normal_equation, qr, lstsq)
over_methods = pytest.mark.parametrize("solve", METHODS, ids=lambda solve: solve.__name__)


def seeded(n=40, p=3):
    rng = np.random.default_rng(0)
    return rng.normal(size=(n, p)), rng.normal(size=n)


def test_design_puts_the_ones_last():
    assert design([[1, 2], [3, 4]]).tolist() == [[1, 2, 1], [3, 4, 1]]


@over_methods
def test_a_line_through_points_by_hand(solve):
    np.testing.assert_allclose(solve([[0.0], [1.0], [2.0]], [1.0, 3.0, 5.0]), [2, 1], rtol=1e-14)
    # mean x = 1, mean y = 4/3: slope (−1·(−1/3) + 1·(2/3)) / 2 = ½ through the means
    np.testing.assert_allclose(solve([[0.0], [1.0], [2.0]], [1.0, 1.0, 2.0]), [1 / 2, 5 / 6], rtol=1e-14)


def test_the_three_methods_agree():
    X, y = seeded()
    # 1e-10: the condition number here is about 1
    for solve in (normal_equation, qr):
        np.testing.assert_allclose(solve(X, y), lstsq(X, y), rtol=1e-10)


@over_methods
def test_the_gradient_is_zero_at_the_solution(solve):
    X, y = seeded()
    risk = EmpiricalRisk(Linear(), SquaredError(), data.Dataset(X, y, ["a", "b", "c"], "y", "seeded"))
    np.testing.assert_allclose(risk.gradient(solve(X, y)), 0, atol=1e-13)


@over_methods
def test_no_neighbour_is_better(solve):
    birds = data.penguins()
    risk = EmpiricalRisk(Linear(), SquaredError(), birds)
    best = solve(birds.X, birds.y)
    around = best + np.random.default_rng(1).normal(size=(200, 2)) * [0.5, 100]
    assert (risk(around) > risk(best)).all()


@over_methods
def test_against_polyfit(solve):
    x = np.linspace(-1, 1, 30)
    y = np.exp(x)
    weights = solve(x[:, None] ** np.arange(1, 4), y)
    highest_first = np.polyfit(x, y, 3)
    np.testing.assert_allclose(weights, [*highest_first[-2::-1], highest_first[-1]], rtol=1e-10)


@over_methods
def test_a_square_system_is_interpolated(solve):
    X = np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]])
    np.testing.assert_allclose(solve(X, [3.0, 4.0, 6.0]), [2, 3, 1], rtol=1e-13)


def test_the_normal_equation_loses_twice_as_many_digits():
    powers = np.linspace(0, 1, 30)[:, None] ** np.arange(1, 13)
    exact = np.ones(13)
    y = design(powers) @ exact
    assert np.linalg.cond(design(powers)) == pytest.approx(7.5e8, rel=0.01)
    errors = {solve: np.abs(solve(powers, y) - exact).max() for solve in METHODS}
    # cond · 1e-16 = 1e-7 against cond² · 1e-16 = 60; the digits that are lost differ by machine
    assert errors[lstsq] < 1e-5
    assert errors[qr] < 1e-5
    assert errors[normal_equation] > 1e-2


def test_lstsq_gives_the_smallest_parameters_where_there_are_many():
    x = np.array([0.0, 1.0, 2.0])
    theta = lstsq(np.stack([x, x], axis=1), 2 * x + 1)
    np.testing.assert_allclose(theta, [1, 1, 1], rtol=1e-13)


def test_cost_of_a_million_parameters():
    million = cost(n=10**6, d=10**6)
    assert million["normal equation: bytes"] == 8e12
    assert million["normal equation: multiplications"] == pytest.approx(1e18 + 1e18 / 3, rel=1e-15)
    assert million["one step: bytes"] == 8e6
    assert million["one step: multiplications"] == 2e12


def test_cost_by_hand():
    assert list(cost(n=10, d=3).values()) == [10 * 9 + 9, 72, 60, 24]
    assert cost(n=1, d=1)["one step: multiplications"] == 2
    assert cost(n=10**18, d=10**18)["one step: bytes"] == 8e18


# --- what is refused -----------------------------------------------------------------------------


@over_methods
@pytest.mark.parametrize(
    "X, y, error, argument",
    [
        ([1.0, 2.0], [1.0, 2.0], ValueError, "X"),
        ([[1.0], [math.nan]], [1.0, 2.0], ValueError, "X"),
        ([["a"], ["b"]], [1.0, 2.0], TypeError, "X"),
        ([[1.0, 2.0], [3.0, 5.0]], [1.0, 2.0], ValueError, "X"),  # two rows, three parameters
        ([[1.0], [2.0]], [[1.0], [2.0]], ValueError, "y"),
        ([[1.0], [2.0]], [1.0, 2.0, 3.0], ValueError, "y"),
        ([[1.0], [2.0]], [1.0, math.inf], ValueError, "y"),
        ([[1.0], [2.0]], None, TypeError, "y"),
    ],
)
def test_bad_arguments_are_named(solve, X, y, error, argument):
    with pytest.raises(error, match=f"^{argument}: "):
        solve(X, y)


@over_methods
def test_bad_shapes_are_said(solve):
    with pytest.raises(ValueError, match=r"^X: shape \(n, p\) is expected, shape \(2,\) given$"):
        solve([1.0, 2.0], [1.0, 2.0])
    with pytest.raises(ValueError, match=r"^y: shape \(n,\) is expected, shape \(2, 1\) given$"):
        solve([[1.0], [2.0]], [[1.0], [2.0]])


def test_dependent_columns_are_refused_where_they_cannot_be_solved_for():
    with pytest.raises(ValueError, match=r"^X: independent columns are expected; lstsq takes any$"):
        normal_equation(np.zeros((3, 1)), np.ones(3))


@pytest.mark.parametrize(
    "n, d, error, argument",
    [
        (0, 1, ValueError, "n"),
        (1, 0, ValueError, "d"),
        (1, 2.5, TypeError, "d"),
        (10**18 + 1, 1, ValueError, "n"),
        (1, 10**18 + 1, ValueError, "d"),
    ],
)
def test_bad_sizes_are_named(n, d, error, argument):
    with pytest.raises(error, match=f"^{argument}: "):
        cost(n, d)
