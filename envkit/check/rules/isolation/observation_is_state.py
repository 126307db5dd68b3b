"""Writing to a returned observation changes the episode.

Why: the observation is the environment's own state. Preprocessing in place, as normalising wrappers do, then moves it.

Fails:

    class Env(Lamp):
        def reset(self, *, seed=None, options=None):
            super().reset(seed=seed, options=options)
            self.now = super().observe()
            return self.now, {}
        def step(self, action):
            self.bright = float(self.now[0])
            _, *rest = super().step(action)
            self.now = super().observe()
            return self.now, *rest

Passes:

    class Env(Lamp):
        def reset(self, *, seed=None, options=None):
            super().reset(seed=seed, options=options)
            self.now = super().observe()
            return self.now.copy(), {}
        def step(self, action):
            self.bright = float(self.now[0])
            _, *rest = super().step(action)
            self.now = super().observe()
            return self.now.copy(), *rest

Limits: a read-only array is legal.
Source: stable-baselines3 DummyVecEnv stores observations without a copy.
"""

from collections.abc import Iterator

from envkit.check.judging.pairs import indented, make_text, parting, playing, require_repeatable
from envkit.check.model import CannotJudge, Finding, Rule, Severity
from envkit.check.probes.tampering import Played, Tampering
from envkit.core.case import case_of
from envkit.core.trace import Trace


def check(tampering: Tampering) -> Iterator[Finding]:
    for played in repeatable(tampering):
        found = tampered(played, played.observations, "observation", "[0]")
        if found:
            yield found
            return


def repeatable(tampering: Tampering) -> Iterator[Played]:
    """What was played and repeats when nothing is touched; CannotJudge where nothing does."""
    refused = None
    any_repeats = False
    for played in tampering.played:
        try:
            require_repeatable(played.clean.calls[1:], played.again.calls[1:])
        except CannotJudge as reason:
            refused = reason
            continue
        any_repeats = True
        yield played
    if refused and not any_repeats:
        raise refused


def tampered(played: Played, touched: Trace, what: str, part: str) -> Finding | None:
    """The finding, if overwriting one part of every result changed the episode."""
    clean = played.clean
    infos = require_repeatable(clean.calls[1:], played.again.calls[1:])
    found = parting(clean.calls[1:], touched.calls[1:], infos=infos)
    case = case_of(clean.calls[: found.number + 2]) if found else None
    if not found or not case:
        return None
    lines = playing(case.episodes, spoil=["if spoil:", f"    overwrite(result{part})"])
    body = indented([f"env = {make_text(clean.calls[0])}", *lines, "print(result)"])
    return Finding(
        message=f"the {what} is live: overwriting each one that was returned changes the episode: {found.difference}",
        fix=f"return a copy of the {what}",
        at=clean.place(found.number + 1),
        program="\n".join(
            [
                "import envkit",
                "from envkit.testing import overwrite",
                "",
                "for spoil in (False, True):",
                *body,
            ]
        ),
        case=case,
    )


RULE = Rule("EK604", "observation-is-state", Severity.ERROR, check, symptom_of=("EK608",))
