"""The stage: a picture whose moving parts follow the finger.

Matplotlib draws the background once. What moves are *marks*: lines, texts and images with
`animated=True`, drawn by the browser over the background. A slider's *table* holds the marks for all
its positions, computed in one call as lanes and sent ahead, so that a drag never waits for the kernel.

An explorer is a Stage that states its figure, marks and sliders, and one method, `frames(settings)`:
`settings` holds one number for each slider, but for one slider an array of P positions, and the
answer has P frames.
"""

from __future__ import annotations

import functools
import io
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

import anywidget
import ipywidgets
import numpy as np
import traitlets
from matplotlib.colors import to_hex
from matplotlib.image import AxesImage
from matplotlib.lines import Line2D
from matplotlib.markers import MarkerStyle
from matplotlib.patheffects import withStroke
from matplotlib.text import Text
from PIL import Image

from gdlab import cells, plots
from gdlab._arguments import array, number
from gdlab.page import page
from gdlab.words import typeset

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
        values[np.abs(values) < 1e-12 * np.ptp(values)] = 0.0  # what linspace leaves of it
        if (np.diff(values) <= 0).any():
            raise ValueError(f"{self.name}: values that increase are expected")
        object.__setattr__(self, "values", values)
        self.checked(self.value)

    def checked(self, value) -> float:
        """A value that the slider can take, or an error that names it."""
        return number(self.name, value, self.values[0], self.values[-1])


class Menu(Slider):
    """A slider whose positions have names, shown as a drop-down: the setting is an option's index."""

    def __init__(self, name, label, options, value=0, folded=False, ahead=True):
        object.__setattr__(self, "options", tuple(options))
        super().__init__(name, label, np.arange(len(self.options)), value, folded=folded, ahead=ahead)

    def checked(self, value):
        """The index of an option, or an error that lists them."""
        if super().checked(value) % 1:
            raise ValueError(
                f"{self.name}: the index of one of {self.options} is expected, {value} given"
            )
        return float(value)


@dataclass(frozen=True, eq=False)
class Handle:
    """A part of the picture that can be clicked and dragged: it sets one or two sliders at once.

    `names`: the sliders that take the x and the y coordinate in `axes`; None takes none. With `zoom` a
    click chooses, and a rectangle drawn by dragging goes to the explorer's `zoom`.
    """

    names: tuple[str | None, ...]
    axes: object
    label: str
    zoom: bool = False


@dataclass(frozen=True, eq=False)
class Frames:
    """P pictures: for each mark its data, and one sentence a picture.

    A line's data have shape (P, n, 2), NaN is a gap; an image's (P, rows, columns), the first row at the
    bottom, NaN is transparent. What is the same in all pictures needs no P, or a P of 1, and is sent
    once. A text's data are P strings.
    """

    marks: dict
    sentences: list[str]

    def __post_init__(self):
        object.__setattr__(self, "sentences", [typeset(said) for said in self.sentences])


class Stage(anywidget.AnyWidget):
    """A picture with sliders. Each slider is a trait: `stage.learning_rate = 0.1` moves it."""

    # As text: anywidget would watch a path for changes, and keep every stage alive for that.
    _esm = (files("gdlab") / "stage.js").read_text(encoding="utf-8")
    _css = (files("gdlab") / "stage.css").read_text(encoding="utf-8")
    background = traitlets.Bytes().tag(sync=True)
    picture = traitlets.Dict().tag(sync=True)
    table = traitlets.Dict().tag(sync=True)  # of the first slider
    frame = traitlets.Dict().tag(sync=True)  # the first picture: it is there though the kernel is busy

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
        self._figure, self._marks, self._handles = figure, list(marks), handles
        self._sliders = {slider.name: slider for slider in sliders}
        plots.legible(figure)
        with plots.style():
            figure.draw_without_rendering()
        figure.set_layout_engine("none")  # what jumps is the run, never the frame
        super().__init__(background=self._png(200, False), picture=self._picture())
        for slider in sliders:
            trait = Position(float(slider.value))
            # No echo: what the page has just said must not come back late and move the slider again.
            self.add_traits(**{slider.name: trait.tag(sync=True, echo_update=False)})
        if sliders:
            self.table = _joined(*self._table(sliders[0].name, self.settings))
            self.frame = _joined(*self._frame(self.settings))
        self.on_msg(self._answer)
        cells.on_rerun(self._let_go)

    def _let_go(self):
        """Close the page's side, and empty this one: IPython keeps every result of a cell."""
        cells.close(self)
        self._figure.clear()
        self.background, self.table, self.frame, self.picture = b"", {}, {}, {}

    def frames(self, settings: dict) -> Frames:
        """The pictures at some settings, one of which is an array of P positions."""
        raise NotImplementedError

    def zoom(self, window):
        """Show the part ((x₀, x₁), (y₀, y₁)) of the zoomable axes, or all of it for None."""
        raise NotImplementedError

    def redraw(self, *sliders):
        """Render the background anew, for the axes have changed. `sliders`: those with new positions."""
        self._sliders |= {slider.name: slider for slider in sliders}
        with self.hold_sync():
            for slider in sliders:
                setattr(self, slider.name, slider.value)
            self.table, self.frame = {}, _joined(*self._frame(self.settings))
            self.background, self.picture = self._png(200, False), self._picture()

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
            elif isinstance(mark, AxesImage):
                mark.set_data(data[0] if np.ndim(data) == 3 else data)
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

    def save(self, path, title: str | None = None, limit: float = 1.4e6) -> None:
        """Write one HTML file in which the sliders work without a kernel and without a network.

        The first slider keeps its positions where that can be, the others as many as then fit in `limit`
        bytes; what is left out stands below the picture. ValueError where the lightest page is heavier.
        """
        text = page(self, title or self.sentence, number("limit", limit, 0))
        Path(path).write_text(text, encoding="utf-8")

    def _repr_mimebundle_(self, **kwargs):
        return cells.output(super()._repr_mimebundle_(**kwargs), **self.still())

    def still(self) -> dict[str, str]:
        """What shows the stage where it cannot live: words and a picture."""
        return {"text/plain": self.sentence, "image/png": self.png()}

    # --- frames ----------------------------------------------------------------------------------

    def _one(self, settings):
        """The frame at some settings: P = 1."""
        first = next(iter(settings), None)
        return self.frames({**settings, first: np.array([settings[first]])} if first else {})

    def _frame(self, settings):
        """The frame at some settings, packed as a table is."""
        return self._packed(self._one(settings), {"slider": None, "at": settings})

    def _table(self, name, settings):
        """The frames for all positions of one slider: (JSON, one float32 buffer of pixels)."""
        frames = self.frames({**settings, name: self._sliders[name].values})
        return self._packed(frames, {"slider": name, "at": settings})

    def _packed(self, frames, content):
        counts, texts, images, blocks, files = [], {}, {}, [], []
        for i, mark in enumerate(self._marks):
            data = frames.marks[mark]
            if not isinstance(mark, Line2D):
                counts.append([0, 0])
                if isinstance(mark, Text):
                    texts[i] = list(data)
                else:
                    drawn = [_image(mark, one) for one in (data if np.ndim(data) == 3 else [data])]
                    images[i] = [len(file) for file in drawn]
                    files += drawn
                continue
            pixels = self._pixels(mark, np.asarray(data, dtype=float))
            counts.append([pixels.shape[-2], int(pixels.ndim == 3 and len(pixels) > 1)])
            blocks.append(pixels.astype("<f4").tobytes())
        content = {**content, "counts": counts, "texts": texts, "images": images}
        return {**content, "sentences": list(frames.sentences)}, b"".join(blocks + files)

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
        """A question from the page: {kind: table | frame | zoom, settings, slider or window}."""
        try:
            asked = question["settings"]
            settings = {name: slider.checked(asked[name]) for name, slider in self._sliders.items()}
            if question["kind"] == "zoom":
                for name, value in settings.items():  # the page may be ahead of the traits
                    setattr(self, name, value)
                self.zoom(question["window"])
                settings = self.settings
            if question["kind"] == "table":
                content, buffer = self._table(question["slider"], settings)
            else:
                content, buffer = self._frame(settings)
        except Exception as error:  # anything: in JupyterLab an exception here would be invisible
            self.send({"error": f"{type(error).__name__}: {error}"})
        else:
            self.send(content, [buffer])

    # --- the description of the picture ----------------------------------------------------------

    def _png(self, dpi, with_marks):
        for mark in self._marks:
            mark.set_visible(with_marks)
        with plots.style():
            file = io.BytesIO()
            self._figure.savefig(file, format="png", dpi=dpi)
        return file.getvalue()

    def _picture(self):
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
                    "options": getattr(slider, "options", None),
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
                    "zoom": handle.zoom,
                }
                for handle in self._handles
            ],
            "sentence": self._one(
                {slider.name: float(slider.value) for slider in self._sliders.values()}
            ).sentences[0],
        }


def _joined(content, buffer):
    """Both in one piece, as a trait is sent."""
    return {**content, "numbers": buffer}


class Position(traitlets.Float):
    """A number that its slider can take; anything else is refused, and the old value stays."""

    def validate(self, obj, value):
        """The value as a float, or TraitError."""
        try:
            return obj._sliders[self.name].checked(value)
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
        "opacity": 1.0 if mark.get_alpha() is None else mark.get_alpha(),
    }
    if isinstance(mark, AxesImage):
        return {**common, "kind": "image", "box": _box(mark.get_window_extent(), height)}
    common["color"] = to_hex(mark.get_color())
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


def _image(mark, numbers):
    """Numbers (rows, columns) in the image's own colours, as a PNG whose first row is the top one."""
    colors = mark.cmap(mark.norm(np.ma.masked_invalid(numbers)), bytes=True)
    file = io.BytesIO()
    Image.fromarray(colors[::-1]).save(file, format="png", compress_level=3)
    return file.getvalue()


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


class Board(ipywidgets.VBox):
    """Controls of Jupyter's own around a `stage`, which stands for them in a saved notebook."""

    def __init__(self, children=()):
        super().__init__(children)
        cells.on_rerun(self._let_go)

    @property
    def stage(self) -> Stage:
        """The picture shown now."""
        raise NotImplementedError

    def _stages(self) -> list[Stage]:
        """Every picture that was shown so far."""
        raise NotImplementedError

    def _let_go(self):
        for stage in self._stages():
            stage._let_go()
        cells.close(self)

    def _repr_mimebundle_(self, **kwargs):
        return cells.output(super()._repr_mimebundle_(**kwargs), **self.stage.still())
