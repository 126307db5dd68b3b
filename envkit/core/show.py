"""Values as a person would type them: no numpy wrappers, no float noise, never endless.

A foreign object's `repr` may raise, or be a gigabyte long; nothing here does either.
"""

import traceback
from pathlib import Path
from typing import Any

MOST_CHARACTERS = 160
KIT = str(Path(__file__).resolve().parents[1])  # the folder of the kit's own modules


def show(value: Any, *, most: int = MOST_CHARACTERS) -> str:
    """One line of at most `most` characters that names the value."""
    try:
        text = _text(value)[: 20 * most]
    except Exception as error:  # noqa: BLE001 - the repr of a foreign object may raise anything
        text = f"<{type(value).__name__} whose repr raises {type(error).__name__}>"
    text = " ".join(text.split())
    return text if len(text) <= most else text[: most - 1] + "…"


def _text(value: Any) -> str:
    import numpy as np

    if isinstance(value, np.ndarray):
        if value.size > 64:
            return f"array of shape {value.shape}, {value.dtype}"
        return f"array({_text(value.tolist())}, {value.dtype})"
    if isinstance(value, np.generic):
        return _text(value.item())
    if isinstance(value, bool):
        return repr(value)
    if isinstance(value, float):
        return number(value)
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_text(k)}: {_text(v)}" for k, v in value.items()) + "}"
    if type(value) is tuple:
        inner = ", ".join(_text(item) for item in value)
        return f"({inner},)" if len(value) == 1 else f"({inner})"
    if type(value) is list:
        return "[" + ", ".join(_text(item) for item in value) + "]"
    return repr(value)


def number(value: float) -> str:
    """The shortest text of at least four digits from which the same float comes back, if a short one exists."""
    for digits in (4, 6, 9):
        text = f"{value:.{digits}g}"
        if float(text) == value:
            return text
    return f"{value:.6g}"


def error_line(error: BaseException) -> str:
    """`ValueError: text`, on one line, even where the text cannot be made."""
    try:
        text = str(error)[:2000]
    except Exception:  # noqa: BLE001 - an exception's own __str__ may raise
        text = "<its text cannot be shown>"
    text = " ".join(text.split())
    if len(text) > 400:
        text = text[:399] + "…"
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def innermost_line(error: BaseException) -> str:
    """Where an exception comes from, `file.py:12 in step`; for a syntax error where the error is.

    That is the last line which is not the kit's own, for nobody is meant to mend the kit; empty if there is none.
    """
    if isinstance(error, SyntaxError) and error.filename:
        return f"{error.filename}:{error.lineno}"
    frames = [one for one in traceback.extract_tb(error.__traceback__) if not Path(one.filename).is_relative_to(KIT)]
    return f"{frames[-1].filename}:{frames[-1].lineno} in {frames[-1].name}" if frames else ""


def a(noun: str) -> str:
    """The noun with its article: `an int`, `a list`."""
    return f"{'an' if noun[:1].lower() in 'aeiou' or noun.startswith('nd') else 'a'} {noun}"


def count(number: int, noun: str) -> str:
    """`1 rule`, `2 rules`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
