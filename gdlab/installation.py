"""Is everything in place? An answer in plain words."""

from __future__ import annotations

from importlib import import_module
from importlib.metadata import version

from gdlab import data

NEEDED = ("numpy", "matplotlib", "ipywidgets", "anywidget", "PIL", "tqdm")


def self_check(needed=NEEDED) -> str:
    """One sentence: everything is in place, or what is missing and how to get it."""
    missing = []
    for name in needed:
        try:
            import_module(name)
        except ImportError:
            missing.append(name)
    if missing:
        return f"Missing: {', '.join(missing)}. In the course's folder: pip install -r requirements.txt"
    found = f"gdlab {version('gdlab')}, {len(data.penguins())} penguins, {len(needed)} packages"
    return f"Everything is in place: {found}."
