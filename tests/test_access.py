"""Pictures that everyone can read: contrast, a second cue beside each colour, sizes."""

import numpy as np
import pytest
from matplotlib.colors import to_rgb
from matplotlib.text import Text
from test_explorers import EXPLORERS

from gdlab import plots
from gdlab.stage import Still

PAIRS = [("black", "white", 21.0), ("white", "white", 1.0), ("#767676", "white", 4.54)]
PAIRS += [("#0072B2", "white", 5.19)]


@pytest.mark.parametrize(("one", "other", "known"), PAIRS)
def test_contrast_is_that_of_the_guidelines(one, other, known):
    assert plots.contrast(one, other) == pytest.approx(known, abs=0.01)
    assert plots.contrast(other, one) == plots.contrast(one, other)


@pytest.mark.parametrize("color", [plots.PATH, plots.GRADIENT, plots.TRUTH, plots.QUIET])
def test_the_main_colours_can_be_seen_as_lines(color):
    assert plots.contrast(color, "white") >= 3


def words(figure):
    """The words of a figure that are not meant for a dark ground."""
    for text in figure.findobj(Text):
        if plots._luminance(text.get_color()) < 0.5:
            yield text


@pytest.mark.parametrize("name", EXPLORERS)
def test_the_words_of_every_explorer_can_be_read(name):
    stage = EXPLORERS[name]()
    found = list(words(stage._figure))
    assert len(found) > 5
    assert [text.get_text() for text in found if plots.contrast(text.get_color(), "white") < 4.5] == []
    small = [text for text in found if text.get_text() and text.get_fontsize() * 100 / 72 < 11]
    assert [text.get_text() for text in small] == []
    for mark in stage.picture["marks"]:
        if mark["kind"] == "text" and plots._luminance(mark["color"]) < 0.5:
            assert plots.contrast(mark["color"], "white") >= 4.5


def test_words_keep_their_hue_and_light_ones_stay():
    figure, ax = plots.figure(1)
    green, dark, light = (ax.text(0, 0, "a", color=c) for c in (plots.TRUTH, "#1a1a1a", "white"))
    Still(figure, "Three letters.")
    was, now = np.array(to_rgb(plots.TRUTH)), np.array(green.get_color())
    assert np.allclose(now * was.max(), was * now.max())  # the same mixture, darker
    assert 4.5 <= plots.contrast(green.get_color(), "white") < 5
    assert np.allclose(dark.get_color(), to_rgb("#1a1a1a")) and np.allclose(light.get_color(), 1)
