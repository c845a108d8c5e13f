"""A run with the arithmetic of each step written out."""

from __future__ import annotations

import numpy as np

from gdlab import plots
from gdlab._arguments import inside, number, shown, whole
from gdlab.descent import descend
from gdlab.explorers.common import moving
from gdlab.optimizers import GradientDescent
from gdlab.stage import Frames, Slider, Stage
from gdlab.words import typeset

INDEX = ("θ₁", "θ₂")


def short(value):
    """Four significant digits: −0.1235, 5.2·10⁻⁵."""
    return typeset(f"{value + 0.0:.4g}")


def bracketed(value):
    """The same, in brackets where it is negative."""
    return f"({short(value)})" if value < 0 else short(value)


class StepLedger(Stage):
    """Gradient descent step by step, with the numbers of each step filled in.

    Left the landscape and the run so far, right the arithmetic of the last step.

    `landscape`: an objective of dimension 1 or 2, with a window. `start`: inside it. `learning_rate`:
    one at which the run stays finite. `steps`: shown at first, of `most_steps`.
    """

    def __init__(self, landscape, start, learning_rate, steps=1, most_steps=20):
        self.landscape, d = landscape, getattr(landscape, "dimension", None)
        if not callable(landscape) or d not in (1, 2) or not hasattr(landscape, "window"):
            raise ValueError(
                f"landscape: one of dimension 1 or 2 with a window is expected, {shown(landscape)} given"
            )
        start = inside("start", start, np.array(landscape.window))
        self.learning_rate = number("learning_rate", learning_rate, 0, open_low=True)
        most_steps = whole("most_steps", most_steps, low=1)
        self.run = descend(landscape, start, GradientDescent(self.learning_rate), most_steps)
        if not (np.abs(self.run.gradients) < 1e9).all():  # also false for NaN
            raise ValueError(
                f"learning_rate: one at which the run stays finite is expected, {learning_rate!r} given"
            )
        steps = whole("steps", steps)
        slider = Slider("steps", "steps", np.arange(most_steps + 1), steps, play=True)
        figure, (land, page) = plots.figure(2, height=3.9)
        (plots.contours if d == 2 else plots.curve)(land, landscape)
        plots.minima(land, landscape)
        land.set_title(f"The run, α = {self.learning_rate:.4g}")
        page.set(title="The step in numbers", xlim=(0, 1), ylim=(0, 1))
        page.axis("off")
        self._path = moving(land, **plots.path_style())
        self._start = moving(land, **plots.start_style())
        self._here = moving(land, **plots.point_style())
        self._lines = [
            page.text(0.02, height, "", animated=True, color=color, fontsize=11)
            for height, color in zip(
                np.linspace(0.88, 0.14, 3 + d),
                ["#1a1a1a", plots.GRADIENT, *["#1a1a1a"] * d, plots.QUIET],
                strict=True,
            )
        ]
        super().__init__(figure, [self._path, self._start, self._here, *self._lines], [slider])

    def frames(self, settings):
        """One frame a number of steps."""
        steps = np.rint(np.atleast_1d(settings["steps"])).astype(int)
        thetas, values = self.run.thetas, self.run.values
        place = thetas if thetas.shape[1] == 2 else np.column_stack([thetas[:, 0], values])
        shown_so_far = np.arange(len(place)) <= steps[:, None]
        told = [self._ledger(k) for k in steps]
        marks = {
            self._path: np.where(shown_so_far[..., None], place, np.nan),
            self._start: place[:1],
            self._here: place[steps][:, None],
        }
        for line, texts in zip(
            self._lines, zip(*(lines for lines, _ in told), strict=True), strict=True
        ):
            marks[line] = list(texts)
        return Frames(marks, [sentence for _, sentence in told])

    def _ledger(self, k):
        """The lines on the page after k steps, and the sentence."""
        thetas, values, names = self.run.thetas, self.run.values, INDEX[: self.run.thetas.shape[1]]
        listed = [", ".join(short(x) for x in row) for row in (thetas[k], self.run.gradients[k])]
        if k == 0:
            place = ", ".join(f"{n} = {short(x)}" for n, x in zip(names, thetas[0], strict=True))
            lines = [f"Start: {place}", f"gradient there: ({listed[1]})", *[""] * len(names)]
            return [
                *lines,
                f"value {short(values[0])}",
            ], f"Start: {place}; the gradient is ({listed[1]})."
        gradient, rate = self.run.gradients[k - 1], short(self.learning_rate)
        sums = [
            f"{name} = {short(old)} − {rate} × {bracketed(g)} = {short(new)}"
            for name, old, g, new in zip(names, thetas[k - 1], gradient, thetas[k], strict=True)
        ]
        arrow = ", ".join(short(g) for g in gradient)
        went = (
            "falls" if values[k] < values[k - 1] else "rises" if values[k] > values[k - 1] else "stays"
        )
        change = f"value {short(values[k - 1])} → {short(values[k])}"
        sentence = f"Step {k}: {'; '.join(sums)}. The value {went}: {change.removeprefix('value ')}."
        return [f"Step {k}", f"gradient where it stood: ({arrow})", *sums, change], sentence
