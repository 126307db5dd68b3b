"""Writing to standard output: in colour on a terminal, and never failing over a character it cannot show."""

import os
import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from rich.text import Text

NARROW = 60


def colourful() -> bool:
    """Whether standard output shows colours; NO_COLOR and FORCE_COLOR have their usual meaning."""
    if os.environ.get("NO_COLOR"):
        return False
    return bool(os.environ.get("FORCE_COLOR")) or (sys.stdout.isatty() and os.environ.get("TERM") != "dumb")


def terminal_width(most: int) -> int:
    """Columns to write in; on what is no terminal `most`."""
    import shutil

    return min(most, max(NARROW, shutil.get_terminal_size().columns)) if sys.stdout.isatty() else most


def tell(text: str) -> None:
    """A text and a line end."""
    click.echo(writable(text))


def writable(text: str) -> str:
    """The same with what the encoding of standard output lacks spelled out."""
    encoding = sys.stdout.encoding or "utf-8"
    return text.encode(encoding, "backslashreplace").decode(encoding)


def tell_pieces(pieces: Iterable[tuple[str, str]]) -> None:
    """Texts, each with a rich style, line ends included; none of it is read as markup."""
    if not colourful():
        tell("".join(text for text, _ in pieces).removesuffix("\n"))
        return
    from rich.console import Console
    from rich.text import Text

    whole = Text()
    for text, style in pieces:
        if style == "python":
            whole.append_text(_highlighted(writable(text)))
        else:
            whole.append(writable(text), style)
    Console(highlight=False, force_terminal=True, legacy_windows=False).print(whole, soft_wrap=True, end="")


def _highlighted(program: str) -> "Text":
    from rich.syntax import Syntax

    text = Syntax("", "python", theme="ansi_dark", background_color="default").highlight(program)
    text.rstrip()
    return text.append("\n")
