"""Descent and momentum at their best, on bowls from round to long."""

from __future__ import annotations

import numpy as np

from gdlab import landscapes, plots
from gdlab._arguments import shown, vector
from gdlab.descent import descend
from gdlab.explorers.common import moving, xy
from gdlab.explorers.rules import LOOKS, build
from gdlab.stage import Frames, Slider, Stage
from gdlab.words import short


class Condition(Stage):
    """Descent and momentum, each with the best settings for the bowl, under a slider for its length.

    The bowl has curvature 1 along and κ across. Left both runs on it, right the distance left after each
    step, and dashed the laws ((κ − 1)/(κ + 1))ᵏ and ((√κ − 1)/(√κ + 1))ᵏ. `condition`: κ.

    On a long bowl momentum overshoots the frame for a few steps: the picture keeps its scale.
    """

    STEPS = 90
    RINGS = np.array([0.25, 0.55, 0.95, 1.45, 2.05])

    def __init__(self, condition=30.0, start=(1.0, 1.0)):
        self.start = vector("start", start, 2)
        if not self.start.any():
            raise ValueError(f"start: 2 numbers, not both 0, are expected, {shown(start)} given")
        paper, (land, far) = plots.figure(2, height=4.4)
        land.set(xlim=(-2.4, 2.4), ylim=(-2.4, 2.4), aspect="equal", xlabel="θ₁, curvature 1")
        land.set(ylabel="θ₂, curvature κ", title="Rings of equal value, and both runs")
        land.grid(False)
        far.set(yscale="log", ylim=(1e-8, 30), xlim=(0, self.STEPS), xlabel="step")
        far.set(ylabel="distance left, share of the first", title="Dashed: the laws")
        self._rings = moving(land, color="#9a9a9a", linestyle="-", linewidth=1)
        land.plot(0, 0, **plots.star_style())
        land.plot(*self.start, **plots.start_style("#1a1a1a"))
        self._runs = {}
        # Descent in front: on a long bowl momentum fills the frame.
        for i, (name, label) in enumerate((("momentum", "momentum"), ("gradient descent", "descent"))):
            color, _, marker = LOOKS[name]
            dots = {
                "color": color,
                "linestyle": "-",
                "linewidth": 1.2,
                "marker": marker,
                "markersize": 3.5,
            }
            law = {"color": color, "linestyle": (0, (4, 3)), "linewidth": 1.2}
            far.plot([0.04], [0.13 - 0.07 * i], transform=far.transAxes, **{**dots, "markersize": 6})
            far.text(
                0.07, 0.13 - 0.07 * i, label, transform=far.transAxes, va="center", bbox=plots.PAPER
            )
            self._runs[name] = moving(land, **dots), moving(far, **dots), moving(far, **law)
        marks = [self._rings, *(mark for marks in self._runs.values() for mark in marks)]
        kappas = np.geomspace(1, 1000, 31)
        super().__init__(paper, marks, [Slider("condition", "condition number κ", kappas, condition)])

    def _pairs(self, kappas):
        """{rule: (places (P, steps + 1, 2), the share of the distance a step leaves by the law)}."""
        root, P = np.sqrt(kappas), len(kappas)
        # All bowls side by side: parameter 0 has curvature 1, parameter i + 1 the κ of bowl i.
        together = np.concatenate([self.start[:1], np.full(P, self.start[1])])
        rates = build("gradient descent", 2 / (1 + kappas))
        thetas = descend(landscapes.Quadratic([1, *kappas]), together, rates, self.STEPS).thetas
        places = np.stack([thetas[..., 0], thetas[:, np.arange(P), np.arange(1, P + 1)]], axis=-1)
        descent = places.swapaxes(0, 1), (kappas - 1) / (kappas + 1)
        shares = (root - 1) / (root + 1)
        runs = [
            descend(
                landscapes.Quadratic([1, kappa]), self.start, build("momentum", rate, beta), self.STEPS
            )
            for kappa, rate, beta in zip(kappas, 4 / (1 + root) ** 2, shares**2, strict=True)
        ]
        momentum = np.stack([run.thetas for run in runs]), shares
        return {"gradient descent": descent, "momentum": momentum}

    def frames(self, settings):
        """One frame a condition number."""
        kappas = np.atleast_1d(settings["condition"])
        angle = np.linspace(0, 2 * np.pi, 33)
        circle = np.stack([np.cos(angle), np.sin(angle)], axis=-1) * self.RINGS[:, None, None]
        circle = np.concatenate([circle, np.full((len(self.RINGS), 1, 2), np.nan)], axis=1).reshape(
            -1, 2
        )
        thin = np.stack([np.ones_like(kappas), 1 / np.sqrt(kappas)], axis=-1)
        marks, k, left, laws = {self._rings: circle * thin[:, None]}, np.arange(self.STEPS + 1), [], []
        at = [0, 1, self.STEPS]  # on a round bowl the laws say 0 from step 1 on
        for name, (places, shares) in self._pairs(kappas).items():
            path, curve, law = self._runs[name]
            distance = np.linalg.norm(places, axis=-1) / np.linalg.norm(self.start)
            marks[path] = places[:, :41]
            marks[curve] = xy(k, np.maximum(distance, 1e-300))
            ends = np.maximum(np.power.outer(shares, at), 1e-300)
            marks[law] = xy(at, ends)
            left.append(distance[:, -1])
            laws.append(shares)
        told = zip(kappas, *laws, *left, strict=True)
        return Frames(marks, [self._sentence(*about) for about in told])

    def _sentence(self, kappa, descent, momentum, far, near):
        def share(x):
            return "less than a billionth" if x < 1e-9 else f"{x:.2g}"

        laws = f"by the laws a step leaves {descent:.3g} with descent, {momentum:.3g} with momentum"
        left = f"Left after {self.STEPS} steps: {share(far)} and {share(near)} of the distance."
        return f"κ = {short(kappa)}: {laws}. {left}"
