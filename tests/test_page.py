"""A stage as a page without a kernel: what it holds, what it weighs, what it leaves out."""

import base64
import gzip
import json
import re

import numpy as np
import pytest

from gdlab import explorers, landscapes, plots
from gdlab.page import EDGE, GAP, STEP, _thinned
from gdlab.stage import Slider, Still

BOWL = landscapes.Quadratic([1, 10], rotation=30)


@pytest.fixture(scope="module")
def stage():
    return explorers.LearningRate(BOWL, start=[-2, 1.5], learning_rate=0.15)


def text(path, name):
    return re.search(rf'id="{name}">(.*?)</script>', path.read_text(encoding="utf-8"))[1]


def tables(path):
    """The page's tables, unpacked here by another program than the page's own."""
    packed = gzip.decompress(base64.b64decode(text(path, "tables")))
    line, _, data = packed.partition(b"\n")
    for content in json.loads(line):
        marks, frames = [], len(content["sentences"])
        for points, moves in content["counts"]:
            count = points * (frames if moves else 1)
            whole = np.frombuffer(data[: 4 * count], "<i2").reshape(-1, points, 2)
            whole = np.cumsum(whole, axis=0, dtype=np.int16)
            marks.append(np.where(whole == GAP, np.nan, whole * STEP))
            data = data[4 * count :]
        data = data[content["bytes"][1] :]
        yield content, marks
    assert data == b""


def test_the_tables_hold_the_frames(stage, tmp_path):
    stage.save(tmp_path / "a.html")
    state = json.loads(text(tmp_path / "a.html", "state"))
    kept = {slider["name"]: np.array(slider["values"]) for slider in state["picture"]["sliders"]}
    assert len(kept["learning_rate"]) >= 200 and 0.15 in kept["learning_rate"]
    assert (
        stage.learning_rate in kept["learning_rate"] or np.abs(kept["learning_rate"] - 0.15).min() < 0.01
    )
    found = list(tables(tmp_path / "a.html"))
    assert len(found) == np.prod(
        [len(values) for name, values in kept.items() if name != "learning_rate"]
    )
    for content, marks in found[:: max(1, len(found) // 5)]:
        frames = stage.frames({**content["at"], "learning_rate": kept["learning_rate"]})
        assert content["sentences"] == frames.sentences
        for mark, given in zip(stage._marks, marks, strict=True):
            wanted = stage._pixels(mark, np.asarray(frames.marks[mark], dtype=float))
            wanted = wanted.reshape(given.shape)
            near = (np.abs(wanted) < EDGE).all(axis=-1)
            assert np.array_equal(np.isnan(given), np.isnan(wanted))
            assert np.abs(given - wanted)[near].max(initial=0) <= STEP / 2 + 1e-3
            assert np.nanmax(np.abs(given)) <= EDGE


@pytest.mark.parametrize("value", [0.0, 0.3, 0.37, 1.0])
@pytest.mark.parametrize("count", [1, 3, 4, 7, 11, 50])
def test_the_positions_kept_hold_the_present_one_and_both_ends(count, value):
    slider = Slider("a", "a", np.linspace(0, 1, 11), value)
    kept = _thinned(slider, count, value)
    assert value in kept and (np.diff(kept) > 0).all()
    assert len(kept) == 1 if count == 1 else kept[0] == 0 and kept[-1] == 1
    assert len(kept) == count or count > 10


@pytest.mark.parametrize("limit", [1.4e6, 6e5, 3.3e5])
def test_a_page_is_no_heavier_than_its_limit(stage, tmp_path, limit):
    stage.save(tmp_path / "a.html", limit=limit)
    assert (tmp_path / "a.html").stat().st_size <= limit


def test_what_is_left_out_is_named(stage, tmp_path):
    stage.save(tmp_path / "a.html", limit=3.3e5)
    state = json.loads(text(tmp_path / "a.html", "state"))
    assert [slider["name"] for slider in state["picture"]["sliders"]] == ["learning_rate"]
    absent = re.search(r'data-absent="([^"]*)"', (tmp_path / "a.html").read_text())[1]
    assert absent and all(slider.label in absent for slider in list(stage._sliders.values())[1:])


def test_too_small_a_limit_is_refused_and_nothing_is_written(stage, tmp_path):
    with pytest.raises(ValueError, match=r"^limit: more than 200000 bytes are expected"):
        stage.save(tmp_path / "a.html", limit=2e5)
    with pytest.raises((ValueError, TypeError), match=r"^limit: "):
        stage.save(tmp_path / "a.html", limit="small")
    assert list(tmp_path.iterdir()) == []


def test_the_title_cannot_become_markup(stage, tmp_path):
    stage.save(tmp_path / "a.html", title="</title><script>alert(1)</script>")
    assert "<script>alert" not in (tmp_path / "a.html").read_text(encoding="utf-8")


def test_a_still_picture_needs_no_table(tmp_path):
    figure, ax = plots.figure(1)
    ax.plot([0, 1])
    Still(figure, "A line.").save(tmp_path / "a.html")
    assert text(tmp_path / "a.html", "tables") == ""
    assert json.loads(text(tmp_path / "a.html", "state"))["picture"]["sentence"] == "A line."


def test_the_page_asks_for_nothing_from_elsewhere(stage, tmp_path):
    stage.save(tmp_path / "a.html")
    page = (tmp_path / "a.html").read_text(encoding="utf-8")
    assert set(re.findall(r"https?://[^\s\"']+", page)) <= {"http://www.w3.org/2000/svg"}
    assert "default-src 'none'" in page


def test_the_lightest_page_is_made_before_a_limit_is_refused(stage, tmp_path):
    """No limit is refused above the weight of a page that is made for another limit."""
    limit = 1.4e6
    while True:
        try:
            stage.save(tmp_path / "a.html", limit=limit)
        except ValueError:
            break
        lightest = (tmp_path / "a.html").stat().st_size
        limit = min(limit - 2000, lightest)
    assert limit < lightest


def test_a_saved_page_says_what_its_sliders_show(tmp_path):
    stage = explorers.LearningRate(BOWL, start=[-2, 1.5], learning_rate=0.15)
    stage.learning_rate = 0.19
    stage.save(tmp_path / "a.html")
    state = json.loads(text(tmp_path / "a.html", "state"))
    assert state["picture"]["sentence"] == stage.sentence != stage.picture["sentence"]
