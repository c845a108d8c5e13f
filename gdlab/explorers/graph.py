"""One example through a small network: values forward, slopes back."""

from __future__ import annotations

import numpy as np

from gdlab import plots
from gdlab._arguments import number, vector, whole
from gdlab.data import Dataset
from gdlab.explorers.common import lanes, moving
from gdlab.losses import SquaredError
from gdlab.models import Network
from gdlab.objectives import EmpiricalRisk
from gdlab.stage import Frames, Slider, Stage

INK = "#1a1a1a"
STEPS = 10
COLUMNS = {"x": 0.04, "a": 0.36, "h": 0.56, "ŷ": 0.785, "loss": 0.955}
ROWS = np.array([0.81, 0.48, 0.15])  # of the three hidden units
INPUT_ROWS = np.array([0.76, 0.20])
RADII = np.array([0.034, 0.07])  # of the circles
LABEL = np.array([0.04, 0.041])  # half the width and height of the two numbers on an edge
LOWER = "₁₂₃"


def text(value, decimals=3):
    """A number with a fixed count of decimals and a real minus; no −0."""
    return f"{round(float(value), decimals) + 0.0:.{decimals}f}".replace("-", "−")


def factor(value, decimals=3):
    """The same, in brackets where it is negative."""
    told = text(value, decimals)
    return f"({told})" if told.startswith("−") else told


class NetworkGraph(Stage):
    """A 2-3-1 network with tanh on one example, as a graph to step through.

    Steps 1 to 4 go forward and fill in values (black), steps 5 to 9 go backward and fill in slopes of
    the squared error (blue), step 10 compares the slope of each parameter with central differences.

    `inputs`: two numbers, −3 to 3. `target`: −2 to 2. `step`: the one shown at first.
    """

    MODEL = Network((2, 3, 1))
    # W1 row by row (x₁ → a₁ a₂ a₃, x₂ → ...), b1, W2 (h₁ h₂ h₃ → ŷ), b2
    theta = np.array([0.5, -0.8, 0.3, 0.9, 0.4, -0.6, 0.1, -0.2, 0.3, 0.7, -1.2, 0.5, 0.2])

    def __init__(self, inputs=(1.0, -0.5), target=0.5, step=0):
        inputs = vector("inputs", inputs, 2)
        for x in inputs:
            number("inputs", x, -3, 3)
        step = whole("step", step)
        figure, ax = plots.figure(1, height=4.6)
        ax.set(xlim=(0, 1), ylim=(0, 1), title="Values go forward, slopes come back")
        ax.axis("off")
        self._draw(ax)
        sliders = [
            Slider("step", "step", np.arange(STEPS + 1), step, play=True),
            Slider("x1", "input x₁", np.linspace(-3, 3, 121), inputs[0]),
            Slider("target", "target y", np.linspace(-2, 2, 81), number("target", target, -2, 2)),
            Slider("x2", "input x₂", np.linspace(-3, 3, 121), inputs[1], folded=True),
        ]
        lines = [self._forward, self._forward_tips, self._backward, self._backward_tips]
        super().__init__(figure, [*lines, *self._texts.values()], sliders)

    # --- the still parts, and the places of the moving ones ----------------------------------------

    def _draw(self, ax):
        sums = [(COLUMNS["a"], y) for y in ROWS]
        units = [(COLUMNS["h"], y) for y in ROWS]
        inputs = [(COLUMNS["x"], y) for y in INPUT_ROWS]
        end, loss = (COLUMNS["ŷ"], ROWS[1]), (COLUMNS["loss"], ROWS[1])
        # The edges of each layer, and where along each its numbers stand: the steep ones carry them near
        # their end, where no other edge passes.
        self._edges = {
            "in": ([(a, b) for a in inputs for b in sums], [0.45, 0.45, 0.74, 0.74, 0.45, 0.45]),
            "tanh": (list(zip(sums, units, strict=True)), None),
            "out": ([(a, end) for a in units], [0.5, 0.5, 0.5]),
            "loss": ([(end, loss)], None),
        }
        for name in self._edges:
            ax.plot(*self._segments(name).T, color="#b5b5b5", linestyle="-", linewidth=1.2, zorder=1)
        self._forward = moving(ax, color=INK, linestyle="-", linewidth=2.4)
        self._backward = moving(ax, color=plots.GRADIENT, linestyle="--", linewidth=2.4)
        self._forward_tips = moving(ax, color=INK, linestyle="none", marker=">", markersize=8)
        self._backward_tips = moving(
            ax, color=plots.GRADIENT, linestyle="none", marker="<", markersize=8
        )
        self._texts = {}
        nodes = {f"x{LOWER[i]}": at for i, at in enumerate(inputs)}
        nodes |= {f"a{LOWER[i]}": at for i, at in enumerate(sums)}
        nodes |= {f"h{LOWER[i]}": at for i, at in enumerate(units)}
        nodes |= {"ŷ": end, "loss": loss}
        for name, (x, y) in nodes.items():
            ax.plot(x, y, "o", markersize=41, color="white", markeredgecolor=plots.QUIET, zorder=2)
            ax.text(x, y + 0.035, name, ha="center", va="center", color=plots.QUIET, fontsize=9)
            self._write(ax, f"value {name}", x, y - 0.022, INK)
            if name[0] in "ahŷ":
                self._write(ax, f"slope {name}", x, y - 0.1, plots.GRADIENT)
        weights = np.concatenate([self.theta[:6], self.theta[9:12]])
        places = [self._place(name, i) for name, n in (("in", 6), ("out", 3)) for i in range(n)]
        names = [f"x{LOWER[i]}→a{LOWER[j]}" for i in range(2) for j in range(3)]
        names += [f"h{LOWER[j]}→ŷ" for j in range(3)]
        for name, weight, (x, y) in zip(names, weights, places, strict=True):
            ax.text(x, y + 0.02, text(weight, 1), ha="center", va="center", fontsize=9)
            self._write(ax, f"gradient {name}", x, y - 0.024, plots.GRADIENT)
        for name, bias in zip(["a₁", "a₂", "a₃", "ŷ"], self.theta[[6, 7, 8, 12]], strict=True):
            x, y = nodes[name]
            ax.text(x, y + 0.138, f"bias {text(bias, 1)}", ha="center", va="center", fontsize=9)
            self._write(ax, f"gradient bias {name}", x, y + 0.096, plots.GRADIENT)
        for j in range(3):
            x = (COLUMNS["a"] + COLUMNS["h"]) / 2
            ax.text(x, ROWS[j] + 0.072, "tanh", ha="center", va="center", fontsize=9)
            self._write(ax, f"bend {j}", x, ROWS[j] + 0.03, plots.GRADIENT)
        x = (COLUMNS["ŷ"] + COLUMNS["loss"]) / 2
        ax.text(x, end[1] + 0.072, "(ŷ − y)²", ha="center", va="center", fontsize=9)
        self._write(ax, "bend loss", x, end[1] + 0.03, plots.GRADIENT)
        self._write(ax, "target", loss[0], loss[1] - 0.11, INK)
        self._weights = names

    def _write(self, ax, name, x, y, color):
        self._texts[name] = ax.text(
            x, y, "", ha="center", va="center", color=color, fontsize=9, animated=True
        )

    def _place(self, name, i):
        """Where the numbers of an edge stand."""
        edges, shares = self._edges[name]
        start, end = np.array(edges[i])
        return start + shares[i] * (end - start)

    def _ends(self, name):
        """The edges of a layer from rim to rim, (edges, 2, 2): marks lie over the circles."""
        edges = np.array(self._edges[name][0])
        along = edges[:, 1] - edges[:, 0]
        rim = along / np.linalg.norm(along / RADII, axis=-1, keepdims=True)
        return np.stack([edges[:, 0] + rim, edges[:, 1] - rim], axis=1)

    def _segments(self, name):
        """The edges of a layer as one line with gaps: between edges, and where the numbers stand."""
        shares, gap = self._edges[name][1], np.full(2, np.nan)
        points = []
        for i, (start, end) in enumerate(self._ends(name)):
            if shares is None:
                points += [start, end, gap]
                continue
            middle, along = self._place(name, i), end - start
            inside = along / np.abs(along / LABEL).max()  # from the middle to where it leaves the label
            points += [start, middle - inside, gap, middle + inside, end, gap]
        return np.array(points)

    # --- the numbers ------------------------------------------------------------------------------

    def passes(self, inputs, target):
        """Every number of the graph, for inputs (P, 2) and targets (P,): values, then slopes."""
        ((W, b), (v, c)) = self.MODEL.layers(self.theta)
        a = inputs @ W + b
        h = np.tanh(a)
        y = (h @ v + c)[:, 0]
        loss = (y - target) ** 2
        at_y = 2 * (y - target)
        at_h = at_y[:, None] * v[:, 0]
        bend = 1 - h**2
        at_a = at_h * bend
        in_weights = inputs[:, :, None] * at_a[:, None, :]
        gradient = [in_weights.reshape(-1, 6), at_a, h * at_y[:, None], at_y[:, None]]
        return {
            "a": a, "h": h, "ŷ": y, "loss": loss, "at ŷ": at_y, "at h": at_h, "bend": bend,
            "at a": at_a, "gradient": np.concatenate(gradient, axis=-1),
        }  # fmt: skip

    def measured(self, inputs, target, h=1e-5):
        """The gradient by central differences, every parameter nudged to both sides: (P, 13)."""
        d = len(self.theta)
        both = self.theta + h * np.stack([np.eye(d), -np.eye(d)])
        prediction = np.moveaxis(self.MODEL.predict(both, inputs), -1, 0)  # (P, 2, d)
        loss = (prediction - target[:, None, None]) ** 2
        return (loss[:, 0] - loss[:, 1]) / (2 * h)

    @property
    def objective(self):
        """The squared error of the network on the example that the picture shows."""
        now = self.settings
        example = Dataset([[now["x1"], now["x2"]]], [now["target"]], ["x₁", "x₂"], "y", "one example")
        return EmpiricalRisk(self.MODEL, SquaredError(), example)

    @property
    def gradient(self):
        """The slope of every parameter, in the order of `theta`, as the graph shows it."""
        now = self.settings
        inputs, target = np.array([[now["x1"], now["x2"]]]), np.array([now["target"]])
        return self.passes(inputs, target)["gradient"][0]

    # --- the pictures ----------------------------------------------------------------------------

    def frames(self, settings):
        """One frame a step, or a position of an input or of the target."""
        asked, P = lanes(settings)
        steps = np.rint(asked["step"]).astype(int)
        inputs, target = np.stack([asked["x1"], asked["x2"]], axis=-1), asked["target"]
        found = self.passes(inputs, target)
        error = np.abs(found["gradient"] - self.measured(inputs, target))
        agree = error < 1e-6
        content = {name: [""] * P for name in self._texts}

        def fill(name, numbers, since, decimals=3):
            content[name] = [
                text(n, decimals) if step >= since else ""
                for n, step in zip(numbers, steps, strict=True)
            ]

        for i in range(2):
            fill(f"value x{LOWER[i]}", inputs[:, i], 0, 2)
        for j in range(3):
            fill(f"value a{LOWER[j]}", found["a"][:, j], 1)
            fill(f"value h{LOWER[j]}", found["h"][:, j], 2)
            fill(f"slope h{LOWER[j]}", found["at h"][:, j], 7)
            fill(f"slope a{LOWER[j]}", found["at a"][:, j], 8)
            fill(f"bend {j}", found["bend"][:, j], 8)
        fill("value ŷ", found["ŷ"], 3)
        fill("value loss", found["loss"], 4)
        fill("bend loss", found["at ŷ"], 5)
        fill("slope ŷ", found["at ŷ"], 5)
        content["target"] = [f"target {text(y, 2)}" for y in target]
        names = self._weights
        order = [*names[:6], *(f"bias a{n}" for n in LOWER), *names[6:], "bias ŷ"]
        for k, name in enumerate(order):
            since = 6 if k > 8 else 9
            fill(f"gradient {name}", found["gradient"][:, k], since)
            for p in np.flatnonzero((steps == STEPS) & agree[:, k]):
                content[f"gradient {name}"][p] += " ✓"
        marks = {self._texts[name]: texts for name, texts in content.items()}
        marks |= self._active(steps)
        told = []
        for p, step in enumerate(steps):
            numbers = {name: values[p] for name, values in found.items()}
            told.append(self._sentence(step, inputs[p], target[p], numbers, error[p].max(), agree[p]))
        return Frames(marks, told)

    def _active(self, steps):
        """The edges that a step uses, thick, with the way it goes."""
        forward = {1: "in", 2: "tanh", 3: "out", 4: "loss"}
        backward = {5: "loss", 6: "out", 7: "out", 8: "tanh", 9: "in"}
        longest = max(len(self._segments(name)) for name in self._edges)
        lines, tips = (
            np.full((2, len(steps), longest, 2), np.nan),
            np.full((2, len(steps), 6, 2), np.nan),
        )
        for p, step in enumerate(steps):
            for way, (table, share) in enumerate(((forward, 0.95), (backward, 0.1))):
                if step not in table:
                    continue
                segments = self._segments(table[step])
                lines[way, p, : len(segments)] = segments
                ends = self._ends(table[step])
                tips[way, p, : len(ends)] = ends[:, 0] + share * (ends[:, 1] - ends[:, 0])
        return {
            self._forward: lines[0], self._backward: lines[1],
            self._forward_tips: tips[0], self._backward_tips: tips[1],
        }  # fmt: skip

    def _sentence(self, step, inputs, target, n, error, agree):
        t = self.theta
        if step == 0:
            return (
                f"One example: x₁ = {text(inputs[0], 2)}, x₂ = {text(inputs[1], 2)}, target "
                f"{text(target, 2)}. The numbers on the edges are weights; nothing is computed yet."
            )
        if step == 1:
            parts = " + ".join(
                f"{factor(x, 2)} × {factor(w, 1)}" for x, w in zip(inputs, t[[0, 3]], strict=True)
            )
            return f"Forward: a₁ = {parts} + {factor(t[6], 1)} = {text(n['a'][0])}; a₂ and a₃ likewise."
        if step == 2:
            return f"Forward: h₁ = tanh({text(n['a'][0])}) = {text(n['h'][0])}; h₂ and h₃ likewise."
        if step == 3:
            parts = " + ".join(
                f"{factor(x)} × {factor(w, 1)}" for x, w in zip(n["h"], t[9:12], strict=True)
            )
            return f"Forward: the prediction ŷ = {parts} + {text(t[12], 1)} = {text(n['ŷ'])}."
        if step == 4:
            return (
                f"Forward: the loss is ({text(n['ŷ'])} − {factor(target, 2)})² = {text(n['loss'])}. "
                "Now all values are known."
            )
        if step == 5:
            return (
                f"Backward: the slope of the loss at ŷ is 2 × ({text(n['ŷ'])} − {factor(target, 2)}) = "
                f"{text(n['at ŷ'])}."
            )
        slope = factor(n["at ŷ"])
        if step == 6:
            return (
                f"Backward: a weight's slope is value at its left × slope at its right; for h₁→ŷ "
                f"{factor(n['h'][0])} × {slope} = {text(n['gradient'][9])}. The bias has the slope at ŷ."
            )
        if step == 7:
            return (
                f"Backward: the slope at h₁ is the slope at ŷ × the weight between them, {slope} × "
                f"{factor(t[9], 1)} = {text(n['at h'][0])}."
            )
        if step == 8:
            return (
                f"Backward: the slope at a₁ is the slope at h₁ × the slope of tanh, 1 − h₁²: "
                f"{factor(n['at h'][0])} × {text(n['bend'][0])} = {text(n['at a'][0])}."
            )
        if step == 9:
            return (
                f"Backward: again value at its left × slope at its right; for x₁→a₁ "
                f"{factor(inputs[0], 2)} × {factor(n['at a'][0])} = {text(n['gradient'][0])}. "
                "A bias has the slope at its sum."
            )
        if agree.all():
            return (
                f"Checked: nudging each of the {len(t)} parameters to both sides measures the same "
                f"{len(t)} slopes; no difference reaches a millionth."
            )
        return f"Nudging the parameters measures other slopes: the largest difference is {error:.1e}."
