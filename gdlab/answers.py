"""What a notebook asks of its reader: predictions before a picture, exercises after it.

`check("rate-a", answer)` prints one line: right, or what is wrong. `hint("rate-a", 1)` prints the first
hint. `Predictions` asks before it shows and keeps the score of one notebook, in its session only.
The texts stand in `gdlab.exercises`.
"""

from __future__ import annotations

import html
from collections.abc import Callable

import ipywidgets

from gdlab._arguments import shown, whole
from gdlab.exercises import EXERCISES, QUESTIONS
from gdlab.grading import UNANSWERED


def check(name: str, answer) -> None:
    """Print the verdict on an answer to the exercise of that name. None, or a function that returns
    None, is not answered yet."""
    exercise = _exercise(name)
    wrong = exercise.fault(answer)
    if wrong == UNANSWERED:
        print(f"{name}: {UNANSWERED}")
    else:
        print(f"{name}: not yet. {wrong}" if wrong else f"{name}: right. {exercise.praise}")


def hint(name: str, step: int) -> None:
    """Print one hint of an exercise; step 1 says least."""
    hints = _exercise(name).hints
    if whole("step", step, low=1) > len(hints):
        raise ValueError(f"step: a whole number from 1 to {len(hints)} is expected, {step} given")
    print(f"{name}, hint {step} of {len(hints)}: {hints[step - 1]}")


def _exercise(name):
    if not isinstance(name, str) or name not in EXERCISES:
        raise ValueError(f"name: one of {', '.join(EXERCISES)} is expected, {shown(name)} given")
    return EXERCISES[name]


# --- predictions ---------------------------------------------------------------------------------


class Predictions:
    """The predictions of one notebook's session, and their score."""

    def __init__(self):
        self._asked: dict[str, Prediction] = {}

    def ask(self, name: str, truth: str | Callable[[], str]) -> Prediction:
        """The question of that name, to be answered before the picture is seen.

        `truth`: the right choice, computed by code; a function is called when the truth is asked for.
        Asking again starts anew.
        """
        if not isinstance(name, str) or name not in QUESTIONS:
            raise ValueError(f"name: one of {', '.join(QUESTIONS)} is expected, {shown(name)} given")
        self._asked[name] = Prediction(name, *QUESTIONS[name], truth)
        return self._asked[name]

    def score(self) -> str:
        """How many predictions were locked, and how many of those were right."""
        locked = [asked for asked in self._asked.values() if asked.locked]
        right = sum(asked.choice == asked.right_choice() for asked in locked)
        return f"{len(locked)} of {len(self._asked)} predictions locked, {right} right"


class Prediction(ipywidgets.VBox):
    """Choose, lock, compare. Unanswered is a state like any other: nothing waits for the reader.

    `options`: {choice: what to say to a reader who chose it}.
    """

    def __init__(self, name, question, options, truth):
        if len(options) < 2:
            raise ValueError(f"options: at least two are expected, {shown(options)} given")
        self.name, self.options, self._truth, self.locked = name, dict(options), truth, False
        self._choices = ipywidgets.RadioButtons(
            options=list(options), value=None, layout=ipywidgets.Layout(width="auto")
        )
        self._lock = ipywidgets.Button(description="Lock my prediction", disabled=True)
        self._show = ipywidgets.Button(description="Show the truth")
        self._said = ipywidgets.HTML()
        self._choices.observe(self._chosen, "index")
        self._lock.on_click(lambda _: self.lock())
        self._show.on_click(lambda _: self.reveal())
        for button in (self._lock, self._show):
            button.layout.width = "auto"
        asked = ipywidgets.HTML(f"<b>Predict.</b> {html.escape(question)}")
        buttons = ipywidgets.HBox([self._lock, self._show])
        super().__init__([asked, self._choices, buttons, self._said])

    @property
    def choice(self) -> str | None:
        """What is chosen now, None if nothing is."""
        return self._choices.value

    def choose(self, choice: str):
        """Choose an option; ValueError for one that is not offered, or once the choice is locked."""
        if self.locked or choice not in self.options:
            offered = "no other choice once locked" if self.locked else f"one of {list(self.options)}"
            raise ValueError(f"choice: {offered} is expected, {shown(choice)} given")
        self._choices.value = choice

    def lock(self):
        """Hold the choice fast, so that it can be compared with what comes."""
        if self.choice is not None:
            self.locked = self._choices.disabled = self._lock.disabled = True
            self._say(f"Locked: {self.choice}. Run on, then show the truth.")

    def reveal(self):
        """Show the right choice, and what to say about the reader's own."""
        truth = self.right_choice()
        if truth is None:
            self._say("Run the cells below first: they work the truth out.")
        elif self.choice is None:
            self._say(f"The truth: {truth}. {self.options[truth]}")
        elif self.choice == truth:
            self._say(f"Right: {truth}. {self.options[truth]}")
        else:
            self._say(f"You chose {self.choice}: {self.options[self.choice]} The truth: {truth}.")

    def right_choice(self) -> str | None:
        """The right choice, computed; None while the cells that compute it have not been run."""
        try:
            truth = self._truth() if callable(self._truth) else self._truth
        except NameError:
            return None
        if truth not in self.options:
            raise ValueError(f"truth: one of {list(self.options)} is expected, {shown(truth)} given")
        return truth

    def _chosen(self, _):
        self._lock.disabled = self.choice is None or self.locked

    def _say(self, text):
        self._said.value = f'<div role="status">{html.escape(text)}</div>'

    def _repr_mimebundle_(self, **kwargs):
        bundle = super()._repr_mimebundle_(**kwargs) or {}
        data, metadata = bundle if isinstance(bundle, tuple) else (bundle, {})
        state = f"locked, {self.choice}" if self.locked else "not locked"
        return {**data, "text/plain": f"Prediction {self.name}: {state}"}, metadata
