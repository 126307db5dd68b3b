"""Whether copies of an instance can be gone on from: where they are not faithful, what they do tells nothing of it."""

import copy
from collections.abc import Sequence
from typing import Any

from envkit.check.acting.actions import BURSTS, script
from envkit.check.subject import Driver, Subject
from envkit.core.compare import first_difference

COPIED, COMPARED = (3, 10), 3  # steps after which copies are made, and then compared


def faithful(subject: Subject) -> bool:
    """Whether copies made in mid-episode play on as the original does; it is tried once."""
    if subject.copies_agree is None:
        subject.copies_agree = _faithful(subject)
    return subject.copies_agree


def _faithful(subject: Subject) -> bool:
    driver = subject.open("copied", honest=False)
    actions = script(subject.action_space, BURSTS, subject.rng(300), max(COPIED) + COMPARED)
    if driver.ok:
        driver.reset(seed=0)
    for steps in COPIED:
        for action in actions[driver.steps : steps]:
            if driver.playing:
                driver.step(action)
        if driver.playing and not _copy_agrees(driver, actions[driver.steps :][:COMPARED]):
            return False
    return driver.alive


def _copy_agrees(driver: Driver, actions: Sequence[Any]) -> bool:
    try:
        twin = driver.adopt(copy.deepcopy(driver.env), "copy")
    except Exception:  # noqa: BLE001 - it cannot be copied, which another probe reports
        return False
    for action in actions:
        if driver.playing and first_difference(driver.step(action).copy, twin.step(action).copy, "result"):
            return False
    return True
