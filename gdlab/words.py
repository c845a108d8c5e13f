"""Numbers in sentences and pictures."""

from __future__ import annotations

import re

RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def ten(power: int) -> str:
    """A power of ten: 10⁻⁵."""
    return "10" + str(power).translate(RAISED)


def typeset(text: str) -> str:
    """The same text with its numbers as one writes them: 5·10⁻⁵ for 5e-05, −2 for -2, 0.00 for -0.00."""
    text = re.sub(r"(?<=\d)e([+-]\d+)", lambda found: f"·{ten(int(found[1]))}", text)
    text = re.sub(r"(?<![\w.)])-(?=\d)", "−", text)
    return re.sub(r"−(?=0(?:\.0*)?(?!\.?\d|·))", "", text)


def counted(count: int, noun: str) -> str:
    """1 step, 2 steps."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def short(number: float, zero: float = 0.0) -> str:
    """Three digits or a whole number, with a true minus; what is not worth digits in words.

    `zero`: up to which size a number is 0 but for rounding.
    """
    size = abs(number)
    if not size < 1e6:
        return "huge"
    if size < 1e-4:
        return "0" if size <= zero else "nearly 0"
    return f"{'−' if number < 0 else ''}{f'{size:.3g}' if size < 999 else f'{size:.0f}'}"
