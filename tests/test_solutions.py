"""The solutions printed in the notebooks are right, and every line of them is needed.

A solution is the Python block of a `<details>` that follows a cell ending in check("name", answer).
"""

import ast
import json
import re
from pathlib import Path

import numpy as np
import pytest

from gdlab.answers import EXERCISES

NOTEBOOKS = sorted((Path(__file__).resolve().parents[1] / "notebooks").glob("*.ipynb"))
CHECK = re.compile(r"""^check\(["']([\w-]+)["'], answer\)""", re.M)
CALL = re.compile(r"(?<![\w.])check\(")
SOLUTION = re.compile(r"<details>.*?</details>", re.S)
BLOCK = re.compile(r"^```python\n(.*?)^```", re.M | re.S)


def exercises(cells):
    """(name, [solutions]) of every exercise, in order."""
    found = []
    for cell in cells:
        source = "".join(cell["source"])
        if cell["cell_type"] == "code":
            found += [(name, []) for name in CHECK.findall(source)]
            assert len(CALL.findall(source)) == len(CHECK.findall(source)), source
        for details in SOLUTION.findall(source) if cell["cell_type"] == "markdown" else ():
            if blocks := BLOCK.findall(details):
                assert found, "a solution before the first exercise"
                found[-1][1].extend(blocks)
    return found


def verdict(name, solution):
    """What is wrong with a solution, None if it is right."""
    names = {"np": np, "answer": None}
    try:
        exec(solution, names)
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    return EXERCISES[name].fault(names["answer"])


def broken(solution):
    """(what was done, source) for every statement taken away; a lone expression becomes 0 * (it)."""

    def bodies(tree):
        return [node.body for node in ast.walk(tree) if isinstance(getattr(node, "body", None), list)]

    for b, body in enumerate(bodies(ast.parse(solution))):
        for i, line in enumerate(map(ast.unparse, body)):
            tree = ast.parse(solution)
            here = bodies(tree)[b]
            if len(body) > 1:
                del here[i]
                yield f"without: {line}", ast.unparse(tree)
            elif isinstance(here[i], ast.Return | ast.Assign):
                here[i].value = ast.BinOp(ast.Constant(0), ast.Mult(), here[i].value)
                yield f"0 * in: {line}", ast.unparse(tree)


FOUND = [
    (path.stem, name, solutions)
    for path in NOTEBOOKS
    for name, solutions in exercises(json.loads(path.read_text(encoding="utf-8"))["cells"])
]
SOLVED = [(name, block) for _, name, blocks in FOUND for block in blocks]
every_solution = pytest.mark.parametrize(("name", "solution"), SOLVED, ids=[name for name, _ in SOLVED])


def test_every_exercise_is_asked_once():
    asked = [name for _, name, _ in FOUND]
    assert sorted(asked) == sorted(EXERCISES)
    # The notebook's number and the exercise's name belong together, and stand in order.
    for notebook in {notebook for notebook, *_ in FOUND}:
        own = [name for where, name, _ in FOUND if where == notebook]
        assert own == sorted(own) and len({name.split("-")[0] for name in own}) == 1


@pytest.mark.parametrize(("notebook", "name", "solutions"), FOUND, ids=[name for _, name, _ in FOUND])
def test_every_exercise_has_one_solution(notebook, name, solutions):
    assert len(solutions) == 1


@every_solution
def test_the_solution_is_right(name, solution):
    assert verdict(name, solution) is None


@every_solution
def test_every_line_of_the_solution_is_needed(name, solution):
    tried = list(broken(solution))
    assert tried
    for what, source in tried:
        assert verdict(name, source) is not None, f"still right {what}"


# --- the search, searched ------------------------------------------------------------------------------


def cell(kind, source):
    return {"cell_type": kind, "source": source.splitlines(keepends=True)}


DETAILS = "<details><summary>Solution</summary>\n\n```python\n{}\n```\n</details>"


def test_a_solution_goes_with_the_exercise_before_it():
    cells = [
        cell("markdown", "```python\nanswer = 1\n```"),  # not a solution: nothing hides it
        cell("code", 'answer = None\ncheck("rate-a", answer)'),
        cell("markdown", DETAILS.format("answer = 2")),
        cell("code", 'def answer(a):\n    return None\n\ncheck("rate-b", answer)'),
        cell("code", "print(1)"),
        cell("markdown", "Text.\n\n" + DETAILS.format("answer = 3") + "\n\n" + DETAILS.format("x = 4")),
        cell("code", 'check("rate-c", answer)'),
        cell("markdown", "<details>Words only.</details>"),
    ]
    assert exercises(cells) == [
        ("rate-a", ["answer = 2\n"]),
        ("rate-b", ["answer = 3\n", "x = 4\n"]),
        ("rate-c", []),
    ]


@pytest.mark.parametrize("call", ['("rate-a", 3)', "(name, answer)", "('rate-a', answer=answer)"])
def test_a_check_written_otherwise_is_noticed(call):
    with pytest.raises(AssertionError):
        exercises([cell("code", "check" + call)])
    assert exercises([cell("code", "self_check()\nprint(gradients.check(risk, theta))")]) == []


@pytest.mark.parametrize(
    ("name", "solution"),
    [
        ("rate-a", "answer = 2 / 7"),
        ("rate-a", "result = 2 / 8"),
        ("rate-a", "answer = undefined"),
        ("rate-c", "def answer(learning_rate, curvature):\n    return 1 - learning_rate * curvature"),
        ("rate-c", "def answer(learning_rate, curvature):\n    abs(1 - learning_rate * curvature)"),
    ],
)
def test_a_wrong_solution_is_caught(name, solution):
    assert verdict(name, solution) is not None


def test_what_breaking_does():
    two_lines = "def answer(a, b):\n    c = a * b\n    return abs(1 - c)"
    assert [source for _, source in broken(two_lines)] == [
        "def answer(a, b):\n    return abs(1 - c)",
        "def answer(a, b):\n    c = a * b",
    ]
    assert [source for _, source in broken("answer = 2 / 8")] == ["answer = 0 * (2 / 8)"]
    padded = two_lines.replace("c = a", "d = a\n    c = a")
    (idle,) = (source for what, source in broken(padded) if "d = a" in what)
    assert verdict("rate-c", idle) is None  # a line that does nothing would be found
