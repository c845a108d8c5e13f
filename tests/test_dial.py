"""The dial: an arrow drawn on a landscape, as a number and as an answer."""

import numpy as np
import pytest

from gdlab import landscapes
from gdlab.answers import Direction, Predictions
from gdlab.dial import Dial
from gdlab.exercises import QUESTIONS
from gdlab.grading import Quantity

VALLEY = landscapes.Quadratic([1, 25])
AT = (-2.0, 0.5)
WAY = Quantity(small="Turn left.", large="Turn right.", right="So it is.", unit="°", degrees=20)


@pytest.mark.parametrize("degrees", [0, 37.5, 90, 180, -135, 359, -720, 1e6])
@pytest.mark.parametrize("at", [AT, (2.9, -2.9)], ids=str)
def test_what_is_written_is_what_is_read(at, degrees):
    dial = Dial(VALLEY, at)
    dial.degrees = degrees
    assert abs((dial.degrees - degrees + 180) % 360 - 180) < 1e-6


def test_no_arrow_is_no_answer():
    dial = Dial(VALLEY, AT)
    assert dial.degrees is None and dial.sentence == "No arrow yet."
    dial.across = AT[0] + 0.001
    assert dial.degrees is None
    dial.across, dial.up = AT[0] + 1, AT[1] + 1
    assert np.isclose(dial.degrees, 45) and dial.sentence.startswith("Your arrow: 45°.")


def test_the_arrow_drawn_ends_at_the_tip_and_the_true_one_has_its_direction():
    dial = Dial(VALLEY, AT)
    dial.across, dial.up = -1.0, 1.5
    dial.show(-30)
    marks = dial._one(dial.settings).marks
    shaft = marks[dial._drawn][0]
    assert np.allclose(shaft[0], AT) and np.allclose(shaft[1], (-1.0, 1.5))
    away = np.subtract(marks[dial._right][1], AT)
    assert np.isclose(np.degrees(np.arctan2(*away[::-1])), -30)
    assert dial.sentence.endswith("The true one, dashed: −30°.")


@pytest.mark.parametrize(
    ("landscape", "at", "argument"),
    [
        (landscapes.DoubleWell(), AT, "landscape"),
        (lambda theta: 0, AT, "landscape"),
        (VALLEY, (1.0,), "at"),
        (VALLEY, (9.0, 0.0), "at"),
        (VALLEY, (3.0, 0.0), "at"),
        (VALLEY, (np.nan, 0.0), "at"),
    ],
)
def test_bad_input_is_named(landscape, at, argument):
    with pytest.raises(ValueError, match=rf"^{argument}: "):
        Dial(landscape, at)


@pytest.fixture
def page(monkeypatch):
    """A notebook's predictions that know one question about a direction."""
    monkeypatch.setitem(QUESTIONS, "way", ("Which way?", WAY))
    return Predictions()


@pytest.mark.parametrize(
    ("drawn", "said"),
    [
        (85, "Right, near enough. The truth: 90°. So it is."),
        (30, "You said 30°: Turn left. The truth: 90°."),
        (170, "You said 170°: Turn right. The truth: 90°."),
        (None, "The truth: 90°."),
    ],
)
def test_a_direction_is_asked_locked_and_compared(page, drawn, said):
    asked = page.ask("way", truth=lambda: 90.0, on=(VALLEY, AT))
    assert isinstance(asked, Direction) and asked.choice is None
    if drawn is not None:
        asked.choose(drawn)
        asked.lock()
        assert asked.locked and asked._control.disabled
        with pytest.raises(ValueError, match="locked"):
            asked.choose(10)
    asked.reveal()
    assert f">{said}<" in asked.children[-1].value
    assert "The true one, dashed: 90°." in asked._control.sentence
    assert page.score().startswith(
        f"{int(drawn is not None)} of 1 predictions locked, {int(drawn == 85)}"
    )


def test_drawing_wakes_the_lock(page):
    asked = page.ask("way", truth=90.0, on=(VALLEY, AT))
    lock = asked.children[2].children[0]
    assert lock.disabled
    asked._control.across = 1.0
    assert not lock.disabled
    lock.click()
    told = asked._repr_mimebundle_()[0]["text/plain"]
    assert asked.locked and told == f"Prediction way, locked, {asked.choice:.3g}°. {asked.question}"


def test_a_truth_not_yet_computed_draws_nothing(page):
    asked = page.ask("way", truth=lambda: later, on=(VALLEY, AT))  # noqa: F821
    asked.reveal()
    assert "Run the cells below first" in asked.children[-1].value and asked._control._truth is None


@pytest.mark.parametrize("on", [None, VALLEY, (VALLEY,)])
def test_a_direction_needs_something_to_be_drawn_on(page, on):
    with pytest.raises(TypeError, match=r"^on: \(landscape, point\) is expected"):
        page.ask("way", truth=0.0, on=on)
