"""Exercises and predictions: the right answer passes, every known mistake meets its own sentence."""

import re

import numpy as np
import pytest

from gdlab.answers import Choice, Estimate, Predictions, check, hint
from gdlab.exercises import EXERCISES, QUESTIONS
from gdlab.grading import Code, Number, Quantity
from gdlab.landscapes import Quadratic

NUMBERS = [name for name, exercise in EXERCISES.items() if isinstance(exercise, Number)]
CODES = [name for name, exercise in EXERCISES.items() if isinstance(exercise, Code)]
every_exercise = pytest.mark.parametrize("name", EXERCISES)


def mistakes(exercise):
    known = exercise.mistakes
    return list(known.items() if isinstance(known, dict) else known)


MISTAKES = [
    pytest.param(name, wrong, message, id=f"{name}-{i}")
    for name, exercise in EXERCISES.items()
    for i, (wrong, message) in enumerate(mistakes(exercise), start=1)
]


def said(capsys, name, answer):
    """The one line that `check` prints, without the exercise's name."""
    assert check(name, answer) is None
    line = capsys.readouterr().out
    assert line.startswith(f"{name}: ") and line.count("\n") == 1
    return line.removeprefix(f"{name}: ").removesuffix("\n")


# --- every exercise ----------------------------------------------------------------------------------


def test_there_are_numbers_and_code():
    assert len(NUMBERS) >= 3 and len(CODES) >= 3
    assert len(NUMBERS) + len(CODES) == len(EXERCISES)


@every_exercise
def test_the_right_answer_passes(name, capsys):
    exercise = EXERCISES[name]
    assert said(capsys, name, exercise.answer) == f"right. {exercise.praise}"


@pytest.mark.parametrize(("name", "wrong", "message"), MISTAKES)
def test_a_known_mistake_gets_its_own_sentence(name, wrong, message, capsys):
    assert said(capsys, name, wrong) == f"not yet. {message}"


@every_exercise
def test_three_mistakes_and_two_hints_at_least(name):
    exercise = EXERCISES[name]
    messages = [message for _, message in mistakes(exercise)]
    assert len(messages) == len(set(messages)) >= 3
    assert len(exercise.hints) == len(set(exercise.hints)) >= 2


@every_exercise
def test_sentences_end_with_a_full_stop(name):
    exercise = EXERCISES[name]
    for text in [exercise.praise, *(message for _, message in mistakes(exercise)), *exercise.hints]:
        assert text and text == text.strip() and "  " not in text
        # A hint may be a bare formula; whatever begins like a sentence must end like one.
        sentence = text not in exercise.hints or (
            text[0].isupper() and len(re.findall(r"\b[A-Za-z]{2,}\b", text)) >= 4
        )
        assert not sentence or text.rstrip(")")[-1] in ".?", text


@every_exercise
def test_nothing_is_not_answered_yet(name, capsys):
    assert said(capsys, name, None) == "not answered yet"


@pytest.mark.parametrize("name", CODES)
def test_a_stub_is_not_answered_yet(name, capsys):
    assert said(capsys, name, lambda *arguments: None) == "not answered yet"


@pytest.mark.parametrize("name", CODES)
def test_an_answer_does_not_depend_on_the_kind_of_sequence(name, capsys):
    exercise = EXERCISES[name]
    as_list = lambda *case: np.asarray(exercise.answer(*case)).tolist()  # noqa: E731
    assert said(capsys, name, as_list).startswith("right. ")


@pytest.mark.parametrize("name", CODES)
def test_checking_changes_no_case(name, capsys):
    exercise = EXERCISES[name]
    before = repr(exercise.cases)

    def spoil(*case):
        for part in case:
            if isinstance(part, np.ndarray):
                part[:] = 99
        return exercise.answer(*case)

    line = said(capsys, name, spoil)
    assert repr(exercise.cases) == before
    if "array" in before:
        assert line.startswith("not yet. It changes its arguments; return a new value")


# --- code --------------------------------------------------------------------------------------------


def vectors(*rows):
    return [np.array(row, dtype=float) for row in rows]


PLUS = Code(
    answer=lambda a, b: a + b,
    cases=[vectors([1, 2], [0, 4]), vectors([3, -1], [1, 1])],
    hints=["Add.", "a + b"],
    praise="Sum.",
    mistakes=[(lambda a, b: a * b, "That is the product.")],
)
GAP = Code(answer=lambda x: np.array([0.0, x]), cases=[(1.0,), (2.0,)], hints=[], praise="")


def no_answer(*arguments):
    raise RuntimeError("too hard")


@pytest.mark.parametrize(
    ("answer", "fault"),
    [
        (lambda a, b: b + a, None),
        (lambda a, b: a + b + 1e-12, None),
        (lambda a, b: a * b, "That is the product."),
        (no_answer, "It stops with RuntimeError: too hard."),
        (lambda a: a, "It stops with TypeError: .*1 positional argument.*"),
        (lambda a, b: "ab", "For .* it returns 'ab'; numbers are expected."),
        (lambda a, b: "1.5", "For .* it returns '1.5'; numbers are expected."),
        (lambda a, b: ["1", "6"], "For .* it returns .*; numbers are expected."),
        (lambda a, b: a + b + 0j, "For .* it returns .*; numbers are expected."),
        (lambda a, b: a > b, "For .* it returns .*; numbers are expected."),
        (lambda a, b: [[1], [2, 3]], "For .* it returns .*; numbers are expected."),
        (lambda a, b: (x for x in a), "For .* it returns .*; numbers are expected."),
        (lambda a, b: print, "For .* it returns .*; numbers are expected."),
        (lambda a, b: a + b if a[0] == 1 else None, r"For \[ ?3.*it returns None; numbers .*"),
        (lambda a, b: None if a[0] == 1 else a + b, r"For \[ ?1.*it returns None; numbers .*"),
        (lambda a, b: (a + b).sum(), r"It returns shape \(\); shape \(2,\) is expected."),
        (lambda a, b: (a + b)[:, None], r"It returns shape \(2, 1\); shape \(2,\) is expected."),
        (lambda a, b: np.add(a, b, out=a), "It changes its arguments; .*"),
        (lambda a, b: a.sort(), "It changes its arguments; .*"),  # [3, -1], though it returns None
        (lambda a, b: -a - b, "The size is right, the sign is turned round."),
        (lambda a, b: 3 * (a + b), r"It is 3 times the right answer, always: which factor is that\?"),
        (lambda a, b: 1.00002 * (a + b), "Nearly: all of it is off by the same small share.*"),
        (lambda a, b: (a + b) / -4, "It is -0.25 times the right answer, always: .*"),
        (lambda a, b: (a + b) * a, r"For \[ ?1\., +2\. ?\], \[ ?0\., +4\. ?\] it gives \[ ?1\., .*"),
        (lambda a, b: (a + b) * (a[0] == 1), r"For \[ ?3\.,.* it gives .*; \[4\., 0\. ?\] is expected."),
        (lambda a, b: 0 * a, r"For \[ ?1\.,.* it gives \[0\., 0\.\]; .*"),
        (lambda a, b: a * np.nan, r"For \[ ?1\.,.* it gives \[nan, nan\]; .*"),
        (lambda a, b: a / 0, r"For \[ ?1\.,.* it gives \[inf, inf\]; .*"),
        (3, "A function is expected, 3 given."),
        ("a + b", "A function is expected, 'a [+] b' given."),
    ],
)
def test_what_is_said_of_a_function(answer, fault):
    found = PLUS.fault(answer)
    assert found is None if fault is None else re.fullmatch(fault, found), found


def test_a_factor_is_claimed_only_where_it_holds_everywhere():
    """[1, 2x] is not twice [0, x]."""
    assert GAP.fault(lambda x: np.array([0.0, 2 * x])).startswith("It is 2 times")
    assert GAP.fault(lambda x: np.array([1.0, 2 * x])).startswith("For 1 it gives [1., 2.]")
    assert GAP.fault(lambda x: np.array([0.0, x**2 + x])).startswith("For 1 it gives [0., 2.]")


def test_a_known_mistake_is_named_before_a_general_one():
    minus = Code(
        answer=lambda x: x, cases=[(1.0,)], hints=[], praise="", mistakes=[(lambda x: -x, "Not minus.")]
    )
    assert minus.fault(lambda x: -x) == "Not minus."


# --- numbers -----------------------------------------------------------------------------------------

QUARTER = Number(0.25, hints=[], praise="", mistakes={0.5: "That is the half.", -0.25: "Not below."})


@pytest.mark.parametrize(
    ("answer", "fault"),
    [
        (0.25, None),
        (np.float32(0.25), None),
        (0.25 * 1.004, None),
        (0.25 * 1.006, "Nearly. Give one digit more."),
        (0.25 * 0.981, "Nearly. Give one digit more."),
        (0.25 * 1.021, "0.2552 is too large."),
        (0.25 * 0.979, "0.2447 is too small."),
        (0.5, "That is the half."),
        (-0.25, "Not below."),
        (1, "1 is too large."),
        (-3, "-3 is too small."),
        (float("nan"), "A finite number is expected, nan given."),
        (float("inf"), "A finite number is expected, inf given."),
        ("0.25", "A finite number is expected, '0.25' given."),
        ("a quarter", "A finite number is expected, 'a quarter' given."),
        (0.25 + 0j, r"A finite number is expected, (0.25+0j) given."),
        (True, "A finite number is expected, True given."),
        ([0.25], "A finite number is expected, [0.25] given."),
        (np.array([0.25, 1]), "A finite number is expected, an array of float64, shape (2,) given."),
        ({}, "A finite number is expected, {} given."),
    ],
    ids=repr,
)
def test_what_is_said_of_a_number(answer, fault):
    assert QUARTER.fault(answer) == fault


def test_the_sign_of_a_number():
    assert Number(2.0, hints=[], praise="").fault(-2.0) == "The size is right, the sign is not."


def test_an_own_tolerance():
    strict = Number(100.0, hints=[], praise="", tolerance=1e-6)
    assert strict.fault(100.00005) is None and strict.fault(100.001) is not None


# --- names and hints -----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["rate-z", "", None, 3, ["rate-a"]], ids=repr)
def test_an_unknown_name_is_refused_with_those_there_are(name):
    for use in (lambda: check(name, 1), lambda: hint(name, 1), lambda: Predictions().ask(name, "yes")):
        with pytest.raises(ValueError, match=r"^name: one of .*rate-.* is expected, .* given$"):
            use()


@every_exercise
def test_hints_are_printed_in_order(name, capsys):
    hints = EXERCISES[name].hints
    for step, text in enumerate(hints, start=1):
        assert hint(name, step) is None
        assert capsys.readouterr().out == f"{name}, hint {step} of {len(hints)}: {text}\n"


@pytest.mark.parametrize("step", [0, -1, 4, 1.0, "1", None, True, [1]], ids=repr)
def test_a_hint_that_is_not_there(step):
    with pytest.raises((ValueError, TypeError), match=r"^step: a whole number.* is expected, .* given$"):
        hint("rate-a", step)


# --- predictions --------------------------------------------------------------------------------------


def prediction(truth="up & on"):
    options = {"up & on": "It <i>rises</i>.", "down": "It falls.", "1 < 2": "That is another matter."}
    return Choice("way", "Which way, if a < b?", options, truth)


def parts(asked):
    """What a reader sees and touches: question, choices, the two buttons, what is said."""
    question, choices, buttons, told = asked.children
    return question, choices, *buttons.children, told


def text(told):
    """The text of what is said; there must be no markup in it but the one that announces it."""
    found = re.fullmatch(r'<div role="status">([^<>]*)</div>', told.value)
    return found[1].replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def test_unanswered_is_a_state_like_any_other():
    asked = prediction()
    question, choices, lock, show, told = parts(asked)
    assert (asked.choice, asked.locked, told.value) == (None, False, "")
    assert lock.disabled and not show.disabled and not choices.disabled
    assert choices.options == ("up & on", "down", "1 < 2")
    assert "if a &lt; b?" in question.value
    asked.lock()
    assert not asked.locked and told.value == ""
    asked.reveal()
    assert text(told) == "The truth: up & on. It <i>rises</i>."


def test_choose_lock_reveal_with_the_buttons():
    asked = prediction()
    _, choices, lock, show, told = parts(asked)
    choices.index = 1
    assert asked.choice == "down" and not lock.disabled and not asked.locked
    lock.click()
    assert asked.locked and lock.disabled and choices.disabled
    assert text(told) == "Locked: down. Run on, then show the truth."
    show.click()
    assert text(told) == "You chose down: It falls. The truth: up & on."


def test_a_right_choice():
    asked = prediction()
    asked.choose("up & on")
    asked.lock()
    asked.reveal()
    assert text(parts(asked)[-1]) == "Right: up & on. It <i>rises</i>."


def test_a_choice_may_change_until_it_is_locked():
    asked = prediction()
    asked.choose("down")
    asked.choose("1 < 2")
    asked.lock()
    with pytest.raises(ValueError, match=r"^choice: no other choice once locked is expected"):
        asked.choose("down")
    assert asked.choice == "1 < 2"
    asked.reveal()
    assert text(parts(asked)[-1]) == "You chose 1 < 2: That is another matter. The truth: up & on."


def test_what_is_not_offered_is_refused():
    asked = prediction()
    with pytest.raises(ValueError, match=r"^choice: one of .*down.* is expected, 'sideways' given"):
        asked.choose("sideways")
    assert asked.choice is None


def test_the_truth_is_asked_for_late():
    calls = []
    asked = prediction(lambda: calls.append(1) or "down")
    asked.choose("down")
    asked.lock()
    assert calls == []
    asked.reveal()
    assert calls and text(parts(asked)[-1]) == "Right: down. It falls."


def test_a_truth_that_cannot_be_computed_yet():
    asked = prediction(lambda: not_there_yet)  # noqa: F821
    asked.choose("down")
    asked.lock()
    asked.reveal()
    assert text(parts(asked)[-1]) == "Run the cells below first: they work the truth out."


@pytest.mark.parametrize("truth", ["sideways", lambda: "sideways", lambda: None, 3])
def test_a_truth_that_is_not_offered_is_refused(truth):
    with pytest.raises(ValueError, match=r"^truth: one of .*down.* is expected, .* given"):
        prediction(truth).reveal()


@pytest.mark.parametrize("before", [True, False])
def test_what_is_locked_after_the_truth_was_shown_does_not_count(monkeypatch, before):
    monkeypatch.setitem(QUESTIONS, "way", ("Which way?", {"down": "Yes.", "up": "No."}))
    page = Predictions()
    asked = page.ask("way", truth="down")
    if before:
        asked.choose("down")
    asked.reveal()
    asked.choose("up")
    asked.choose("down")
    lock = asked.children[2].children[0]
    assert lock.disabled
    asked.lock()
    assert not asked.locked and page.score() == "0 of 1 predictions locked, 0 right"


def test_one_option_is_no_question():
    with pytest.raises(ValueError, match=r"^options: at least two"):
        Choice("way", "Which way?", {"up": "Yes."}, "up")


def test_the_line_in_the_notebook():
    """The question and what can be chosen stand in a saved page too."""
    asked = prediction()
    question = "\n".join([asked.question, *(f"( ) {each}" for each in asked.options)])
    assert asked._repr_mimebundle_()[0]["text/plain"] == f"Prediction way, not locked. {question}"
    asked.choose("down")
    assert asked._repr_mimebundle_()[0]["text/plain"] == f"Prediction way, not locked. {question}"
    asked.lock()
    data, _ = asked._repr_mimebundle_()
    assert data["text/plain"] == f"Prediction way, locked, down. {question}"
    assert data["application/vnd.jupyter.widget-view+json"]["model_id"] == asked.model_id


def test_the_score_counts_what_is_locked_and_what_is_right():
    asked = Predictions()
    assert asked.score() == "0 of 0 predictions locked, 0 right"
    names = CHOICES[:4]
    for i, name in enumerate(names):
        first, second = list(QUESTIONS[name][1])[:2]
        question = asked.ask(name, first if i < 2 else lambda: not_there_yet)  # noqa: F821
        question.choose(second if i == 1 else first)
        if i != 3:
            question.lock()
        expected = [(1, 1, 1), (2, 2, 1), (3, 3, 1), (3, 4, 1)][i]
        assert asked.score() == "{} of {} predictions locked, {} right".format(*expected)
    asked.ask(names[0], "whatever")  # asking again starts anew
    assert asked.score() == "2 of 4 predictions locked, 0 right"
    assert Predictions().score() == "0 of 0 predictions locked, 0 right"


CHOICES = [name for name, (_, answers) in QUESTIONS.items() if isinstance(answers, dict)]


@pytest.mark.parametrize("name", sorted(set(QUESTIONS) - set(CHOICES)))
def test_every_quantity_can_be_asked(name):
    question, asked = QUESTIONS[name]
    assert question[-1] == "?"
    for words in (asked.small, asked.large, asked.right):
        assert words[0].isupper() and words[-1] == "."


@pytest.mark.parametrize("name", CHOICES)
def test_every_question_can_be_asked(name):
    question, options = QUESTIONS[name]
    assert question[-1] == "?" and len(options) >= 2
    for choice, comment in options.items():
        assert choice and choice == choice.strip() and comment[-1] == "."
        assert not comment[0].islower()
        asked = Predictions().ask(name, choice)
        asked.choose(choice)
        asked.lock()
        asked.reveal()
        assert text(parts(asked)[-1]).replace("&#x27;", "'").replace("&quot;", '"') == (
            f"Right: {choice}. {comment}"
        )


# --- numbers and directions ----------------------------------------------------------------------


def quantity(**settings):
    return Quantity(small="More.", large="Less.", right="So it is.", **settings)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (10, "Right, near enough. The truth: 10 steps. So it is."),
        (5.0, "Right, near enough. The truth: 10 steps. So it is."),
        (4.9, "You said 4.9 steps: More. The truth: 10 steps."),
        (21, "You said 21 steps: Less. The truth: 10 steps."),
        (-10, "You said -10 steps: More. The truth: 10 steps."),
    ],
)
def test_an_estimate_is_right_within_its_factor(given, said):
    asked = Estimate("many", "How many?", quantity(unit="steps"), lambda: 10.0)
    asked.choose(given)
    asked.reveal()
    assert f">{said}<" in asked.children[-1].value


@pytest.mark.parametrize(
    ("given", "near", "below"),
    [(350, True, True), (12, True, False), (-20, False, True), (200, False, True)],
)
def test_a_direction_goes_round(given, near, below):
    way = quantity(unit="°", degrees=15)
    assert way.near(given, 0.0) is near and way.below(given, 0.0) is below


def test_an_estimate_can_be_left_open_and_cannot_change_once_locked():
    asked = Estimate("many", "How many?", quantity(), lambda: 10.0)
    assert asked.choice is None and not asked.locked
    asked.lock()
    assert not asked.locked
    asked.reveal()
    assert "The truth: 10." in asked.children[-1].value
    for bad in ("ten", None, float("nan")):
        with pytest.raises((ValueError, TypeError), match="choice"):
            asked.choose(bad)
    asked = Estimate("many", "How many?", quantity(), 10)
    asked.choose(12)
    asked.lock()
    assert asked.locked
    assert asked._repr_mimebundle_()[0]["text/plain"] == "Prediction many, locked, 12. How many?"
    with pytest.raises(ValueError, match="choice"):
        asked.choose(10)


def test_only_a_number_that_was_typed_can_be_locked():
    asked = Estimate("many", "How many?", quantity(), 10)
    _, control, lock, _, _ = parts(asked)
    for typed, choice in (
        ("", None),
        ("ten", None),
        ("nan", None),
        ("1e1", 10.0),
        ("-3", -3.0),
        ("x", None),
    ):
        control.value = typed
        assert asked.choice == choice and lock.disabled == (choice is None)


@pytest.mark.parametrize("truth", ["ten", float("nan"), True, lambda: float("inf")])
def test_a_truth_that_is_no_number_is_refused(truth):
    with pytest.raises((ValueError, TypeError), match=r"^truth: "):
        Estimate("many", "How many?", quantity(), truth).reveal()


def test_estimates_count_in_the_score(monkeypatch):
    monkeypatch.setitem(QUESTIONS, "many", ("How many?", quantity()))
    page = Predictions()
    page.ask("many", lambda: later).choose(9)  # noqa: F821
    page._asked["many"].lock()
    assert page.score() == "1 of 1 predictions locked, 0 right"
    page._asked["many"]._truth = 10.0
    assert page.score() == "1 of 1 predictions locked, 1 right"


def test_a_case_may_hold_nan():
    def smallest(values):
        return np.nanmin(values)

    exercise = Code(smallest, [(np.array([3.0, np.nan]),)], hints=[], praise="")
    assert exercise.fault(smallest) is None
    assert "changes its arguments" in exercise.fault(lambda values: values.fill(0) or 3.0)


# --- the edges of what is right ------------------------------------------------------------------


def test_a_tolerance_includes_its_end():
    assert Number(100.0, hints=[], praise="", tolerance=0.01).fault(101.0) is None


def test_numbers_agree_to_six_digits_and_near_zero_to_nine():
    assert PLUS.fault(lambda a, b: (a + b) * [1, 1 + 5e-6]).startswith("For ")
    assert PLUS.fault(lambda a, b: a + b + [0, 5e-9]).startswith("For ")


def test_a_factor_of_one_and_of_nothing():
    same, nothing = (Code(lambda x, by=by: by * x, [(1.0,)], [], "") for by in (1, 0))
    assert same.fault(lambda x: 3 * x).startswith("It is 3 times")
    assert nothing.fault(lambda x: x) == "For 1 it gives 1; 0 is expected."


def test_a_mistake_may_divide_by_zero():
    mistakes = [(lambda x: x / np.zeros(1), "Not by 0.")]
    exercise = Code(lambda x: x, [(np.ones(1),)], [], "", mistakes)
    assert exercise.fault(lambda x: x + 1).startswith("It is 2 times")


def test_a_case_is_shown_in_four_digits_and_cut_when_long():
    exercise = Code(lambda values, one, call: one, [(np.arange(7) / 3, 2, len)], [], "")
    assert exercise.fault(lambda values, one, call: 0) == (
        "For [0.    , 0.3333, ..., 1.6667, 2.    ], 2, <built-in function len> "
        "it gives 0; 2 is expected."
    )
    table = Code(lambda values: 1, [(np.ones((3, 4)),)], [], "")
    assert table.fault(lambda values: 0).startswith("For an array of float64, shape (3, 4) it gives 0")
    short = Code(lambda values: values[0], [(np.array([1, 2, 3, 4, 5, 6]),)], [], "")
    assert short.fault(lambda values: 0).startswith("For [1., 2., 3., 4., 5., 6.] it gives")


@pytest.mark.parametrize(
    ("given", "truth", "near"),
    [
        (20, 10, True),
        (5, 10, True),
        (0.5, 0.6, True),
        (-20, -10, True),
        (20.1, 10, False),
        (4.9, 10, False),
        (0, 10, False),
        (10, -10, False),
        (1, 0, False),
        (0, 0, False),
    ],
)
def test_a_factor_counts_both_ways_and_includes_its_ends(given, truth, near):
    assert quantity().near(given, truth) is near


def test_too_small_is_less_and_no_turn_where_no_direction_is_asked():
    assert [quantity().below(given, 10) for given in (9, 10, 11, 200)] == [True, False, False, False]


@pytest.mark.parametrize(
    ("given", "truth", "turn"),
    [(350, 10, -20), (10, 350, 20), (10, 10, 0), (10.5, 10, 0.5), (190, 10, -180), (730, -10, 20)],
)
def test_a_direction_is_off_by_the_shorter_turn(given, truth, turn):
    way = quantity(degrees=abs(turn))
    assert way.near(given, truth) and way.below(given, truth) == (turn < 0)
    assert turn == 0 or not quantity(degrees=abs(turn) - 0.01).near(given, truth)


# --- the words -----------------------------------------------------------------------------------


def test_a_refusal_is_said_in_full(monkeypatch):
    every = re.escape(", ".join(EXERCISES))
    with pytest.raises(ValueError, match=f"^name: one of {every} is expected, 'rate-z' given$"):
        hint("rate-z", 1)
    every = re.escape(", ".join(QUESTIONS))
    with pytest.raises(ValueError, match=f"^name: one of {every} is expected, 'rate-z' given$"):
        Predictions().ask("rate-z", "yes")
    monkeypatch.setitem(QUESTIONS, "way", ("Which way?", quantity(degrees=15)))
    for on in (None, (1, 2, 3)):
        words = f"on: (landscape, point) is expected for a direction, {on} given"
        with pytest.raises(TypeError, match=f"^{re.escape(words)}$"):
            Predictions().ask("way", 0.0, on)


def test_a_locked_choice_says_what_was_given():
    asked = prediction()
    asked.choose("down")
    asked.lock()
    with pytest.raises(
        ValueError, match=r"^choice: no other choice once locked is expected, 'down' given$"
    ):
        asked.choose("down")


def test_what_stands_on_the_controls():
    _, choices, lock, show, _ = parts(prediction())
    assert (lock.description, show.description) == ("Lock my prediction", "Show the truth")
    assert choices.layout.width == lock.layout.width == show.layout.width == "auto"
    for unit, label in (("steps", "steps"), ("", "number")):
        control = parts(Estimate("many", "How many?", quantity(unit=unit), 10))[1]
        assert (control.placeholder, control.description) == ("a number", label)


def test_degrees_stand_close_to_their_number():
    asked = Estimate("many", "How many?", quantity(unit="°"), 10)
    asked.choose(10)
    asked.reveal()
    assert text(parts(asked)[-1]) == "Right, near enough. The truth: 10°. So it is."


def test_a_direction_is_drawn_locked_and_shown(monkeypatch):
    monkeypatch.setitem(QUESTIONS, "way", ("Which way?", quantity(unit="°", degrees=15)))
    asked = Predictions().ask("way", lambda: 90.0, (Quadratic([1, 10]), [1.0, 1.0]))
    question, dial, _, _, told = parts(asked)
    assert asked.name == "way" and "Which way?" in question.value
    shown = []
    monkeypatch.setattr(type(dial), "show", lambda self, truth: shown.append(truth))
    with pytest.raises(TypeError, match=r"^choice: a real number is expected, 'up' given$"):
        asked.choose("up")
    asked.choose(80)
    assert asked.choice == 80
    asked.lock()
    asked.reveal()
    assert shown == [90.0] and text(told) == "Right, near enough. The truth: 90°. So it is."
    with pytest.raises(ValueError, match=r"^choice: no other choice once locked is expected, 70 given$"):
        asked.choose(70)


def test_a_direction_unknown_yet_is_not_shown(monkeypatch):
    monkeypatch.setitem(QUESTIONS, "way", ("Which way?", quantity(unit="°", degrees=15)))
    asked = Predictions().ask("way", lambda: later, (Quadratic([1, 10]), [1.0, 1.0]))  # noqa: F821
    asked.reveal()
    assert text(parts(asked)[-1]) == "Run the cells below first: they work the truth out."


def test_a_list_that_an_answer_changes_is_noticed_and_kept():
    """The cases are the course's own: an answer that appends to one must not change the next check."""
    before = repr(EXERCISES["batch-c"].cases)
    for _ in range(2):
        verdict = EXERCISES["batch-c"].fault(lambda x, y, w, rows: rows.append(0) or 1.0)
        assert verdict == "It changes its arguments; return a new value and leave them as they are."
    assert repr(EXERCISES["batch-c"].cases) == before
