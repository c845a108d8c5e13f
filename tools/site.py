"""Build the site: every notebook as a page, its explorers alive without a kernel.

    python tools/site.py [--pages notebooks...] [folder]        by default all of them, into build/site

The stored outputs are shown. Beside that each notebook is run once more, here, so that its explorers can
be saved (`Stage.save`) and its predictions answered on the page. Sphinx and MyST-NB make the pages,
plain files for any static host, in the folder's `html`.
"""

import argparse
import ast
import contextlib
import html
import io
import os
import re
import shutil
import sys
from pathlib import Path

import matplotlib
import nbformat

from gdlab.answers import Choice, Prediction
from gdlab.stage import Stage

ROOT = Path(__file__).resolve().parents[1]
INSTALL = """\
# Where gdlab is missing, as on Colab, this installs it. Where it is there, nothing happens.
import importlib.util

if importlib.util.find_spec("gdlab") is None:
    %pip install --quiet git+https://github.com/{repository}"""
CONTROL, WORDS = 56, 96  # pixels: the height of a slider, and that of the sentence below the picture


def shown(source: str, names: dict):
    """Run a cell, and return the value of its last expression, None where it ends otherwise."""
    body = ast.parse(source).body
    last = body.pop() if body and isinstance(body[-1], ast.Expr) else None
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        exec(compile(ast.Module(body, []), "cell", "exec"), names)
        return last and eval(compile(ast.Expression(last.value), "cell", "eval"), names)


def values(notebook) -> dict:
    """Cell id: what the cell shows, for the cells that show an explorer or ask for a prediction."""
    names, found = {"__name__": "notebook"}, {}
    with matplotlib.rc_context():  # the first cell sets the style
        for cell in notebook.cells:
            if cell.cell_type == "code":
                value = shown(cell.source, names)
                value = getattr(value, "stage", value)  # a box of controls around a stage
                if isinstance(value, Prediction) or (isinstance(value, Stage) and value._sliders):
                    found[cell.id] = value
    return found


def explorer(stage: Stage, path: Path) -> str:
    """Save an explorer; the HTML that shows it on its page."""
    stage.save(path, title="gdlab explorer")
    picture = stage.picture
    rows = sum(not slider["folded"] for slider in picture["sliders"]) + 1
    title = html.escape(stage.sentence, quote=True)
    tall = picture["height"] + CONTROL * rows + WORDS
    return (
        f'<iframe class="explorer" src="explorers/{path.name}" title="{title}" loading="lazy" '
        f'style="height: {tall:.0f}px"></iframe>'
    )


def prediction(asked: Prediction) -> str:
    """A question whose answers can be opened."""
    question, truth = asked.children[0].value, asked.right_choice()
    if isinstance(asked, Choice):
        parts = [
            f"<details><summary>{html.escape(choice)}</summary>"
            f"<p>{'Right. ' if choice == truth else 'No. '}{html.escape(words)}</p></details>"
            for choice, words in asked.options.items()
        ]
    else:
        words = html.escape(asked.said(None, truth) + " " + asked.quantity.right)
        parts = [f"<details><summary>Show the truth</summary><p>{words}</p></details>"]
    return f'<div class="prediction"><p>{question}</p>{"".join(parts)}</div>'


def page(path: Path, folder: Path, binder: str) -> None:
    """Write one notebook as the site shows it, and the explorers on it."""
    notebook = nbformat.read(path, 4)
    alive = values(notebook)
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            words = output.get("data", {}).get("text/plain", "")
            if "image/png" in output.get("data", {}):
                cell.metadata["mystnb"] = {"image": {"alt": words.replace("\n", " ")}}
        value = alive.get(cell.id)
        if value is None:
            continue
        if isinstance(value, Prediction):
            made = prediction(value)
        else:
            made = explorer(value, folder / "explorers" / f"{path.stem}-{cell.id}.html")
        cell.outputs = [o for o in cell.outputs if o.output_type == "stream"]
        cell.outputs.append(nbformat.v4.new_output("display_data", {"text/html": made}))
    address = binder.replace("00_start_here", path.stem)
    download = f'<a download href="{path.name}">Download</a>'
    links = f'<p class="links"><a href="{address}">Open in Binder</a> · {download}</p>'
    # Under the title, so that the title stays the page's first heading.
    first = notebook.cells[0]
    title, _, rest = first.source.partition("\n")
    first.source = f"{title}\n\n{links}\n{rest}"
    for cell in notebook.cells:
        cell.source = cell.source.replace("](../docs/", "](")
    nbformat.write(notebook, folder / "source" / path.name)


def to_take_along(path: Path, folder: Path, repository: str) -> None:
    """A copy of a notebook that also runs far from the project: its first cell installs gdlab."""
    notebook = nbformat.read(path, 4)
    install = nbformat.v4.new_code_cell(INSTALL.format(repository=repository), id="install")
    notebook.cells.insert(0, install)
    nbformat.write(notebook, folder / path.name)


def linked(text: str) -> str:
    """A page of `docs` as the site has it: the notebooks stand beside it, and headings have other names.

    What JupyterLab calls `#Two-answers,-and-a-mistake` is `#two-answers-and-a-mistake` for Sphinx.
    """

    def slug(found):
        return f"{found[1]}#" + re.sub(r"[^\w-]", "", found[2].lower())

    text = re.sub(r"\.\./notebooks/(\w+\.ipynb)#((?:[^()\s]|\([^()\s]*\))+)", slug, text)
    return text.replace("../notebooks/", "")


def build(notebooks, folder: Path) -> None:
    """All pages into the folder, from nothing."""
    from sphinx.cmd.build import main as sphinx

    source = folder / "source"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(ROOT / "docs" / "site", source)
    (folder / "explorers").mkdir()
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    binder = re.search(r"\]\((https://mybinder\.org/v2/gh/[^)]*)\)", readme)[1]
    if "GITHUB_REPOSITORY" in os.environ:
        binder = binder.replace("OWNER/gdlab", os.environ["GITHUB_REPOSITORY"])
    for path in notebooks:
        print(path.name, flush=True)
        page(path, folder, binder)
    index = (source / "index.md").read_text(encoding="utf-8")
    (source / "index.md").write_text(index.replace("BINDER", binder), encoding="utf-8")
    for path in (ROOT / "docs").glob("*.md"):
        (source / path.name).write_text(linked(path.read_text(encoding="utf-8")), encoding="utf-8")
    if sphinx(["-q", "-W", "--keep-going", "-b", "html", str(source), str(folder / "html")]):
        sys.exit("the site was not built")
    shutil.move(folder / "explorers", folder / "html" / "explorers")
    repository = re.search(r"/gh/([^/]+/[^/]+)/", binder)[1]
    for path in notebooks:
        to_take_along(path, folder / "html", repository)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folder", nargs="?", type=Path, default=ROOT / "build" / "site")
    parser.add_argument("--pages", nargs="*", type=Path, metavar="notebook")
    given = parser.parse_args()
    build(given.pages or sorted((ROOT / "notebooks").glob("[0-9]*.ipynb")), given.folder)
    print(f"open {given.folder / 'html' / 'index.html'}")


if __name__ == "__main__":
    main()
