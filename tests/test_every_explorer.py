"""What holds for every explorer: each control to both ends and along a random walk, and every table.

What is special to one of them is in test_explorers and its relatives; test_every_picture draws them all.
"""

import importlib
import inspect
import json
import pkgutil

import numpy as np
import pytest
from every import EXPLORERS, assert_whole, at, built, picture, positions, walk
from matplotlib.image import AxesImage
from matplotlib.text import Text

from gdlab import explorers
from gdlab.stage import Board, Stage

LARGER = {"LineSurface": 410_000, "LearningRate": 360_000, "_Room": 310_000}  # bytes of a table
# They draw small differences of large numbers, and a product of matrices is rounded by its shape.
ROUGH = {"learning rate on penguins", "zoom on a network"}
# Not every rule has a β, and a race that is tuned has no shared rate: where every slider has its effect.
ALL_MOVE = {
    "Basins": {"optimizer": 2},
    "Memory": {"rule": 5},
    "Race": {"shares": 1, "step": 60},
    "RulesAtlas": {"rule": 5},
}
every_explorer = pytest.mark.parametrize("name", EXPLORERS)


def classes(base):
    """All subclasses that the modules of explorers define."""
    for module in pkgutil.iter_modules(explorers.__path__, "gdlab.explorers."):
        members = inspect.getmembers(importlib.import_module(module.name), inspect.isclass)
        yield from (one for _, one in members if issubclass(one, base) and one.__module__ == module.name)


def table(stage, slider):
    """Positions of a slider and their frames: all, or eight where it is slow and not sent ahead."""
    values = positions(stage)[slider]
    if slider not in positions(stage, ahead=True) and len(values) > 12:
        values = values[np.linspace(0, len(values) - 1, 8).astype(int)]
    return values, stage.frames({**stage.settings, slider: values})


def same(stage, mark, one, other, tolerance):
    """Whether two pictures of a mark look the same, to a number of pixels."""
    if isinstance(mark, Text):
        return one == other
    if isinstance(mark, AxesImage):
        return np.array_equal(one, other, equal_nan=True)
    # Far outside the picture a run that goes off may differ in its last digits.
    one, other = (np.clip(stage._pixels(mark, data), -5000, 5000) for data in (one, other))
    return one.shape == other.shape and np.allclose(one, other, rtol=0, atol=tolerance, equal_nan=True)


def test_every_explorer_has_a_name():
    """A Gallery or a Fog is no Stage: it is tried by the stages behind it, which stand in its module."""
    stages, boards = set(classes(Stage)), set(classes(Board))
    # Traits that are added to a stage give it a class of its own, before that of the explorer.
    lines = [type(built(name)).__mro__ for name in EXPLORERS]
    assert {next(kind for kind in line if kind in stages) for line in lines} == stages
    assert {board.__module__ for board in boards} <= {stage.__module__ for stage in stages}
    assert {kind.__name__ for kind in stages | boards if kind.__name__[0] != "_"} <= {*explorers.__all__}


@every_explorer
def test_every_slider_at_both_ends_and_in_the_middle(stage):
    start = stage.settings
    for slider, values in positions(stage).items():
        for value in (values[0], values[len(values) // 2], values[-1]):
            setattr(stage, slider, value)
            frame = at(stage)
            assert_whole(stage, frame, 1)
            assert stage.sentence == frame.sentences[0]
        setattr(stage, slider, start[slider])


@every_explorer
def test_a_random_walk_over_all_sliders(stage):
    for i, (slider, _) in enumerate(walk(stage, 50)):
        assert_whole(stage, at(stage), 1)
        if i % 10 == 0:
            values, frames = table(stage, slider)
            assert_whole(stage, frames, len(values))


@every_explorer
def test_a_table_is_its_frames_one_by_one(stage, name):
    """The stack law of explorers, for every slider, at the start and at three other places."""
    tolerance = 0.01 if name in ROUGH else 1e-7
    rng = np.random.default_rng(1)
    places = [stage.settings, *(settings for _, settings in walk(stage, 9, seed=1))]
    for settings in places[::3]:
        for slider, value in settings.items():
            setattr(stage, slider, value)
        for slider in settings:
            values, frames = table(stage, slider)
            assert_whole(stage, frames, len(values))
            for i in {0, len(values) // 2, len(values) - 1, *rng.choice(len(values), 6).tolist()}:
                single = at(stage, **{slider: values[i]})
                assert frames.sentences[i] == single.sentences[0]
                for mark in stage._marks:
                    found, alone = picture(frames, mark, i), picture(single, mark)
                    if not isinstance(mark, Text) and len(found) > len(alone):
                        # A table may hold more points than a frame: a gap for every step not taken.
                        assert np.isnan(stage._pixels(mark, found[len(alone) :])).all(), slider
                        found = found[: len(alone)]
                    assert same(stage, mark, found, alone, tolerance), (slider, settings, i)


@every_explorer
def test_a_table_that_is_sent_ahead_is_small(stage):
    for slider in positions(stage, ahead=True):
        content, numbers = stage._table(slider, stage.settings)
        told = json.dumps(content, allow_nan=False)
        assert len(told) + len(numbers) < LARGER.get(type(stage).__name__, 300_000), slider
        assert len(told) < 100_000, slider


@every_explorer
def test_every_slider_moves_something(stage):
    for slider, value in ALL_MOVE.get(type(stage).__name__, {}).items():
        setattr(stage, slider, value)
    for slider in positions(stage):
        values, frames = table(stage, slider)
        assert len(set(frames.sentences)) > 1, slider
        end = len(values) // 2 if slider == "azimuth" else len(values) - 1  # a turn ends where it began
        assert not all(
            same(stage, mark, picture(frames, mark), picture(frames, mark, end), tolerance=5)
            for mark in stage._marks
        ), f"from its one end to the other {slider} moves no mark by 5 pixels"


@every_explorer
def test_the_same_settings_give_the_same_picture(stage):
    for slider in positions(stage):
        first, again = (stage._packed(table(stage, slider)[1], {}) for _ in range(2))
        assert first == again, slider
