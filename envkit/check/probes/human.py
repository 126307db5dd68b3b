"""Renders in `human` mode, where it is declared. Last, for without a display some libraries end the process here."""

import os
from dataclasses import dataclass

from envkit.check.actions import RANDOM, script
from envkit.check.model import Probe
from envkit.check.probes.construction import declared
from envkit.check.probes.rendering import SEED, metadata, play
from envkit.check.subject import Subject
from envkit.core.case import Episode
from envkit.core.trace import Trace

STEPS = 4


@dataclass(frozen=True)
class Human:
    """A few steps in human mode; None where the mode is not declared."""

    trace: Trace | None
    display: bool


def run(subject: Subject) -> Human:
    if "human" not in declared(metadata(subject).get("render_modes")):
        return Human(None, has_display())
    actions = tuple(script(subject.action_space, RANDOM, subject.rng(80), STEPS))
    driver = subject.open("rendered for a person", render_mode="human")
    play(driver, Episode(SEED, actions), renders=1)
    return Human(driver.finish(), has_display())


def has_display() -> bool:
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")) or os.name == "nt"


PROBE = Probe("human rendering", Human, run)
