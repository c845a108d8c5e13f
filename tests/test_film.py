"""Films: as many pictures as steps, the run in them, and clear refusals."""

from itertools import pairwise

import numpy as np
import pytest
from matplotlib import animation
from PIL import Image

from gdlab import GradientDescent, descend, landscapes
from gdlab.film import film

BOWL = landscapes.Quadratic([1, 10])
RUN = descend(BOWL, [-2, 1.5], GradientDescent(0.15), 6)


def pictures(path):
    """Every picture of a GIF, with how long each is shown; equal ones in a row are stored as one."""
    with Image.open(path) as gif:
        for i in range(gif.n_frames):
            gif.seek(i)
            yield np.asarray(gif.convert("RGB"), dtype=int), gif.info["duration"]


def test_a_gif_has_a_picture_a_step_and_a_rest(tmp_path):
    film(tmp_path / "run.gif", BOWL, RUN, rate=10)
    shown = list(pictures(tmp_path / "run.gif"))
    assert len(shown) == 7
    assert [time for _, time in shown[:-1]] == [100] * 6 and shown[-1][1] == 1100
    changes = [np.abs(a - b).max() for (a, _), (b, _) in pairwise(shown)]
    assert min(changes) > 50


@pytest.mark.parametrize(
    ("landscape", "start", "rate"),
    [
        (landscapes.DoubleWell(), [1.7], 0.1),
        (BOWL, [-2, 1.5], 0.5),
        (landscapes.Saddle(), [1, 0.1], 0.3),
    ],
    ids=["one dimension", "diverging", "negative values"],
)
def test_every_kind_of_run_can_be_filmed(tmp_path, landscape, start, rate):
    run = descend(landscape, start, GradientDescent(rate), 4)
    film(str(tmp_path / "run.gif"), landscape, run)
    assert len(list(pictures(tmp_path / "run.gif"))) >= 3


def test_progress_sees_every_step(tmp_path):
    seen = []
    film(tmp_path / "a.gif", BOWL, RUN, progress=lambda steps: (seen.append(k) or k for k in steps))
    assert seen == list(range(7))


def test_an_mp4_needs_ffmpeg(tmp_path):
    if animation.writers.is_available("ffmpeg"):
        film(tmp_path / "run.mp4", BOWL, RUN)
        assert (tmp_path / "run.mp4").stat().st_size > 1000
    else:
        with pytest.raises(ValueError, match=r"^path: .mp4 needs ffmpeg"):
            film(tmp_path / "run.mp4", BOWL, RUN)


@pytest.mark.parametrize(
    ("changes", "argument"),
    [
        ({"path": "run.png"}, "path"),
        ({"rate": 0}, "rate"),
        ({"objective": landscapes.Rastrigin(3)}, "objective"),
        ({"objective": lambda theta: 0}, "objective"),
        ({"run": descend(BOWL, np.ones((3, 2)), GradientDescent(0.1), 2)}, "run"),
    ],
)
def test_what_cannot_be_filmed_is_refused(tmp_path, changes, argument):
    arguments = {"path": "run.gif", "objective": BOWL, "run": RUN} | changes
    arguments["path"] = tmp_path / arguments["path"]
    with pytest.raises(ValueError, match=rf"^{argument}: "):
        film(**arguments)
    assert list(tmp_path.iterdir()) == []
