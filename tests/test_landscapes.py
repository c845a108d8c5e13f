import dataclasses
import inspect
import math
import re

import numpy as np
import pytest

from gdlab import landscapes
from gdlab.gradients import numerical
from gdlab.landscapes import (
    GALLERY,
    Ackley,
    Beale,
    Booth,
    DoubleWell,
    Himmelblau,
    Landscape,
    MonkeySaddle,
    Plane,
    Plateau,
    Quadratic,
    Rastrigin,
    Rosenbrock,
    Saddle,
    SixHumpCamel,
    Spread,
    StyblinskiTang,
)

LANDSCAPES = (
    *GALLERY,
    Quadratic([3.0], center=[-1.0]),
    Quadratic([0.5, 20.0, 4.0, 1.0], rotation=-50.0, center=[1.0, -2.0, 0.5, 3.0]),
    DoubleWell(tilt=-0.8),
    DoubleWell(tilt=0.0),
    Rastrigin(5),
    Ackley(1),
    Ackley(3),
    StyblinskiTang(3),
)


def name(f):
    settings = [f"{key}={value}" for key, value in vars(f).items() if key in ("tilt", "dimension")]
    return "-".join([type(f).__name__, *settings])


over_landscapes = pytest.mark.parametrize("f", LANDSCAPES, ids=name)
with_minima = pytest.mark.parametrize("f", [f for f in LANDSCAPES if len(f.minima)], ids=name)


def points(f, *lanes, seed=0):
    """Seeded random points of the window, (*lanes, d)."""
    low, high = np.transpose(f.window)
    return np.random.default_rng(seed).uniform(low, high, (*lanes, f.dimension))


def test_every_public_landscape_is_in_the_gallery():
    public = {
        f
        for f in vars(landscapes).values()
        if inspect.isclass(f) and issubclass(f, Landscape) and not f.__name__.startswith("_")
    }
    assert public - {Landscape, Plane, Spread} == {type(f) for f in GALLERY}
    assert len(GALLERY) == len({type(f) for f in GALLERY})


@over_landscapes
def test_description(f):
    assert re.search(r"\(\d{4}\)", f.source)  # who, and the year
    assert len(f.window) == f.dimension
    assert all(low < high for low, high in f.window)
    assert f.minima.shape[1:] == (f.dimension,)


# --- derivatives ---------------------------------------------------------------------------------


@over_landscapes
def test_gradient_is_the_central_difference_of_the_value(f):
    for theta in points(f, 50):
        gradient = f.gradient(theta)
        # 1e-6 of the longest coordinate: rounding of the value over h = 1e-6
        allowed = 1e-6 * max(1, np.abs(gradient).max())
        np.testing.assert_allclose(gradient, numerical(f, theta), rtol=0, atol=allowed)


@over_landscapes
def test_gradient_is_the_complex_step_of_the_value(f):
    nudges = 1e-100j * np.eye(f.dimension)
    for theta in points(f, 50):
        gradient = f.gradient(theta)
        allowed = 1e-12 * max(1, np.abs(gradient).max())
        np.testing.assert_allclose(gradient, f(theta + nudges).imag / 1e-100, rtol=0, atol=allowed)


@over_landscapes
def test_hessian_is_the_complex_step_of_the_gradient(f):
    nudges = 1e-100j * np.eye(f.dimension)
    for theta in points(f, 50):
        hessian = f.hessian(theta)
        allowed = 1e-12 * max(1, np.abs(hessian).max())
        measured = f.gradient(theta + nudges).imag / 1e-100
        np.testing.assert_allclose(hessian, measured, rtol=0, atol=allowed)
        np.testing.assert_allclose(hessian, hessian.T, rtol=0, atol=allowed)


@over_landscapes
def test_stack_law(f):
    stack = points(f, 2, 3)
    assert f(stack).shape == (2, 3)
    assert f.gradient(stack).shape == (2, 3, f.dimension)
    assert f.hessian(stack).shape == (2, 3, f.dimension, f.dimension)
    for lane in np.ndindex(2, 3):
        # 1e-12: a matrix product may sum in another order
        for method in (f, f.gradient, f.hessian):
            np.testing.assert_allclose(method(stack)[lane], method(stack[lane]), rtol=1e-12, atol=1e-12)


@over_landscapes
def test_value_and_gradient_together_are_both(f):
    stack = points(f, 4)
    value, gradient = f.value_and_gradient(stack)
    np.testing.assert_array_equal(value, f(stack))
    np.testing.assert_array_equal(gradient, f.gradient(stack))


@over_landscapes
def test_whole_numbers_are_points_too(f):
    theta = list(range(1, f.dimension + 1))
    assert f(theta) == f(np.array(theta, dtype=float))
    np.testing.assert_array_equal(f.gradient(theta), f.gradient(np.array(theta, dtype=float)))


@over_landscapes
def test_the_point_is_left_as_it_was(f):
    theta = points(f, 3)
    before = theta.copy()
    f(theta), f.gradient(theta), f.hessian(theta)
    np.testing.assert_array_equal(theta, before)


# --- minima --------------------------------------------------------------------------------------


SMOOTH = [f for f in LANDSCAPES if len(f.minima) and not isinstance(f, Ackley)]  # Ackley's is a kink


@pytest.mark.parametrize("f", SMOOTH, ids=name)
def test_listed_minima_have_no_slope_and_curve_upwards(f):
    np.testing.assert_allclose(f.gradient(f.minima), 0, atol=1e-8)
    assert (np.linalg.eigvalsh(f.hessian(f.minima)) >= -1e-9).all()


@with_minima
def test_listed_minima_are_inside_the_window_and_lowest_first(f):
    low, high = np.transpose(f.window)
    assert ((low < f.minima) & (f.minima < high)).all()
    assert (np.diff(f(f.minima)) >= -1e-9).all()


@with_minima
def test_a_listed_minimum_is_the_lowest_of_its_neighbourhood(f):
    around = f.minima[:, None] + np.random.default_rng(0).normal(0, 1e-3, (100, f.dimension))
    assert (f(around) >= f(f.minima)[:, None]).all()


@with_minima
def test_no_point_lies_below_the_listed_minimum(f):
    if f.dimension == 2:
        axes = [np.linspace(low, high, 200) for low, high in f.window]
        look = np.stack(np.meshgrid(*axes), axis=-1)
    else:
        look = points(f, 40_000)
    assert f(look).min() >= f(f.minima[0]) - 1e-9


@pytest.mark.parametrize(
    "f, value",
    [
        (Rosenbrock(), 0),
        (Himmelblau(), 0),
        (Beale(), 0),
        (Booth(), 0),
        (Rastrigin(), 0),
        (Ackley(), 0),
        (Plateau(), 0),
        (SixHumpCamel(), -1.03162845348988),
        (StyblinskiTang(), -78.3323314075428),
    ],
    ids=lambda f: name(f) if isinstance(f, Landscape) else str(f),
)
def test_lowest_value_is_that_of_the_literature(f, value):
    # 1e-13 relative to numbers of order 10, which is as many digits as are printed
    assert f(f.minima[0]) == pytest.approx(value, rel=1e-13, abs=1e-13)


# --- one by one ----------------------------------------------------------------------------------


@pytest.mark.parametrize("rotation", [0, 30, 45, 90, -200, 720])
@pytest.mark.parametrize("curvatures", [(1, 10), (0.5, 20, 4, 1)], ids=["2-D", "4-D"])
def test_quadratic_curvatures_are_the_eigenvalues_whatever_the_rotation(curvatures, rotation):
    bowl = Quadratic(curvatures, rotation=rotation)
    eigenvalues = np.linalg.eigvalsh(bowl.hessian(np.zeros(len(curvatures))))
    np.testing.assert_allclose(eigenvalues, sorted(curvatures), rtol=1e-12)


def test_quadratic_rotation_turns_the_first_axis_towards_the_second():
    bowl = Quadratic([1, 9, 5], rotation=45)
    # λ = 1 along (1, 1), λ = 9 along (−1, 1), the third axis left alone
    H = [[5, -4, 0], [-4, 5, 0], [0, 0, 5]]
    np.testing.assert_allclose(bowl.hessian(np.zeros(3)), H, atol=1e-14)
    np.testing.assert_allclose(bowl.gradient(np.eye(3)), H, atol=1e-14)


def test_quadratic_by_hand():
    bowl = Quadratic([1, 10], center=[2, -1])
    assert bowl([4.0, 0.0]) == 0.5 * (1 * 2**2 + 10 * 1**2)
    assert bowl.gradient([4.0, 0.0]).tolist() == [2, 10]
    assert bowl.minima.tolist() == [[2, -1]]
    assert bowl.window == ((-1, 5), (-4, 2))
    assert Quadratic([3])([2.0]) == 6


def test_quadratic_copies_its_settings():
    curvatures, center = [1.0, 10.0], np.zeros(2)
    bowl = Quadratic(curvatures, center=center)
    curvatures[0], center[0] = 99.0, 99.0
    assert bowl([1.0, 1.0]) == 5.5
    assert (bowl.curvatures, bowl.center) == ((1, 10), (0, 0))


@pytest.mark.parametrize("tilt", [-1.5, -0.3, 0.0, 0.3, 1.5])
def test_double_well_has_two_wells_the_deeper_one_against_the_tilt(tilt):
    well = DoubleWell(tilt)
    assert len(well.minima) == 2
    assert well.minima.min() < 0 < well.minima.max()
    assert tilt * well.minima[0, 0] <= 0
    np.testing.assert_allclose(well.gradient(well.minima), 0, atol=1e-13)


def test_double_well_by_hand():
    assert DoubleWell(0.5)([2.0]) == 10
    np.testing.assert_allclose(np.sort(DoubleWell(0.0).minima[:, 0]), [-1, 1], rtol=1e-14)


@pytest.mark.parametrize(
    "f, theta, value",
    [
        (Rosenbrock(), [2, 3], 101),
        (Himmelblau(), [0, 0], 170),
        (Beale(), [0, 0], 1.5**2 + 2.25**2 + 2.625**2),
        (Beale(), [1, 2], 2.5**2 + 5.25**2 + 9.625**2),
        (Booth(), [0, 0], 74),
        (Saddle(), [2, 3], -5),
        (MonkeySaddle(), [2, 1], 2),
        (Plateau(), [1, 1], 1 - math.exp(-1)),
        (Rastrigin(), [1, 0.5], 1 + 20.25),
        (Ackley(), [3, 4], 20 + math.e - 20 * math.exp(-math.sqrt(0.5)) - math.e),
        (StyblinskiTang(), [1, 2], -5 - 19),
        (SixHumpCamel(), [1, 1], 4 - 2.1 + 1 / 3 + 1),
    ],
    ids=lambda f: name(f) if isinstance(f, Landscape) else None,
)
def test_value_by_hand(f, theta, value):
    assert f(theta) == pytest.approx(value, rel=1e-14)


def test_himmelblau_has_four_minima_and_one_maximum():
    f, top = Himmelblau(), np.array([-0.270844590667348, -0.923038556479981])
    assert len(f.minima) == 4
    assert f(top) == pytest.approx(181.616521522583, rel=1e-14)
    np.testing.assert_allclose(f.gradient(top), 0, atol=1e-11)
    assert (np.linalg.eigvalsh(f.hessian(top)) < 0).all()


@over_landscapes
def test_only_the_saddles_have_no_minimum(f):
    assert (len(f.minima) == 0) == isinstance(f, Saddle | MonkeySaddle)


def test_saddle_curves_up_along_x_and_down_along_y_everywhere():
    np.testing.assert_array_equal(Saddle().hessian(points(Saddle(), 9)), [[[2, 0], [0, -2]]] * 9)


def test_monkey_saddle_has_three_ways_down_and_a_hessian_of_zeros():
    f, angles = MonkeySaddle(), np.linspace(0, 2 * np.pi, 60, endpoint=False)
    circle = np.stack([np.cos(angles), np.sin(angles)], axis=-1)
    np.testing.assert_allclose(f(circle), np.cos(3 * angles), atol=1e-14)
    np.testing.assert_array_equal(f.hessian([0.0, 0.0]), np.zeros((2, 2)))
    assert (np.linalg.det(f.hessian(points(f, 20))) < 0).all()  # a saddle everywhere else


def test_plateau_is_nearly_flat_at_the_corners_of_its_window():
    corners = np.array([[x, y] for x in Plateau().window[0] for y in Plateau().window[1]])
    slopes = np.linalg.norm(Plateau().gradient(corners), axis=-1)
    assert (slopes < 1e-4).all()
    assert (slopes > 0).all()


def test_ackley_is_a_kink_at_its_minimum():
    tip = Ackley()
    np.testing.assert_array_equal(tip.gradient([0.0, 0.0]), [0, 0])  # as documented
    np.testing.assert_allclose(tip.gradient([1e-9, 0.0]), [math.sqrt(8), 0], rtol=1e-6)
    np.testing.assert_allclose(tip.gradient([-1e-9, 0.0]), [-math.sqrt(8), 0], rtol=1e-6)
    assert np.isfinite(tip.hessian([0.0, 0.0])).all()


def test_rastrigin_has_a_dip_near_every_whole_number():
    f = Rastrigin(1)
    w = np.linspace(-5.12, 5.12, 10_001)
    values = f(w[:, None])
    dips = w[1:-1][(values[1:-1] < values[:-2]) & (values[1:-1] < values[2:])]
    np.testing.assert_array_equal(np.round(dips), np.arange(-5, 6))


@pytest.mark.parametrize("d", [1, 3, 10])
def test_styblinski_tang_lists_all_wells_of_its_dimension(d):
    f = StyblinskiTang(d)
    assert f.minima.shape == (2**d, d)
    assert len(np.unique(f.minima, axis=0)) == 2**d
    assert f(f.minima[0]) == pytest.approx(d * -39.1661657037714, rel=1e-13)


def test_styblinski_tang_lists_only_the_lowest_well_when_there_are_too_many():
    f = StyblinskiTang(11)
    np.testing.assert_allclose(f.gradient(f.minima), np.zeros((1, 11)), atol=1e-12)
    assert f(f.minima[0]) == pytest.approx(11 * -39.1661657037714, rel=1e-13)


def test_six_hump_camel_is_the_same_upside_down():
    f, stack = SixHumpCamel(), points(SixHumpCamel(), 20)
    np.testing.assert_allclose(f(-stack), f(stack), rtol=1e-14)
    np.testing.assert_array_equal(f.minima[0], -f.minima[1])


# --- what is refused -----------------------------------------------------------------------------


@over_landscapes
@pytest.mark.parametrize("method", ["__call__", "gradient", "hessian", "value_and_gradient"])
def test_bad_points_are_named(f, method):
    d = f.dimension
    for theta in (np.zeros(d + 1), np.zeros((d, d + 1)), 1.0):
        with pytest.raises(ValueError, match=rf"^theta: shape \(\.\.\., {d}\)"):
            getattr(f, method)(theta)
    for theta in (["a"] * d, [None] * d, [True] * d):
        with pytest.raises(TypeError, match=r"^theta: "):
            getattr(f, method)(theta)


@pytest.mark.parametrize(
    "make, error, argument",
    [
        (lambda: Quadratic([]), ValueError, "curvatures"),
        (lambda: Quadratic([1, 0]), ValueError, "curvatures"),
        (lambda: Quadratic([1, -1]), ValueError, "curvatures"),
        (lambda: Quadratic([1, math.nan]), ValueError, "curvatures"),
        (lambda: Quadratic([[1, 2]]), ValueError, "curvatures"),
        (lambda: Quadratic(3.0), ValueError, "curvatures"),
        (lambda: Quadratic(["1", "2"]), TypeError, "curvatures"),
        (lambda: Quadratic([1], rotation=30), ValueError, "rotation"),
        (lambda: Quadratic([1, 2], rotation=math.inf), ValueError, "rotation"),
        (lambda: Quadratic([1, 2], rotation="30"), TypeError, "rotation"),
        (lambda: Quadratic([1, 2], center=[1]), ValueError, "center"),
        (lambda: Quadratic([1, 2], center=[1, math.nan]), ValueError, "center"),
        (lambda: DoubleWell(1.6), ValueError, "tilt"),
        (lambda: DoubleWell(math.nan), ValueError, "tilt"),
        (lambda: DoubleWell("0"), TypeError, "tilt"),
        (lambda: Rastrigin(0), ValueError, "dimension"),
        (lambda: Ackley(2.0), TypeError, "dimension"),
        (lambda: StyblinskiTang(True), TypeError, "dimension"),
    ],
)
def test_bad_settings_are_named(make, error, argument):
    with pytest.raises(error, match=f"^{argument}: "):
        make()


@pytest.mark.parametrize(
    "make, said",
    [
        (lambda: Quadratic(3.0), "curvatures: shape (d,) is expected, shape () given"),
        (lambda: Quadratic([1, -1]), "curvatures: positive numbers are expected, -1 given"),
        (lambda: Quadratic([1], rotation=30), "rotation: 0 is expected in one dimension"),
        (lambda: Quadratic([1, 2], center=1.0), "center: shape (2,) is expected, shape () given"),
        (lambda: Quadratic([1, 2], center=[1]), "center: 2 numbers are expected, 1 given"),
        (lambda: DoubleWell(-2), "tilt: a finite number in [-1.5, 1.5] is expected, -2.0 given"),
        (lambda: Ackley(0), "dimension: a whole number of at least 1 is expected, 0 given"),
    ],
)
def test_the_sentence_says_what_is_expected_and_what_was_given(make, said):
    with pytest.raises(ValueError, match=f"^{re.escape(said)}$"):
        make()


@over_landscapes
@pytest.mark.parametrize("attribute", ["dimension", "window", "minima", "tilt", "made_up"])
def test_attributes_cannot_be_assigned(f, attribute):
    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(f, attribute, 1)
