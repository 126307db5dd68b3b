"""Resets with options: with none at all, with an empty dictionary, and with one that no environment knows."""

from dataclasses import dataclass
from typing import Any

from envkit.check.actions import BURSTS, script
from envkit.check.model import Probe
from envkit.check.probes.twins import episode
from envkit.check.subject import Subject
from envkit.core.trace import Call, Trace

SEED = 17
STEPS = 20
UNKNOWN = {"envkit": 1}


@dataclass(frozen=True)
class Options:
    """The same episode, each on a new instance.

    Args:
      plain, again: reset without options, twice: where these differ, the others say nothing.
      empty: reset with an empty dictionary.
      asked: the reset with an unknown option, which may be refused.
      after: the plain episode after that reset, on the same instance; None where it was refused.
    """

    plain: Trace
    again: Trace
    empty: Trace
    asked: Call
    after: Trace | None

    @property
    def after_calls(self) -> tuple[Call, ...]:
        """From the second reset on."""
        return self.after.calls[2:] if self.after else ()


def run(subject: Subject) -> Options:
    actions = script(subject.action_space, BURSTS, subject.rng(130), min(STEPS, subject.budget.twin_steps))
    plain, again = _episode(subject, actions, None), _episode(subject, actions, None)
    driver = subject.open("reset with an unknown option", honest=False)
    asked = driver.reset(seed=SEED, options=dict(UNKNOWN)) if driver.ok else driver.calls[-1]
    if driver.ok:
        episode(driver, SEED, actions)
    after = driver.finish()
    return Options(plain, again, _episode(subject, actions, {}), asked, after if asked.error is None else None)


def _episode(subject: Subject, actions: list[Any], options: dict[str, Any] | None) -> Trace:
    driver = subject.open("reset without options" if options is None else "reset with empty options", honest=False)
    if driver.ok:
        driver.reset(seed=SEED, options=options)
    for action in actions:
        if driver.playing:
            driver.step(action)
    return driver.finish()


PROBE = Probe("options", Options, run)
