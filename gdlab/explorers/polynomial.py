"""Polynomials of growing degree through exact data: the same least squares, solved in three ways."""

from __future__ import annotations

import numpy as np

from gdlab import plots
from gdlab._arguments import whole
from gdlab.descent import descend
from gdlab.explorers.common import moving, xy
from gdlab.optimizers import GradientDescent
from gdlab.stage import Frames, Slider, Stage
from gdlab.words import typeset

DEGREES = np.arange(1, 16)
STYLES = {
    "inverse": (plots.PATH, "-"),
    "lstsq": (plots.GRADIENT, "--"),
    "descent": (plots.TRUTH, "-."),
}
SIZES = {10.0: "more than 10", 1e-3: "more than a thousandth", 1e-6: "more than a millionth"}


class PolynomialFit(Stage):
    """A ball's flight, h = 1 + 5t − 5t², known at 85 times without error, fitted with a polynomial.

    Under a degree slider: the explicit inverse of AᵀA, `lstsq`, and 1,000 steps of descent from 0 at
    α = 1/λ_max. Left the three curves; right the condition numbers, and the error of each method: the
    largest distance of a coefficient from the true one, which is known.

    `fits[name]` (15, 16): the coefficients of 1, t, t², … for every degree, 0 beyond the degree.
    """

    STEPS = 1000

    def __init__(self, degree=12):
        degree = whole("degree", degree, DEGREES[0], DEGREES[-1])
        self.t = np.arange(-10, 75) / 64  # in binary t and h are exact: no rounding in the data
        self.h = 1 + 5 * self.t - 5 * self.t**2
        self.truth = np.zeros((15, 16))
        self.truth[1:, :3] = 1, 5, -5
        self.truth[0, 0] = self.h.mean()  # the best line is level, for the flight is symmetric
        designs = [self.design(degree) for degree in DEGREES]
        self.conditions = np.array([np.linalg.cond(A) for A in designs])
        self.fits = {
            "inverse": _padded([_inverse(A, self.h) for A in designs]),
            "lstsq": _padded([np.linalg.lstsq(A, self.h, rcond=None)[0] for A in designs]),
            "descent": self._descent(designs),
        }
        self.errors = {name: np.abs(c - self.truth).max(axis=1) for name, c in self.fits.items()}
        figure = self._draw()
        marks = [*self._lines, *self._curves.values(), *self._dots.values(), *self._numbers]
        slider = Slider("degree", "degree", DEGREES, degree, play=True)
        super().__init__(figure, marks, [slider])

    def design(self, degree) -> np.ndarray:
        """A: a column for each power 1, t, t² … t^degree, a row for each time."""
        return self.t[:, None] ** np.arange(degree + 1)

    def _descent(self, designs):
        """The coefficients after 1,000 steps: one run, a lane for each degree."""
        steepest = [2 / len(A) * np.linalg.norm(A, 2) ** 2 for A in designs]
        risks = _Risks(designs[-1], self.h, np.arange(16) <= DEGREES[:, None])
        rule = GradientDescent(1 / np.array(steepest))
        return descend(risks, np.zeros((15, 16)), rule, self.STEPS).thetas[-1]

    def _draw(self):
        figure, axes = plots.mosaic([["ball", "cond"], ["ball", "error"]], height=4.6)
        ball, cond, error = axes["ball"], axes["cond"], axes["error"]
        ball.plot(self.t, self.h, "o", color=plots.QUIET, alpha=0.5, markersize=4, linestyle="none")
        ball.set(xlim=(-0.2, 1.2), ylim=(-0.3, 2.7), xlabel="time t (s)", ylabel="height h (m)")
        ball.set_title("85 exact heights, three fitted curves")
        cond.plot(DEGREES, self.conditions, color=plots.GRADIENT, linestyle="--")
        cond.plot(DEGREES, self.conditions**2, color=plots.PATH, linestyle="-")
        cond.axhline(1e16, color=plots.QUIET, linestyle=":", linewidth=1.4)
        cond.text(1, 1e17, "16 digits", color=plots.QUIET, fontsize=8.5)
        cond.text(7, 1e12, "cond(AᵀA)", color=plots.PATH, fontsize=8.5, ha="right")
        cond.text(9.3, 1e4, "cond(A)", color=plots.GRADIENT, fontsize=8.5)
        cond.set(ylim=(0.1, 1e25), ylabel="condition number", title="Condition numbers")
        for name, (color, dashes) in STYLES.items():
            error.plot(DEGREES, _shown(self.errors[name]), color=color, linestyle=dashes)
        error.set(ylim=(1e-17, 1e7), ylabel="error", title="Largest error of a coefficient")
        for ax in (cond, error):
            ax.set(yscale="log", xlim=(0.5, 15.5), xlabel="degree", xticks=DEGREES[::2])
        self._curves, self._dots = {}, {}
        for name, (color, dashes) in STYLES.items():
            self._curves[name] = moving(ball, color=color, linestyle=dashes, linewidth=2, label=name)
            self._dots[name] = moving(error, **plots.point_style(color))
        ball.legend(loc="lower center")
        rule = {"color": plots.QUIET, "linestyle": "-", "linewidth": 1, "alpha": 0.6}
        self._lines = [moving(ax, **rule) for ax in (cond, error)]
        self._numbers = [moving(cond, **plots.point_style(c)) for c in (plots.GRADIENT, plots.PATH)]
        return figure

    def frames(self, settings):
        """One frame a degree."""
        degrees = np.rint(np.atleast_1d(settings["degree"])).astype(int)
        i, t = degrees - 1, np.linspace(self.t[0], self.t[-1], 201)
        marks = {}
        for line, ends in zip(self._lines, ((0.1, 1e25), (1e-17, 1e7)), strict=True):
            marks[line] = xy(degrees[:, None], np.array(ends))
        for name, curve in self._curves.items():
            h = self.fits[name][i] @ (t ** np.arange(16)[:, None])
            marks[curve] = xy(t, h)
            at = np.stack([degrees, _shown(self.errors[name][i])], axis=-1)
            marks[self._dots[name]] = at[:, None]
        for dot, power in zip(self._numbers, (1, 2), strict=True):
            marks[dot] = np.stack([degrees, self.conditions[i] ** power], axis=-1)[:, None]
        return Frames(marks, [self._sentence(degree) for degree in degrees])

    def _sentence(self, degree):
        cond = self.conditions[degree - 1]
        inverse, lstsq, descent = (errors[degree - 1] for errors in self.errors.values())
        descent = f"{descent:.2g}" if descent > 1e-6 else _size(descent)
        return (
            f"Degree {degree}: cond(A) ≈ {_power(cond)}, cond(AᵀA) ≈ {_power(cond**2)}. "
            f"Largest error of a coefficient: by the inverse {_size(inverse)}, by lstsq {_size(lstsq)}, "
            f"by {self.STEPS:,} steps of descent {descent}."
        )


class _Risks:
    """1/n |A θ − h|² for many lanes; `own` (lanes, d) says which coefficients a lane has."""

    def __init__(self, A, h, own):
        self.A, self.h, self.own = A, h, own

    def __call__(self, theta):
        return np.mean((theta @ self.A.T - self.h) ** 2, axis=-1)

    def gradient(self, theta):
        return 2 / len(self.h) * (theta @ self.A.T - self.h) @ self.A * self.own


def _inverse(A, y):
    """(AᵀA)⁻¹Aᵀy as it is written: the bad example. NaN where the computer finds no inverse at all."""
    try:
        return np.linalg.inv(A.T @ A) @ (A.T @ y)
    except np.linalg.LinAlgError:
        return np.full(A.shape[1], np.nan)


def _padded(coefficients):
    """Coefficients of every degree, (15, 16), with zeros beyond the degree."""
    return np.array([np.pad(c, (0, 16 - len(c))) for c in coefficients])


def _shown(errors):
    """Errors inside the picture; one of 0 has no place on a logarithmic axis."""
    return np.clip(errors, 1e-16, 3e6)  # NaN, no answer, stays a gap


def _size(error):
    """An error in words: its digits differ from machine to machine."""
    if np.isnan(error):
        return "no answer at all"
    return next((words for limit, words in SIZES.items() if error > limit), "less than a millionth")


def _power(number):
    """690000000 as '7·10⁸'."""
    return f"{number:.0f}" if number < 1000 else typeset(f"{number:.0e}")
