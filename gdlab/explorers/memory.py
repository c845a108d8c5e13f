"""What a rule remembers: its arrows on the landscape, its memory as bars, one step at a time."""

from __future__ import annotations

import numpy as np

from gdlab import landscapes, optimizers, plots
from gdlab._arguments import inside, option, shown
from gdlab.descent import iterate
from gdlab.explorers.common import lanes, moving
from gdlab.explorers.rules import RULES, build
from gdlab.stage import Frames, Menu, Slider, Stage
from gdlab.words import short

VELOCITY = "#CC79A7"  # the memory of slopes, in the bars and on the landscape


class Memory(Stage):
    """One rule on a landscape of two parameters, stepped by a slider, with its memory drawn.

    Left the run, with arrows against the slope and against the remembered slopes; below it the value
    per step. Right, for each parameter: slope, memory of slopes, root of the memory of squared
    slopes, and the step they make. `rule`: a name of RULES.
    """

    STEPS = 60
    ROWS = ("slope", "memory of slopes", "√ of squares", "step")

    def __init__(self, objective=None, start=(-2.5, 1.2), rule="momentum", learning_rate=0.02, steps=6):
        self.landscape = landscapes.Quadratic([1, 25]) if objective is None else objective
        if not isinstance(self.landscape, landscapes.Landscape) or self.landscape.dimension != 2:
            raise ValueError(
                f"objective: a landscape of dimension 2 is expected, {shown(objective)} given"
            )
        self.window = np.array(self.landscape.window)
        self.start = inside("start", start, self.window)
        index = list(RULES).index(option("rule", rule, RULES))
        marks = self._draw()
        rates = np.geomspace(0.001, 1, 121)
        sliders = [
            Slider("step", "step", np.arange(self.STEPS + 1.0), steps, play=True),
            Menu("rule", "rule", list(RULES), index),
            Slider("learning_rate", "learning rate α", rates, learning_rate),
            Slider("beta", "β, memory of slopes", np.linspace(0, 0.99, 34), 0.9),
            Slider("beta2", "β₂, memory of squares", 1 - np.geomspace(1, 0.001, 31), 0.99),
        ]
        super().__init__(figure=self._paper, marks=marks, sliders=sliders)

    def _draw(self):
        self._paper, axes = plots.mosaic([["land", "bars"], ["loss", "bars"]], 5.6, heights=[2.2, 1])
        land, bars, loss = axes["land"], axes["bars"], axes["loss"]
        plots.contours(land, self.landscape)
        plots.minima(land, self.landscape)
        land.set(aspect="equal", title="The run, and what pulls at it")
        corner = {"transform": land.transAxes, "fontsize": 8.5, "bbox": plots.PAPER}
        land.text(0.03, 0.95, "thin: against the slope", color=plots.GRADIENT, va="top", **corner)
        land.text(
            0.03, 0.87, "thick: against the remembered slopes", color="#A3457C", va="top", **corner
        )
        loss.set(xlim=(0, self.STEPS), ylim=(1e-8, 1e3), yscale="log", xlabel="step", ylabel="value")
        loss.set_title("The value at each step")
        colors = (plots.GRADIENT, VELOCITY, plots.QUIET, plots.PATH)
        bars.set(xlim=(-1.05, 1.75), ylim=(8.6, -1.1), xticks=[], yticks=[], title="What the rule holds")
        bars.spines[:].set_visible(False)
        bars.grid(False)
        self._bars, self._numbers, rows = [], [], []
        for parameter in (0, 1):
            top = 4.6 * parameter
            bars.text(-1.03, top - 0.75, f"parameter θ{'₁₂'[parameter]}", fontweight="bold", va="center")
            bars.plot([0, 0], [top - 0.4, top + 3.4], color="#bbbbbb", linewidth=1, linestyle="-")
            for i, (name, color) in enumerate(zip(self.ROWS, colors, strict=True)):
                y = top + i
                rows.append(y)
                bars.text(-1.03, y - 0.42, name, fontsize=8, color="#3c3c3c", va="center")
                # The dashes never end: so the bar's ends are straight, not round.
                style = {"color": color, "linewidth": 9, "linestyle": (0, (1e4, 1)), "alpha": 0.9}
                self._bars.append(moving(bars, **style))
                number = bars.text(1.72, y, "", ha="right", va="center", fontsize=9, animated=True)
                self._numbers.append(number)
        self._rows = np.array(rows, dtype=float)
        note = "The longest bar fills its half. Steps have a scale of their own."
        bars.text(-1.03, 8.55, note, fontsize=8, color=plots.QUIET, va="center")
        self._path = moving(land, **plots.path_style())
        self._start = moving(land, **plots.start_style())
        self._here = moving(land, **plots.point_style())
        arrow = {"linestyle": "-", "path_effects": plots.OUTLINE}
        self._pull = moving(land, color="#A3457C", linewidth=3.2, **arrow)
        self._down = moving(land, color=plots.GRADIENT, linewidth=1.6, **arrow)
        self._values = moving(loss, color=plots.PATH, linestyle="-", marker="o", markersize=2.5)
        self._last = moving(loss, **plots.point_style())
        return [*self._bars, *self._numbers, self._path, self._start, self._here, self._down, self._pull,
                self._values, self._last]  # fmt: skip

    def walk(self, rule, steps):
        """`steps` + 1 points of a run, their values, and what the rule held at each of them."""
        thetas, values, held = [], [], []
        state = rule.init(self.start)
        walk = iterate(self.landscape, self.start, rule)
        with np.errstate(all="ignore"):
            for k, (theta, value, gradient) in zip(range(steps + 1), walk, strict=False):
                step, state = rule.step(k, gradient, state)
                thetas.append(theta)
                values.append(value)
                held.append((gradient, state, step))
        return np.stack(thetas), np.stack(values), held

    def _now(self, rule, k, held):
        """(rate lanes, 4, 2): slope, memory of slopes, root of the memory of squares, step."""
        gradient, state, step = held[k]
        with np.errstate(all="ignore"):
            return np.stack([gradient, *self._memories(rule, k, state, gradient), step], axis=-2)

    @staticmethod
    def _memories(rule, k, state, gradient):
        """(memory of slopes, root of the memory of squares), NaN where the rule has none."""
        none = np.full_like(gradient, np.nan)
        if isinstance(rule, optimizers.Adam):
            mean, squares = state
            return mean / (1 - rule.beta1 ** (k + 1)), np.sqrt(squares / (1 - rule.beta2 ** (k + 1)))
        if isinstance(rule, optimizers.Momentum):
            return state, none
        if isinstance(rule, optimizers.AdaGrad | optimizers.RMSProp):
            return none, np.sqrt(state)
        return none, none

    def frames(self, settings):
        """One frame a step, a rule or a setting of it; learning rates are lanes of one run."""
        asked, P = lanes(settings)
        steps, index = np.rint(asked["step"]).astype(int), np.rint(asked["rule"]).astype(int)
        p, most = np.arange(P), steps.max()
        rates = np.atleast_1d(settings["learning_rate"])
        about = list(zip(index, asked["beta"], asked["beta2"], strict=True))
        rules = {one: build(list(RULES)[one[0]], rates, *one[1:]) for one in set(about)}
        walks = {one: self.walk(rule, most) for one, rule in rules.items()}
        lane = p % len(rates)
        place = np.stack([walks[one][0][:, i] for one, i in zip(about, lane, strict=True)])
        values = np.stack([walks[one][1][:, i] for one, i in zip(about, lane, strict=True)])
        held = {}
        for one, k in set(zip(about, steps, strict=True)):
            held[one, k] = self._now(rules[one], k, walks[one][2])
        now = np.stack([held[one, k][i] for one, k, i in zip(about, steps, lane, strict=True)])
        k = np.arange(most + 1)
        seen = np.where(k <= steps[:, None], 1.0, np.nan)
        with np.errstate(all="ignore"):
            off = np.abs(place - self.window.mean(axis=1)) > 2 * np.ptp(self.window, axis=1)
        gone = np.logical_or.accumulate(off.any(axis=-1), axis=1)
        theta = np.where(gone[p, steps][:, None], np.nan, place[p, steps])
        levels = np.stack([k * seen, values * seen], axis=-1)
        marks = {
            self._path: place * np.where(gone, np.nan, seen)[..., None],
            self._start: self.start[None],
            self._here: theta[:, None],
            self._values: levels,
            self._last: levels[p, steps][:, None],
        }
        with np.errstate(all="ignore"):
            longest = np.nanmax(np.abs(now[:, :2]), axis=(1, 2), initial=1e-300)
            arrows = -now[:, :2] / longest[:, None, None]  # none where a slope is without end
        for mark, row in ((self._down, 0), (self._pull, 1)):
            marks[mark] = self._arrow(theta, arrows[:, row])
        texts = self._bars_of(now, marks)
        told = zip(steps, index, asked["learning_rate"], values[p, steps], texts, strict=True)
        return Frames(marks, [self._sentence(*about, values[0, 0]) for about in told])

    def _arrow(self, at, vector):
        """A shaft and a head, in data; the longest vector spans a fifth of the window."""
        vector = vector * np.ptp(self.window, axis=1).min() / 5
        tip, side = at + vector, np.stack([-vector[:, 1], vector[:, 0]], axis=-1)
        barb = tip - 0.25 * vector
        return np.stack([at, tip, barb + 0.15 * side, tip, barb - 0.15 * side], axis=1)

    def _bars_of(self, now, marks):
        """The bars and their numbers, from (P, 4, 2): slope, memory, root, step."""
        with np.errstate(all="ignore"):
            slopes = np.nanmax(np.abs(now[:, :3]), axis=(1, 2), initial=1e-300)
            steps = np.nanmax(np.abs(now[:, 3]), axis=1, initial=1e-300)
            shares = now / np.stack([slopes, slopes, slopes, steps], axis=1)[..., None]
        length = np.clip(shares, -1, 1).swapaxes(1, 2).reshape(len(now), 8)
        numbers = now.swapaxes(1, 2).reshape(len(now), 8)
        for i, (bar, text) in enumerate(zip(self._bars, self._numbers, strict=True)):
            ends = np.stack([0 * length[:, i], length[:, i]], axis=-1)
            marks[bar] = np.stack([ends, np.full_like(ends, self._rows[i])], axis=-1)
            marks[text] = ["none kept" if i % 4 in (1, 2) and np.isnan(x) else short(x)
                           for x in numbers[:, i]]  # fmt: skip
        return [[marks[text][j] for text in self._numbers] for j in range(len(now))]

    def _sentence(self, k, index, rate, value, texts, first):
        name = list(RULES)[index]
        begun = f"{name[0].upper()}{name[1:]}, α = {rate:.3g}, step {k}: "
        if not value <= 1e6 * max(first, 1):
            return f"{begun}the run has left the picture."
        said = f"value {short(value)}; slope {texts[0]} and {texts[4]}, "
        if texts[1] != "none kept":
            said += f"remembered {texts[1]} and {texts[5]}, "
        if texts[2] != "none kept":
            said += f"root of squares {texts[2]} and {texts[6]}, "
        return f"{begun}{said}next step {texts[3]} and {texts[7]}."
