"""Showing a policy: its episodes in the environment's own window, or as text on the terminal."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from envkit.core.drive import Driver
from envkit.core.policy import Policy
from envkit.core.ref import EnvRef
from envkit.core.shaping import own_and_shaped
from envkit.core.transcript import Transcript
from envkit.workflows.episodes import episode
from envkit.workflows.screen import Screen
from envkit.workflows.scribe import Scribe
from envkit.workflows.visible import FPS_OF_TEXT, pace, seen_in, visible

CAP = 10_000


@dataclass(frozen=True)
class Played:
    """An episode.

    Args:
      reward: what the environment itself paid.
      ended: "terminated", "truncated", or "cut off" where nothing has ended it.
      shaped: what wrappers made of the reward; None where they pay the same.
    """

    reward: float
    steps: int
    ended: str
    shaped: float | None = None


def play(
    policy: Policy, ref: EnvRef, *, episodes: int = 1, seed: int = 0, as_text: bool = False, cap: int = CAP,
    write: Callable[[str], object] = print, keep: Callable[[Transcript], object] | None = None, player: str = "policy",
) -> Iterator[Played]:  # fmt: skip
    """Plays some episodes for somebody to look at, no faster than the environment's frames a second.

    Args:
      as_text: as text where it could open a window too; where it cannot, it is text anyway.
      cap: steps after which an episode that nothing ends is cut off.
      write: takes the texts.
      keep: takes the transcript in the end, however that comes about.
      player: what the transcript calls the policy.

    Raises:
      UsageError: when the environment cannot be seen either way, or there is no display.
      EnvironmentFailed: when it fails.
    """
    mode = seen_in(ref, as_text=as_text)
    env = visible(ref, mode, purpose="seen") if mode else ref.make()
    scribe = Scribe(env, str(ref), player) if keep else None
    driver, rng = scribe or Driver(env, str(ref)), np.random.default_rng(seed)
    try:
        screen, pause = Screen(driver), 1 / pace(env, FPS_OF_TEXT)
        for number in range(episodes):
            paid = 0.0
            for moment in episode(policy, driver, rng, seed=seed if number == 0 else None, cap=cap):
                paid += moment.reward
                if mode != "human":
                    write(str(screen))
                    time.sleep(pause)
            ended = "terminated" if moment.terminated else "truncated" if moment.truncated else "cut off"
            own, shaped = own_and_shaped(env, paid)
            yield Played(own, driver.steps, ended, shaped)
    finally:
        env.close()
        if keep and scribe:
            keep(scribe.transcript(ref))
