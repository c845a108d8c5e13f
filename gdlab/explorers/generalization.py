"""On the way to the exact minimum: the error on points seen, and on points not seen."""

from __future__ import annotations

import numpy as np

from gdlab import closed_form, gradients, losses, models, plots
from gdlab._arguments import number, shown, whole
from gdlab.data import Dataset
from gdlab.descent import descend
from gdlab.explorers.common import moving, xy
from gdlab.objectives import EmpiricalRisk
from gdlab.optimizers import GradientDescent
from gdlab.stage import Frames, Slider, Stage
from gdlab.words import counted


class Generalization(Stage):
    """Descent fits a curve to some points and is tested on others, under a slider for the steps.

    Left the points, the curve after so many steps, and dashed the curve at the exact minimum. Right the
    mean squared error on the points seen (train) and on others (test), with that of the exact minimum.

    `train`, `test`: data sets whose features are Legendre polynomials P₁ … P_d of one number u in
    [−1, 1]. `learning_rate`: by default 1 / the largest curvature. `steps`: where the slider begins.
    """

    MOST_STEPS = 1000

    def __init__(self, train: Dataset, test: Dataset, steps=1000, learning_rate=None):
        for name, given in (("train", train), ("test", test)):
            if not isinstance(given, Dataset):
                raise TypeError(f"{name}: a Dataset is expected, {shown(given)} given")
            degree = given.X.shape[1]
            if not np.allclose(given.X, np.polynomial.legendre.legvander(given.X[:, 0], degree)[:, 1:]):
                raise ValueError(f"{name}: Legendre polynomials of one number are expected as features")
        if train.X.shape[1] != test.X.shape[1]:
            raise ValueError(f"test: {train.X.shape[1]} features are expected, {test.X.shape[1]} given")
        if whole("steps", steps, low=1) > self.MOST_STEPS:
            raise ValueError(f"steps: at most {self.MOST_STEPS} are expected, {steps} given")
        self._train, self._test = train, test
        risks = [EmpiricalRisk(models.Linear(), losses.SquaredError(), part) for part in (train, test)]
        zero = np.zeros(risks[0].dimension)
        if learning_rate is None:
            learning_rate = 1 / np.linalg.eigvalsh(gradients.hessian(risks[0], zero))[-1]
        self.learning_rate = number("learning_rate", learning_rate, 0, open_low=True)
        self.trajectory = descend(risks[0], zero, GradientDescent(self.learning_rate), self.MOST_STEPS)
        self.exact = closed_form.lstsq(train.X, train.y)
        self.train, self.test = (risk(self.trajectory.thetas) for risk in risks)  # (steps + 1,)
        self.exact_test = float(risks[1](self.exact))
        self.best = int(self.test.argmin())  # after how many steps the test error is least
        self._u = np.linspace(train.X[:, 0].min(), train.X[:, 0].max(), 241)
        ks = np.unique(np.rint(np.geomspace(1, self.MOST_STEPS, 120)).astype(int))
        slider = Slider("steps", "steps", ks.astype(float), steps, play=True)
        figure = self._draw()
        super().__init__(figure, self._parts, [slider])

    def _draw(self):
        figure, (data, error) = plots.figure(2, height=3.9)
        u, y = self._train.X[:, 0], self._train.y
        room = 0.6 * np.ptp(y)
        black = {"color": "#1a1a1a", "linestyle": "none", "marker": "o", "markersize": 5}
        data.plot([], [], **black, label="seen (train)")
        data.plot(
            self._test.X[:, 0],
            self._test.y,
            ".",
            color="#b5b5b5",
            ls="none",
            ms=3,
            label="others (test)",
        )
        exact = self._curve(self.exact)
        data.plot(self._u, exact, color=plots.TRUTH, linestyle="--", lw=1.4, label="exact minimum")
        data.plot([], [], color=plots.PATH, linestyle="-", label="descent")
        data.set(xlabel="u", ylabel="y", ylim=(y.min() - room, y.max() + 1.4 * room))
        data.set_title("The curve after so many steps")
        paper = {"frameon": True, "facecolor": "white", "edgecolor": "none", "framealpha": 1}
        data.legend(loc="upper right", ncols=2, **paper)
        k = np.arange(self.MOST_STEPS + 1)
        error.plot(k[1:], self.train[1:], color=plots.GRADIENT, linestyle="-.")
        error.plot(k[1:], self.test[1:], color=plots.PATH, linestyle="-")
        error.axhline(self.exact_test, color=plots.TRUTH, linestyle="--", linewidth=1.4)
        low, high = self.train[1:].min(), max(self.exact_test, self.test[1:].max())
        error.set(xscale="log", yscale="log", xlim=(1, self.MOST_STEPS), ylim=(low / 2, 4 * high))
        error.set(xlabel="step", ylabel="mean squared error", title="Seen points, other points")
        error.minorticks_off()
        for axis in (error.xaxis, error.yaxis):
            axis.set_major_formatter("{x:g}")  # 0.01 says more than a power, and is drawn sooner
        for text, color, at, value, va in (
            ("test, at the exact minimum", plots.TRUTH, 1.15, 1.1 * self.exact_test, "bottom"),
            ("test", plots.PATH, 500, 1.2 * self.test[500], "bottom"),
            ("train", plots.GRADIENT, 150, self.train[150] / 1.4, "top"),
        ):
            error.text(
                at, value, text, color=color, va=va, ha="right" if at > 100 else "left", fontsize=8.5
            )
        self._line = moving(
            data, color=plots.PATH, linestyle="-", linewidth=2, path_effects=plots.OUTLINE
        )
        self._points, self._data = moving(data, **black), np.column_stack([u, y])
        self._seen = moving(error, **{**plots.point_style(plots.GRADIENT), "marker": "s"})
        self._unseen = moving(error, **plots.point_style())
        self._parts = [self._line, self._points, self._seen, self._unseen]
        return figure

    def _curve(self, theta):
        """The predictions over the drawn range, (..., points)."""
        features = np.polynomial.legendre.legvander(self._u, self._train.X.shape[1])[:, 1:]
        return models.Linear().predict(theta, features)

    def frames(self, settings):
        """One frame a number of steps."""
        k = np.rint(np.atleast_1d(settings["steps"])).astype(int)
        curves = self._curve(self.trajectory.thetas[k])
        marks = {self._line: xy(self._u, curves)}
        marks[self._points] = self._data
        for mark, values in ((self._seen, self.train), (self._unseen, self.test)):
            marks[mark] = np.stack([k, values[k]], axis=-1)[:, None].astype(float)
        return Frames(marks, [self._sentence(each) for each in k])

    def _sentence(self, k):
        after = f"After {counted(k, 'step')} (α = {self.learning_rate:.2g})"
        errors = f"train {self.train[k]:.2g}, test {self.test[k]:.2g}"
        least = f"least at step {self.best}: {self.test[self.best]:.2g}"
        return f"{after}: {errors} ({least}). The exact minimum: test {self.exact_test:.2g}."
