"""A stage as one HTML file that needs no kernel and no network.

The page holds the tables of the first slider, one for each combination of a few positions of the others:
as many as its weight allows. What the kernel would answer, a few lines of script look up.
"""

from __future__ import annotations

import base64
import gzip
import html
import json
from importlib.resources import files
from itertools import product

import numpy as np

STEP = 0.25  # pixels: coordinates are whole numbers of these, so that they pack well
GAP = -32768  # stands for NaN
EDGE = 8000  # pixels: what lies further out is drawn in as far, in the same direction


def page(stage, title: str, limit: float) -> str:
    """The text of the page. ValueError where even the lightest has more than `limit` bytes."""
    for positions in _choices(stage):
        room = (limit - len(_page(stage, title, positions, b"").encode())) * 3 / 4  # written in base64
        tables = _tables(stage, positions, room)
        if tables is not None:
            return _page(stage, title, positions, tables)
    raise ValueError(f"limit: more than {limit:.0f} bytes are expected, the lightest page takes more")


def _tables(stage, positions, most):
    """A table for each combination of the others' positions, packed; None for more than `most` bytes."""
    if not positions:
        return b"" if most >= 0 else None
    main, *others = positions
    combinations = [
        dict(zip(others, at, strict=True)) for at in product(*(positions[o] for o in others))
    ]
    # One table tells how much all of them weigh: the others are like it.
    one = _compressed([_table(stage, positions[main], stage.settings)])
    if len(one) * len(combinations) > 1.3 * most:
        return None
    tables = [_table(stage, positions[main], {**stage.settings, **at}) for at in combinations]
    packed = _compressed(tables)
    return packed if len(packed) <= most else None


def _choices(stage):
    """Positions to keep of every slider, the most first: all of the first, then a few of the others."""
    sliders = list(stage._sliders.values())
    for most in (1000, 101, 51, 26):
        for few in (21, 15, 11, 9, 7, 6, 5, 4, 3, 1):
            yield {
                slider.name: _thinned(slider, few if i else most, getattr(stage, slider.name))
                for i, slider in enumerate(sliders)
            }


def _thinned(slider, count, value):
    """Some of a slider's positions, evenly spread, with the present value; of a menu all or one."""
    values = slider.values
    if count == 1:
        return np.array([value])
    if hasattr(slider, "options") or len(values) <= count:
        return values if value in values else np.union1d(values, value)
    places = np.linspace(0, len(values) - 1, count).round().astype(int)
    kept, at = values[places], np.abs(values - value).argmin()
    if value not in kept:
        kept[1 + np.abs(places[1:-1] - at).argmin()] = value  # the ends stay
    return np.sort(kept)


def _table(stage, positions, settings):
    """The frames for these positions of the first slider: (JSON, pixels as whole numbers, images)."""
    main = next(iter(stage._sliders))
    frames = stage.frames({**settings, main: positions})
    content, buffer = stage._packed(frames, {"slider": main, "at": settings})
    blocks, at = [], 0
    for points, moves in content["counts"]:
        rows = len(positions) if moves else 1
        pixels = np.frombuffer(buffer, "<f4", 2 * points * rows, at).reshape(rows, points, 2)
        blocks.append(_rounded(pixels))
        at += 8 * points * rows
    return content, b"".join(blocks), buffer[at:]


def _rounded(pixels):
    """Pixels as whole numbers of a step, each less the one in the frame before: they pack well."""
    with np.errstate(invalid="ignore"):
        near = pixels / np.maximum(1, np.abs(pixels).max(axis=2, keepdims=True, initial=0) / EDGE)
    whole = np.where(np.isnan(near), GAP, np.nan_to_num(near) / STEP).round().astype("<i2")
    whole[1:] -= whole[:-1].copy()  # modulo 2¹⁶, and so exact
    return whole.tobytes()


def _compressed(tables):
    """All tables in one compressed block: a line of JSON, then the bytes it speaks of."""
    contents = [{**content, "bytes": [len(a), len(b)]} for content, a, b in tables]
    text = json.dumps(contents, ensure_ascii=False, separators=(",", ":")).encode()
    return gzip.compress(text + b"\n" + b"".join(a + b for _, a, b in tables), 9, mtime=0)


def _thin(slider, values):
    """The slider with these positions; with fewer it no longer fits an axis above it."""
    along = slider["along"] if len(values) >= len(slider["values"]) else None
    return {**slider, "values": values, "along": along}


def _page(stage, title, positions, packed):
    """The template, filled in."""
    picture = {**stage.picture, "snap": True, "sentence": stage.sentence}
    fixed = {name for name, at in positions.items() if len(at) == 1}
    picture["sliders"] = [
        _thin(slider, np.asarray(positions.get(slider["name"], slider["values"])).tolist())
        for slider in picture["sliders"]
        if slider["name"] not in fixed
    ]
    picture["handles"] = [
        {**handle, "names": [None if name in fixed else name for name in handle["names"]], "zoom": False}
        for handle in picture["handles"]
        if any(name and name not in fixed for name in handle["names"])
    ]
    state = {"picture": picture, "step": STEP, "settings": stage.settings}
    parts = {
        "TITLE": html.escape(title),
        "STYLE": stage._css,
        "SCRIPT": stage._esm,
        "STATE": json.dumps(state, ensure_ascii=False).replace("</", "<\\/"),
        "BACKGROUND": base64.b64encode(stage.background).decode(),
        "TABLES": base64.b64encode(packed).decode(),
        "ABSENT": html.escape(", ".join(stage._sliders[name].label for name in fixed)),
    }
    text = (files("gdlab") / "page.html").read_text(encoding="utf-8")
    for name, part in parts.items():
        text = text.replace(f"<<{name}>>", part)
    return text
