"""Renders in every declared mode but `human`: after reset, twice in a row, during and after an episode; and compares
the episode with one that was not rendered."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from envkit.check.actions import BURSTS, script
from envkit.check.model import Probe
from envkit.check.probes.construction import declared
from envkit.check.subject import Driver, Subject
from envkit.core.trace import Trace

SEED = 9


@dataclass(frozen=True)
class Rendering:
    """Records with renders in them, one a mode, and the same episode without.

    Args:
      modes: mode -> record of an episode rendered after reset (twice), at some steps and after its end.
      silent, again: the same seed and actions with render_mode=None and no renders, twice: where these differ, a
        comparison with a rendered episode says nothing.
      fps: metadata's render_fps, None where there is none.
    """

    modes: Mapping[str, Trace]
    silent: Trace
    again: Trace
    fps: Any


def run(subject: Subject) -> Rendering:
    silent = subject.open("not rendered")
    metadata = getattr(silent.raw, "metadata", None)
    metadata = metadata if isinstance(metadata, dict) else {}
    actions = script(silent.env.action_space, BURSTS, subject.rng(70), subject.budget.twin_steps)
    again = subject.open("not rendered once more")
    for driver in (silent, again):
        play(driver, actions, renders=0)
    modes = {}
    for mode in declared(metadata.get("render_modes")):
        if mode != "human":
            driver = subject.open(f"rendered as {mode}", render_mode=mode)
            play(driver, actions, renders=subject.budget.renders)
            modes[mode] = driver.finish()
    return Rendering(modes, silent.finish(), again.finish(), metadata.get("render_fps"))


def play(driver: Driver, actions: list[Any], *, renders: int) -> None:
    """One episode; renders twice after reset, after each of the first steps, and twice after the last."""
    if driver.ok:
        driver.reset(seed=SEED)
    for _ in range(2 if renders else 0):
        if driver.ok:
            driver.render()
    for number, action in enumerate(actions):
        if driver.ended or not driver.ok:
            break
        driver.step(action)
        if driver.ok and number < renders:
            driver.render()
    for _ in range(2 if renders else 0):
        if driver.ok:
            driver.render()


PROBE = Probe("rendering", Rendering, run)
