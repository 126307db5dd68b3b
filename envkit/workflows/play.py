"""Showing a policy: its episodes in the environment's own window, or as text on the terminal."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from envkit.core.drive import Driver
from envkit.core.errors import EnvironmentFailed, UsageError
from envkit.core.policy import Policy
from envkit.core.ref import EnvRef
from envkit.core.show import error_line
from envkit.workflows.episodes import episode
from envkit.workflows.visible import render_modes, visible

CAP = 10_000
FPS = 4  # frames of text a second, where the environment does not say


@dataclass(frozen=True)
class Played:
    """An episode.

    Args:
      ended: "terminated", "truncated", or "cut off" where nothing has ended it.
    """

    reward: float
    steps: int
    ended: str


def play(
    policy: Policy, ref: EnvRef, *, episodes: int = 1, seed: int = 0, as_text: bool = False,
    write: Callable[[str], object] = print,
) -> Iterator[Played]:  # fmt: skip
    """Plays some episodes for somebody to look at, no faster than the environment's frames a second.

    Args:
      as_text: as text where it could open a window too; where it cannot, it is text anyway.
      write: takes the texts.

    Raises:
      UsageError: when the environment cannot be seen either way, or there is no display.
      EnvironmentFailed: when it fails.
    """
    modes = render_modes(ref)
    if "human" not in modes and "ansi" not in modes:
        offered = ", ".join(modes) or "none"
        raise UsageError(f"{ref} cannot be seen: it has neither render mode 'human' nor 'ansi' (its modes: {offered})")
    mode = "ansi" if as_text or "human" not in modes else "human"
    env = visible(ref, mode, purpose="seen as text" if mode == "ansi" else "seen")
    try:
        driver, rng = Driver(env, str(ref)), np.random.default_rng(seed)
        pause = 1 / float(env.metadata.get("render_fps") or FPS)
        for number in range(episodes):
            paid = 0.0
            for moment in episode(policy, driver, rng, seed=seed if number == 0 else None, cap=CAP):
                paid += moment.reward
                if mode == "ansi":
                    write(_text(driver))
                    time.sleep(pause)
            ended = "terminated" if moment.terminated else "truncated" if moment.truncated else "cut off"
            yield Played(paid, driver.steps, ended)
    finally:
        env.close()


def _text(driver: Driver) -> str:
    where = f"render() of {driver.name}, episode {driver.episode}, step {driver.steps},"
    try:
        return str(driver.env.render())
    except Exception as error:
        raise EnvironmentFailed(f"{where} raised {error_line(error)}", method="render", cause=error) from error
