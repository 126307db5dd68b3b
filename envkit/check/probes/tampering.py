"""Writes to everything the environment hands out and was given, and plays on beside an untouched twin."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from envkit.check.actions import RANDOM, script
from envkit.check.model import Probe
from envkit.check.subject import Subject, copied
from envkit.core.compare import same
from envkit.core.trace import Call, Trace

SEED = 5


@dataclass(frozen=True)
class Tampering:
    """Records that should be equal to `clean`, and what became of the arguments.

    Args:
      clean, again: nothing was touched, twice: where these differ, the others say nothing.
      observations: every returned observation was overwritten.
      infos: every returned info was overwritten and emptied.
      actions: each action array was overwritten after the call.
      mutated: (call, action as it was, action after the call) where step itself changed it.
      options: the options given to reset, as they were and after.
    """

    clean: Trace
    again: Trace
    observations: Trace
    infos: Trace
    actions: Trace
    mutated: tuple[tuple[Call, Any, Any], ...]
    options: tuple[dict[str, Any], dict[str, Any]]


def run(subject: Subject) -> Tampering:
    probe = subject.open("spaces")
    actions = script(probe.env.action_space, RANDOM, subject.rng(60), subject.budget.twin_steps)
    probe.finish()
    options = {"envkit": 1, "note": "an option that no environment knows"}
    given = dict(options)
    asked = subject.open("reset with options")
    if asked.ok:
        asked.call("reset", {"seed": SEED, "options": options}, lambda: asked.env.reset(seed=SEED, options=given))
        asked.finish()
    clean, mutated = _play(subject, "untouched", actions, _leave)
    again, _ = _play(subject, "untouched once more", actions, _leave)
    observations, _ = _play(subject, "observations overwritten", actions, lambda call: _part(call, 0))
    infos, _ = _play(subject, "infos overwritten", actions, lambda call: _part(call, -1))
    moved, _ = _play(subject, "actions overwritten after the call", actions, _leave, spoil_actions=True)
    return Tampering(clean, again, observations, infos, moved, mutated, (options, given))


def _play(
    subject: Subject, name: str, actions: list[Any], spoil: Callable[[Call], None], *, spoil_actions: bool = False
) -> tuple[Trace, tuple[tuple[Call, Any, Any], ...]]:
    driver = subject.open(name)
    mutated = []
    if driver.ok:
        spoil(driver.reset(seed=SEED))
    for template in actions:
        if driver.ended or not driver.ok:
            break
        action = copied(template)
        call = driver.step(action, lend=True)
        if not same(action, template):
            mutated.append((call, template, copied(action)))
        spoil(call)
        if spoil_actions:
            overwrite(action)
    return driver.finish(), tuple(mutated)


def _leave(call: Call) -> None:
    """Touches nothing."""


def _part(call: Call, index: int) -> None:
    if isinstance(call.result, tuple) and call.result:
        overwrite(call.result[index])


def overwrite(value: Any) -> None:
    """Spoils whatever can be written to: arrays are filled, dictionaries and lists emptied after their contents."""
    if isinstance(value, np.ndarray):
        if value.flags.writeable and value.dtype.kind in "biuf":
            value[...] = np.logical_not(value) if value.dtype.kind == "b" else value // 2 + 1
        return
    if isinstance(value, dict | list | tuple):
        for part in value.values() if isinstance(value, dict) else value:
            overwrite(part)
    if isinstance(value, dict | list):
        value.clear()


def leaves(value: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    """(path, array) of every array inside."""
    if isinstance(value, np.ndarray):
        yield name, value
    elif isinstance(value, dict):
        for key, part in value.items():
            yield from leaves(part, f"{name}[{key!r}]")
    elif isinstance(value, list | tuple):
        for index, part in enumerate(value):
            yield from leaves(part, f"{name}[{index}]")


PROBE = Probe("tampering", Tampering, run)
