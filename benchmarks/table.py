"""What the benchmarks share: timing things in turn, and one table in Markdown and in JSON."""

import importlib
import json
import os
import statistics
import time
from importlib import metadata
from pathlib import Path

BUILD = Path(__file__).resolve().parents[1] / "build"
PACKAGES = ("gdlab", "numpy", "matplotlib", "ipywidgets", "anywidget", "jupyterlab", "playwright")
PACKAGES += ("torch", "jax", "ipympl", "plotly")


def optional(package: str):
    """A package, or None where it is not installed."""
    try:
        return importlib.import_module(package)
    except ImportError:
        return None


def in_turn(tasks: dict, rounds: int) -> dict[str, float]:
    """The median seconds of each task: in every round each is called once, in the same weather."""
    seconds = {name: [] for name in tasks}
    for task in tasks.values():
        task()
    for _ in range(rounds):
        for name, task in tasks.items():
            start = time.perf_counter()
            task()
            seconds[name].append(time.perf_counter() - start)
    return {name: statistics.median(each) for name, each in seconds.items()}


class Table:
    """Rows as they are measured: printed at once, and kept for the JSON file."""

    def __init__(self):
        self.rows, self.versions = [], {"python": ".".join(map(str, os.sys.version_info[:3]))}
        for package in PACKAGES:
            try:
                self.versions[package] = metadata.version(package)
            except metadata.PackageNotFoundError:
                pass
        self.load = [round(load, 2) for load in os.getloadavg()] if hasattr(os, "getloadavg") else None
        print(", ".join(" ".join(pair) for pair in self.versions.items()))
        print(f"{os.cpu_count()} cores, load averages before: {self.load}\n")
        print("| what | gdlab | alternative | ratio | target |\n|---|--:|--:|--:|---|")

    def row(self, part, what, against, ours, theirs, unit="", target=""):
        """One row. `target`: none, or such as "ratio ≤ 1.5" or "gdlab ≤ 25", in the row's unit."""
        ours, theirs = float(ours), float(theirs)  # a NumPy number has no place in JSON
        ratio = ours / theirs if theirs > 0 else None
        row = {"part": part, "what": what, "against": against, "gdlab": ours, "alternative": theirs}
        row |= {"unit": unit, "ratio": ratio, "target": target, "held": None}
        if target:
            which, sign, limit = target.split()
            value = ratio if which == "ratio" else ours
            row["held"] = value is not None and bool(
                value <= float(limit) if sign == "≤" else value >= float(limit)
            )
            target += ": held" if row["held"] else ": MISSED"
        ratio = "" if ratio is None else f"{ratio:.3g}"
        self._line(part, what, against, f"{ours:.3g} {unit}", f"{theirs:.3g} {unit}", ratio, target)
        self.rows.append(row)

    def missing(self, part, what, against, package):
        """The line in place of a row whose alternative is not installed."""
        why = f"not measured: {package} is not installed"
        self._line(part, what, against, why, "", "", "")
        self.rows.append({"part": part, "what": what, "against": against, "not measured": why})

    def _line(self, part, what, against, *cells):
        cells = (f"{part}: {what}, against {against}", *cells)
        print("| " + " | ".join(cell.strip() for cell in cells) + " |", flush=True)

    def save(self, name: str) -> Path:
        """The same as JSON, in build/."""
        path = BUILD / f"{name}.json"
        path.parent.mkdir(exist_ok=True)
        content = {"versions": self.versions, "load": self.load, "rows": self.rows}
        path.write_text(json.dumps(content, indent=1, ensure_ascii=False), encoding="utf-8")
        return path


def main(name: str, *parts) -> int:
    """Measure the parts, print and save the table; how many targets are missed."""
    start, table = time.monotonic(), Table()
    for part in parts:
        part(table)
    held = [row["held"] for row in table.rows if row.get("held") is not None]
    print(f"\n{sum(held)} of {len(held)} targets held; {time.monotonic() - start:.0f} s.", end=" ")
    print(f"The same as JSON: {table.save(name)}")
    return len(held) - sum(held)
