"""Numbers in sentences: powers, minus signs, plurals, three digits."""

import pytest

from gdlab.words import counted, short, ten, typeset


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ("the value is 5e-05.", "the value is 5·10⁻⁵."),
        ("1.74e+07 g and -3.2e+100", "1.74·10⁷ g and −3.2·10¹⁰⁰"),
        ("(-1.97, 0.5), -60°", "(−1.97, 0.5), −60°"),
        ("from -2 to -1", "from −2 to −1"),
        ("-0.00, -0, −0.0 and -0.", "0.00, 0, 0.0 and 0."),
        ("y = -0.0. Next, -0", "y = 0.0. Next, 0"),
        ("-0.5, -0.05, -0.001.", "−0.5, −0.05, −0.001."),
        # A hyphen stays one: in a word, between numbers, and where no digit follows.
        ("the 0-1 loss of a two-layer net - here", "the 0-1 loss of a two-layer net - here"),
        ("x1-2, (a)-3, step 2", "x1-2, (a)-3, step 2"),
        ("e-mail, 2 e-05", "e-mail, 2 e-05"),
    ],
)
def test_numbers_are_typeset_and_words_are_not(given, told):
    assert typeset(given) == told
    assert typeset(told) == told


def test_powers_of_ten():
    assert [ten(power) for power in (-12, 0, 7, 345)] == ["10⁻¹²", "10⁰", "10⁷", "10³⁴⁵"]


def test_one_is_no_plural():
    assert [counted(n, "step") for n in (0, 1, 2)] == ["0 steps", "1 step", "2 steps"]


@pytest.mark.parametrize(
    ("number", "told"),
    [
        (0.0, "0"),
        (1e-13, "nearly 0"),
        (0.00009, "nearly 0"),
        (-0.0001, "−0.0001"),
        (0.12345, "0.123"),
        (-98.76, "−98.8"),
        (998.6, "999"),
        (-12345.6, "−12346"),
        (1e6, "huge"),
        (float("nan"), "huge"),
        (float("inf"), "huge"),
    ],
)
def test_short_numbers(number, told):
    assert short(number) == told


def test_what_rounding_leaves_is_nought():
    assert short(1e-13, zero=1e-12) == short(-1e-12, zero=1e-12) == "0"
    assert short(2e-12, zero=1e-12) == "nearly 0"
