"""Random numbers come from a global generator: numpy.random or random.

Why: reset(seed=...) does not reach it, and everything else in the process draws from it too.

Fails:

    class Env(Lamp):
        def step(self, action):
            self.bell = np.random.random()
            return super().step(action)

Passes:

    class Env(Lamp):
        def step(self, action):
            self.bell = self.np_random.random()
            return super().step(action)

Limits: seen where the draw happens in one of the episodes that were played.
Source: NumPy, "Random sampling"; Gymnasium Env.np_random.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from envkit.check.judging.pairs import make_text, playing
from envkit.check.model import Finding, Rule, Severity
from envkit.check.probes.rollouts import Rollouts, Watched
from envkit.core.case import case_of

DOES = {"made": "the constructor", "reset": "reset", "stepped": "step", "closed": "close"}
STATE = {"numpy.random": "str(np.random.get_state())", "random": "hash(random.getstate())"}


def check(rollouts: Rollouts) -> Iterator[Finding]:
    for module in STATE:
        for watched in () if reseeded(rollouts.watched, module) else rollouts.watched:
            found = _drawn(watched, module)
            if found:
                yield found
                break


def reseeded(watched: Sequence[Watched], module: str) -> bool:
    """Whether making instances, or the first resets, all with one seed, put a global generator into one state."""
    return any(_alike(watched, module, before, now) for before, now in (("before", "made"), ("made", "reset")))


def _alike(watched: Sequence[Watched], module: str, before: str, now: str) -> bool:
    seen = [reading for _, reading in watched if now in reading]
    moved = any(reading[now][module] != reading[before][module] for reading in seen)
    return len(seen) > 1 and moved and len({reading[now][module] for reading in seen}) == 1


def _drawn(watched: Watched, module: str) -> Finding | None:
    trace, seen = watched
    points = list(seen)
    moved = [now for before, now in pairwise(points) if seen[before][module] != seen[now][module]]
    if not moved:
        return None
    case = case_of(trace.calls)
    steps = [index for index, call in enumerate(trace.calls) if call.method == "step"]
    last = trace.place(steps[-1]) if moved[0] == "stepped" and steps else ""
    lines = playing(case.episodes) if case and moved[0] != "made" else []
    body = [f"before = {STATE[module]}", f"env = {make_text(trace.calls[0])}", *lines]
    body.append(f"print(before == {STATE[module]})  # False: something drew from it")
    return Finding(
        message=f"{DOES[moved[0]]} draws from the global generator of the module {module}",
        fix="draw from self.np_random instead",
        at=last or (f"env.{moved[0]}" if moved[0] == "reset" else DOES[moved[0]]),
        program=with_imports(module, "\n".join(body)),
        kind=module,
        case=case,
    )


def with_imports(module: str, body: str) -> str:
    """A program that asks a global generator, with what it needs."""
    own = "import random\n\n" if module == "random" else ""
    return f"{own}import envkit\n{'import numpy as np' + chr(10) if 'np.' in body else ''}\n{body}"


RULE = Rule("EK207", "global-generator-used", Severity.ERROR, check)
