"""A race of update rules: each with its own best learning rate, or all with one."""

from __future__ import annotations

import functools

import numpy as np

from gdlab import landscapes, plots
from gdlab._arguments import inside, number, shown, whole
from gdlab.descent import descend
from gdlab.explorers.common import START, coordinates, lanes, moving, xy
from gdlab.explorers.rules import LOOKS, RULES, build
from gdlab.stage import Frames, Handle, Menu, Slider, Stage
from gdlab.trajectory import first_for_good

TAIL = 12  # steps of a path that stay visible


def settled(values, goal):
    """The step from which the value stays at or below the goal, NaN if it is above it at the end.

    `values` (steps + 1, ...); one that is not a number is above.
    """
    first = first_for_good(values <= goal)
    return np.where(first < len(values), first, np.nan)


class Race(Stage):
    """Six rules from one start, played step by step, each with its learning rate on the picture.

    Fair: each has, of 161 learning rates, the one with the fewest steps to the goal from this start (on
    a tie the smaller; where none gets there, the lowest last value). Unfair: one learning rate for all.
    Below, steps to the goal against the learning rate; markers show the rates that race.

    `goal`: the share of the first value above the minimum that counts as arrived. Click on the landscape
    to start elsewhere; the fair rates are found anew.
    """

    RATES = np.geomspace(1e-3, 10, 161)

    def __init__(
        self, objective=None, start=(-2.5, -0.4), steps=240, goal=1e-4, at=60, shared=0.01, fair=True
    ):
        self.landscape = landscapes.Quadratic([1, 100], rotation=30) if objective is None else objective
        if not isinstance(self.landscape, landscapes.Landscape) or self.landscape.dimension != 2:
            raise ValueError(
                f"objective: a landscape of dimension 2 is expected, {shown(objective)} given"
            )
        if not len(self.landscape.minima):
            raise ValueError(
                f"objective: one with a known minimum is expected, {shown(objective)} given"
            )
        if not isinstance(fair, bool):
            raise TypeError(f"fair: True or False is expected, {shown(fair)} given")
        self._steps = whole("steps", steps, low=2)
        self._goal = number("goal", goal, 0, 1, open_low=True, open_high=True)
        self.window = np.array(self.landscape.window)
        start = inside("start", start, self.window)
        self._floor = float(self.landscape(self.landscape.minima[0]))
        self.tuned = functools.lru_cache(maxsize=8)(self._tuned)
        self._run = functools.lru_cache(maxsize=8)(self._run)
        marks = self._draw()
        land, tuning = self._axes["land"], self._axes["tuning"]
        sliders = [
            Slider("step", "step", np.arange(self._steps + 1.0), at, play=True),
            Menu("shares", "learning rates", ["each rule its own best", "one for all"], int(not fair)),
            Slider("shared", "the one α for all", self.RATES, shared, along=tuning, ahead=False),
            *coordinates(START, "start", self.window, start, 41, ahead=False),
        ]
        super().__init__(self._paper, marks, sliders, [Handle(START, land, "start of the race")])

    def _draw(self):
        layout = [["land", "loss"], ["tuning", "board"]]
        self._paper, self._axes = plots.mosaic(layout, 6.6, heights=[1.35, 1])
        land, loss, tuning, board = (self._axes[name] for name in ("land", "loss", "tuning", "board"))
        plots.contours(land, self.landscape)
        plots.minima(land, self.landscape)
        land.set(aspect="equal", title=f"The last {TAIL} steps of each run")
        loss.set(xlim=(0, 1.02 * self._steps), yscale="log", ylim=(self._goal / 1e3, 1e2))
        loss.set(
            xlabel="step",
            ylabel="value, share of the first",
            title="The value at each step (dashed: the goal)",
        )
        tuning.set(xscale="log", xlim=self.RATES[[0, -1]], ylim=(0, self._steps * 1.04))
        tuning.set(xlabel="learning rate α", ylabel="steps to the goal")
        tuning.set_title("Every learning rate tried; marked: the ones that race")
        board.set(xlim=(0, 1), ylim=(8.1, -0.6), xticks=[], yticks=[])
        board.spines[:].set_visible(False)
        board.grid(False)
        for x, head in ((0.09, "rule"), (0.5, "α"), (0.66, "at the goal")):
            board.text(x, 0, head, fontweight="bold", va="center")
        self._parts, dots = dict.fromkeys(RULES), {}  # in the order of the rules
        for name, (color, dashes, marker) in reversed(LOOKS.items()):
            line = {"color": color, "linestyle": dashes}
            row = 1.0 + list(LOOKS).index(name)
            # The last stand behind the others, and are larger: their points stick out.
            edge = {"markeredgecolor": "white", "markeredgewidth": 0.7}
            dot = {"color": color, "linestyle": "none", "marker": marker, "markersize": 6.5 + 0.6 * row}
            dots[name] = dot = dot | edge
            board.plot([0, 0.07], [row, row], linewidth=1.6, **line)
            board.plot([0.035], [row], **dot)
            board.text(0.09, row, name, va="center")
            words = {"va": "center", "animated": True}
            self._parts[name] = {
                "path": moving(land, linewidth=1.6, path_effects=plots.OUTLINE, **line),
                "dot": moving(land, **dot),
                "curve": moving(loss, linewidth=1.5, **line),
                "tried": moving(tuning, linewidth=1.4, **line),
                "chosen": moving(tuning, **dot),
                "rate": board.text(0.5, row, "", **words),
                "arrived": board.text(0.66, row, "", **words),
            }
        # The curves are drawn whole once; a white line broader than the axes hides what is to come. Its
        # dashes never end: so it begins straight, not round.
        broad = 72 * self._paper.get_figheight()
        self._curtain = moving(loss, color="white", linewidth=broad, linestyle=(0, (1e4, 1)))
        for name, dot in dots.items():  # the runners, in front of the curtain
            self._parts[name]["runner"] = moving(loss, **dot)
        self._line = moving(loss, color=plots.QUIET, linewidth=1.2, linestyle=(0, (4, 3)))
        self._together = moving(tuning, color=plots.QUIET, linewidth=1.2, linestyle=(0, (4, 3)))
        self._how = board.text(0.0, 7.3, "", va="center", fontsize=8.5, color="#3c3c3c", animated=True)
        self._start = moving(land, **plots.start_style("#1a1a1a"))
        keys = ("tried", "curve")
        order = [self._parts[name][key] for key in keys for name in reversed(LOOKS)]
        order += [self._curtain, self._line, self._together, self._start]
        keys = ("path", "dot", "runner", "chosen", "rate", "arrived")
        order += [self._parts[name][key] for key in keys for name in reversed(LOOKS)]
        return [*order, self._how]

    @property
    def rates(self) -> dict[str, float]:
        """The learning rate of each rule in the picture."""
        return dict(zip(RULES, self._rates(*self._about(self.settings)), strict=True))

    @property
    def arrivals(self) -> dict[str, float]:
        """The step from which each rule stays at the goal, NaN if it does not get there in time."""
        x, y, shared = self._about(self.settings)
        return dict(zip(RULES, self._run(x, y, self._rates(x, y, shared))[2].tolist(), strict=True))

    @staticmethod
    def _about(settings):
        """What decides a race: start, fair or not, the shared rate (None in a fair race)."""
        x, y, unfair = (float(settings[name]) for name in ("start_x", "start_y", "shares"))
        return x, y, float(settings["shared"]) if unfair else None

    def _height(self, values):
        """The value above the minimum as a share of the first one."""
        with np.errstate(all="ignore"):
            return (values - self._floor) / (values[0] - self._floor)

    def _tuned(self, x, y):
        """{rule: (steps to the goal for every rate tried, the index of the chosen one)} from a start."""
        found = {}
        for name in RULES:
            run = descend(self.landscape, [x, y], build(name, self.RATES), self._steps)
            share = self._height(run.values)
            steps = settled(share, self._goal)
            last = np.nan_to_num(share[-1], nan=np.inf)
            found[name] = steps, int(np.nanargmin(steps) if np.isfinite(steps).any() else last.argmin())
        return found

    def _rates(self, x, y, shared):
        if shared is not None:
            return (shared,) * len(RULES)
        return tuple(float(self.RATES[best]) for _, best in self.tuned(x, y).values())

    def _run(self, x, y, rates):
        """Every rule's run: places (6, steps + 1, 2), shares (6, steps + 1), steps of arrival (6,)."""
        runs = [
            descend(self.landscape, [x, y], build(name, rate), self._steps)
            for name, rate in zip(RULES, rates, strict=True)
        ]
        places, shares = (
            np.stack([r.thetas for r in runs]),
            np.stack([self._height(r.values) for r in runs]),
        )
        off = np.abs(places - self.window.mean(axis=1)) > 2 * np.ptp(self.window, axis=1)
        places[np.logical_or.accumulate(~np.isfinite(places) | off, axis=1).any(axis=-1)] = np.nan
        return places, shares, settled(shares.T, self._goal)

    def frames(self, settings):
        """One frame a step, a start or a shared learning rate."""
        asked, P = lanes(settings)
        steps, p = np.rint(asked["step"]).astype(int), np.arange(P)
        about = [self._about({name: asked[name][j] for name in asked}) for j in p]
        rates = [self._rates(*one) for one in about]
        runs = [self._run(*one[:2], rate) for one, rate in zip(about, rates, strict=True)]
        alone = len(set(about)) == 1  # then only the step differs, and much is the same in all frames
        some = slice(0, 1) if alone else slice(None)
        k = np.arange(self._steps + 1)
        back = np.maximum(steps[:, None] - np.arange(TAIL, -1, -1), 0)
        tuned = [self.tuned(*one[:2]) for one in about[some]]
        marks = {}
        for i, (name, part) in enumerate(self._parts.items()):
            share = np.stack([run[1][i] for run in runs[some]])
            place = np.stack([run[0][i][b] for run, b in zip(runs, back, strict=True)])
            curve = xy(k, share)
            tried = np.stack([t[name][0] for t in tuned])
            rate = np.array([r[i] for r in rates])
            arrived = np.array([run[2][i] for run in runs])
            marks[part["path"]], marks[part["dot"]] = place, place[:, -1:]
            marks[part["curve"]] = curve
            marks[part["tried"]] = xy(self.RATES, tried)
            marks[part["runner"]] = curve[0 if alone else p, steps][:, None]
            marks[part["chosen"]] = np.stack([rate, arrived], axis=-1)[some, None]
            marks[part["rate"]] = [f"{r:.3g}" for r in rate]
            marks[part["arrived"]] = [
                f"step {when:.0f}" if when <= now else "gone" if lost else "still under way"
                for when, now, lost in zip(
                    arrived, steps, np.isnan(place[:, -1]).any(axis=-1), strict=True
                )
            ]
        marks |= self._notes(asked, steps, about)
        told = zip(steps, about, rates, runs, strict=True)
        return Frames(marks, [self._sentence(*one) for one in told])

    def _notes(self, asked, steps, about):
        """Curtain, goal, the shared rate, the start, and how the rates were chosen."""
        (_, right), (low, high) = self._axes["loss"].get_xlim(), self._axes["loss"].get_ylim()
        ends = xy(steps, right)
        curtain = xy(ends, np.sqrt(low * high))
        shared = np.array([np.nan if one[2] is None else one[2] for one in about])
        how = [
            "α: of 161, the one soonest at the goal from this start."
            if one[2] is None
            else "α: one for all, tuned for none. Move it."
            for one in about
        ]
        return {
            self._curtain: curtain,
            self._line: np.array([[0, self._goal], [right, self._goal]]),
            self._together: np.stack(
                np.broadcast_arrays(shared[:, None], [0, self._steps * 1.04]), axis=-1
            ),
            self._start: np.stack([asked["start_x"], asked["start_y"]], axis=-1)[:, None],
            self._how: how,
        }

    def _sentence(self, k, about, rates, run):
        arrived = {name: when for name, when in zip(RULES, run[2], strict=True) if when <= k}
        order = sorted(arrived, key=arrived.get)
        how = "each with its own best α" if about[2] is None else f"all with α = {about[2]:.3g}, untuned"
        there = ", ".join(f"{name} (α = {rates[list(RULES).index(name)]:.3g}, step {arrived[name]:.0f})"
                          for name in order)  # fmt: skip
        return f"Step {k}, {how}. At the goal: {there or 'nobody yet'}."
