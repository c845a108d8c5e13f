"""Losses: what an outlier does to them, and their slopes."""

from __future__ import annotations

import numpy as np

from gdlab import plots
from gdlab.explorers.common import POSITIONS, moving, xy
from gdlab.losses import (
    AbsoluteError,
    BinaryCrossEntropy,
    Brier,
    Hinge,
    Huber,
    SquaredError,
    ZeroOne,
    sigmoid,
)
from gdlab.stage import Frames, Handle, Slider, Stage


def robust_line(x, y, loss, rounds=100):
    """The line of least mean loss by reweighted least squares; y (..., n), result (..., 2).

    A residual r counts with weight slope(r)/r, so that each round solves a weighted least-squares
    problem whose gradient is the loss's own. Source: Holland and Welsch (1977).
    """
    A = np.column_stack([x, np.ones(len(x))])
    theta = np.zeros((*y.shape[:-1], 2))
    for _ in range(rounds):
        residual = theta @ A.T - y
        residual = np.where(np.abs(residual) < 1e-9, 1e-9, residual)
        weighted = A.T * (loss.slope(residual, np.zeros(len(x))) / residual)[..., None, :]
        theta = np.linalg.solve(weighted @ A, weighted @ y[..., None])[..., 0]
    return theta


class Outlier(Stage):
    """Three lines through the same points: least squared error, least absolute error, least Huber loss.

    Drag the outlier. Left, what each loss charges for the outlier's residual from its own line.
    """

    def __init__(self, outlier=6.0):
        rng = np.random.default_rng(2)
        self.x = np.linspace(-2, 2, 11)
        self.y = 0.8 * self.x + 1 + 0.25 * rng.normal(size=11)
        self.losses = {"squared": SquaredError(), "absolute": AbsoluteError(), "Huber": Huber()}
        figure, (charge, fit) = plots.figure(2, height=3.9)
        r = np.linspace(-8, 8, 401)
        styles = dict(
            zip(self.losses, [("#D55E00", "-"), ("#0072B2", "--"), ("#009E73", "-.")], strict=True)
        )
        self._lines, self._dots = {}, {}
        for name, loss in self.losses.items():
            color, dashes = styles[name]
            charge.plot(
                r, loss.value(r, np.zeros_like(r)), color=color, linestyle=dashes, label=f"{name} loss"
            )
            self._lines[name] = moving(fit, color=color, linestyle=dashes, linewidth=2)
            self._dots[name] = moving(charge, **plots.point_style(color))
        charge.set(xlim=(-8, 8), ylim=(-2, 52), xlabel="residual of the outlier, ŷ − y", ylabel="loss")
        charge.set_title("What each loss charges for the outlier")
        charge.legend(loc="upper center")
        fit.plot(self.x[:-1], self.y[:-1], "o", color=plots.QUIET, linestyle="none")
        fit.set(xlim=(-2.4, 2.4), ylim=(-6, 10), xlabel="x", ylabel="y", title="The three fitted lines")
        self._point = moving(fit, **{**plots.point_style("#1a1a1a"), "markersize": 9})
        marks = [*self._lines.values(), *self._dots.values(), self._point]
        slider = Slider("outlier", "outlier's y", np.linspace(-5, 9, POSITIONS + 1), outlier)
        super().__init__(figure, marks, [slider], [Handle((None, "outlier"), fit, "outlier")])

    def frames(self, settings):
        """One frame a height of the outlier."""
        heights = np.atleast_1d(settings["outlier"])
        y = np.broadcast_to(self.y, (len(heights), len(self.x))).copy()
        y[:, -1] = heights
        ends, marks, slopes = np.array([-2.4, 2.4]), {}, {}
        for name, loss in self.losses.items():
            theta = robust_line(self.x, y, loss)
            line = theta[:, :1] * ends + theta[:, 1:]
            miss = theta[:, 0] * self.x[-1] + theta[:, 1] - heights
            marks[self._lines[name]] = xy(ends, line)
            cost = loss.value(miss, np.zeros_like(miss))
            marks[self._dots[name]] = np.stack([miss, cost], axis=-1)[:, None]
            slopes[name] = theta[:, 0]
        at = np.stack([np.full(len(heights), self.x[-1]), heights], axis=-1)
        marks[self._point] = at[:, None]
        sentences = [
            f"Outlier at y = {height:.1f}. Slope of the line: "
            + ", ".join(f"{name} {slope[i]:.2f}" for name, slope in slopes.items())
            + "."
            for i, height in enumerate(heights)
        ]
        return Frames(marks, sentences)


class LossShapes(Stage):
    """Four losses of a classifier against the logit of an example whose label is 1, and their slopes."""

    def __init__(self, logit=-5.0):
        self.losses = {
            "cross-entropy": BinaryCrossEntropy(),
            "squared error of p": Brier(),
            "hinge": Hinge(),
            "zero-one": ZeroOne(),
        }
        figure, (value, slope) = plots.figure(2, height=3.9)
        z = np.linspace(-10, 10, 2001)
        ones = np.ones_like(z, dtype=int)
        styles = [("#D55E00", "-"), ("#0072B2", "--"), ("#009E73", "-."), ("#CC79A7", ":")]
        self._dots = {}
        for (name, loss), (color, dashes) in zip(self.losses.items(), styles, strict=True):
            value.plot(z, loss.value(z, ones), color=color, linestyle=dashes, label=name)
            slope.plot(z, loss.slope(z, ones), color=color, linestyle=dashes)
            self._dots[name] = [moving(ax, **plots.point_style(color)) for ax in (value, slope)]
        value.set(
            xlim=(-10, 10),
            ylim=(-0.5, 11.5),
            xlabel="logit z",
            ylabel="loss",
            title="The loss when the label is 1",
        )
        value.legend(loc="upper right")
        slope.set(xlim=(-10, 10), ylim=(-1.08, 0.08), xlabel="logit z", ylabel="slope of the loss")
        slope.set_title("Its slope: what descent is told")
        marks = [dot for pair in self._dots.values() for dot in pair]
        slider = Slider("logit", "logit z", np.linspace(-10, 10, POSITIONS + 1), logit)
        super().__init__(
            figure, marks, [slider], [Handle(("logit",), ax, "logit") for ax in (value, slope)]
        )

    def frames(self, settings):
        """One frame a logit."""
        z = np.atleast_1d(settings["logit"])
        ones, marks, slopes = np.ones_like(z, dtype=int), {}, {}
        for name, loss in self.losses.items():
            slopes[name] = loss.slope(z, ones)
            for dot, height in zip(self._dots[name], (loss.value(z, ones), slopes[name]), strict=True):
                marks[dot] = np.stack([z, height], axis=-1)[:, None]
        sentences = [
            f"z = {logit:.1f}, so p = {sigmoid(logit):.4g}. Slopes: "
            + ", ".join(f"{name} {slope[i]:.2g}" for name, slope in slopes.items())
            + "."
            for i, logit in enumerate(z)
        ]
        return Frames(marks, sentences)
