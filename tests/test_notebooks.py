"""What every notebook must be, read from its file: no kernel runs here.

A check takes a notebook, the dict that its JSON holds with its `name` and its size in `bytes` added,
and yields a complaint for each thing that is wrong. Each check must also catch a fault planted for it.
"""

import base64
import functools
import itertools
import json
import re
import statistics
import struct
from pathlib import Path

import pytest

NOTEBOOKS = sorted((Path(__file__).resolve().parents[1] / "notebooks").glob("*.ipynb"))


def is_start(notebook):
    return notebook["name"].startswith("00")


def text_of(field):
    return field if isinstance(field, str) else "".join(field)


def cells(notebook, kind):
    of_kind = [(i, cell) for i, cell in enumerate(notebook["cells"]) if cell["cell_type"] == kind]
    return [(i, cell, text_of(cell["source"])) for i, cell in of_kind]


def outputs(notebook):
    return [(i, output) for i, cell, _ in cells(notebook, "code") for output in cell["outputs"]]


def printed(notebook):
    """Everything that a reader sees as text: streams, text forms of results and pictures, errors."""
    for i, output in outputs(notebook):
        texts = [output.get("text", ""), output.get("data", {}).get("text/plain", "")]
        texts += [output.get("evalue", ""), *output.get("traceback", [])]
        for text in filter(None, map(text_of, texts)):
            yield i, re.sub(r"\x1b\[[\d;]*m", "", text)


def pictures(notebook):
    for i, output in outputs(notebook):
        if "image/png" in output.get("data", {}):
            yield i, output, base64.b64decode(text_of(output["data"]["image/png"]))


def headings(notebook):
    """Return (cell, level, text) of every heading outside code blocks."""
    found = []
    for i, _, source in cells(notebook, "markdown"):
        prose = re.sub(r"^```.*?^```", "", source, flags=re.M | re.S)
        found += [(i, len(marks), text) for marks, text in re.findall(r"^(#{1,6})\s+(.+)$", prose, re.M)]
    return found


# -- the checks ------------------------------------------------------------------------------------


def check_counts(notebook):
    """Run once, from top to bottom: nbval does not compare cells that were never run."""
    for expected, (i, cell, _) in enumerate(cells(notebook, "code"), start=1):
        if cell["execution_count"] != expected:
            yield f"cell {i} has the count {cell['execution_count']}, not {expected}"


def check_stderr(notebook):
    for i, output in outputs(notebook):
        if output.get("name") == "stderr":
            yield f"cell {i} writes to stderr: {text_of(output['text'])[:80]!r}"


def check_errors(notebook):
    for i, output in outputs(notebook):
        tags = notebook["cells"][i]["metadata"].get("tags", [])
        if output["output_type"] == "error" and "raises-exception" not in tags:
            yield f"cell {i} ends in {output['ename']}"


def check_nothing_of_the_day_or_the_machine(notebook):
    patterns = {
        "an address in memory": r"\b0x[0-9a-fA-F]+",
        "a path": r"(?:^|[\s\"'(=])(?:~?/[\w.-]+/|[A-Za-z]:\\)\S*",
        "a date": r"\b\d{4}-\d\d-\d\d\b",
    }
    for i, text in printed(notebook):
        for what, pattern in patterns.items():
            if found := re.search(pattern, text, re.M):
                yield f"cell {i} prints {what}: {found[0].strip()!r}"


def check_digits(notebook):
    """A number with decimals or an exponent shows at most four significant digits.

    All digits from the first that is not zero count, zeros at the end too: 0.001234, 12.34 %, 1.000 and
    1.234e-05 have four, 0.12345 and 1000.0 have five. Of a zero the decimals count. Whole numbers are
    free, and so are versions (1.2.3) and digits that belong to a name (x1.5).
    """
    number = r"(?<![\w.])((?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?|\.\d+)(e[-+]?\d+)?(?!\d|\.\d)"
    for i, text in printed(notebook):
        for shown, mantissa, exponent in ((m[0], m[1], m[2]) for m in re.finditer(number, text)):
            digits = re.sub(r"^0+|\D", "", mantissa.replace(".", "")) or mantissa.partition(".")[2]
            if ("." in mantissa or exponent) and len(digits) > 4:
                yield f"cell {i} prints {shown}: {len(digits)} significant digits"


def check_semicolons(notebook):
    """nbval runs cells so that a `;` at the end does not silence them."""
    for i, _, source in cells(notebook, "code"):
        if re.search(r";\s*(#[^\n]*)?\Z", source):
            yield f"cell {i} ends with ;"


def check_forbidden_words(notebook):
    words = r"\binteract(?:ive|ive_output)?\b|\bOutput\(|%matplotlib|^\s*%%|\bplt\.show\b"
    for i, _, source in cells(notebook, "code"):
        yield from (f"cell {i} uses {word.strip()}" for word in re.findall(words, source, re.M))


def check_output_types(notebook):
    """nbval cannot compare SVG, and HTML is not shown before a notebook is trusted."""
    allowed = {"text/plain", "text/markdown", "text/latex", "image/png"}
    for i, output in outputs(notebook):
        yield from (f"cell {i} has an output of type {t}" for t in set(output.get("data", {})) - allowed)


def check_widgets(notebook):
    if "widgets" in notebook["metadata"]:
        yield "the metadata holds the state of widgets"
    for i, output in outputs(notebook):
        if any("widget-view" in kind for kind in output.get("data", {})):
            yield f"cell {i} holds the view of a widget"


def check_code_length(notebook):
    lengths = [len(source.splitlines()) for _, _, source in cells(notebook, "code")]
    yield from (f"a code cell of {n} lines; at most 15" for n in lengths if n > 15)
    if lengths and (median := statistics.median(lengths)) > 4:
        yield f"the median code cell has {median:g} lines; at most 4"


def check_code_cells(notebook):
    least, n = 5 if is_start(notebook) else 15, len(cells(notebook, "code"))
    if not least <= n <= 30:
        yield f"{n} code cells; {least} to 30"


def check_sizes(notebook):
    if notebook["bytes"] > 500_000:
        yield f"the file has {notebook['bytes']:,} bytes; at most 500,000"
    for i, _, png in pictures(notebook):
        if len(png) > 100_000:
            yield f"the picture of cell {i} has {len(png):,} bytes; at most 100,000"


def check_picture_width(notebook):
    for i, output, png in pictures(notebook):
        stored = struct.unpack(">I", png[16:20])[0]
        shown = output.get("metadata", {}).get("image/png", {}).get("width", stored)
        if shown > 900:
            yield f"the picture of cell {i} is {shown} pixels wide; at most 900"


def check_picture_descriptions(notebook):
    """The text beside a picture is what a screen reader says, and what nbval compares."""
    for i, output, _ in pictures(notebook):
        text = text_of(output["data"].get("text/plain", "")).strip("\"' \n")
        if len(text) < 20 or text.startswith("<") or len(text.split()) < 4 or text[-1] not in ".!?":
            yield f"the picture of cell {i} is not described by a sentence: {text!r}"


def check_pictures_are_read(notebook):
    for i in sorted({i for i, _, _ in pictures(notebook)}):
        if i + 1 == len(notebook["cells"]) or notebook["cells"][i + 1]["cell_type"] != "markdown":
            yield f"no prose follows the picture of cell {i}"


def check_headings(notebook):
    levels = [(i, level) for i, level, _ in headings(notebook)]
    if [i for i, level in levels if level == 1] != [0]:
        yield "there must be one heading of level 1, in the first cell"
    for (_, above), (i, level) in itertools.pairwise(levels):
        if level > above + 1:
            yield f"the headings skip from level {above} to {level} in cell {i}"


def check_sections(notebook):
    """A section is a heading, or a paragraph that begins with its name *in italics* or bold."""
    required = ["You will be able to", "You need", "What you have seen", "Sources"]
    if is_start(notebook):
        required = ["You will be able to", "What you have seen"]
    prose = "\n".join(source for _, _, source in cells(notebook, "markdown"))
    for section in required:
        if not re.search(rf"^(#+ +|\*{{1,2}}){section}", prose, re.M | re.I):
            yield f"no section begins with {section!r}"


def check_words(notebook):
    """Words of prose: code blocks, formulas, tags and link targets are none."""
    prose = "\n".join(source for _, _, source in cells(notebook, "markdown"))
    for pattern in (
        r"^```.*?^```",
        r"\$\$.*?\$\$",
        r"\$[^$\n]*\$",
        r"</?[a-zA-Z][^>]*>",
        r"\]\([^)]*\)",
    ):
        prose = re.sub(pattern, " ", prose, flags=re.M | re.S)
    least, most = (0, 1500) if is_start(notebook) else (1200, 2500)
    n = len(re.findall(r"[^\W\d_][\w'’-]*", prose))
    if not least <= n <= most:
        yield f"{n} words of prose; {least} to {most}"


CHECKS = {name: check for name, check in list(globals().items()) if name.startswith("check_")}


# -- the notebooks ---------------------------------------------------------------------------------


@functools.cache
def load(path):
    content = path.read_bytes()
    return json.loads(content) | {"name": path.name, "bytes": len(content)}


def test_there_are_notebooks():
    assert [path.name for path in NOTEBOOKS][:1] == ["00_start_here.ipynb"]


@pytest.mark.parametrize("check", CHECKS.values(), ids=CHECKS)
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook(path, check):
    assert list(check(load(path))) == []


# -- the checks, checked ---------------------------------------------------------------------------


def markdown(source):
    return {"cell_type": "markdown", "id": "m", "metadata": {}, "source": source}


def code(source, *outputs):
    return {"cell_type": "code", "id": "c", "metadata": {}, "source": source, "outputs": [*outputs]}


def stream(text, name="stdout"):
    return {"output_type": "stream", "name": name, "text": text}


def rich(data):
    return {"output_type": "display_data", "metadata": {}, "data": data}


def picture(text="A bowl, and the path that goes down it.", width=600, size=1000):
    png = base64.b64encode(bytes(16) + struct.pack(">I", width) + bytes(size)).decode()
    return rich({"text/plain": text, "image/png": png})


def good(name="01_good.ipynb"):
    notebook = {
        "name": name,
        "bytes": 10_000,
        "metadata": {"kernelspec": {"name": "python3"}},
        "cells": [
            markdown("# Why?\n\n*You will be able to*\n\n## You need\n\n```\n# no heading\n```"),
            code("import gdlab"),
            code("a = 1; b = 2\nprint(a)", stream("1\n0.001234, 12.34 %, -1.234e-05\n1,234 of 12345.")),
            code("print(versions)", stream("3.11.2, 0.0000, 1.234ms, x1.23456")),
            code("draw()", picture()),
            markdown("## What is seen\n\n### Close by\n\n" + "word " * 1300),
            *(code(f"f({i})", stream("[0.1 0.25]")) for i in range(11)),
            markdown("## What you have seen\n\n## Sources"),
        ],
    }
    for count, (_, cell, _) in enumerate(cells(notebook, "code"), start=1):
        cell["execution_count"] = count
    return notebook


def plant(index, **fields):
    return lambda notebook: notebook["cells"][index].update(fields)


def plant_output(output, index=2):
    return lambda notebook: notebook["cells"][index]["outputs"].append(output)


def plant_text(old, new, index=0):
    def change(notebook):
        cell = notebook["cells"][index]
        assert old in cell["source"]
        cell["source"] = cell["source"].replace(old, new)

    return change


VIEW = "application/vnd.jupyter.widget-view+json"
ERROR = {"output_type": "error", "ename": "ValueError", "evalue": "no", "traceback": []}
WHERE = {"traceback": ["\x1b[36mFile \x1b[32m~/course/gdlab/descent.py:7\x1b[39m"]}
LONG = "\n".join("x = 1" for _ in range(16))

FAULTS = [
    (check_counts, plant(2, execution_count=None)),
    (check_counts, plant(2, execution_count=7)),
    (check_stderr, plant_output(stream("a warning", "stderr"))),
    (check_errors, plant_output(ERROR)),
    (check_nothing_of_the_day_or_the_machine, plant_output(stream("<A object at 0x7f3a>"))),
    (check_nothing_of_the_day_or_the_machine, plant_output(stream("in /opt/course/a.py"))),
    (check_nothing_of_the_day_or_the_machine, plant_output(stream("in C:\\course\\a.py"))),
    (check_nothing_of_the_day_or_the_machine, plant_output(ERROR | WHERE)),
    (check_nothing_of_the_day_or_the_machine, plant_output(stream("made 2026-11-22"))),
    (check_digits, plant_output(stream("loss 0.12345"))),
    (check_digits, plant_output(stream("loss=1000.0"))),
    (check_digits, plant_output(stream("[-1.2345e-07]"))),
    (check_digits, plant_output(stream("12.345%"))),
    (check_digits, plant_output(stream("1,234.5"))),
    (check_digits, plant_output(stream("12.345ms"))),
    (check_digits, plant_output(stream("0.00000"))),
    (check_digits, plant_output(picture("A bowl, and the run to 0.333333 in it."), 4)),
    (check_semicolons, plant(1, source="draw();\n")),
    (check_semicolons, plant(1, source="draw();  # a picture")),
    (check_forbidden_words, plant(1, source="from ipywidgets import interact")),
    (check_forbidden_words, plant(1, source="out = widgets.Output()")),
    (check_forbidden_words, plant(1, source="%matplotlib inline")),
    (check_forbidden_words, plant(1, source="%%time\nf()")),
    (check_forbidden_words, plant(1, source="plt.show()")),
    (check_output_types, plant_output(rich({"image/svg+xml": "<svg/>"}))),
    (check_output_types, plant_output(rich({"text/html": "<b>1</b>"}))),
    (check_widgets, lambda notebook: notebook["metadata"].update(widgets={})),
    (check_widgets, plant_output(rich({VIEW: {"model_id": "a"}}))),
    (check_code_length, plant(1, source=LONG)),
    (check_code_length, lambda n: [c.update(source="\n" * 5) for _, c, _ in cells(n, "code")]),
    (check_code_cells, lambda n: n["cells"].pop(1)),
    (check_code_cells, lambda n: n["cells"].extend(code("f()") for _ in range(16))),
    (check_sizes, lambda n: n.update(bytes=500_001)),
    (check_sizes, plant_output(picture(size=100_001), 4)),
    (check_picture_width, plant_output(picture(width=901), 4)),
    (check_picture_descriptions, plant_output(picture("<Figure size 640x480 with 1 Axes>"), 4)),
    (check_picture_descriptions, plant_output(picture("A bowl, a path."), 4)),
    (check_picture_descriptions, plant_output(picture("learning_rate_explorer_of_a_bowl"), 4)),
    (check_pictures_are_read, plant_output(picture(), 2)),
    (check_pictures_are_read, lambda n: n["cells"].append(code("draw()", picture()))),
    (check_headings, plant_text("# Why?", "Why?")),
    (check_headings, plant_text("## What is seen", "# What is seen", 5)),
    (check_headings, plant_text("### Close by", "#### Close by", 5)),
    (check_sections, plant_text("*You will be able to*", "You will be able to")),
    (check_sections, plant_text("## You need", "## Before")),
    (check_sections, plant_text("## What you have seen", "## Summary", -1)),
    (check_sections, plant_text("## Sources", "## Links", -1)),
    (check_words, plant_text("word " * 200, "", 5)),
    (check_words, plant_text("word " * 1300, "word " * 2600, 5)),
]


@pytest.mark.parametrize("check", CHECKS.values(), ids=CHECKS)
def test_a_good_notebook_passes(check):
    assert list(check(good())) == []


@pytest.mark.parametrize(("check", "fault"), FAULTS)
def test_a_planted_fault_is_caught(check, fault):
    notebook = good()
    fault(notebook)
    assert list(check(notebook)) != []


def test_every_check_has_a_planted_fault():
    assert {check for check, _ in FAULTS} == set(CHECKS.values())


def test_an_expected_error_passes():
    notebook = good()
    plant_output(ERROR)(notebook)
    plant(2, metadata={"tags": ["raises-exception"]})(notebook)
    assert list(check_errors(notebook)) == []


def test_the_first_notebook_may_be_short():
    notebook = good("00_start_here.ipynb")
    del notebook["cells"][6:13]
    plant_text("## You need", "## Before")(notebook)
    plant_text("## Sources", "## Links", -1)(notebook)
    plant_text("word " * 1300, "word " * 10, 5)(notebook)
    for check in (check_code_cells, check_sections, check_words):
        assert list(check(notebook)) == []
    plant_text("word " * 10, "word " * 1600, 5)(notebook)
    assert list(check_words(notebook)) != []
