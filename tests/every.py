"""Every explorer by its name, and what the tests of explorers share."""

import functools
import json
import re
from unittest import mock

import numpy as np
import pytest
from matplotlib.image import AxesImage
from matplotlib.text import Text

from gdlab import EmpiricalRisk, closed_form, data, explorers, landscapes, losses, models
from gdlab.explorers.gallery import ROOMS
from gdlab.stage import Stage

BOWL, WELL = landscapes.Quadratic([1, 10], rotation=30), landscapes.DoubleWell()
HILLS, VALLEY = landscapes.Himmelblau(), landscapes.Rosenbrock()
BIRDS = data.standardize(data.penguins())
SOME = data.standardize(data.penguins().take(np.arange(0, 342, 12)))  # all would take ten times longer
KILOS = data.Dataset(BIRDS.X, BIRDS.y / 1000, BIRDS.features, "body mass (kg)", BIRDS.source)
LINE = data.line(30, noise=0.3)


def risk(dataset):
    """The mean squared error of a line."""
    return EmpiricalRisk(models.Linear(), losses.SquaredError(), dataset)


SOME_RISK, KILOS_RISK = risk(SOME), risk(KILOS)
SOME_LOWEST = closed_form.lstsq(SOME.X, SOME.y)
NETWORK = EmpiricalRisk(models.Network((1, 4, 1)), losses.SquaredError(), LINE)


def wave(n, seed, degree=14):
    """A noisy sine wave, and the Legendre polynomials to fit it with."""
    rng = np.random.default_rng(seed)
    u = 2 * (np.arange(n) + rng.uniform(size=n)) / n - 1
    P = np.polynomial.legendre.legvander(u, degree)[:, 1:]
    y = -np.sin(np.pi * u) + 0.3 * rng.normal(size=n)
    return data.Dataset(P, y, [f"P{k}" for k in range(1, degree + 1)], "y", "a noisy sine wave")


def fog(lifted=False, **settings):
    """The fog after three probes."""
    fog = explorers.Fog(**settings)
    for fog.x, fog.y in ((-1.5, -1.5), (1.5, 1.5), (1.2, 1.9)):
        fog.probe()
    if lifted:
        fog.lift()
    return fog.stage


def learning_rate(*given, **settings):
    return lambda: explorers.LearningRate(*given, **settings)


LOWERED = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")
EXPLORERS = {
    "learning rate on a bowl": learning_rate(BOWL, [-2, 1.5], 0.15),
    "learning rate on a parabola": learning_rate(
        landscapes.Quadratic([2.0]), [1.8], 0.9, 12, (0.05, 1.4)
    ),
    "learning rate in a double well": learning_rate(WELL, [0.5], 0.1, 60, (0.01, 0.5)),
    "learning rate on a saddle": learning_rate(landscapes.Saddle(), [1.0, 0.1], 0.1),
    "learning rate in a curved valley": learning_rate(VALLEY, [-1.0, 2.0], steps=100),
    "learning rate on penguins": learning_rate(
        SOME_RISK, [0, 0], 0.1, window=((-1500, 3000), (-500, 9000)), minimum=SOME_LOWEST
    ),
    "line fit": explorers.LineFit,
    "line descent": explorers.LineDescent,
    "outlier": explorers.Outlier,
    "loss shapes": explorers.LossShapes,
    "atlas": explorers.Atlas,
    "polynomial": explorers.PolynomialFit,
    "surface": explorers.LineSurface,
    "fog": lambda: explorers.Fog().stage,
    "fog, probed": lambda: fog(seed=3, probes=5),
    "fog, lifted": lambda: fog(lifted=True, seed=9),
    **{f"gallery, {room}": lambda room=room: explorers.Gallery(room).stage for room in ROOMS},
    "compass": lambda: explorers.Compass(HILLS, [1, 1], radius=0.01),
    "compass in a curved valley": lambda: explorers.Compass(VALLEY, [-0.6, 1.2]),
    "compass on a bowl": lambda: explorers.Compass(BOWL, [1.0, 1.0], radius=0.1),
    "compass on a saddle": lambda: explorers.Compass(landscapes.Saddle(), [0.0, 0.0]),
    "compass on data": lambda: explorers.Compass(
        risk(LINE), [1.0, 0.0], window=((-4.0, 4.0), (-4.0, 4.0))
    ),
    "zoom": lambda: explorers.Zoom(WELL, [-1.2], width=0.3),
    "zoom on a slice": lambda: explorers.Zoom(HILLS, [1, 1], width=0.1),
    "zoom along a direction": lambda: explorers.Zoom(HILLS, [1, 1], direction=[1, 0], widest=1),
    "zoom on a network": lambda: explorers.Zoom(NETWORK, NETWORK.model.start(0), widest=1),
    "ledger": lambda: explorers.StepLedger(HILLS, [1, 1], 0.01, steps=3),
    "ledger in one dimension": lambda: explorers.StepLedger(WELL, [0.5], 0.1, most_steps=12),
    "batch path": lambda: explorers.BatchPath(10),
    "microscope": lambda: explorers.Microscope(KILOS_RISK, [0, 3.5]),
    "microscope on few examples": lambda: explorers.Microscope(
        risk(data.standardize(data.line(12, noise=1))), [1, 1], size=3
    ),
    "walkers": lambda: explorers.Walkers(3.4),
    "race of batches": lambda: explorers.BatchRace(16, passes=1),
    "valleys": explorers.Valleys,
    "widths": explorers.Widths,
    "basins": lambda: explorers.Basins(pixels=12),
    "basins of a camel": lambda: explorers.Basins(landscapes.SixHumpCamel(), (0.1, 0.2), pixels=9),
    "generalization": lambda: explorers.Generalization(wave(15, 2), wave(60, 9)),
    "network graph": explorers.NetworkGraph,
    "wiring": explorers.Wiring,
    "memory": explorers.Memory,
    "memory of Adam": lambda: explorers.Memory(rule="Adam", learning_rate=0.1, steps=20),
    "memory on hills": lambda: explorers.Memory(HILLS, [1, 1], "RMSProp", 0.05, 3),
    "race of rules": lambda: explorers.Race(steps=60, at=30),
    "unfair race": lambda: explorers.Race(steps=60, at=60, fair=False, shared=0.1),
    "race in a curved valley": lambda: explorers.Race(VALLEY, [-1.2, 1], 60, 0.01, 10),
    "condition": explorers.Condition,
    "rules over starts": lambda: explorers.RulesAtlas(against="start"),
    "rules over curvatures": lambda: explorers.RulesAtlas(against="curvature", rule="RMSProp"),
    "phase": explorers.Phase,
    "trainability": lambda: explorers.Trainability(pixels=24, steps=60),
    "clinic": explorers.Clinic,
    "clinic, another patient": lambda: explorers.Clinic("not reset", learning_rate=0.3),
}


NO_NUMBER, FALSE_MINUS = r"\b(nan|inf|None)\b", r"[-−]0(\.0*)?(?!\.?\d)"
# What a zero becomes by rounding; but a value above the lowest, or a change of it, may be that small.
ROUNDED = r"(?<!the value is )(?<!falls by )(?<!falls is )(?<![\d.])[\d.]+e-1\d"
# Two explorers that do it, to be put right there.
KNOWN = r"^Outlier at y = -0\.0\.|squared -0\.00,|^From 2\.22e-16 "
# A run that goes off may end in infinities. On the page they are gaps.
RUNS_AWAY = (
    explorers.LearningRate,
    explorers.Memory,
    explorers.Race,
    explorers.RulesAtlas,
    explorers.Clinic,
)


def only(*names):
    """Run a test with these explorers."""
    return pytest.mark.parametrize("name", names)


def quick(make):
    """An explorer whose background is not rendered: that takes long, and test_stage looks at it."""
    with mock.patch.object(Stage, "_png", lambda *_: b""):
        return make()


@functools.cache
def built(name):
    """The explorer of that name, made once. Who moves it puts it back: the fixture `stage` does."""
    return quick(EXPLORERS[name])


def positions(stage, ahead=False):
    """Every slider's positions; with `ahead` only of those whose table is sent ahead."""
    sliders = stage.picture["sliders"]
    return {s["name"]: np.array(s["values"]) for s in sliders if s["ahead"] or not ahead}


def at(stage, **settings):
    """The one frame at some settings; what is not named stands where it is."""
    settings = {**stage.settings, **settings}
    first = next(iter(settings))
    return stage.frames({**settings, first: np.array([settings[first]], dtype=float)})


def table(stage, slider, **settings):
    """The frames for all positions of a slider."""
    return stage.frames({**stage.settings, **settings, slider: positions(stage)[slider]})


def picture(frames, mark, i=0):
    """What a mark shows in picture number i, whether or not it is the same in all of them."""
    data = frames.marks[mark]
    if isinstance(mark, Text):
        return data[i]
    data = np.asarray(data)
    return data if data.ndim == 2 else data[0 if len(data) == 1 else i]


def pictures(frames):
    """What each mark shows in the only picture."""
    assert len(frames.sentences) == 1
    return {mark: picture(frames, mark) for mark in frames.marks}


def walk(stage, moves, seed=0):
    """Move along a random walk over all sliders: (slider, settings), one slider a move."""
    rng, values = np.random.default_rng(seed), positions(stage)
    for name in rng.choice(list(values), moves):
        setattr(stage, str(name), rng.choice(values[name]))
        yield str(name), stage.settings


def assert_whole(stage, frames, P):
    """P pictures: every mark has data for each, on the page all is finite or a gap, all is told."""
    assert len(frames.sentences) == P and set(frames.marks) == set(stage._marks)
    for sentence in frames.sentences:
        assert isinstance(sentence, str) and re.fullmatch(r"\S.*\.", sentence), sentence
        said = re.sub(KNOWN, "", sentence)
        assert not re.search(f"{NO_NUMBER}|{FALSE_MINUS}|{ROUNDED}", said), sentence
    for mark, content in frames.marks.items():
        if isinstance(mark, Text):
            assert len(content) == P and all(isinstance(text, str) for text in content)
            assert not any(re.search(f"nan|inf|{FALSE_MINUS}", text) for text in content), content
            json.dumps(content)
            continue
        content = np.asarray(content)
        assert content.dtype.kind == "f" and content.shape[:-2] in {(P,), (1,), ()}
        assert not np.isinf(content).any() or isinstance(stage, RUNS_AWAY)
        if not isinstance(mark, AxesImage):
            assert content.shape[-1] == 2
            numbers = np.isfinite(content).all(axis=-1)
            assert np.isfinite(stage._pixels(mark, content)[numbers]).all()
    json.dumps(frames.sentences)


def read(told):
    """The number that a sentence tells: −3.2·10⁻⁵."""
    digits, _, power = told.replace("−", "-").partition("·10")
    return float(f"{digits}e{power.translate(LOWERED) or 0}")
