"""The explorers of notebook 04: compass, zoom and step ledger, against computations of their own."""

import re

import numpy as np
import pytest
from every import (
    BOWL,
    EXPLORERS,
    HILLS,
    LINE,
    WELL,
    assert_whole,
    at,
    built,
    only,
    picture,
    positions,
    quick,
    risk,
    walk,
)

from gdlab import landscapes
from gdlab.explorers.compass import Compass
from gdlab.explorers.ledger import StepLedger, short
from gdlab.explorers.zoom import Zoom

COMPASSES, ZOOMS = ([n for n in EXPLORERS if n.startswith(kind)] for kind in ("compass", "zoom"))
RISK = risk(LINE)


# --- the compass -------------------------------------------------------------------------------------


def brute(stage, degrees):
    """The change in one direction, from the formula, one point at a time."""
    s, turn = stage.settings, np.radians(degrees)
    here = np.array([s["x"], s["y"]])
    there = here + s["radius"] * np.array([np.cos(turn), np.sin(turn)])
    return float(stage.landscape(there) - stage.landscape(here))


def angle_of(point):
    return np.degrees(np.arctan2(point[1], point[0])) % 360


@only(*COMPASSES)
def test_the_lobes_are_the_changes(stage):
    for _ in walk(stage, 5, seed=2):
        frames = at(stage)
        rises, falls = (picture(frames, mark) for mark in (stage._rises, stage._falls))
        told = float(re.search(r"change of (\S+)", frames.marks[stage._ring][0])[1])
        for i, degrees in enumerate(np.arange(0, 361, 4)):
            change = brute(stage, degrees)
            assert np.linalg.norm(rises[i]) * told == pytest.approx(max(change, 0), abs=0.006 * told)
            assert np.linalg.norm(falls[i]) * told == pytest.approx(max(-change, 0), abs=0.006 * told)
            for lobe in (rises[i], falls[i]):
                if np.linalg.norm(lobe) > 0.05:
                    assert abs((angle_of(lobe) - degrees + 180) % 360 - 180) < 1e-6


@only(*COMPASSES)
def test_the_triangles_are_the_best_of_many_directions(stage):
    tenths = np.arange(0, 360, 0.1)
    for _ in walk(stage, 8, seed=3):
        here = np.array([stage.x, stage.y])
        ring = np.stack([np.cos(np.radians(tenths)), np.sin(np.radians(tenths))], axis=-1)
        changes = stage.landscape(here + stage.radius * ring) - stage.landscape(here)
        frames, room = at(stage), 1e-4 * np.abs(changes).max()
        assert brute(stage, angle_of(picture(frames, stage._best)[0])) >= changes.max() - room
        assert brute(stage, angle_of(picture(frames, stage._worst)[0])) <= changes.min() + room


@only(*(name for name in COMPASSES if "saddle" not in name))
def test_the_arrows_are_the_gradient_and_close_by_they_win(stage):
    stage.radius = positions(stage)["radius"][0]
    gradient = stage.landscape.gradient(np.array([stage.x, stage.y]))
    frames = at(stage)
    up, down = (picture(frames, mark)[1] for mark in (stage._gradient, stage._opposite))
    assert np.allclose(up / np.linalg.norm(up), gradient / np.linalg.norm(gradient))
    assert np.allclose(up, -down)
    for arrow, triangle in ((up, stage._best), (down, stage._worst)):
        assert abs((angle_of(arrow) - angle_of(picture(frames, triangle)[0]) + 180) % 360 - 180) < 0.2
    said = re.search(r"measured at (\S+)°, the gradient points to (\S+)°", frames.sentences[0])
    assert float(said[2]) == pytest.approx(angle_of(gradient), abs=0.051)
    assert abs(float(said[1]) - float(said[2])) < 0.25


def test_far_off_the_arrow_loses():
    stage = built("compass")
    said = at(stage, radius=4.0).sentences[0]
    best, arrow = map(float, re.search(r"measured at (\S+)°, .* points to (\S+)°\.", said).groups())
    assert abs(best - arrow) > 90
    own = re.search(r"Against the gradient the value rises by (\S+); the most it falls is (\S+),", said)
    gradient = HILLS.gradient(np.array([1.0, 1.0]))
    there = np.array([1.0, 1.0]) - 4 * gradient / np.linalg.norm(gradient)
    assert float(own[1]) == pytest.approx(HILLS(there) - HILLS([1, 1]), rel=0.006)
    tenths = np.radians(np.arange(0, 360, 0.1))
    ring = 1 + 4 * np.stack([np.cos(tenths), np.sin(tenths)], axis=-1)
    assert float(own[2]) == pytest.approx(HILLS([1, 1]) - HILLS(ring).min(), rel=0.006)


def test_where_it_is_level_the_compass_says_so():
    saddle, bottom = built("compass on a saddle"), quick(lambda: Compass(BOWL, [0.0, 0.0]))
    assert "gradient is 0 here" in saddle.sentence and "gradient is 0 here" in bottom.sentence
    assert np.isnan(picture(at(bottom), bottom._gradient)).any()
    plain = quick(lambda: Compass(landscapes.Plateau(), [6.0, 6.0], radius=1.0))
    assert_whole(plain, at(plain), 1)
    near = quick(lambda: Compass(BOWL, [0.1, 0.0], radius=2.0))
    assert "no direction falls" in near.sentence


# --- the zoom ----------------------------------------------------------------------------------------


@only(*ZOOMS)
def test_the_window_shows_curve_tangent_and_gap(stage):
    along = stage._along
    assert np.linalg.norm(along) == pytest.approx(1)
    here = float(stage.landscape(stage._at))
    slope = float(stage.landscape.gradient(stage._at) @ along)
    for width in positions(stage)["width"][[0, 60, 140, 199]]:
        frames = at(stage, width=width)
        curve, gap, dot = (picture(frames, mark) for mark in (stage._curve, stage._gap, stage._dot))
        for t, height in curve[::10]:
            change = float(stage.landscape(stage._at + t * width * along)) - here
            assert height * width * abs(slope) == pytest.approx(change, rel=1e-6, abs=1e-9 * abs(here))
        assert gap[0] == pytest.approx([1, np.sign(slope)]) and gap[1] == pytest.approx(curve[-1])
        miss = abs(float(stage.landscape(stage._at + width * along)) - here - slope * width)
        assert dot[0] == pytest.approx([width, miss], rel=1e-5, abs=1e-12)
        assert f"Window ±{width:.3g}:" in frames.sentences[0]
        assert frames.marks[stage._across[2]] == [f"+{width:.2g}"]
        assert frames.marks[stage._upwards[0]] == [f"−{width * abs(slope):.2g}"]
        window = picture(frames, stage._window)
        assert np.ptp(window[:, 0]) == pytest.approx(2 * width)


@only(*ZOOMS)
def test_the_gap_has_slope_two(stage):
    widths = positions(stage)["width"][:60]
    gaps = stage.frames({"width": widths}).marks[stage._dot][:, 0, 1]
    assert np.polyfit(np.log(widths), np.log(gaps), 1)[0] == pytest.approx(2, abs=0.05)


# --- the ledger --------------------------------------------------------------------------------------


def read(text):
    return float(text.strip("()").replace("−", "-"))


@only("ledger", "ledger in one dimension")
def test_the_ledgers_sums_are_right(stage):
    theta = stage.run.thetas[0]
    for k in range(1, 11):
        gradient = stage.landscape.gradient(theta)
        after = theta - stage.learning_rate * gradient
        frames = at(stage, steps=float(k))
        sums = re.findall(r"θ[₁₂] = (\S+) − (\S+) × (\S+) = ([^\s;]+?)[;.] ", frames.sentences[0] + " ")
        assert len(sums) == len(theta)
        for i, numbers in enumerate(sums):
            old, rate, slope, new = map(read, numbers)
            expected = [theta[i], stage.learning_rate, gradient[i], after[i]]
            assert [old, rate, slope, new] == pytest.approx(expected, rel=6e-4, abs=1e-12)
        place = after if len(after) == 2 else [after[0], stage.landscape(after)]
        assert picture(frames, stage._here)[0] == pytest.approx(place)
        fell = stage.landscape(after) < stage.landscape(theta)
        assert ("The value falls" in frames.sentences[0]) == fell
        path = picture(frames, stage._path)
        assert np.isfinite(path[: k + 1]).all() and np.isnan(path[k + 1 :]).all()
        theta = after


def test_the_ledger_begins_at_the_start():
    said = at(built("ledger"), steps=0.0).sentences[0]
    assert said == "Start: θ₁ = 1, θ₂ = 1; the gradient is (−46, −38)."


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (-46.0, "−46"),
        (-0.0, "0"),
        (1.46, "1.46"),
        (2.43534, "2.435"),
        (5.2e-05, "5.2·10⁻⁵"),
        (-3e7, "−3·10⁷"),
    ],
)
def test_short_numbers(value, text):
    assert short(value) == text


# --- bad arguments -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("make", "names"),
    [
        (lambda: Compass(WELL, [0.5]), "landscape"),
        (lambda: Compass("hills", [1, 1]), "landscape"),
        (lambda: Compass(HILLS, [1]), "at"),
        (lambda: Compass(HILLS, [1, 6]), "at"),
        (lambda: Compass(HILLS, "ab"), "at"),
        (lambda: Compass(HILLS, [1, np.nan]), "at"),
        (lambda: Compass(HILLS, [1, 1], radius=0), "radius"),
        (lambda: Compass(HILLS, [1, 1], radius=6), "radius"),
        (lambda: Compass(HILLS, [1, 1], radius="1"), "radius"),
        (lambda: Compass(RISK, [1, 1]), "window"),
        (lambda: Compass(HILLS, [1, 1], window=((1, -1), (0, 2))), "window"),
        (lambda: Compass(HILLS, [1, 1], window=((-1, 2),)), "window"),
        (lambda: Zoom("well", [0.5]), "landscape"),
        (lambda: Zoom(WELL, [0.5, 1]), "at"),
        (lambda: Zoom(WELL, WELL.minima[0]), "at"),
        (lambda: Zoom(HILLS, [3, 2]), "at"),
        (lambda: Zoom(HILLS, [1, 1], direction=[0, 0]), "direction"),
        (lambda: Zoom(HILLS, [1, 1], direction=[1]), "direction"),
        (lambda: Zoom(WELL, [0.5], width=0), "width"),
        (lambda: Zoom(WELL, [0.5], width=3), "width"),
        (lambda: Zoom(WELL, [0.5], widest=-1), "widest"),
        (lambda: Zoom(RISK, [1, 1]), "widest"),
        (lambda: StepLedger(RISK, [1, 1], 0.1), "landscape"),
        (lambda: StepLedger(landscapes.Quadratic([1, 2, 3]), [1, 1, 1], 0.1), "landscape"),
        (lambda: StepLedger(HILLS, [1], 0.01), "start"),
        (lambda: StepLedger(HILLS, [1, 9], 0.01), "start"),
        (lambda: StepLedger(HILLS, [1, 1], 0), "learning_rate"),
        (lambda: StepLedger(HILLS, [1, 1], "a"), "learning_rate"),
        (lambda: StepLedger(HILLS, [1, 1], 10.0), "learning_rate"),
        (lambda: StepLedger(HILLS, [1, 1], 0.01, steps=21), "steps"),
        (lambda: StepLedger(HILLS, [1, 1], 0.01, steps=1.5), "steps"),
        (lambda: StepLedger(HILLS, [1, 1], 0.01, most_steps=0), "most_steps"),
    ],
)
def test_a_bad_argument_is_refused_by_its_name(make, names):
    with pytest.raises((ValueError, TypeError), match=rf"^{names}: .* expected, .* given$"):
        quick(make)
