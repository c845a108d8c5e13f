"""The still pictures of the bug clinic."""

from __future__ import annotations

import numpy as np

from gdlab import plots
from gdlab.explorers.clinic import LOOKS, PATIENTS, STEPS, shares
from gdlab.stage import Still

OTHERS = (plots.GRADIENT, (0, (1.5, 1))), (plots.QUIET, (0, (6, 1.5, 1, 1.5)))


def chart(title, curves, ylabel="value (kg²)", log=True, ticks=None):
    """A still picture of numbers step by step. `curves`: {label: numbers}, the sick one first.

    `ticks`: steps from one tick to the next.
    """
    what = ylabel.split(" (")[0]
    figure, ax = plots.figure(1, height=2.9)
    others = iter([LOOKS["sick"], *({"color": c, "linestyle": d} for c, d in OTHERS)])
    for front, (label, numbers) in enumerate(curves.items()):
        look = LOOKS["cured"] if label.startswith("cured") else next(others)
        dots = {"marker": "osD"[front], "markersize": 6 if len(numbers) < 10 else 3}
        dots = dots if len(numbers) < 100 else {}
        ax.plot(numbers, label=label, zorder=3 - 0.1 * front, **look, **dots)
    ax.set(xlabel="step", ylabel=ylabel, title=title, yscale="log" if log else "linear")
    if ticks:
        ax.set_xticks(range(0, len(numbers) + 1, ticks))
    ax.legend()
    return Still(figure, f"{title}: the {what} at each step, {'; '.join(curves)}.")


def paths(title, landscape, sick, cured):
    """A still picture of two ways down a landscape, each a list of places."""
    figure, ax = plots.figure(1, height=3.4)
    low, high = np.min([sick, cured], axis=(0, 1)) - 0.5, np.max([sick, cured], axis=(0, 1)) + 0.5
    plots.contours(ax, landscape, np.stack([low, high], axis=1))
    for label, places in (("sick", sick), ("cured", cured)):
        look = {**plots.path_style(), **LOOKS[label], "path_effects": []}
        ax.plot(*np.transpose(places), label=label, **look)
    plots.minima(ax, landscape)
    ax.plot(*sick[0], **plots.start_style("#1a1a1a"))
    ax.set(aspect="equal", title=title)
    ax.legend(loc="upper left", bbox_to_anchor=(1, 1))
    return Still(figure, f"{title}: two paths from one start to the lowest point.")


def scatter(title, x, y, sick, cured):
    """A still picture of the birds and two lines, each given as (w, b)."""
    figure, ax = plots.figure(1, height=2.9)
    ax.plot(x, y, "o", linestyle="none", color=plots.QUIET, alpha=0.45, markersize=3, markeredgewidth=0)
    ends = np.array([x.min(), x.max()])
    for label, (w, b) in (("sick", sick), ("cured", cured)):
        ax.plot(ends, w * ends + b, label=label, linewidth=2, **LOOKS[label])
    ax.set(xlabel="flipper length (standardized)", ylabel="body mass (kg)", title=title)
    ax.legend()
    return Still(figure, f"{title}: 342 birds, a level line and a rising one.")


def symptoms(named: bool):
    """A still picture of all patients, sick runs solid and cured ones dashed: a quiz, or its key."""
    rows = [[str(4 * row + column) for column in range(4)] for row in range(3)]
    figure, axes = plots.mosaic(rows, 5.6)
    for i, patient in enumerate(PATIENTS):
        ax = axes[str(i)]
        for state, look in LOOKS.items():
            if named or state == "sick":
                run = shares(i, np.array([patient.rate]), state)[:, 0]
                front = 3 if state == "sick" else 2
                ax.plot(
                    run, linewidth=1.6, **look, marker="o", markersize=3, markevery=[0], zorder=front
                )
        ax.set(yscale="log", xlim=(-2, STEPS), ylim=(1e-10, 1e3), yticks=[1e-8, 1e-4, 1])
        title = f"{i + 1}  {patient.symptom}\n    {patient.tool}" if named else f"{i + 1}"
        ax.set_title(title, fontsize=8.5, loc="left")
        ax.minorticks_off()
        ax.tick_params(labelleft=i % 4 == 0, labelbottom=i > 6)
    note = axes[str(len(PATIENTS))]
    note.axis("off")
    key = "solid: sick\ndashed: cured" if named else "all of them sick"
    note.text(0.1, 0.5, f"across: step, 0 to {STEPS}\nup: value above the\nminimum, share of\n"
              f"the first\n{key}", va="center", fontsize=9)  # fmt: skip
    told = "; ".join(f"{i} {patient.symptom}" for i, patient in enumerate(PATIENTS, 1))
    return Still(
        figure, f"Eleven sick runs{', each with its cure and its tool' if named else ''}: {told}."
    )
