"""The shortest way to end the process: what killed it is tried again with ever fewer calls, each time in a fork."""

import os
import select
import signal
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from envkit.core.case import Case
from envkit.core.ref import EnvRef
from envkit.core.shorten import shorten
from envkit.isolate.ledger import Ledger

MOST_TRIES = {"died": 150, "hung": 30}
HANG_SECONDS, PER_SECOND_OF_MAKING = 0.4, 10.0  # how long an attempt may take that is known to hang or to be quick
TRUSTED_SECONDS = 5.0  # for making an instance and resetting it
SURVIVED = 77


def shortest(ledger: Ledger | None, *, ref: EnvRef, case: dict[str, Any], kind: str) -> dict[str, Any] | None:  # noqa: ARG001 - a child's function
    """The case with as little in it as still ends the process in the same way; None where it does not end again.

    Runs in a child of its own. `kind` is died or hung.
    """
    ref.make().close()  # what is imported now need not be imported in every fork
    begun = time.monotonic()
    _ending(ref, Case.from_json(case).ending(()), TRUSTED_SECONDS)
    patience = HANG_SECONDS + PER_SECOND_OF_MAKING * (time.monotonic() - begun)
    tries = iter(range(MOST_TRIES[kind]))

    def attempt(candidate: Case) -> Case | None:
        return candidate if next(tries, None) is not None and _ending(ref, candidate, patience) == kind else None

    whole = Case.from_json(case)
    alone = attempt(whole.after(())) if whole.history else None
    found = alone or attempt(whole)
    return _fewer(found, attempt).to_json() if found else None


def _fewer(found: Case, attempt: Callable[[Case], Case | None]) -> Case:
    base = found

    def fewer(actions: Sequence[Any]) -> Case | None:
        return attempt(base.ending(actions))

    _, found = shorten(found.last.actions, found, fewer)
    simple = attempt(replace(found, episodes=(replace(found.last, seed=0),))) if not found.history else None
    return simple or found


def _ending(ref: EnvRef, case: Case, patience: float) -> str:
    """How playing the case ends in a process of its own: survived, died or hung."""
    read, write = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(read)
        try:
            _play(ref, case)
        except BaseException:  # noqa: BLE001 - an exception is not the end of a process
            os._exit(SURVIVED)
        os._exit(SURVIVED)
    os.close(write)
    begun = time.monotonic()
    while time.monotonic() - begun < patience:
        ended, status = os.waitpid(pid, os.WNOHANG)
        if ended:
            os.close(read)
            survived = os.WIFEXITED(status) and os.WEXITSTATUS(status) == SURVIVED
            return "survived" if survived else "died"
        select.select([read], [], [], 0.002)  # readable as soon as the fork is gone
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    os.close(read)
    return "hung"


def _play(ref: EnvRef, case: Case) -> None:
    env = ref.make(**case.arguments)
    for episode in case.episodes:
        env.reset(seed=episode.seed)
        for action in episode.actions:
            env.step(action)
