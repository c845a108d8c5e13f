"""A cell's output: what it shows, what a saved notebook keeps of it, and what goes when it runs again.

A widget lives in a kernel. Where a notebook is opened without that kernel, JupyterLab would put "model
not found" in its place, though picture and words lie in the same output. So a saved notebook keeps these
and drops the widget. Jupyter's server loads this module for it, as `jupyter_server.json` says.
"""

from __future__ import annotations

from collections.abc import Callable

WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"


def output(widget: tuple | dict | None, **still: str) -> tuple[dict, dict]:
    """A widget's mimebundle, and in it what shows the widget where it cannot live."""
    data, metadata = widget if isinstance(widget, tuple) else (widget or {}, {})
    return {**data, **still}, metadata


def drop_widgets(notebook: dict) -> None:
    """Keep of every output what can be shown without a kernel, in place."""
    for cell in notebook["cells"]:
        for shown in cell.get("outputs", []):
            shown.get("data", {}).pop(WIDGET_VIEW, None)


def before_saving(model: dict, **_) -> None:
    """Drop the widgets of a notebook, unless their state is saved with it: JupyterLab can be set to."""
    if model["type"] == "notebook" and "widgets" not in model["content"]["metadata"]:
        drop_widgets(model["content"])


def _load_jupyter_server_extension(server):
    server.contents_manager.register_pre_save_hook(before_saving)


def close(widget) -> None:
    """Close a widget with all that it is made of."""
    for part in getattr(widget, "children", ()):
        close(part)
    for part in (widget.layout, getattr(widget, "style", None), widget):
        if part is not None:
            part.close()


_made = {}  # of each cell: its runs, and how to let go of what each has made


def on_rerun(let_go: Callable[[], None]) -> None:
    """Let go of what is made now once its cell has run twice more; the last run is still on the page."""
    import IPython  # here, so that Jupyter's server, which loads this module, starts without it

    asked = getattr(IPython.get_ipython(), "get_parent", dict)()
    cell = asked.get("metadata", {}).get("cellId") or asked.get("content", {}).get("code")
    if cell is None:  # not in a notebook, or after a click
        return
    runs = _made.setdefault(cell, {})
    runs.setdefault(asked["header"]["msg_id"], []).append(let_go)
    while len(runs) > 2:
        for old in runs.pop(next(iter(runs))):
            old()
