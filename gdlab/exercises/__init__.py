"""The exercises and the predictions of the notebooks, one module a notebook.

EXERCISES: the right answer, the ways in which answers go wrong, the hints. QUESTIONS: a question, and for
every choice what to say to its chooser; which choice is right is not written, the notebook computes it.
"""

from __future__ import annotations

from gdlab.exercises import (
    backprop,
    batch,
    clinic,
    closed,
    frontier,
    grad,
    land,
    loss,
    nonconvex,
    optim,
    rate,
    start,
)
from gdlab.grading import Code, Number, Quantity

_PAGES = (start, loss, closed, land, grad, rate, batch, backprop, nonconvex, optim, frontier, clinic)

EXERCISES: dict[str, Number | Code] = {
    name: exercise for page in _PAGES for name, exercise in page.EXERCISES.items()
}
QUESTIONS: dict[str, tuple[str, dict[str, str] | Quantity]] = {
    name: question for page in _PAGES for name, question in page.QUESTIONS.items()
}
