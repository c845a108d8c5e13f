"""Two learning rates, one for each layer: which pairs let a small network learn?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from matplotlib import ticker
from matplotlib.colors import ListedColormap

from gdlab import plots
from gdlab._arguments import array, inside, shown, spans, vector, whole
from gdlab.descent import descend
from gdlab.explorers.common import lanes, moving, picture, xy
from gdlab.optimizers import GradientDescent
from gdlab.stage import Frames, Handle, Slider, Stage, Still
from gdlab.sweeps import sweep

# From dark blue, learned most, to light blue; from light orange to dark orange, lost soonest.
COLORS = ["#0f4c8a", "#4f94c8", "#8fbfe0", "#c6dbef", "#fdd0a2", "#f29a4a", "#c25a10", "#7f2704"]
SHARES, STEPS_LOST = (1e-6, 1e-3, 0.1), (30, 10, 5)  # where one blue, one orange follows another


@dataclass(frozen=True, eq=False)
class TwoRates:
    """A tanh network without biases whose theta carries the learning rates of its two layers.

    theta = (W row by row, v, α_in, α_out) and the value is the mean of (tanh(x W) · v − y)². The slopes
    are those of W times α_in and of v times α_out; the two rates have slope 0 and stay. So descent with
    learning rate 1 trains each lane at its own pair. Every sum is written out, so a lane has the
    same bits alone and among others.
    """

    X: np.ndarray
    y: np.ndarray
    hidden: int

    def __post_init__(self):
        object.__setattr__(self, "X", array("X", self.X, "(n, p)", ndim=2))
        object.__setattr__(self, "y", array("y", self.y, "(n,)", ndim=1))
        if len(self.X) != len(self.y):
            raise ValueError(f"y: {len(self.X)} targets are expected, {len(self.y)} given")
        whole("hidden", self.hidden, low=1)

    @classmethod
    def random(cls, seed=0, inputs=2, hidden=2, examples=2):
        """Inputs and targets drawn from the normal distribution, and the weights of a start."""
        sizes = {"inputs": inputs, "hidden": hidden, "examples": examples}
        p, h, n = (whole(name, size, low=1) for name, size in sizes.items())
        rng = np.random.default_rng(whole("seed", seed))
        objective = cls(rng.normal(size=(n, p)), rng.normal(size=n), h)
        start = [rng.normal(size=p * h) / np.sqrt(p), rng.normal(size=h) / np.sqrt(h)]
        return objective, np.concatenate(start)

    @property
    def dimension(self):
        """The number of weights, and two."""
        return self.X.shape[1] * self.hidden + self.hidden + 2

    def value_and_gradient(self, theta):
        """The mean squared error (...) and the slopes times the rates (..., d)."""
        lanes, (n, p) = theta.shape[:-1], self.X.shape
        t = np.ascontiguousarray(theta.reshape(-1, theta.shape[-1]).T)  # the lanes last: long rows
        W, v, rates = t[: p * self.hidden].reshape(p, self.hidden, -1), t[p * self.hidden : -2], t[-2:]
        X = self.X[..., None, None]
        bent = np.tanh(_added(X.swapaxes(0, 1) * W[:, None]))  # (n, hidden, lanes)
        residual = _added((bent * v).swapaxes(0, 1)) - self.y[:, None]  # (n, lanes)
        pull = 2 / n * residual[:, None]
        back = pull * v * (1 - bent * bent)
        slope_W = _added(X * back[:, None]).reshape(p * self.hidden, -1)
        slope = np.concatenate([rates[0] * slope_W, rates[1] * _added(pull * bent), 0 * rates])
        value = _added(residual * residual) / n
        return value.reshape(lanes), slope.T.reshape(theta.shape)

    def __call__(self, theta):
        """The mean squared error."""
        return self.value_and_gradient(np.asarray(theta, dtype=float))[0]

    def gradient(self, theta):
        """The slopes times the rates."""
        return self.value_and_gradient(np.asarray(theta, dtype=float))[1]


def _added(rows):
    """The sum over the first axis, one after another."""
    total = rows[0]
    for row in rows[1:]:
        total = total + row
    return total


@dataclass(frozen=True)
class Fate:
    """What a map keeps of each run: its last value over its first, and the step at which it was lost.

    Lost: the value is 1,000 times the first, or no number any more; the step is NaN where it never is.
    """

    def __call__(self, walk):
        """Two numbers a lane."""
        for k, (_, value, _) in enumerate(walk):
            if k == 0:
                first, lost = value, np.full(value.shape, np.nan)
            gone = ~(value <= 1000 * first)
            lost = np.where(np.isnan(lost) & gone, k, lost)
        return value / first, lost


def rate_grid(window, pixels):
    """The pairs of rates in the middles of the pixels, (pixels, pixels, 2), spaced by powers."""
    shares = (np.arange(whole("pixels", pixels, low=2)) + 0.5) / pixels
    return np.stack(np.meshgrid(*(low * (high / low) ** shares for low, high in window)), axis=-1)


def trainability_map(objective, start, window, pixels=160, steps=200, **how):
    """(share, lost) for every pair of rates in a window: see `Fate`. Shape (pixels, pixels), the first
    row at the bottom. `how`: executor and progress, as in `sweep`."""
    window = spans("window", window, 2, above=0)
    rates = rate_grid(window, pixels)
    weights = np.broadcast_to(array("start", start, "(d,)", ndim=1), (*rates.shape[:2], len(start)))
    theta = np.concatenate([weights, rates], axis=-1)
    return sweep(objective, theta, GradientDescent(1.0), whole("steps", steps, low=1), Fate(), **how)


def around(objective, start, window, pixels, row, column, finer=48, **how):
    """(share, lost) for the pixel (row, column) of a map and its eight neighbours, seen from near.

    `window` and `pixels`: of the map; `finer`: pixels to a side of what is returned.
    """
    low, high = spans("window", window, 2, above=0).T
    middle = np.array([column, row]) + 0.5
    reach = (middle[:, None] + [-1.5, 1.5]) / whole("pixels", pixels, low=2)
    near = low[:, None] * (high / low)[:, None] ** reach
    return trainability_map(objective, start, near, finer, **how)


def fate_colors(share, lost):
    """Numbers 0 to 7, one a colour, for what `trainability_map` gives."""
    blue = np.digitize(np.where(np.isnan(share), 1.0, share), SHARES)
    orange = 4 + sum((lost <= step).astype(int) for step in STEPS_LOST)
    return np.where(np.isnan(lost), blue, orange)


def enlargements(maps, windows):
    """A picture of one map, or of several side by side, each a part of the one before it.

    `maps`: as from `trainability_map`. Blue, or dark: the run stays; orange: it is lost. A white frame
    in a map is the next one.
    """
    windows = [spans("windows", window, 2, above=0) for window in windows]
    if len(maps) != len(windows) or not maps:
        raise ValueError(
            f"windows: one or more, one a map, are expected, {len(windows)} given for {len(maps)} maps"
        )
    figure, axes = plots.figure(len(maps), **({"height": 2.9} if len(maps) > 1 else {"width": 4.4}))
    for i, (ax, (_, lost), window) in enumerate(zip(np.atleast_1d(axes), maps, windows, strict=True)):
        low, high = window.T
        ax.imshow(
            np.isnan(lost), cmap=ListedColormap(COLORS[5::-5]), origin="lower", extent=(0, 1, 0, 1)
        )
        for part in windows[i + 1 : i + 2]:
            (left, right), (bottom, top) = (np.log(part.T / low) / np.log(high / low)).T
            frame = [left, right, right, left, left], [bottom, bottom, top, top, bottom]
            ax.plot(*frame, "-", color="#1a1a1a", linewidth=3.2)
            ax.plot(*frame, "-", color="white", linewidth=1.6)
        ax.grid(False)
        ax.set(xticks=[0, 1], yticks=[0, 1], title="The whole" if i == 0 else f"Zoom {i}")
        for axis, ends in zip((ax.xaxis, ax.yaxis), window, strict=True):
            axis.set_ticklabels([f"{end:g}" for end in ends])
    first = figure.axes[0]
    first.set_xlabel("rate of the first layer")
    first.set_ylabel("rate of the second", labelpad=-6)
    colors = "blue where training stays, orange where it is lost"
    both, n = sum(0 < np.isnan(lost).mean() < 1 for _, lost in maps), len(maps)
    if n == 1:
        return Still(figure, f"A map of two learning rates: {colors}.")
    return Still(figure, f"{n} maps, each a part of the one before: {colors}; both in {both} of them.")


class Trainability(Stage):
    """Every pixel the training of a small network, with its own pair of learning rates.

    Across the rate of the first layer, up that of the second; both in powers of ten. Blue: the run
    stays, the darker the lower its last value. Orange: it is lost, the darker the sooner. Click a pixel
    to see its run on the right, or draw a rectangle to zoom in: the map is computed anew.

    `objective` and `start`: as from `TwoRates.random(seed)`. `rates`: of the run shown. `window`:
    ((lowest, highest), (lowest, highest)) rate. `pixels`: of the map, to a side. `steps`: of each run.
    """

    def __init__(
        self,
        objective=None,
        start=None,
        rates=(10.0, 0.5),
        window=((1.0, 1000.0), (0.1, 10.0)),
        pixels=160,
        steps=200,
    ):
        if objective is None:
            objective, start = TwoRates.random(0)
        if not isinstance(objective, TwoRates):
            raise TypeError(f"objective: a TwoRates is expected, {shown(objective)} given")
        self.objective, self.start = objective, vector("start", start, objective.dimension - 2)
        self._whole = self.window = spans("window", window, 2, above=0)
        rates = inside("rates", rates, self.window)
        self._side, self._steps = whole("pixels", pixels, low=2), whole("steps", steps, low=31)
        figure, (self._chart, run) = plots.figure(2, height=4.6)
        chart = self._chart
        chart.set(xscale="log", yscale="log", xlim=self.window[0], ylim=self.window[1], box_aspect=1)
        chart.set(xlabel="learning rate of the first layer", ylabel="rate of the second layer")
        chart.set_title("Every pixel a network in training")
        chart.grid(False)
        chart.yaxis.set_label_coords(-0.19, 0.5)  # room for the longer numbers of a zoom
        self._image = picture(chart, ListedColormap(COLORS), -0.5, 7.5)
        self._image.set_animated(False)  # part of the background: it changes with a zoom only
        bar = figure.colorbar(self._image, ax=chart, pad=0.02, aspect=24, ticks=range(8))
        bar.ax.minorticks_off()
        kept = ["below 10⁻⁶", "below 10⁻³", "below 0.1", "left: above 0.1"]
        bar.ax.set_yticklabels([*kept, "lost later", "by step 30", "by step 10", "lost by step 5"])
        run.set(xlim=(0, self._steps), ylim=(1e-9, 1e5), yscale="log", xlabel="step")
        run.set(ylabel="value ÷ first value", title="The run of the chosen pixel")
        run.axhline(1000, color=plots.QUIET, linestyle="--", linewidth=1.2)
        run.text(self._steps * 0.98, 1600, "lost", color=plots.QUIET, ha="right", fontsize=8.5)
        self._line = moving(
            run, color=plots.PATH, linestyle="-", marker="o", markersize=2.5, linewidth=1
        )
        dot = {**plots.point_style("#1a1a1a"), "markersize": 9, "markeredgewidth": 1.5}
        self._pixel = moving(chart, **dot)
        self._mapped()
        handle = Handle(("rate_in", "rate_out"), chart, "the two learning rates", zoom=True)
        super().__init__(figure, [self._line, self._pixel], self._rate_sliders(rates), [handle])

    def _inside(self, rates):
        return ((rates >= self.window[:, 0]) & (rates <= self.window[:, 1])).all()

    def _rate_sliders(self, rates):
        """The two sliders, over the window shown."""
        return [
            Slider(name, f"rate of the {which} layer", np.geomspace(*span, 101), rate)
            for name, which, span, rate in zip(
                ("rate_in", "rate_out"), ("first", "second"), self.window, rates, strict=True
            )
        ]

    def _mapped(self):
        """Compute the map of the window, and write numbers at the axes that suit it."""
        made = trainability_map(self.objective, self.start, self.window, self._side, self._steps)
        self.share, self.lost = made
        self._image.set_data(fate_colors(*made))
        for axis, (low, high) in zip((self._chart.xaxis, self._chart.yaxis), self.window, strict=True):
            axis.set_minor_locator(ticker.NullLocator())
            if high / low >= 30:
                axis.set_major_locator(ticker.LogLocator())
                axis.set_major_formatter(ticker.LogFormatterMathtext())
            else:
                digits = int(np.ceil(3 - np.log10(high / low - 1))) if high / low < 2 else 4
                axis.set_major_locator(ticker.MaxNLocator(4))
                axis.set_major_formatter(ticker.FuncFormatter(lambda x, _, n=digits: f"{x:.{n}g}"))

    def zoom(self, window):
        """Show the part ((lowest, highest), (lowest, highest)) of the map, or all of it for None."""
        window = self._whole if window is None else spans("window", window, 2, above=0)
        window = np.clip(window, self._whole[:, :1], self._whole[:, 1:])
        if (window[:, 1] / window[:, 0] < 1 + 1e-9).any():
            raise ValueError("window: it is as narrow as the digits of a computer allow")
        self.window = window
        self._chart.set(xlim=window[0], ylim=window[1])
        self._mapped()
        rates = np.array([self.rate_in, self.rate_out])
        middle = np.sqrt(window.prod(axis=1))
        self.redraw(*self._rate_sliders(rates if self._inside(rates) else middle))

    def _pixel_of(self, rates):
        """The middles (..., 2) of the pixels that hold pairs of rates (..., 2)."""
        low, high = self.window.T
        place = np.log(rates / low) / np.log(high / low) * self._side
        share = (np.clip(np.floor(place), 0, self._side - 1) + 0.5) / self._side
        return low * (high / low) ** share

    @property
    def trajectory(self):
        """The run that the picture shows; its theta ends with the two rates."""
        rates = self._pixel_of(np.array([self.rate_in, self.rate_out]))
        theta = np.concatenate([self.start, rates])
        return descend(self.objective, theta, GradientDescent(1.0), self._steps)

    def frames(self, settings):
        """One frame a rate; the run is that of the pixel's middle."""
        asked, P = lanes(settings)
        rates = self._pixel_of(np.stack([asked["rate_in"], asked["rate_out"]], axis=-1))
        theta = np.concatenate([np.broadcast_to(self.start, (P, len(self.start))), rates], axis=-1)
        share = descend(self.objective, theta, GradientDescent(1.0), self._steps).values.T
        with np.errstate(all="ignore"):
            share = share / share[:, :1]
            gone = np.logical_or.accumulate(~(share <= 1000), axis=1)
        shown_share = np.where(gone & np.roll(gone, 1, axis=1), np.nan, np.minimum(share, 1e6))
        k = np.arange(self._steps + 1)
        marks = {
            self._line: xy(k, np.maximum(shown_share, 1e-30)),
            self._pixel: rates[:, None],
        }
        told = zip(rates, share[:, -1], gone, strict=True)
        return Frames(marks, [self._sentence(*about) for about in told])

    def _sentence(self, rates, share, gone):
        about = f"Rates {rates[0]:.4g} and {rates[1]:.4g}: "
        if gone.any():
            soon = next((step for step in STEPS_LOST[::-1] if gone.argmax() <= step), self._steps)
            return about + f"the run is lost by step {soon}."
        for limit, words in zip(SHARES, ("a millionth", "a thousandth", "a tenth"), strict=True):
            if share < limit:
                return about + f"after {self._steps} steps less than {words} of the first value is left."
        return about + f"after {self._steps} steps more than a tenth of the first value is left."
