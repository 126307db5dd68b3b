"""The game on a terminal: the environment's own text, or its observation where it has none, and the panel below.

On a terminal keys are read one by one. Where standard input is none, it is read line by line: the name of a key, of an
action, or several with spaces between, so that a game can be written down in a file and played from there.
"""

import sys
from collections.abc import Callable
from typing import TextIO

from envkit.workflows.playing.controls import COMMANDS, Controls
from envkit.workflows.playing.keyboard import Keys, lines, single_keys
from envkit.workflows.playing.panel import Panel, panel
from envkit.workflows.screen import view

CLEAR = "\x1b[2J\x1b[H"
WORDS = {
    "pause": "p",
    "step": ".",
    "undo": "u",
    "new": "r",
    "help": "h",
    "end": "escape",
    "quit": "escape",
    "esc": "escape",
}
GAP = 3  # spaces between columns


def play_on_terminal(controls: Controls, write: Callable[[str], object], stream: TextIO | None = None) -> None:
    """Plays until somebody ends it, or there are no more lines.

    Args:
      write: takes texts, and ends each with a line end.
      stream: by default standard input.

    Raises:
      EnvironmentFailed: when the environment or the policy fails.
    """
    stream = stream or sys.stdin
    if stream.isatty():
        with single_keys(stream) as keys:
            _by_keys(controls, write, keys)
    else:
        _by_lines(controls, write, stream)


def _by_keys(controls: Controls, write: Callable[[str], object], keys: Keys) -> None:
    while not controls.quit:
        write(f"{CLEAR}{scene(controls)}\n\n{_told(panel(controls), legend=True)}")
        key = keys.read(controls.pause if controls.ticking else None)
        if key is None:
            return
        if key:
            controls.press(key)
            controls.release(key)
        else:
            controls.tick()


def _by_lines(controls: Controls, write: Callable[[str], object], stream: TextIO) -> None:
    """Each line is answered with what there is to see; the keys are told once, at the beginning."""
    write(f"{scene(controls)}\n{_told(panel(controls), legend=True)}")
    _let_policy_play(controls, write)
    for line in lines(stream):
        words = [line] if controls.keys.named(line) else line.split()
        for word in words:
            _word(controls, word)
        if controls.quit:
            return
        if words:
            write(f"{scene(controls)}\n{_told(panel(controls), legend=controls.help)}")
            controls.help = False
        _let_policy_play(controls, write)


def _let_policy_play(controls: Controls, write: Callable[[str], object]) -> None:
    """Up to the end of its episode: lines do not come in while it plays."""
    while controls.policy_plays and controls.ticking and not controls.session.now.ended:
        controls.tick()
        write(f"{scene(controls)}\n{_told(panel(controls), legend=False)}")


def _word(controls: Controls, word: str) -> None:
    keys = controls.keys
    key = WORDS.get(word.lower(), word.lower())
    named = keys.named(word)
    known = key in COMMANDS or key in ("enter", "backspace") or keys.pressed(key)
    if known:
        controls.press(key)
        controls.release(key)
    elif named:
        controls.choose(named)
    else:
        controls.note = f"{word!r} is no key here"


def scene(controls: Controls) -> str:
    """What there is to see: the environment's text, or its observation on a line."""
    return view(controls.session.scribe, controls.session.now.observation).rstrip("\n")


def _told(told: Panel, *, legend: bool) -> str:
    """The panel as lines; `legend` says whether the keys are among them."""
    facts = "   ".join(f"{name} {value}" for name, value in told.facts if value)
    parts = [facts, *filter(None, (told.state, told.note))]
    if legend:
        rows = [*told.keys, *told.controls]
        width = max(len(keys) for keys, _ in rows) + GAP
        parts += ["", *(f"{keys:<{width}}{text}" for keys, text in rows)]
    return "\n".join(parts)
