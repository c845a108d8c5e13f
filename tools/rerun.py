"""Run notebooks again and again, and see that they print the same: `make rerun`.

    python tools/rerun.py [--runs 10 | --twice | --back] [--old] [notebooks...]    all when none is named

Each run begins in a fresh kernel and must print what is stored; pictures, and cells with the tag
`nbval-ignore-output`, do not count, as in `make test`. `--twice` runs each cell twice in a row, and both
runs must print it. A cell that shows a widget runs a third time, and nothing that it replaces may stay:
no widget, no figure with something in it. `--back` runs all, then each cell again from the last to the
first: readers go back, so no name may mean two things. `--old` keeps NumPy and OpenBLAS from what is new
in this processor, AVX for one. Exits 1 on a difference.
"""

import argparse
import copy
import itertools
import os
import sys
import time
from pathlib import Path

import nbformat
import numpy as np
from nbclient import NotebookClient
from refresh import NOTEBOOKS, merge_streams

from gdlab.cells import WIDGET_VIEW

COUNT = """def _count():
    import gc
    from ipywidgets.widgets import widget
    from matplotlib.figure import Figure
    gc.collect()
    figures = sum(issubclass(type(thing), Figure) and bool(thing.axes) for thing in gc.get_objects())
    print(len(widget._instances), "widgets,", figures, "figures")
_count()"""


def use_an_old_processor() -> None:
    """Let NumPy and OpenBLAS compute in every kernel from now on as they do on an old processor."""
    found = np.show_config(mode="dicts")["SIMD Extensions"].get("found", [])
    os.environ |= {"NPY_DISABLE_CPU_FEATURES": " ".join(found), "OPENBLAS_CORETYPE": "Nehalem"}


def told(cell) -> list[str]:
    """What a code cell says in words: the lines of its texts and errors."""
    parts, any_will_do = [], "nbval-ignore-output" in cell.metadata.get("tags", [])
    for output in merge_streams(cell.get("outputs", [])):
        data = {} if any_will_do else output.get("data", {}) | {"text/": output.get("text", "")}
        parts += [data[kind] for kind in sorted(data) if kind.startswith("text/")]
        parts += [f"{output.ename}: {output.evalue}"] if output.output_type == "error" else []
    return "\n".join(filter(None, parts)).splitlines()


def difference(old: list[str], new: list[str]) -> str | None:
    """The first line that differs, or None."""
    pairs = itertools.zip_longest(old, new, fillvalue="")
    return next((f"{was[:300]!r} is now {now[:300]!r}" for was, now in pairs if was != now), None)


def fresh(path: Path):
    """The notebook as it is stored, and a client that runs it in its folder; an error stops nothing."""
    notebook = nbformat.read(path, as_version=4)
    folder = {"metadata": {"path": str(path.resolve().parent)}}
    quiet = {"extra_arguments": ["--log-level=ERROR"], "store_widget_state": False}
    return notebook, NotebookClient(notebook, resources=folder, timeout=300, allow_errors=True, **quiet)


def run_all(path: Path, runs: int) -> list[str]:
    """Restart the kernel and run all cells, `runs` times; what was not as stored."""
    complaints = []
    for run in range(1, runs + 1):
        notebook, client = fresh(path)
        stored = copy.deepcopy(notebook)
        client.execute()
        for i, cells in enumerate(zip(stored.cells, notebook.cells, strict=True)):
            if found := difference(*map(told, cells)):
                complaints.append(f"run {run}, cell {i}: {found}")
    return complaints


def run_back(path: Path) -> list[str]:
    """Run all cells, then each again from the last to the first; what was not as stored."""
    notebook, client = fresh(path)
    stored = copy.deepcopy(notebook)
    complaints = []
    with client.setup_kernel():
        cells = list(enumerate(notebook.cells))
        for run, order in ((1, cells), (2, cells[::-1])):
            for i, cell in order:
                if found := difference(told(stored.cells[i]), told(client.execute_cell(cell, i))):
                    complaints.append(f"run {run}, cell {i}: {found}")
    return complaints


def run_twice(path: Path) -> list[str]:
    """Run each cell twice in a row, and those that show a widget once more; what changed or grew."""
    complaints = []
    notebook, client = fresh(path)
    counter = nbformat.v4.new_code_cell(COUNT)
    with client.setup_kernel():
        for i, cell in enumerate(notebook.cells):
            stored = told(cell)
            for run in (1, 2):
                if found := difference(stored, told(client.execute_cell(cell, i))):
                    complaints.append(f"run {run}, cell {i}: {found}")
            if any(WIDGET_VIEW in output.get("data", {}) for output in cell.get("outputs", [])):
                before = told(client.execute_cell(counter, i, store_history=False))
                client.execute_cell(cell, i)
                after = told(client.execute_cell(counter, i, store_history=False))
                if found := difference(before, after):
                    complaints.append(f"run 3, cell {i}: {found}")
    return complaints


def main(arguments: list[str] | None = None) -> int:
    """Print a line for each notebook, and what differed; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=10, help="how often, each time in a fresh kernel")
    parser.add_argument("--twice", action="store_true", help="each cell twice in a row, in one kernel")
    parser.add_argument("--back", action="store_true", help="all cells, then backwards")
    parser.add_argument("--old", action="store_true", help="as on an old processor, without AVX")
    parser.add_argument("notebooks", nargs="*", type=Path, help="default: all of notebooks/*.ipynb")
    chosen = parser.parse_args(arguments)
    failed = False
    if chosen.old:
        use_an_old_processor()
    print("| notebook | seconds | differences |\n|---|---|---|", flush=True)
    for path in chosen.notebooks or sorted(NOTEBOOKS.glob("*.ipynb")):
        begun = time.perf_counter()
        way = run_twice if chosen.twice else run_back if chosen.back else None
        complaints = way(path) if way else run_all(path, chosen.runs)
        row = f"| {path.stem} | {time.perf_counter() - begun:.0f} | {len(complaints)} |"
        print(row, *complaints, sep="\n", flush=True)
        failed |= bool(complaints)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
