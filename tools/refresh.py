"""Run notebooks from top to bottom and store what they print and draw.

    python tools/refresh.py [--check] [notebooks...]        all of notebooks/*.ipynb when none is named

Nothing else writes outputs. Each notebook runs in a fresh kernel and is stored without anything that
changes from run to run: no widget state, no timings, no metadata but the kernel's name. A picture that
looks as it did keeps its old bytes. `--check` writes nothing and exits 1 if a notebook would change.
"""

import argparse
import base64
import io
import sys
from pathlib import Path

import nbformat
import numpy as np
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from PIL import Image

from gdlab.cells import drop_widgets

NOTEBOOKS = Path(__file__).resolve().parents[1] / "notebooks"
METADATA = {
    "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


def looks_the_same(old: str, new: str) -> bool:
    """Whether two base64 PNGs differ by less than fonts and rounding do from machine to machine."""
    old, new = (Image.open(io.BytesIO(base64.b64decode(png))).convert("RGBA") for png in (old, new))
    if old.size != new.size:
        return False
    difference = np.abs(np.asarray(old, dtype=float) - np.asarray(new, dtype=float))
    if difference.mean() >= 1.0 or (difference.max(axis=-1) > 16).mean() >= 0.002:
        return False
    # A small mark is few pixels, but they lie together: look at tiles of 10 × 10.
    rows, columns = 10 * (np.array(old.size[::-1]) // 10)
    tiles = difference[:rows, :columns].max(axis=-1).reshape(rows // 10, 10, columns // 10, 10)
    return tiles.mean(axis=(1, 3)).max(initial=0) < 24


def merge_streams(outputs: list) -> list:
    """Make one output of neighbouring pieces of one stream: where the kernel cut them is chance."""
    merged = []
    for output in outputs:
        last = merged[-1] if merged else {}
        if output.output_type == "stream" and last.get("name") == output.name:
            last.text += output.text
        else:
            merged.append(output)
    return merged


def tidy(notebook) -> None:
    """Drop whatever would change from run to run, in place."""
    drop_widgets(notebook)
    notebook.metadata = nbformat.from_dict(METADATA)
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
        if cell.cell_type == "code":
            cell.outputs = merge_streams(cell.outputs)
            for output in cell.outputs:
                if output.output_type == "error":  # the rest of a traceback names this machine's folders
                    output.traceback = [f"{output.ename}: {output.evalue}"]


def keep_old_pictures(old, new) -> None:
    """Give a picture of `new` the bytes it has in `old`, where the two look the same."""
    before = {cell.id: cell.get("outputs", []) for cell in old.cells}
    for cell in new.cells:
        for was, now in zip(before.get(cell.id, []), cell.get("outputs", []), strict=False):
            pngs = [output.get("data", {}).get("image/png") for output in (was, now)]
            if all(pngs) and looks_the_same(*pngs):
                now.data["image/png"] = pngs[0]


def refreshed(text: str, folder: Path) -> str:
    """Return the notebook `text` as it should be stored, run from top to bottom in `folder`."""
    old, notebook = (nbformat.reads(text, as_version=4) for _ in range(2))
    settings = {"kernel_name": "python3", "timeout": 120, "store_widget_state": False}
    quiet = ["--log-level=ERROR"]  # without the kernel's remark that it talks over TCP
    NotebookClient(notebook, extra_arguments=quiet, **settings).execute(cwd=str(folder))
    tidy(notebook)
    keep_old_pictures(old, notebook)
    return nbformat.writes(notebook) + "\n"


def main(arguments: list[str] | None = None) -> int:
    """Refresh or check; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="write nothing, exit 1 on a change")
    parser.add_argument("notebooks", nargs="*", type=Path, help="default: all of notebooks/*.ipynb")
    arguments = parser.parse_args(arguments)
    changed = failed = False
    for path in arguments.notebooks or sorted(NOTEBOOKS.glob("*.ipynb")):
        text = path.read_text(encoding="utf-8")
        try:
            new = refreshed(text, path.resolve().parent)
        except CellExecutionError as error:
            print(f"{path.name}: a cell failed, nothing was written\n{error}", file=sys.stderr)
            failed = True
            continue
        if new == text:
            print(f"{path.name}: as stored")
            continue
        changed = True
        print(f"{path.name}: {'would change' if arguments.check else 'refreshed'}")
        if not arguments.check:
            path.write_text(new, encoding="utf-8", newline="\n")
    return int(failed or (arguments.check and changed))


if __name__ == "__main__":
    sys.exit(main())
