"""One descent on real data, under a batch-size slider."""

from __future__ import annotations

import numpy as np

from gdlab import data, plots
from gdlab._arguments import whole
from gdlab.closed_form import lstsq
from gdlab.descent import descend
from gdlab.explorers.common import lanes, moving
from gdlab.losses import SquaredError
from gdlab.models import Linear
from gdlab.objectives import EmpiricalRisk
from gdlab.optimizers import GradientDescent
from gdlab.stage import Frames, Slider, Stage
from gdlab.words import counted


class BatchPath(Stage):
    """A line learns the mass of 342 penguins, each update from B of them, under a slider for B.

    α = 0.2 for every B, from weight −0.2 and bias 3.3 (kg). Left the run among all lines, right the mean
    squared error over all penguins after every update, less the lowest possible.

    `size`: B, 1 to 342. `steps`: the updates drawn, 1 to 80. `seed`: of the order of the birds.
    """

    RATE, START, MOST = 0.2, (-0.2, 3.3), 80

    def __init__(self, size=10, steps=80, seed=0):
        tidy = data.standardize(data.penguins())
        self.dataset = data.Dataset(tidy.X, tidy.y / 1000, tidy.features, "body mass (kg)", tidy.source)
        self.objective, n = EmpiricalRisk(Linear(), SquaredError(), self.dataset), len(tidy)
        self.sizes = np.unique(np.rint(np.geomspace(1, n, 60)).astype(int))
        whole("size", size, 1, n)
        whole("steps", steps, 1, self.MOST)
        self._seed, self._runs = whole("seed", seed), {}
        figure = self._draw(lstsq(tidy.X, self.dataset.y))
        sliders = [
            Slider("size", "batch size B", self.sizes, size),
            Slider("steps", "updates", np.arange(1, self.MOST + 1), steps, play=True),
        ]
        super().__init__(figure, self._moving_parts, sliders)

    def _draw(self, best):
        figure, (land, value) = plots.figure(2, height=4.2)
        window = ((-0.4, 1.7), (3.1, 5.2))
        plots.contours(land, self.objective, window, labels=("weight w (kg)", "bias b (kg)"))
        self._best = best
        land.set(aspect="equal", title="The run among all lines")
        self._lowest = float(self.objective(best))
        value.set(xlim=(0, self.MOST), yscale="log", ylim=(1e-6, 10), xlabel="update")
        value.set(ylabel="error above the lowest (kg²)", title="The value after every update")
        self._path = moving(land, **plots.path_style())
        self._star = moving(land, **plots.star_style())  # a mark, to lie above the run
        self._here = moving(land, **plots.point_style())
        land.plot(*self.START, **plots.start_style())
        self._values = moving(value, color=plots.PATH, linestyle="-", marker="o", markersize=3)
        self._last = moving(value, **plots.point_style())
        self._moving_parts = [self._path, self._star, self._here, self._values, self._last]
        return figure

    @property
    def trajectory(self):
        """The run that the picture shows."""
        return self._run(round(self.size))[0]

    def _run(self, size):
        """The run of one batch size, and its error above the lowest over all penguins."""
        if size not in self._runs:
            batches = data.batches(len(self.dataset), size, self._seed)
            run = descend(self.objective, self.START, GradientDescent(self.RATE), self.MOST, batches)
            self._runs[size] = run, np.maximum(self.objective(run.thetas) - self._lowest, 1e-12)
        return self._runs[size]

    def frames(self, settings):
        """One frame a batch size, or one a number of updates."""
        asked, P = lanes(settings)
        sizes, steps = (np.rint(asked[name]).astype(int) for name in ("size", "steps"))
        thetas, above = (np.array(part) for part in zip(*map(self._part, sizes), strict=True))
        p, k = np.arange(P), np.arange(self.MOST + 1)
        shown = np.where(k <= steps[:, None], 1.0, np.nan)
        levels = np.stack([k * shown, above * shown], axis=-1)
        marks = {
            self._path: thetas * shown[..., None],
            self._star: self._best[None],
            self._here: thetas[p, steps][:, None],
            self._values: levels,
            self._last: levels[p, steps][:, None],
        }
        told = zip(sizes, steps, above[p, steps], strict=True)
        return Frames(marks, [self._sentence(*about) for about in told])

    def _part(self, size):
        run, above = self._run(size)
        return run.thetas, above

    def _sentence(self, size, steps, above):
        birds = counted(size, "penguin")
        left = f"{above:.2g} kg² above" if above > 1e-6 else "less than a millionth kg² above"
        made = f"{counted(steps, 'update')} of {birds} each"
        return f"B = {size}: {made}; the error is {left} the lowest possible."
