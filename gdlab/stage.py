"""The stage: a picture whose moving parts follow the finger.

Matplotlib draws the background once. What moves are *marks*: lines and texts with `animated=True`,
drawn by the browser over the background. A slider's *table* holds the marks for all its positions,
computed in one call as lanes and sent ahead, so that a drag never waits for the kernel.

An explorer is a Stage that states its figure, marks and sliders, and one method, `frames(settings)`:
`settings` holds one number for each slider, but for one slider an array of P positions, and the
answer has P frames.
"""

from __future__ import annotations

import functools
import io
from dataclasses import dataclass
from importlib.resources import files

import anywidget
import numpy as np
import traitlets
from matplotlib.colors import to_hex
from matplotlib.lines import Line2D
from matplotlib.markers import MarkerStyle
from matplotlib.patheffects import withStroke
from matplotlib.text import Text
from PIL import Image

from gdlab import plots
from gdlab._arguments import array, number

PIXELS_PER_POINT = 100 / 72
FAR = 1e5  # pixels: far outside every picture, and harmless in a browser


@dataclass(frozen=True, eq=False)
class Slider:
    """A control on the stage: its trait's `name`, its `label`, its positions and where it begins.

    `along`: the Axes whose x axis the track lies under. `folded`: behind "more". `play`: with a
    play button. `ahead`: its table is sent ahead; where that would take too long, every move asks.
    """

    name: str
    label: str
    values: np.ndarray
    value: float
    along: object = None
    folded: bool = False
    play: bool = False
    ahead: bool = True

    def __post_init__(self):
        values = array(f"{self.name}: values", self.values, "(positions,)", ndim=1)
        if (np.diff(values) <= 0).any():
            raise ValueError(f"{self.name}: values that increase are expected")
        object.__setattr__(self, "values", values)
        number(self.name, self.value, values[0], values[-1])


@dataclass(frozen=True, eq=False)
class Handle:
    """A part of the picture that can be clicked and dragged: it sets one or two sliders at once.

    `names`: the sliders that take the x and the y coordinate in `axes`; None takes none.
    """

    names: tuple[str | None, ...]
    axes: object
    label: str


@dataclass(frozen=True, eq=False)
class Frames:
    """P pictures: for each mark its data, and one sentence a picture.

    A line's data have shape (P, n, 2), or (n, 2) where it is the same in all pictures; NaN is a gap.
    A text's data are P strings.
    """

    marks: dict
    sentences: list[str]


class Stage(anywidget.AnyWidget):
    """A picture with sliders. Each slider is a trait: `stage.learning_rate = 0.1` moves it."""

    # As text: anywidget would watch a path for changes, and keep every stage alive for that.
    _esm = (files("gdlab") / "stage.js").read_text(encoding="utf-8")
    _css = (files("gdlab") / "stage.css").read_text(encoding="utf-8")
    background = traitlets.Bytes().tag(sync=True)
    picture = traitlets.Dict().tag(sync=True)
    table = traitlets.Dict().tag(sync=True)

    def __init_subclass__(cls, **kwargs):
        """Every explorer is drawn in the series' style: its constructor runs inside it."""
        super().__init_subclass__(**kwargs)
        if "__init__" in vars(cls):
            drawn = cls.__init__

            @functools.wraps(drawn)
            def styled(self, *arguments, **settings):
                with plots.style():
                    drawn(self, *arguments, **settings)

            cls.__init__ = styled

    def __init__(self, figure, marks=(), sliders=(), handles=()):
        self._figure, self._marks = figure, list(marks)
        self._sliders = {slider.name: slider for slider in sliders}
        with plots.style():
            figure.draw_without_rendering()
        figure.set_layout_engine("none")  # what jumps is the run, never the frame
        super().__init__(background=self._png(200, False), picture=self._picture(handles))
        for slider in sliders:
            trait = Position(slider.values[0], slider.values[-1], slider.value)
            # No echo: what the page has just said must not come back late and move the slider again.
            self.add_traits(**{slider.name: trait.tag(sync=True, echo_update=False)})
        if sliders:
            content, buffer = self._table(sliders[0].name, self.settings)
            self.table = {**content, "numbers": buffer}
        self.on_msg(self._answer)

    def frames(self, settings: dict) -> Frames:
        """The pictures at some settings, one of which is an array of P positions."""
        raise NotImplementedError

    @property
    def settings(self) -> dict[str, float]:
        """The value of every slider."""
        return {name: getattr(self, name) for name in self._sliders}

    @property
    def sentence(self) -> str:
        """What the picture shows at the present settings, in one sentence."""
        return self._one(self.settings).sentences[0]

    def png(self) -> bytes:
        """The picture at the present settings, drawn by Matplotlib: the same marks, the same data."""
        frame = self._one(self.settings)
        for mark in self._marks:
            data = frame.marks[mark]
            if isinstance(mark, Line2D):
                mark.set_data(*np.reshape(data, (-1, 2)).T)
            else:
                mark.set_text(data[0])
        # A palette is a third of the size, and these bytes are committed with every notebook.
        drawn = Image.open(io.BytesIO(self._png(100, True))).convert("RGB")
        file = io.BytesIO()
        palette = {
            "method": Image.Quantize.MAXCOVERAGE,
            "dither": Image.Dither.NONE,
        }  # rare colours stay
        drawn.quantize(256, **palette).save(file, format="png", optimize=True)
        return file.getvalue()

    def _repr_mimebundle_(self, **kwargs):
        bundle = super()._repr_mimebundle_(**kwargs) or {}
        data, metadata = bundle if isinstance(bundle, tuple) else (bundle, {})
        return {**data, "text/plain": self.sentence, "image/png": self.png()}, metadata

    # --- frames ----------------------------------------------------------------------------------

    def _one(self, settings):
        """The frame at some settings: P = 1."""
        first = next(iter(settings), None)
        return self.frames({**settings, first: np.array([settings[first]])} if first else {})

    def _table(self, name, settings):
        """The frames for all positions of one slider: (JSON, one float32 buffer of pixels)."""
        frames = self.frames({**settings, name: self._sliders[name].values})
        return self._packed(frames, {"slider": name, "at": settings})

    def _packed(self, frames, content):
        counts, texts, blocks = [], {}, []
        for i, mark in enumerate(self._marks):
            data = frames.marks[mark]
            if isinstance(mark, Text):
                texts[i] = list(data)
                counts.append([0, 0])
                continue
            pixels = self._pixels(mark, np.asarray(data, dtype=float))
            counts.append([pixels.shape[-2], int(pixels.ndim == 3)])
            blocks.append(pixels.astype("<f4").tobytes())
        content = {**content, "counts": counts, "texts": texts, "sentences": list(frames.sentences)}
        return content, b"".join(blocks)

    def _pixels(self, mark, data):
        """Data coordinates to CSS pixels from the top left; NaN where there is nothing to draw."""
        with np.errstate(all="ignore"):
            flat = mark.get_transform().transform(np.clip(data, -1e300, 1e300).reshape(-1, 2))
            flat = np.clip(flat, -1e307, 1e307)
            flat[:, 1] = self._figure.bbox.height - flat[:, 1]
            # Towards a point far outside the direction is kept, the distance is not.
            flat /= np.maximum(1, np.abs(flat).max(axis=1, keepdims=True) / FAR)
        flat[~np.isfinite(data.reshape(-1, 2)).all(axis=1)] = np.nan
        return flat.reshape(data.shape)

    def _answer(self, _, question, buffers):
        """A question from the page: {kind: table | frame, slider, settings}."""
        try:
            settings = {name: self._checked(name, question["settings"][name]) for name in self._sliders}
            if question["kind"] == "table":
                content, buffer = self._table(question["slider"], settings)
            else:
                content, buffer = self._packed(self._one(settings), {"slider": None, "at": settings})
        except Exception as error:  # anything: in JupyterLab an exception here would be invisible
            self.send({"error": f"{type(error).__name__}: {error}"})
        else:
            self.send(content, [buffer])

    def _checked(self, name, value):
        slider = self._sliders[name]
        return number(name, value, slider.values[0], slider.values[-1])

    # --- the description of the picture ----------------------------------------------------------

    def _png(self, dpi, with_marks):
        for mark in self._marks:
            mark.set_visible(with_marks)
        with plots.style():
            file = io.BytesIO()
            self._figure.savefig(file, format="png", dpi=dpi)
        return file.getvalue()

    def _picture(self, handles):
        width, height = self._figure.bbox.size
        return {
            "width": width,
            "height": height,
            "marks": [_description(mark, height) for mark in self._marks],
            "sliders": [
                {
                    "name": slider.name,
                    "label": slider.label,
                    "values": slider.values.tolist(),
                    "folded": slider.folded,
                    "play": slider.play,
                    "ahead": slider.ahead,
                    "along": _span(slider.along, width) if slider.along else None,
                }
                for slider in self._sliders.values()
            ],
            "handles": [
                {
                    "names": handle.names,
                    "label": handle.label,
                    "box": _box(handle.axes.bbox, height),
                    "spans": [_limits(handle.axes.xaxis), _limits(handle.axes.yaxis)],
                }
                for handle in handles
            ],
            "sentence": self._one(
                {slider.name: float(slider.value) for slider in self._sliders.values()}
            ).sentences[0],
        }


class Position(traitlets.Float):
    """A finite number between two ends; anything else is refused, and the old value stays."""

    def __init__(self, low, high, value):
        super().__init__(float(value))
        self._low, self._high = float(low), float(high)

    def validate(self, obj, value):
        """The value as a float, or TraitError."""
        try:
            return number(self.name, value, self._low, self._high)
        except (ValueError, TypeError) as error:
            raise traitlets.TraitError(str(error)) from None


class Still(Stage):
    """A picture that does not move, with its description in one sentence: a stage without sliders."""

    def __init__(self, figure, sentence: str):
        self._sentence = sentence
        super().__init__(figure)

    def frames(self, settings):
        """One picture, without marks."""
        return Frames({}, [self._sentence])


# --- what a browser must know of an artist -------------------------------------------------------


def _box(bbox, height):
    """[left, top, width, height] in CSS pixels."""
    return [bbox.x0, height - bbox.y1, bbox.width, bbox.height]


def _span(axes, width):
    """[left, width] of an Axes as shares of the figure's width."""
    return [axes.bbox.x0 / width, axes.bbox.width / width]


def _limits(axis):
    """What an axis shows, and whether it is logarithmic."""
    low, high = axis.get_view_interval()
    return {"low": float(low), "high": float(high), "log": axis.get_scale() == "log"}


def _description(mark, height):
    """All that the page needs to draw a mark, read from the artist itself."""
    clip = mark.get_clip_box() if mark.get_clip_on() else None
    common = {
        "clip": _box(clip, height) if clip is not None else None,
        "color": to_hex(mark.get_color()),
        "opacity": 1.0 if mark.get_alpha() is None else mark.get_alpha(),
    }
    if isinstance(mark, Text):
        x, y = mark.get_transform().transform(mark.get_unitless_position())
        anchor = {"left": "start", "center": "middle", "right": "end"}[mark.get_ha()]
        size = mark.get_fontsize() * PIXELS_PER_POINT
        lift = {"center": 0.35, "center_baseline": 0.35, "top": 0.75, "bottom": -0.25}.get(
            mark.get_va(), 0.0
        )
        y = height - y + lift * size  # the page places the baseline; 0.35 is half the height of a figure
        return {**common, "kind": "text", "x": x, "y": y, "anchor": anchor, "size": size}
    halo = next((e._gc for e in mark.get_path_effects() if isinstance(e, withStroke)), None)
    drawn = mark.get_linestyle() not in ("None", "none", "", " ")
    dashes = mark._dash_pattern[1] if mark.is_dashed() else ()
    return {
        **common,
        "kind": "line",
        "width": mark.get_linewidth() * PIXELS_PER_POINT if drawn else 0,
        "dashes": [dash * PIXELS_PER_POINT for dash in dashes or ()],
        "halo": [halo["linewidth"] * PIXELS_PER_POINT, to_hex(halo["foreground"])]
        if halo and drawn
        else None,
        "marker": _marker(mark),
    }


def _marker(mark):
    if mark.get_marker() in ("None", "none", "", " ", None):
        return None
    style = MarkerStyle(mark.get_marker())
    size = mark.get_markersize() * PIXELS_PER_POINT
    outline = style.get_path().transformed(style.get_transform().frozen().scale(size, -size))
    letters = {1: "M", 2: "L", 3: "Q", 4: "C"}
    shape = "".join(
        "Z" if code == 79 else letters[code] + " ".join(f"{x:.3f}" for x in vertices)
        for vertices, code in outline.iter_segments()
    )

    def ink(color):
        return "none" if isinstance(color, str) and color == "none" else to_hex(color)

    return {
        "shape": shape,
        "fill": ink(mark.get_markerfacecolor()),
        "edge": ink(mark.get_markeredgecolor()),
        "edge_width": mark.get_markeredgewidth() * PIXELS_PER_POINT,
    }
