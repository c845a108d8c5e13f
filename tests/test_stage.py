"""The stage without a browser: what the page is told, what the static picture shows, what is kept."""

import gc
import io
import json
import weakref

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
import pytest
import traitlets
from matplotlib.figure import Figure
from matplotlib.patheffects import withStroke
from PIL import Image

from gdlab import plots
from gdlab.explorers.common import picture
from gdlab.stage import Frames, Handle, Menu, Slider, Stage, Still

A, B = np.linspace(-1, 1, 5), np.array([1.0, 3.0, 10.0, 80.0])
X = np.linspace(-2, 2, 9)
RULE = np.array([[-2.0, 2.0], [2.0, -0.5]])


def axes():
    """Linear axes and logarithmic ones, with something still on each."""
    figure, (left, right) = plots.figure(2, height=3)
    left.set(xlim=(-2, 2), ylim=(-1, 3), title="Left", xlabel="x")
    right.set(xscale="log", yscale="log", xlim=(1, 100), ylim=(0.1, 1000), title="Right")
    left.plot([-2, 2], [0, 0], color=plots.QUIET, linestyle=":")
    return figure, left, right


def marks(left, right, animated):
    """One mark of each kind; 0.72 points are one CSS pixel."""
    halo = [withStroke(linewidth=3.6, foreground="white")]
    wave = {"color": "#0072B2", "linewidth": 1.44, "path_effects": halo, "alpha": 0.5}
    rule = {"color": "#D55E00", "linewidth": 0.72, "linestyle": (0, (6, 2))}
    dot = {"linestyle": "none", "marker": "s", "markersize": 7.2, "markeredgewidth": 1.44}
    dot |= {"markerfacecolor": "none", "markeredgecolor": "#009E73"}
    word = {"ha": "center", "fontsize": 10.8, "color": "#1a1a1a", "transform": right.transAxes}
    return [
        left.plot([], [], animated=animated, linestyle="-", **wave)[0],
        left.plot([], [], animated=animated, **rule)[0],
        right.plot([], [], animated=animated, **dot)[0],
        right.text(0.5, 0.25, "", animated=animated, **word),
    ]


def wave(a):
    """a + x/2 with a gap at x = 0; shape (P, 9, 2)."""
    return np.where(X == 0, np.nan, 1.0)[:, None] * np.stack(
        np.broadcast_arrays(X, a[:, None] + X / 2), axis=-1
    )


class Tiny(Stage):
    """Two sliders, and a mark of each kind."""

    def __init__(self, a=0.5, b=3.0):
        figure, left, right = axes()
        self.left, self.right = left, right
        self.wave, self.rule, self.dot, self.word = self.all = marks(left, right, animated=True)
        sliders = [
            Slider("a", "height a", A, a, along=left),
            Slider("b", "place b", B, b, folded=True, play=True, ahead=False),
        ]
        handles = [Handle((None, "a"), left, "height"), Handle(("b", None), right, "place")]
        super().__init__(figure, self.all, sliders, handles)

    def frames(self, settings):
        a, b = np.broadcast_arrays(*(np.atleast_1d(settings[name]) for name in "ab"))
        moved = {self.wave: wave(a), self.rule: RULE, self.dot: np.stack([b, b**1.5], axis=-1)[:, None]}
        words = [f"b = {each:.3g}" for each in b]
        return Frames(
            {**moved, self.word: words},
            [f"a is {c:.3g}, b is {d:.3g}." for c, d in zip(a, b, strict=True)],
        )


@pytest.fixture(scope="module")
def shared():
    return Tiny()


@pytest.fixture
def tiny(shared):
    """A stage at a = 0.5, b = 3; it is put back after each test, for a new one takes half a second."""
    yield shared
    shared.a, shared.b = 0.5, 3.0


@pytest.fixture
def asked(monkeypatch):
    """Ask a stage as the page does: (content as JSON makes it, buffers) of the only answer."""

    def ask(stage, question):
        sent = []
        monkeypatch.setattr(stage, "send", lambda content, buffers=None: sent.append((content, buffers)))
        stage._handle_custom_msg(question, [])
        ((content, buffers),) = sent
        return json.loads(json.dumps(content, allow_nan=False)), buffers

    return ask


def unpacked(content, buffer):
    """A packed table as the page reads it: for each mark (P, points, 2) pixels, or P strings."""
    numbers, at, found = np.frombuffer(buffer, "<f4"), 0, []
    P = len(content["sentences"])
    for i, (points, moves) in enumerate(content["counts"]):
        size = 2 * points * (P if moves else 1)
        block = numbers[at : at + size].reshape(P if moves else 1, points, 2)
        found.append(content["texts"].get(str(i), np.broadcast_to(block, (P, points, 2))))
        at += size
    assert at == len(numbers)
    return found


def page(ax, data):
    """Data coordinates to pixels from the top left, by the axes' box and limits alone."""
    shares = []
    for values, (low, high), log in zip(
        np.moveaxis(data, -1, 0),
        (ax.get_xlim(), ax.get_ylim()),
        (ax.get_xscale() == "log", ax.get_yscale() == "log"),
        strict=True,
    ):
        change = np.log if log else np.asarray
        shares.append((change(values) - change(low)) / (change(high) - change(low)))
    box, height = ax.bbox, ax.figure.bbox.height
    x, y = box.x0 + shares[0] * box.width, height - box.y0 - shares[1] * box.height
    return np.stack([x, y], axis=-1)


def rgb(png):
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGB")).astype(int)


# --- what the page is told of an artist -----------------------------------------------------------


def box(ax):
    return [ax.bbox.x0, 300 - ax.bbox.y1, ax.bbox.width, ax.bbox.height]


def test_a_line_with_a_halo(tiny):
    mark = tiny.picture["marks"][0]
    assert (mark["kind"], mark["color"], mark["opacity"]) == ("line", "#0072b2", 0.5)
    assert mark["width"] == pytest.approx(2, abs=1e-9)
    assert mark["halo"] == [pytest.approx(5, abs=1e-9), "#ffffff"]
    assert mark["dashes"] == [] and mark["marker"] is None
    assert mark["clip"] == pytest.approx(box(tiny.left), abs=1e-9)


def test_a_dashed_line(tiny):
    mark = tiny.picture["marks"][1]
    assert (mark["color"], mark["opacity"], mark["halo"]) == ("#d55e00", 1.0, None)
    assert mark["width"] == pytest.approx(1, abs=1e-9)
    # A dash pattern is in units of the line's width: 6 and 2 times one pixel.
    assert mark["dashes"] == pytest.approx([6, 2], abs=1e-9)


def test_a_marker_without_a_line(tiny):
    mark = tiny.picture["marks"][2]
    marker = mark["marker"]
    assert mark["width"] == 0  # no line
    assert (marker["fill"], marker["edge"]) == ("none", "#009e73")
    assert marker["edge_width"] == pytest.approx(2, abs=1e-9)
    corners = marker["shape"].removeprefix("M").removesuffix("Z").split("L")
    found = {tuple(round(float(number), 6) for number in corner.split()) for corner in corners}
    assert found == {(-5, -5), (-5, 5), (5, -5), (5, 5)}  # a square of 7.2 points: 10 pixels
    assert mark["clip"] == pytest.approx(box(tiny.right), abs=1e-9)


@pytest.mark.parametrize("marker", ["o", "*", "^"])
def test_a_marker_stands_upright_and_has_its_size(marker):
    figure, ax = plots.figure(1)
    mark = ax.plot([], [], marker, markersize=7.2, animated=True)[0]
    stage = Probe(figure, [mark])
    shape = stage.picture["marks"][0]["marker"]["shape"]
    numbers = [
        float(n) for n in shape.replace("Z", " ").translate(str.maketrans("MLQC", "    ")).split()
    ]
    x, y = np.reshape(numbers, (-1, 2)).T
    assert np.ptp(y) == pytest.approx({"o": 10, "*": 9.05, "^": 10}[marker], abs=0.01)
    # On a page y points down. A star and a triangle have a tip at the top, in the middle.
    assert marker == "o" or x[y.argmin()] == pytest.approx(0, abs=1e-3)
    assert marker == "o" or y.min() == pytest.approx(-5, abs=1e-3)


def test_a_text(tiny):
    mark = tiny.picture["marks"][3]
    assert (mark["kind"], mark["anchor"], mark["color"]) == ("text", "middle", "#1a1a1a")
    assert mark["size"] == pytest.approx(15, abs=1e-9) and mark["clip"] is None
    left, top, width, height = box(tiny.right)
    assert mark["x"] == pytest.approx(left + 0.5 * width, abs=1e-6)
    assert mark["y"] == pytest.approx(top + 0.75 * height, abs=1e-6)


@pytest.mark.parametrize("va", ["baseline", "center", "center_baseline", "top", "bottom"])
def test_a_text_stands_where_matplotlib_puts_it(va):
    """The page places the baseline: in the static picture the digits' ink ends there."""
    figure, ax = plots.figure(1, height=2)
    ax.set_axis_off()
    mark = ax.text(0.5, 0.5, "", animated=True, fontsize=21.6, va=va)
    stage = Probe(figure, [mark])
    stage.data = {mark: ["0123"]}
    (ink,) = np.nonzero((rgb(stage.png()) < 128).all(axis=-1).any(axis=1))
    assert stage.picture["marks"][0]["y"] == pytest.approx(ink.max() + 1, abs=3)  # a tenth of the size


def test_a_halo_belongs_to_a_line():
    figure, ax = plots.figure(1, height=2)
    halo = [withStroke(linewidth=3, foreground="white")]
    mark = ax.plot([], [], "o", linestyle="none", animated=True, path_effects=halo)[0]
    assert Probe(figure, [mark]).picture["marks"][0]["halo"] is None


def test_sliders_and_handles(tiny):
    first, second = tiny.picture["sliders"]
    assert (first["name"], first["label"], first["values"]) == ("a", "height a", A.tolist())
    assert first["along"] == pytest.approx([tiny.left.bbox.x0 / 900, tiny.left.bbox.width / 900])
    assert (first["folded"], first["play"], first["ahead"]) == (False, False, True)
    assert (second["folded"], second["play"], second["along"]) == (True, True, None)
    assert second["ahead"] is False
    height, place = tiny.picture["handles"]
    assert list(height["names"]) == [None, "a"] and list(place["names"]) == ["b", None]
    assert height["box"] == pytest.approx(box(tiny.left), abs=1e-9)
    assert height["spans"] == [
        {"low": -2.0, "high": 2.0, "log": False},
        {"low": -1.0, "high": 3.0, "log": False},
    ]
    assert place["spans"][1] == {"low": 0.1, "high": 1000.0, "log": True}


def test_the_picture_is_plain_json(tiny):
    assert json.loads(json.dumps(tiny.picture, allow_nan=False))["width"] == 900
    assert (tiny.picture["width"], tiny.picture["height"]) == (900, 300)
    assert tiny.picture["sentence"] == tiny.sentence == "a is 0.5, b is 3."


class Probe(Stage):
    """A stage with whatever marks, and data that a test puts into `data`."""

    def __init__(self, figure, marks):
        self.data = dict.fromkeys(marks, np.zeros((1, 2)))
        super().__init__(figure, marks)

    def frames(self, settings):
        return Frames(self.data, ["A probe."])


# --- pixels ---------------------------------------------------------------------------------------


def pixels(stage, mark, data, asked):
    """Where the page draws some data of a mark."""
    stage.data = {**stage.data, mark: np.asarray(data, dtype=float)}
    content, (buffer,) = asked(stage, {"kind": "frame", "settings": {}})
    return unpacked(content, buffer)[list(stage.data).index(mark)][0].astype(float)


@pytest.fixture(scope="module")
def probe():
    figure, left, right = axes()
    narrow = figure.add_axes([0.4, 0.4, 0.1, 0.1], xscale="log", xlim=(10, 1), ylim=(0, 1e-9))
    return Probe(figure, [ax.plot([], [], animated=True)[0] for ax in (left, right, narrow)])


@pytest.mark.parametrize("which", [0, 1, 2], ids=["linear", "log-log", "log turned round"])
def test_data_become_pixels_as_matplotlib_places_them(probe, asked, which):
    mark = list(probe.data)[which]
    x, y = mark.axes.get_xlim(), mark.axes.get_ylim()
    rng = np.random.default_rng(0)
    data = np.stack([rng.uniform(min(x), max(x), 50), rng.uniform(min(y), max(y), 50)], axis=-1)
    found = pixels(probe, mark, data, asked)
    assert np.abs(found - page(mark.axes, data)).max() < 1e-3  # float32 holds 1e-4 of a pixel
    turned = mark.get_transform().transform(data)
    assert np.abs(found - [[0, 300]] - turned * [1, -1]).max() < 1e-3


def test_a_gap_stays_a_gap_and_infinity_is_one(probe, asked):
    """So Matplotlib does it: what is not finite interrupts the line."""
    mark = next(iter(probe.data))
    data = [[0, 0], [np.nan, 1], [1, np.nan], [np.inf, 0], [0, -np.inf], [1, 1]]
    found = pixels(probe, mark, data, asked)
    assert np.isnan(found).tolist() == [[False] * 2, *[[True] * 2] * 4, [False] * 2]


@pytest.mark.parametrize("size", [1e7, 1e12, 1e160, 1e300, 1.7e308])
@pytest.mark.parametrize("which", [0, 2], ids=["wide", "narrow"])
def test_a_point_far_outside_keeps_its_direction(probe, asked, which, size):
    mark = list(probe.data)[which]
    middle = np.array([[5.0 if which else 0.0, 0.0]])
    up, down = pixels(probe, mark, np.add(middle, [[0, size], [0, -size]]), asked)
    for far, sign in ((up, -1), (down, 1)):
        assert np.isfinite(far).all() and np.abs(far).max() <= 1.001e5
        # From anywhere in the picture the way to it leaves through the same edge, within 1 degree.
        assert sign * far[1] > 5e4 and abs(far[0]) / abs(far[1]) < np.tan(np.radians(1))


def test_a_slanted_way_far_outside_keeps_its_slant(probe, asked):
    mark = next(iter(probe.data))
    (far,) = pixels(probe, mark, [[3e299, 2e299]], asked)
    scale = [mark.axes.bbox.width / 4, -mark.axes.bbox.height / 4]  # pixels a unit, y down
    expected = np.arctan2(2 * scale[1], 3 * scale[0])
    assert np.arctan2(far[1], far[0]) == pytest.approx(expected, abs=1e-6)


def test_what_a_logarithm_cannot_show_lies_far_down(probe, asked):
    """A value that has become 0 falls out of the picture; it does not end the line in the air."""
    mark = list(probe.data)[1]
    found = pixels(probe, mark, [[10, 1], [10, 0], [10, -5]], asked)
    assert np.isfinite(found).all() and (found[1:, 1] > 1000).all()
    assert np.abs(found[1:, 0] - found[0, 0]).max() < 1000


# --- tables and answers ----------------------------------------------------------------------------


def expected(stage, frames):
    """What unpacking must give: each mark's data in pixels, broadcast over the frames."""
    P = len(frames.sentences)
    left, right = stage.left, stage.right
    for mark, ax in zip(stage.all, (left, left, right, None), strict=True):
        data = frames.marks[mark]
        yield data if ax is None else np.broadcast_to(page(ax, data), (P, *data.shape[-2:]))


def assert_holds(stage, content, buffer, frames):
    assert content["sentences"] == frames.sentences
    for found, right in zip(unpacked(content, buffer), expected(stage, frames), strict=True):
        if isinstance(right, list):
            assert found == right
        else:
            assert found.shape == right.shape
            assert np.allclose(found, right, rtol=0, atol=1e-3, equal_nan=True)


@pytest.mark.parametrize(("slider", "values"), [("a", A), ("b", B)])
def test_a_table_is_answered_with_the_frames_of_all_positions(tiny, asked, slider, values):
    at = {"a": 0.25, "b": 7.0}  # between the positions, and not where the stage stands
    content, (buffer,) = asked(tiny, {"kind": "table", "slider": slider, "settings": at})
    assert (content["slider"], content["at"]) == (slider, at)
    assert len(content["sentences"]) == len(values)
    assert_holds(tiny, content, buffer, tiny.frames({**at, slider: values}))
    assert content["counts"] == [[9, 1], [2, 0], [1, 1], [0, 0]]  # the rule is sent once


def test_a_frame_is_answered(tiny, asked):
    at = {"a": -0.3, "b": 2.0}
    content, (buffer,) = asked(tiny, {"kind": "frame", "settings": at})
    assert (content["slider"], content["at"], len(content["sentences"])) == (None, at, 1)
    frames = tiny.frames({name: np.array([value]) for name, value in at.items()})
    assert_holds(tiny, content, buffer, frames)


def test_the_first_table_goes_with_the_stage(tiny):
    content = {name: part for name, part in tiny.table.items() if name != "numbers"}
    assert (content["slider"], content["at"]) == ("a", {"a": 0.5, "b": 3.0})
    content = json.loads(json.dumps(content, allow_nan=False))
    assert_holds(tiny, content, tiny.table["numbers"], tiny.frames({"a": A, "b": 3.0}))


GOOD = {"a": 0.5, "b": 3.0}


@pytest.mark.parametrize(
    ("question", "says"),
    [
        ({"kind": "frame"}, "settings"),
        ({"kind": "frame", "settings": {}}, "a"),
        ({"kind": "frame", "settings": {"a": 0.5}}, "b"),
        ({"kind": "frame", "settings": None}, ""),
        ({"kind": "frame", "settings": GOOD | {"a": float("nan")}}, "a: a finite number in [-1, 1]"),
        ({"kind": "frame", "settings": GOOD | {"a": float("inf")}}, "a: a finite number"),
        ({"kind": "frame", "settings": GOOD | {"b": 80.1}}, "b: a finite number in [1, 80]"),
        ({"kind": "frame", "settings": GOOD | {"b": "3"}}, "b: a real number"),
        ({"kind": "frame", "settings": GOOD | {"b": None}}, "b: a real number"),
        ({"kind": "frame", "settings": GOOD | {"b": True}}, "b: a real number"),
        ({"kind": "frame", "settings": GOOD | {"b": [3.0]}}, "b: a real number"),
        ({"kind": "table", "settings": GOOD}, "slider"),
        ({"kind": "table", "slider": "c", "settings": GOOD}, "c"),
        ({"kind": "table", "slider": None, "settings": GOOD}, ""),
        ({"settings": GOOD}, "kind"),
        ({}, ""),
        ("frame", ""),
    ],
)
def test_a_bad_question_gets_an_error_and_the_next_one_its_answer(tiny, asked, question, says):
    content, buffers = asked(tiny, question)
    assert list(content) == ["error"] and not buffers
    assert says in content["error"] and "Error" in content["error"]
    content, _ = asked(tiny, {"kind": "frame", "settings": GOOD})
    assert content["sentences"] == ["a is 0.5, b is 3."]


def test_frames_that_fail_are_reported_and_asked_again(tiny, asked, monkeypatch):
    def fail(settings):
        raise RuntimeError("no picture today")

    with monkeypatch.context() as broken:
        broken.setattr(tiny, "frames", fail)
        for question in ({"kind": "frame"}, {"kind": "table", "slider": "a"}):
            content, buffers = asked(tiny, {**question, "settings": GOOD})
            assert content == {"error": "RuntimeError: no picture today"} and not buffers
    content, buffers = asked(tiny, {"kind": "frame", "settings": GOOD})
    assert content["sentences"] == ["a is 0.5, b is 3."] and len(buffers) == 1


# --- sliders as traits -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "bad",
    [float("nan"), float("inf"), -float("inf"), "0.5", None, True, 1.0001, -2, [0.5], 0.5j, np.zeros(1)],
    ids=repr,
)
def test_a_bad_value_is_refused_and_the_old_one_stays(tiny, bad):
    with pytest.raises(traitlets.TraitError, match=r"^a: .* is expected, .* given$"):
        tiny.a = bad
    assert tiny.a == 0.5 and tiny.settings == {"a": 0.5, "b": 3.0}


@pytest.mark.parametrize("good", [-1, 1.0, np.float32(0.25), np.float64(0.3), np.int64(0)], ids=repr)
def test_a_good_value_is_taken_as_a_float(tiny, good):
    told = []
    tiny.observe(lambda change: told.append(change["new"]), "a")
    tiny.a = good
    assert type(tiny.a) is float and tiny.a == good and told == [tiny.a]
    assert tiny.settings == {"a": tiny.a, "b": 3.0}
    assert tiny.sentence == f"a is {good:.3g}, b is 3.".replace("-", "−")


def test_every_slider_is_synced_with_the_page(tiny):
    state = tiny.get_state()
    assert (state["a"], state["b"]) == (0.5, 3.0)
    assert {"background", "picture", "table", "_esm", "_css"} <= set(state)


def test_two_stages_share_nothing(tiny):
    other = Tiny(a=-1.0)
    tiny.a = 1.0
    assert (tiny.a, other.a) == (1.0, -1.0) and tiny.model_id != other.model_id
    assert (tiny.sentence, other.sentence) == ("a is 1, b is 3.", "a is −1, b is 3.")
    other.close()


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({"values": [1.0, 1.0]}, "s: values that increase"),
        ({"values": [1.0, 0.0]}, "s: values that increase"),
        ({"values": []}, "s: values: at least one"),
        ({"values": [0.0, np.nan]}, "s: values: finite"),
        ({"values": [[0.0, 1.0]]}, "s: values: shape"),
        ({"value": 2.0}, r"s: a finite number in \[0, 1\]"),
        ({"value": np.nan}, r"s: a finite number in \[0, 1\]"),
        ({"value": "0"}, "s: a real number"),
    ],
)
def test_a_bad_slider_is_refused(arguments, says):
    with pytest.raises((ValueError, TypeError), match="^" + says):
        Slider(**{"name": "s", "label": "s", "values": [0.0, 1.0], "value": 0.5, **arguments})


def test_what_linspace_leaves_of_nought_is_nought():
    slider = Slider("s", "s", np.linspace(-1.7, 1.7, 201) + 2e-16, 0.5)
    assert slider.values[100] == 0 and slider.values[99] < -0.01 < 0.01 < slider.values[101]


# --- the static picture ----------------------------------------------------------------------------


def drawn(a, b, dpi=100, with_marks=True):
    """The same picture drawn by Matplotlib alone, with nothing animated."""
    file = io.BytesIO()
    with plots.style():
        figure, left, right = axes()
        if with_marks:
            first, rule, dot, word = marks(left, right, animated=False)
            first.set_data(*wave(np.array([a]))[0].T)
            rule.set_data(*RULE.T)
            dot.set_data([b], [b**1.5])
            word.set_text(f"b = {b:.3g}")
        figure.draw_without_rendering()
        figure.set_layout_engine("none")  # or it would be laid out anew for each resolution
        figure.savefig(file, format="png", dpi=dpi)
    return rgb(file.getvalue())


@pytest.mark.parametrize(("a", "b"), [(0.5, 3.0), (-1.0, 80.0), (0.123, 17.0)])
def test_the_static_picture_is_what_matplotlib_draws(tiny, a, b):
    tiny.a, tiny.b = a, b
    found, right = rgb(tiny.png()), drawn(a, b)
    assert found.shape == right.shape == (300, 900, 3)
    apart = np.abs(found - right).max(axis=-1)  # a palette of 200 colours stands between the two
    assert apart.mean() < 0.1 and (apart > 24).mean() < 1e-4
    assert (rgb(tiny._png(100, True)) == right).all()  # and before the palette nothing does


def test_the_background_is_the_picture_without_its_marks(tiny):
    found, empty = rgb(tiny.background), drawn(0.5, 3.0, 200, with_marks=False)
    assert found.shape == (600, 1800, 3) and (found == empty).all()
    assert (drawn(0.5, 3.0, 200) != empty).any(axis=-1).sum() > 1000  # the marks can be seen


def test_the_background_does_not_change_when_marks_move(tiny):
    tiny.a, tiny.b = -1.0, 80.0
    tiny.png()
    assert tiny._png(200, False) == tiny.background


def test_the_static_picture_moves_with_the_sliders(tiny):
    before = rgb(tiny.png())
    tiny.a = -1.0
    assert (rgb(tiny.png()) != before).any(axis=-1).sum() > 200


def test_a_notebook_gets_sentence_picture_and_view(tiny):
    tiny.a = -0.25
    data, metadata = tiny._repr_mimebundle_()
    assert data["text/plain"] == tiny.sentence == "a is −0.25, b is 3."
    image = Image.open(io.BytesIO(data["image/png"]))
    assert image.format == "PNG" and image.size == (900, 300) and image.mode == "P"
    assert data["application/vnd.jupyter.widget-view+json"]["model_id"] == tiny.model_id
    assert isinstance(metadata, dict)
    assert tiny.png() == data["image/png"]  # the same bytes again


def test_a_picture_that_does_not_move():
    figure, left, _ = axes()
    left.plot([0, 1], [0, 2])
    stage = Still(figure, "A line that rises.")
    data, _ = stage._repr_mimebundle_()
    assert data["text/plain"] == stage.sentence == stage.picture["sentence"] == "A line that rises."
    assert (stage.picture["marks"], stage.picture["sliders"], stage.picture["handles"]) == ([], [], [])
    file = io.BytesIO()
    with plots.style():
        figure.savefig(file, format="png", dpi=100)
    assert np.abs(rgb(data["image/png"]) - rgb(file.getvalue())).max() <= 24
    stage.close()


# --- nothing piles up -------------------------------------------------------------------------------


def figures():
    gc.collect()
    return sum(type(thing) is Figure for thing in gc.get_objects())


def test_a_thousand_moves_leave_nothing_behind(tiny, monkeypatch):
    sent = []
    monkeypatch.setattr(tiny, "send", lambda content, buffers: sent.append(len(buffers[0])))
    before = figures()
    rng = np.random.default_rng(0)
    for a, b in zip(rng.uniform(-1, 1, 1000), rng.uniform(1, 80, 1000), strict=True):
        tiny.a, tiny.b = a, b
        tiny._handle_custom_msg({"kind": "frame", "settings": {"a": a, "b": b}}, [])
    tiny.png()
    assert len(sent) == 1000 and len(set(sent)) == 1
    assert plt.get_fignums() == []
    assert figures() == before


@pytest.mark.parametrize("make", [Tiny, lambda: Still(axes()[0], "Nothing.")], ids=["Stage", "Still"])
def test_a_stage_that_is_closed_and_dropped_is_freed(make):
    stage = make()
    stage.png()
    left = [weakref.ref(stage), weakref.ref(stage._figure)]
    stage.close()
    del stage
    gc.collect()
    assert [reference() for reference in left] == [None, None]


# --- images, menus, zoom ---------------------------------------------------------------------------


class Shaded(Stage):
    """An image on logarithmic axes, a menu, and a part to look at more closely."""

    def __init__(self):
        figure, self.land = plots.figure(1, height=3)
        self.land.set(xscale="log", yscale="log", xlim=(1, 100), ylim=(0.1, 10))
        self.image = picture(self.land, "viridis", 0, 1)
        sliders = [Slider("x", "place", np.geomspace(1, 100, 9), 10.0), Menu("kind", "kind", "ab", 1)]
        super().__init__(
            figure, [self.image], sliders, [Handle(("x", None), self.land, "place", zoom=True)]
        )

    def frames(self, settings):
        x, kind = np.broadcast_arrays(*(np.atleast_1d(settings[name]) for name in ("x", "kind")))
        shade = np.array([[0.0, 1.0, np.nan], [0.5, 0.5, 0.5]])
        return Frames(
            {self.image: shade}, [f"{'ab'[int(k)]} at {at:.3g}." for at, k in zip(x, kind, strict=True)]
        )

    def zoom(self, window):
        span = window[0] if window else (1, 100)
        self.land.set_xlim(span)
        self.redraw(Slider("x", "place", np.geomspace(*span, 9), float(np.clip(self.x, *span))))


def test_an_image_goes_to_the_page_as_a_png_in_its_colours():
    stage = Shaded()
    content, buffer = stage._table("x", stage.settings)
    (size,) = content["images"][0]
    shown = np.asarray(Image.open(io.BytesIO(buffer[-size:])).convert("RGBA"))
    viridis = matplotlib.colormaps["viridis"]
    assert shown.shape == (2, 3, 4)
    assert shown[1, 0].tolist() == list(viridis(0.0, bytes=True))  # the first row is the lowest
    assert shown[1, 1].tolist() == list(viridis(1.0, bytes=True))
    assert shown[1, 2, 3] == 0 and shown[0, 0].tolist() == list(viridis(0.5, bytes=True))


def test_an_image_fills_its_axes_and_the_static_picture_shows_it():
    stage = Shaded()
    (mark,) = stage.picture["marks"]
    left, top, width, height = mark["box"]
    box = stage.land.bbox
    assert np.allclose([left, width, height], [box.x0, box.width, box.height], atol=0.01)
    drawn = np.asarray(Image.open(io.BytesIO(stage.png())).convert("RGB"), dtype=int)
    for across, up, colour in (
        (0.15, 0.2, (68, 1, 84)),
        (0.5, 0.2, (253, 231, 37)),
        (0.8, 0.2, (255, 255, 255)),
    ):
        pixel = drawn[int(top + (1 - up) * height), int(left + across * width)]
        assert np.abs(pixel - colour).max() < 12


def test_a_menu_takes_whole_numbers_that_have_names():
    stage = Shaded()
    assert stage.sentence == "b at 10."
    stage.kind = 0
    assert stage.sentence == "a at 10."
    for bad in (0.5, 2, -1, np.nan, "b"):
        with pytest.raises(traitlets.TraitError, match="kind"):
            stage.kind = bad
    assert stage.kind == 0
    assert stage.picture["sliders"][1]["options"] == ("a", "b")


def test_a_zoom_renders_the_background_again_and_moves_the_positions():
    stage = Shaded()
    before, sent = stage.background, []
    stage.send = lambda content, buffers=None: sent.append(content)
    ask = {"kind": "zoom", "settings": stage.settings}
    stage._answer(None, {**ask, "window": [[20, 40], [0.1, 10]]}, [])
    assert stage.background != before and stage.x == 20.0 and stage.table == {}
    assert stage.picture["handles"][0]["spans"][0] == {"low": 20.0, "high": 40.0, "log": True}
    assert np.allclose(stage.picture["sliders"][0]["values"], np.geomspace(20, 40, 9))
    with pytest.raises(traitlets.TraitError):
        stage.x = 10.0
    for _ in range(2):  # the second time nothing changes: the page waits for an answer all the same
        stage._answer(None, {**ask, "settings": stage.settings, "window": None}, [])
        assert stage.background == before
    assert [content["at"]["x"] for content in sent] == [20.0] * 3


def test_a_zoom_into_nothing_says_so_and_changes_nothing():
    stage = Shaded()
    before, sent = stage.background, []
    stage.send = lambda content, buffers=None: sent.append(content)
    stage._answer(None, {"kind": "zoom", "settings": stage.settings, "window": [["a", 1], [0, 1]]}, [])
    assert stage.background == before and "error" in sent[0]


def test_the_first_picture_goes_along_whether_or_not_it_is_a_position():
    """A notebook that is run as a whole keeps its kernel busy: nothing could be asked for."""
    for a in (0.5, 0.123):
        stage = Tiny(a=a)
        frame, buffer = stage.frame, stage.frame["numbers"]
        assert frame["at"] == stage.settings and frame["sentences"] == [stage.sentence]
        points = np.frombuffer(buffer, "<f4").reshape(-1, 2)
        right = stage._pixels(stage.wave, wave(np.array([a])))[0]
        assert np.allclose(points[: len(right)], right, atol=1e-3, equal_nan=True)
