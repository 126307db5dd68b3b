"""Which way back an environment allows: the first that proves faithful.

A way is faithful if, from one and the same visit, a few actions come out as they do when they are simply played, and
do so twice. Chance is told what to do in each of these steps, so that a stochastic environment can be judged too.
"""

import random
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from gymnasium import spaces

from envkit.core.errors import EnvironmentFailed
from envkit.core.exploring.generators import generators, renew
from envkit.core.exploring.player import OutOfSteps, Player
from envkit.core.exploring.rewind import Copies, Key, Lost, Mask, Replay, States, Visit, Way
from envkit.core.show import error_line

EPISODES, LENGTH = 3, 12  # of trying out a way
Seen = list[tuple[Any, ...]]


def way_of(player: Player, key: Key, actions: int, seed: int, own: set[str]) -> tuple[Way | None, list[str]]:
    """A way back, or None; and why those that would have been better were not taken.

    Args:
      key: tells observations apart.
      actions: how many there are.
      own: names of attributes that copies must not share; those that prove to be such are added.
    """
    env = player.env
    faults: dict[str, str] = {}
    for name, made in _candidates(player, key, own):
        player.at(env, 0)
        way = None
        try:
            way = made()
            fault = _fault(way, key, actions, seed)
        except OutOfSteps:
            raise
        except Lost:
            fault = "it led somewhere else"
        except Exception as error:  # noqa: BLE001 - copying foreign objects may raise anything
            fault = str(error) if isinstance(error, EnvironmentFailed) else error_line(error)
        if not fault:
            faults.pop(name, None)  # copies that share less are copies all the same
            return way, [f"{name} cannot be trusted: {fault}" for name, fault in faults.items()]
        faults[name] = fault
        own |= changed(way)
    player.at(env, 0)
    return None, [f"{name} cannot be trusted: {fault}" for name, fault in faults.items()]


def _candidates(player: Player, key: Key, own: set[str]) -> Iterator[tuple[str, Callable[[], Way]]]:
    """(name, what makes it) of the ways, best first."""
    core: Any = player.env.unwrapped
    if callable(getattr(core, "get_state", None)) and callable(getattr(core, "set_state", None)):
        yield States.name, lambda: States(player)
    before = -1
    while before < len(own):  # again, if some of what was shared has changed
        before = len(own)
        yield Copies.name, lambda: Copies(player, own)
    yield Replay.name, lambda: Replay(player, key)


def changed(way: Way | None) -> set[str]:
    """The attributes that were taken for constant, and are not."""
    return way.changed() if isinstance(way, Copies) else set()


def mask_of(info: Any, space: Any, actions: int) -> Mask:
    """bool [A]: what `info["action_mask"]` says is available; everything where it says nothing."""
    mask = info.get("action_mask") if isinstance(info, dict) else None
    if mask is not None and isinstance(space, spaces.Discrete):
        said = np.asarray(mask)
        if said.shape == (actions,) and said.any():
            return said.astype(bool)
    return np.ones(actions, bool)


def _fault(way: Way, key: Key, actions: int, seed: int) -> str:
    """What is wrong with a way; an empty text where nothing was found to be."""
    rng = random.Random(seed)
    for episode in range(EPISODES):
        plain, script = _played(way, key, actions, seed + episode, rng)
        way.reset(seed + episode)
        visit = way.here()
        for attempt in ("once", "twice"):
            if _from(way, key, visit, script) != plain:
                fresh = attempt == "once"
                return "it does not play on as the original does" if fresh else "it changes as another plays on"
    return "what was taken for constant changes" if changed(way) else ""


def _played(way: Way, key: Key, actions: int, seed: int, rng: random.Random) -> tuple[Seen, list[int]]:
    """What random actions do, simply played; and the actions."""
    seen: Seen = []
    script: list[int] = []
    _, info = way.reset(seed)
    space = way.player.env.action_space
    while len(script) < LENGTH:
        action = rng.choice(np.flatnonzero(mask_of(info, space, actions)).tolist())
        renew(generators(way.player.env, way.known), len(script))
        observation, reward, terminated, truncated, info = way.player.step(action)
        seen.append((key(observation), reward, terminated, truncated))
        script.append(action)
        if terminated or truncated:
            break
    return seen, script


def _from(way: Way, key: Key, visit: Visit, script: list[int]) -> Seen:
    """What the actions do from a visit."""
    seen: Seen = []
    for number, action in enumerate(script):
        observation, reward, terminated, truncated, _ = way.go(visit, action, number)
        seen.append((key(observation), reward, terminated, truncated))
        if terminated or truncated:
            break
        visit = way.here()
    return seen
