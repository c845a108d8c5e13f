"""What a notebook asks of its reader: predictions before a picture, exercises after it.

`check("rate-a", answer)` prints one line: right, or what is wrong. `hint("rate-a", 1)` prints the first
hint. `Predictions` asks before it shows and keeps the score of one notebook, in its session only.
The texts stand in `gdlab.exercises`.
"""

from __future__ import annotations

import html
import math
from collections.abc import Callable

import ipywidgets

from gdlab import cells
from gdlab._arguments import number, option, shown, whole
from gdlab.dial import Dial
from gdlab.exercises import EXERCISES, QUESTIONS
from gdlab.grading import UNANSWERED, Quantity


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
    return EXERCISES[option("name", name, EXERCISES)]


# --- predictions ---------------------------------------------------------------------------------


class Predictions:
    """The predictions of one notebook's session, and their score."""

    def __init__(self):
        self._asked: dict[str, Prediction] = {}

    def ask(self, name: str, truth: str | Callable[[], str], on: tuple | None = None) -> Prediction:
        """The question of that name, to be answered before the picture is seen.

        `truth`: the right answer, computed by code; a function is called when the truth is asked for.
        `on`: for a direction, (landscape, point): what it is drawn on. Asking again starts anew.
        """
        question, answers = QUESTIONS[option("name", name, QUESTIONS)]
        if isinstance(answers, Quantity) and answers.degrees is not None:
            if not isinstance(on, tuple) or len(on) != 2:
                raise TypeError(f"on: (landscape, point) is expected for a direction, {shown(on)} given")
            self._asked[name] = Direction(name, question, answers, truth, Dial(*on))
        else:
            kind = Estimate if isinstance(answers, Quantity) else Choice
            self._asked[name] = kind(name, question, answers, truth)
        return self._asked[name]

    def score(self) -> str:
        """How many predictions were locked, and how many of those were right."""
        locked = [asked for asked in self._asked.values() if asked.locked]
        known = [asked for asked in locked if asked.right_choice() is not None]
        right = sum(asked.is_right(asked.choice, asked.right_choice()) for asked in known)
        return f"{len(locked)} of {len(self._asked)} predictions locked, {right} right"


class Prediction(ipywidgets.VBox):
    """Answer, lock, compare. Unanswered is a state like any other: nothing waits for the reader.

    A subclass states the `control` that takes the answer, and three things about answers: `choice`, what
    is answered now; `is_right`; and `said`, what to say to it.
    """

    def __init__(self, name, question, truth, control):
        self.name, self.question, self._truth, self._control = name, question, truth, control
        self.locked = self.revealed = False
        self._lock = ipywidgets.Button(description="Lock my prediction", disabled=True)
        self._show = ipywidgets.Button(description="Show the truth")
        self._answer = ipywidgets.HTML()
        control.observe(self._changed)
        self._lock.on_click(lambda _: self.lock())
        self._show.on_click(lambda _: self.reveal())
        for button in (self._lock, self._show):
            button.layout.width = "auto"
        asked = ipywidgets.HTML(f"<b>Predict.</b> {html.escape(question)}")
        buttons = ipywidgets.HBox([self._lock, self._show])
        super().__init__([asked, control, buttons, self._answer])
        cells.on_rerun(lambda: cells.close(self))

    @property
    def choice(self):
        """What is answered now, None if nothing is."""
        raise NotImplementedError

    def is_right(self, choice, truth) -> bool:
        """Whether an answer counts as right."""
        return choice == truth

    def said(self, choice, truth) -> str:
        """What to say to an answer, or to none, when the truth is shown."""
        raise NotImplementedError

    def choose(self, choice):
        """Answer from code; ValueError where that cannot be, or once the answer is locked."""
        if self.locked:
            raise ValueError(f"choice: no other choice once locked is expected, {shown(choice)} given")
        self._control.value = choice

    def lock(self):
        """Hold the answer fast, to compare it with what comes; too late once the truth is shown."""
        if self.choice is not None and not self.revealed:
            self.locked = self._control.disabled = self._lock.disabled = True
            self._say(f"Locked: {self._told(self.choice)}. Run on, then show the truth.")

    def reveal(self):
        """Show the truth, and what to say about the reader's own answer."""
        truth = self.right_choice()
        if truth is None:
            self._say("Run the cells below first: they work the truth out.")
        else:
            self.revealed = self._lock.disabled = True
            self._say(self.said(self.choice, truth))

    def right_choice(self):
        """The truth, computed; None while the cells that compute it have not been run."""
        try:
            truth = self._truth() if callable(self._truth) else self._truth
        except NameError:
            return None
        return self._checked(truth)

    def _told(self, choice):
        """An answer in words."""
        return str(choice)

    def _checked(self, truth):
        """The truth, or an error where it can be no answer."""
        raise NotImplementedError

    def _changed(self, _):
        self._lock.disabled = self.choice is None or self.locked or self.revealed

    def _say(self, text):
        self._answer.value = f'<div role="status">{html.escape(text)}</div>'

    def _asked(self):
        """The question as a saved page shows it."""
        return self.question

    def _repr_mimebundle_(self, **kwargs):
        state = f"locked, {self._told(self.choice)}" if self.locked else "not locked"
        still = {"text/plain": f"Prediction {self.name}, {state}. {self._asked()}"}
        return cells.output(super()._repr_mimebundle_(**kwargs), **still)


class Choice(Prediction):
    """Choose one of a few options. `options`: {choice: what to say to a reader who chose it}."""

    def __init__(self, name, question, options, truth):
        if len(options) < 2:
            raise ValueError(f"options: at least two are expected, {shown(options)} given")
        self.options = dict(options)
        wide = ipywidgets.Layout(width="auto")
        control = ipywidgets.RadioButtons(options=list(options), value=None, layout=wide)
        super().__init__(name, question, truth, control)

    def _asked(self):
        return "\n".join([self.question, *(f"( ) {each}" for each in self.options)])

    @property
    def choice(self) -> str | None:
        """The option chosen now, None if none is."""
        return self._control.value

    def choose(self, choice: str):
        """Choose an option; ValueError for one that is not offered, or once the choice is locked."""
        super().choose(option("choice", choice, self.options))

    def said(self, choice, truth):
        """The words that belong to the option."""
        if choice is None:
            return f"The truth: {truth}. {self.options[truth]}"
        if choice == truth:
            return f"Right: {truth}. {self.options[truth]}"
        return f"You chose {choice}: {self.options[choice]} The truth: {truth}."

    def _checked(self, truth):
        return option("truth", truth, self.options)


class Estimate(Prediction):
    """Give a number: right within a factor."""

    def __init__(self, name, question, quantity: Quantity, truth, control=None):
        self.quantity = quantity
        text = {"placeholder": "a number", "description": quantity.unit or "number"}
        super().__init__(name, question, truth, control or ipywidgets.Text(**text))

    @property
    def choice(self) -> float | None:
        """The number given now, None if there is none."""
        try:
            given = float(self._control.value)
        except ValueError:
            return None
        return given if math.isfinite(given) else None

    def choose(self, choice: float):
        """Give a number; ValueError or TypeError for anything else, or once the answer is locked."""
        super().choose(str(number("choice", choice)))

    def _checked(self, truth):
        return number("truth", truth)

    def _told(self, choice):
        return f"{choice:.3g} {self.quantity.unit}".strip().replace(" °", "°")

    def is_right(self, choice, truth):
        """Whether the number is near enough."""
        return self.quantity.near(choice, truth)

    def said(self, choice, truth):
        """The truth, and why a number may be too small or too large."""
        right = f"The truth: {self._told(truth)}."
        if choice is None:
            return right
        if self.is_right(choice, truth):
            return f"Right, near enough. {right} {self.quantity.right}"
        why = self.quantity.small if self.quantity.below(choice, truth) else self.quantity.large
        return f"You said {self._told(choice)}: {why} {right}"


class Direction(Estimate):
    """Draw an arrow: right within so many degrees."""

    def __init__(self, name, question, quantity: Quantity, truth, dial: Dial):
        super().__init__(name, question, quantity, truth, dial)

    @property
    def choice(self) -> float | None:
        """The direction drawn, None if there is none."""
        return self._control.degrees

    def choose(self, choice: float):
        """Draw the arrow in a direction; ValueError or TypeError for no number, or once it is locked."""
        if self.locked:
            raise ValueError(f"choice: no other choice once locked is expected, {shown(choice)} given")
        self._control.degrees = number("choice", choice)

    def reveal(self):
        """Show the truth, as words and as an arrow."""
        super().reveal()
        truth = self.right_choice()
        if truth is not None:
            self._control.show(truth)
