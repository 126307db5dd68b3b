"""The environment changes a setting of the whole process: numpy's error handling, the working directory, a handler.

Why: code that has nothing to do with it starts to raise, no longer finds its files, or falls silent.

Fails:

    class Env(Lamp):
        def __init__(self, render_mode=None):
            super().__init__(render_mode)
            np.seterr(all="raise")

Passes:

    class Env(Lamp):
        def step(self, action):
            with np.errstate(all="raise"):
                return super().step(action)

Limits: an error for numpy.seterr, the working directory, an alarm and the streams, else a warning. What may change when
a library is loaded, such as os.environ, counts only where it changes with each instance; what a module changes when it
is imported is seen for numpy.seterr and the working directory alone.
Source: NumPy, numpy.errstate; https://docs.python.org/3/library/sys.html
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from envkit.check.judging.pairs import make_text, playing
from envkit.check.model import Finding, Rule, Severity
from envkit.check.probes.rollouts import Rollouts, Watched
from envkit.check.probes.surroundings import Surroundings
from envkit.check.process.settings import SETTINGS
from envkit.core.case import case_of
from envkit.core.show import show

DOES = {"made": "the constructor", "reset": "reset", "stepped": "an episode", "closed": "close"}
FIXES = {
    "numpy.seterr": "use `with np.errstate(...):` around the lines that need it",
    "numpy's print options": "use `with np.printoptions(...):` around the lines that print",
    "the working directory": "use absolute paths; never os.chdir",
    "os.environ": "leave it to whoever starts the program; give a subprocess its own: subprocess.run(..., env={...})",
    "sys.path": "make it a package that can be installed, and import it by its name",
    "the recursion limit": "use a loop in place of the recursion",
    "the signal handlers": "leave signals to the program; close is where to clean up",
    "sys.excepthook": "leave it to the program",
    "sys.stdout": "use `with contextlib.redirect_stdout(...):`",
    "sys.stderr": "use `with contextlib.redirect_stderr(...):`",
    "the warning filters": "use `with warnings.catch_warnings():` around the lines that need it",
    "the level of the root logger": "use logging.getLogger(__name__)",
    "the handlers of the root logger": "use logging.getLogger(__name__), and leave its handlers to the program",
    "the locale": "format numbers and dates without it",
    "the alarm clock": "leave SIGALRM to the program: it ends the process; look at time.monotonic() instead",
    "garbage collection": "leave it on",
    "the umask": "give the mode where the file is made: os.open(path, flags, mode)",
    "the thread switch interval": "leave it to the program",
    "decimal's precision": "use `with decimal.localcontext(prec=...):`",
    "the timeout of new sockets": "set it for one socket: socket.settimeout(...)",
}
ERRORS = ("numpy.seterr", "the working directory", "the alarm clock", "sys.stdout", "sys.stderr")
CERTAIN = ("numpy.seterr", "the working directory", "the alarm clock")  # no library changes them when it is loaded


@dataclass(frozen=True)
class Change:
    """At which point a setting was first another one, and both of its values."""

    point: str
    before: Any
    after: Any


def check(surroundings: Surroundings, rollouts: Rollouts) -> Iterator[Finding]:
    for what in SETTINGS:
        found = _in_episodes(what, (*rollouts.watched, *rollouts.rendered)) or _in_lives(what, surroundings)
        if found:
            yield found


def change(seen: Mapping[str, Mapping[str, Any]], what: str) -> Change | None:
    for before, point in pairwise(seen):
        if seen[before][what] != seen[point][what]:
            return Change(point, seen[before][what], seen[point][what])
    return None


def _in_episodes(what: str, watched: tuple[Watched, ...]) -> Finding | None:
    changed = [(trace, found) for trace, seen in watched if (found := change(seen, what))]
    if not changed or (len(changed) == 1 < len(watched) and what not in CERTAIN):
        return None
    trace, found = min(changed, key=lambda pair: len(pair[0].calls))
    case = case_of(trace.calls)
    lines = playing(case.episodes) if case and found.point in ("reset", "stepped", "closed") else []
    lines += ["env.close()"] if found.point == "closed" else []
    if "render_mode" in trace.calls[0].arguments and lines:
        lines.append("env.render()")
    at = trace.place(len(trace.calls) - 1) if found.point == "stepped" else DOES[found.point]
    return _finding(what, found, at, _program(what, f"env = {make_text(trace.calls[0])}", lines), case)


def _in_lives(what: str, surroundings: Surroundings) -> Finding | None:
    changes = [found for seen in surroundings.lives if (found := change(seen, what))]
    needed = 1 if what in CERTAIN else len(surroundings.lives)
    make = surroundings.make.rpartition("\n")[2]
    if changes and len(changes) >= needed:
        lines = ["env.reset(seed=21)", "env.step(env.action_space.sample())"] if changes[0].point != "made" else []
        return _finding(what, changes[0], DOES[changes[0].point], _program(what, make, lines), None)
    before, now = (reading.get(what) for reading in surroundings.once)
    if what in CERTAIN and before != now:
        return _finding(what, Change("imported", before, now), "importing it", _program(what, make, []), None)
    return None


def _finding(what: str, found: Change, at: str, program: str, case: Any) -> Finding:
    return Finding(
        message=f"{DOES.get(found.point, 'importing the environment')} changes {what}: {_difference(what, found)}",
        fix=FIXES[what],
        at=at,
        program=program,
        severity=Severity.ERROR if what in ERRORS else Severity.WARNING,
        kind=what,
        case=case if found.point != "made" else None,
    )


def _difference(what: str, found: Change) -> str:
    """What is another one now; of large settings only that part."""
    if what == "the working directory":
        return f"afterwards it is {found.after}"  # before it was the checker's own
    before, after = found.before, found.after
    if isinstance(before, dict) and isinstance(after, dict):
        names = [name for name in (*before, *after) if before.get(name) != after.get(name)]
        name = names[0]
        was = show(before[name], most=40) if name in before else "not set"
        now = show(after[name], most=40) if name in after else "not set"
        return f"{getattr(name, 'name', name)} was {was} and is {now}"
    if isinstance(before, list) and isinstance(after, list):
        added = [entry for entry in after if after.count(entry) > before.count(entry)]
        gone = [entry for entry in before if before.count(entry) > after.count(entry)]
        said = f"it has got {show(added[0], most=80)}" if added else "entries stand in another order"
        return f"it has lost {show(gone[0], most=80)}" if gone and not added else said
    return f"it was {show(before, most=60)} and is {show(after, most=60)}"


def _program(what: str, make: str, lines: list[str]) -> str:
    shows = SETTINGS[what].shows
    modules = ("decimal", "gc", "locale", "logging", "os", "signal", "socket", "sys", "warnings")
    needed = [f"import {name}" for name in modules if f"{name}." in shows]
    needed += ["", "import envkit"] if needed else ["import envkit"]
    return "\n".join([*needed, "", f"before = {shows}", make, *lines, f"print(before, {shows}, sep='\\n')"])


RULE = Rule("EK805", "process-changed", Severity.ERROR, check)
