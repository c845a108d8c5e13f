"""The explorer of notebook 02, without a browser.

The oracles: least squares in whole fractions (no rounding at all), descent by a plain loop, and the
condition number from eigenvalues.
"""

from fractions import Fraction
from unittest import mock

import numpy as np
import pytest
from every import at, picture, quick, table

from gdlab.explorers import polynomial
from gdlab.explorers.polynomial import PolynomialFit

DEGREES = range(1, 16)


@pytest.fixture
def name():
    """What the fixture `stage` gives in this file."""
    return "polynomial"


def solved(degree, t, h):
    """The least-squares coefficients, by Gauss' elimination on fractions."""
    A = [[Fraction(x) ** k for k in range(degree + 1)] for x in t.tolist()]
    d = degree + 1
    rows = [
        [sum(a[i] * a[j] for a in A) for j in range(d)]
        + [sum(a[i] * Fraction(y) for a, y in zip(A, h.tolist(), strict=True))]
        for i in range(d)
    ]
    for i in range(d):
        rows[i] = [x / rows[i][i] for x in rows[i]]
        for j in set(range(d)) - {i}:
            rows[j] = [x - rows[j][i] * y for x, y in zip(rows[j], rows[i], strict=True)]
    return [row[-1] for row in rows]


# --- the controls ---------------------------------------------------------------------------------


def test_every_degree_is_told_and_drawn_without_a_gap(stage):
    frames = table(stage, "degree")
    for i, degree in enumerate(DEGREES):
        single = at(stage, degree=degree)
        assert single.sentences == frames.sentences[i : i + 1]
        assert single.sentences[0].startswith(f"Degree {degree}: ")
        for mark in stage._marks:
            found = picture(frames, mark, i)
            assert np.allclose(found, picture(single, mark), rtol=1e-9, atol=1e-12)
            assert np.isfinite(stage._pixels(mark, found)).all()


def test_between_two_degrees_the_nearer_one_is_shown(stage):
    assert at(stage, degree=7.4).sentences == at(stage, degree=7).sentences
    assert at(stage, degree=7.6).sentences == at(stage, degree=8).sentences


def test_every_degree_moves_every_mark(stage):
    low, high = at(stage, degree=1), at(stage, degree=15)
    for mark in stage._marks:
        pixels = [stage._pixels(mark, picture(frames, mark)) for frames in (low, high)]
        assert np.abs(pixels[0] - pixels[1]).max() > 5


@pytest.mark.parametrize(("bad", "end"), [(0, "least 1"), (16, "most 15"), (-1, "least 1")])
def test_a_degree_outside_is_refused(bad, end):
    with pytest.raises(
        ValueError, match=rf"^degree: a whole number of at {end} is expected, {bad} given$"
    ):
        quick(lambda: PolynomialFit(bad))


@pytest.mark.parametrize("bad", [2.5, "3", True, None, [4]])
def test_a_degree_that_is_no_whole_number_is_refused(bad):
    with pytest.raises(TypeError, match=r"^degree: a whole number"):
        quick(lambda: PolynomialFit(bad))


# --- the numbers ----------------------------------------------------------------------------------


def test_the_data_are_exact(stage):
    for t, h in zip(stage.t.tolist(), stage.h.tolist(), strict=True):
        assert Fraction(h) == 1 + 5 * Fraction(t) - 5 * Fraction(t) ** 2
    assert len(stage.t) == 85 and stage.h.min() > 0


@pytest.mark.parametrize("degree", [1, 2, 5, 12, 15])
def test_the_truth_is_least_squares_without_rounding(stage, degree):
    exact = solved(degree, stage.t, stage.h)
    assert np.allclose(stage.truth[degree - 1, : degree + 1], np.array(exact, dtype=float), rtol=1e-15)
    assert not stage.truth[degree - 1, degree + 1 :].any()


@pytest.mark.parametrize("degree", DEGREES)
def test_the_condition_numbers(stage, degree):
    A = np.array([[t**k for k in range(degree + 1)] for t in stage.t])
    low, *_, high = np.linalg.svd(A, compute_uv=False)[::-1]
    assert stage.conditions[degree - 1] == pytest.approx(high / low, rel=1e-5)
    if degree < 7:
        eigenvalues = np.linalg.eigvalsh(A.T @ A)
        square = stage.conditions[degree - 1] ** 2
        assert square == pytest.approx(eigenvalues[-1] / eigenvalues[0], rel=1e-4)


def test_the_inverse_loses_far_more_digits_than_lstsq(stage):
    ratio = stage.errors["inverse"] / np.maximum(stage.errors["lstsq"], 1e-16)
    assert ratio[11] > 1e6 and stage.errors["lstsq"].max() < 1e-5
    assert (stage.errors["inverse"][:6] < 1e-6).all() and 1e-3 < stage.errors["inverse"][11] < 10


@pytest.mark.parametrize("degree", [1, 2, 7, 15])
def test_descent_is_a_thousand_plain_steps(stage, degree):
    A = stage.design(degree)
    rate = 1 / np.linalg.eigvalsh(2 / 85 * A.T @ A)[-1]
    theta = np.zeros(degree + 1)
    for _ in range(1000):
        theta = theta - rate * 2 / 85 * A.T @ (A @ theta - stage.h)
    assert np.allclose(stage.fits["descent"][degree - 1, : degree + 1], theta, rtol=1e-6, atol=1e-9)
    assert stage.errors["descent"][degree - 1] == pytest.approx(
        np.abs(theta - stage.truth[degree - 1, : degree + 1]).max(), rel=1e-6, abs=1e-12
    )


@pytest.mark.parametrize("way", ["inverse", "lstsq", "descent"])
def test_the_curves_are_the_polynomials(stage, way):
    for degree in (1, 6, 12):
        t, h = picture(at(stage, degree=degree), stage._curves[way]).T
        assert t[0] == stage.t[0] and t[-1] == stage.t[-1]
        assert np.allclose(h, np.polyval(stage.fits[way][degree - 1, ::-1], t), rtol=1e-9, atol=1e-9)


def test_the_dots_stand_on_the_curves_of_the_right(stage):
    frames = at(stage, degree=9)
    for name, dot in stage._dots.items():
        ((degree, error),) = picture(frames, dot)
        assert degree == 9 and error == pytest.approx(stage.errors[name][8])
    for dot, power in zip(stage._numbers, (1, 2), strict=True):
        assert picture(frames, dot)[0].tolist() == [9, stage.conditions[8] ** power]


def test_the_sentence_of_the_notebook(stage):
    expected = (
        "Degree 12: cond(A) ≈ 4·10⁷, cond(AᵀA) ≈ 2·10¹⁵. Largest error of a coefficient: by the "
        "inverse more than a thousandth, by lstsq less than a millionth, by 1,000 steps of descent 4.7."
    )
    assert at(stage, degree=12).sentences == [expected]


def test_a_computer_that_finds_no_inverse_is_told_of():
    with mock.patch.object(np.linalg, "inv", side_effect=np.linalg.LinAlgError("Singular matrix")):
        stage = quick(lambda: PolynomialFit(12))
    assert "by the inverse no answer at all," in stage.sentence
    curve = stage._curves["inverse"]
    assert np.isnan(picture(at(stage), curve)[:, 1]).all()


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (20, "more than 10"),
        (0.2, "more than a thousandth"),
        (2e-5, "more than a millionth"),
        (0, "less than a millionth"),
    ],
)
def test_the_sizes_of_errors(error, words):
    assert polynomial._size(error) == words


def test_the_powers_of_ten():
    assert [polynomial._power(x) for x in (3.3, 999, 6.9e8, 1.2e15)] == [
        "3", "999", "7·10⁸", "1·10¹⁵"
    ]  # fmt: skip
