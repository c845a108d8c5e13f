"""Every claim of the course is proved where it is taught: a tagged cell that was run and that asserts.

An assertion counts if it can fail: its condition mentions something computed, and nothing keeps it
from being reached or from being heard.
"""

import ast
import builtins
import csv
import json
import subprocess
import sys
from pathlib import Path

import pytest

NOTEBOOKS = Path(__file__).resolve().parents[1] / "notebooks"
PROMISED = {"start": 2, "loss": 11, "closed": 7, "land": 6, "grad": 10, "rate": 10, "batch": 8}
PROMISED |= {"nonconvex": 7, "backprop": 3, "optim": 6, "frontier": 5, "clinic": 11}
with (NOTEBOOKS / "claims.csv").open(encoding="utf-8", newline="") as file:
    LEDGER = list(csv.DictReader(file))
CLAIMS = {}
for row in LEDGER:
    CLAIMS.setdefault(row["notebook"], []).append(row["id"])
TRUE_OF_THEMSELVES = ast.Tuple | ast.List | ast.Set | ast.Dict | ast.JoinedStr
TRUE_OF_THEMSELVES |= ast.Lambda | ast.GeneratorExp


def can_fail(test):
    """Whether a condition depends on something computed."""
    if isinstance(test, TRUE_OF_THEMSELVES | ast.Constant):
        return False
    if isinstance(test, ast.BoolOp):
        some = all if isinstance(test.op, ast.Or) else any
        return some(can_fail(part) for part in test.values)
    names = {node.id for node in ast.walk(test) if isinstance(node, ast.Name)}
    return bool(names - set(dir(builtins)))


def asserts(nodes):
    """The assertions that are reached when a cell runs, and whose failure is heard."""
    for node in nodes:
        if isinstance(node, ast.Assert):
            yield node
        elif isinstance(node, ast.If | ast.While) and isinstance(node.test, ast.Constant):
            yield from asserts(node.body if node.test.value else node.orelse)
        elif isinstance(node, ast.If | ast.While | ast.For | ast.With):
            yield from asserts([*node.body, *getattr(node, "orelse", [])])


def proves(cell):
    source = "".join(cell["source"])
    lines = [line for line in source.splitlines() if not line.lstrip().startswith(("%", "!"))]
    return any(can_fail(node.test) for node in asserts(ast.parse("\n".join(lines)).body))


def complaints(notebook, claims):
    """What keeps a notebook from proving these claims."""
    tagged = {claim: [] for claim in claims}
    for i, cell in enumerate(notebook["cells"]):
        for tag in cell["metadata"].get("tags", []):
            family = {claim.split("-")[0] for claim in claims}
            if tag in tagged:
                tagged[tag].append((i, cell))
            elif tag.split("-")[0] in family:
                yield f"cell {i}: {tag} is no claim of this notebook"
    for claim, cells in tagged.items():
        if not cells:
            yield f"{claim}: no cell has this tag"
        for i, cell in cells:
            if cell["cell_type"] != "code":
                yield f"{claim}: cell {i} is not code"
                continue
            if not isinstance(cell["execution_count"], int):
                yield f"{claim}: cell {i} was not run"
            failed = any(output["output_type"] == "error" for output in cell["outputs"])
            if failed or "raises-exception" in cell["metadata"]["tags"]:
                yield f"{claim}: cell {i} may fail"
        if cells and not any(proves(cell) for _, cell in cells if cell["cell_type"] == "code"):
            yield f"{claim}: no cell with this tag asserts anything that could be false"


def test_the_ledger_is_in_order():
    """Every notebook has a family of claims, numbered from 1 in order: none can be lost unnoticed."""
    families = {name: claims[0].split("-")[0] for name, claims in CLAIMS.items()}
    assert len(set(families.values())) == len(CLAIMS)
    for name, family in families.items():
        assert CLAIMS[name] == [f"{family}-{i}" for i in range(1, len(CLAIMS[name]) + 1)]
    known = {"00_start_here": 2, "01_loss_functions": 11, "05_learning_rate": 10}
    assert {name: len(CLAIMS[name]) for name in known} == known
    assert all(row["claim"].endswith(".") for row in LEDGER)


@pytest.mark.parametrize("name", CLAIMS)
def test_the_notebook_proves_its_claims(name):
    path = NOTEBOOKS / f"{name}.ipynb"
    assert path.exists(), f"{path.name} is not there"
    assert list(complaints(json.loads(path.read_text(encoding="utf-8")), CLAIMS[name])) == []


# --- the search, searched ------------------------------------------------------------------------------


def cell(source, tags=("rate-1",), count=1, kind="code", outputs=()):
    made = {"cell_type": kind, "source": source.splitlines(keepends=True), "metadata": {"tags": [*tags]}}
    return made | ({"execution_count": count, "outputs": [*outputs]} if kind == "code" else {})


def found(*cells, claims=("rate-1",)):
    return list(complaints({"cells": cells}, claims))


ERROR = {"output_type": "error", "ename": "AssertionError", "evalue": "", "traceback": []}


@pytest.mark.parametrize(
    "source",
    [
        "x = 1\nassert x == 1",
        "assert x > 0, 'a message'",
        "for x in xs:\n    print(x)\n    assert f(x)",
        "with quiet():\n    if x:\n        assert x < 1",
        "%config a\nassert not x",
        "assert np.allclose([1], [2])",
        "assert x and True",
        "assert True\nassert x",
    ],
)
def test_a_proof_passes(source):
    assert found(cell(source)) == []


@pytest.mark.parametrize(
    "source",
    [
        "x = 1",
        "assert True",
        "assert 1",
        "assert 'x'",
        "assert 1 == 1",
        "assert len('x')",
        "assert not None",
        "assert (x == 1, 'always true')",
        "assert [x]",
        "assert {x: 1}",
        "assert f'{x}'",
        "assert lambda: x",
        "assert (x == 1 for x in xs)",
        "assert x or True",
        "assert True or x",
        "if False:\n    assert x",
        "while 0:\n    assert x",
        "def prove():\n    assert x",
        "class Proof:\n    assert x",
        "try:\n    assert x\nexcept AssertionError:\n    pass",
        "# assert x",
        "'assert x'",
    ],
)
def test_what_cannot_fail_proves_nothing(source):
    (complaint,) = found(cell(source))
    assert "could be false" in complaint


@pytest.mark.parametrize(
    ("cells", "says"),
    [
        ([], "no cell has this tag"),
        ([cell("assert x", tags=())], "no cell has this tag"),
        ([cell("assert x", tags=("rate-10", "rate-1"))], "rate-10 is no claim"),
        ([cell("assert x", count=None)], "was not run"),
        ([cell("assert x", outputs=[ERROR])], "may fail"),
        ([cell("assert x", tags=("rate-1", "raises-exception"))], "may fail"),
        ([cell("assert x", kind="markdown"), cell("assert x")], "is not code"),
        ([cell("assert x", tags=("rate-2",)), cell("assert x")], "rate-2 is no claim"),
    ],
)
def test_a_planted_fault_is_caught(cells, says):
    (complaint,) = found(*cells)
    assert says in complaint


def test_one_proof_among_several_cells_is_enough():
    assert found(cell("show()"), cell("assert x")) == []
    assert len(found(cell("assert x"), claims=("rate-1", "rate-2", "loss-1"))) == 2


# --- the list of claims, and its page ----------------------------------------------------------------


def test_no_claim_has_been_dropped_from_the_list():
    wanted = [f"{family}-{i + 1}" for family, count in PROMISED.items() for i in range(count)]
    assert [row["id"] for row in LEDGER] == wanted
    assert all(row["claim"].endswith(".") for row in LEDGER)


def test_the_page_of_the_ledger_is_fresh():
    script = NOTEBOOKS.parent / "tools" / "ledger.py"
    run = subprocess.run(
        [sys.executable, script, "--check"], capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr
