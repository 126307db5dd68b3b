"""A process of its own that plays some of the environments of a training; it needs neither torch nor Stable-Baselines3.

It is asked for one thing after another, and answers each with ("ok", value) or ("failed", text).
"""

import contextlib
import pickle
import signal
from collections.abc import Sequence
from multiprocessing.connection import Connection
from typing import Any

import numpy as np
from gymnasium import spaces

from envkit.core.errors import FOREIGN, EnvkitError
from envkit.core.ref import EnvRef
from envkit.core.show import error_line
from envkit.deep.monitored import Monitored
from envkit.isolate.child import die_with_parent

OK, FAILED = "ok", "failed"


class Group:
    """Some environments, stepped one after another."""

    def __init__(self, ref: EnvRef, first: int, count: int):
        self.envs = [Monitored(ref.make(), str(ref), first + number) for number in range(count)]
        self.space = self.envs[0].observation_space

    def spaces(self) -> tuple[Any, Any]:
        return self.space, self.envs[0].action_space

    def reset(self, seeds: Sequence[int | None], options: Sequence[dict[str, Any] | None]) -> tuple[Any, list[Any]]:
        """(observations, infos)."""
        begun = [
            env.reset(seed=seed, options=option or None)
            for env, seed, option in zip(self.envs, seeds, options, strict=True)
        ]
        return together(self.space, [observation for observation, _ in begun]), [info for _, info in begun]

    def step(self, actions: Sequence[Any]) -> tuple[Any, list[float], list[bool], list[Any], list[Any]]:
        """(observations, rewards, ends, infos, infos of the resets); what has ended begins again, as is usual there."""
        seen, rewards, ends, infos, resets = [], [], [], [], []
        for env, action in zip(self.envs, actions, strict=True):
            observation, reward, terminated, truncated, info = env.step(action)
            info = {**info, "TimeLimit.truncated": truncated and not terminated}
            begun: dict[str, Any] = {}
            if terminated or truncated:
                info["terminal_observation"] = observation
                observation, begun = env.reset()
            seen.append(observation)
            rewards.append(reward)
            ends.append(bool(terminated or truncated))
            infos.append(info)
            resets.append(begun)
        return together(self.space, seen), rewards, ends, infos, resets

    def call(self, name: str, places: Sequence[int], args: Sequence[Any], kwargs: dict[str, Any]) -> list[Any]:
        return [self.envs[place].get_wrapper_attr(name)(*args, **kwargs) for place in places]

    def get(self, name: str, places: Sequence[int]) -> list[Any]:
        return [self.envs[place].get_wrapper_attr(name) for place in places]

    def set(self, name: str, places: Sequence[int], value: Any) -> None:
        for place in places:
            setattr(self.envs[place], name, value)

    def close(self) -> None:
        for env in self.envs:
            with contextlib.suppress(Exception):  # it is over
                env.close()


def together(space: spaces.Space[Any], observations: Sequence[Any]) -> Any:
    """[n, ...] of each entry."""
    if isinstance(space, spaces.Dict):
        return {key: together(part, [one[key] for one in observations]) for key, part in space.spaces.items()}
    return np.stack([np.asarray(one, space.dtype).reshape(space.shape or ()) for one in observations])


def work(pipe: Connection, ref: EnvRef, first: int, count: int) -> None:
    """Answers until the pipe is closed, or it is told to."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's affair
    die_with_parent()
    group: Group | None = None
    while True:
        try:
            name, *args = pipe.recv()
        except EOFError:
            break
        if name == "close":
            break
        try:
            if name == "make":
                group = Group(ref, first, count)
                answer: tuple[str, Any] = (OK, group.spaces())
            else:
                answer = (OK, getattr(group, name)(*args))
        except EnvkitError as error:
            answer = (FAILED, str(error))
        except FOREIGN as error:
            answer = (FAILED, f"{name}() raised {error_line(error)}")
        _send(pipe, answer)
    if group:
        group.close()


def _send(pipe: Connection, answer: tuple[str, Any]) -> None:
    """What cannot be pickled stays here: infos may hold anything."""
    try:
        pipe.send(answer)
    except Exception:  # noqa: BLE001 - foreign objects; nothing was sent yet
        pipe.send((answer[0], _sendable(answer[1])))


def _sendable(value: Any) -> Any:
    if type(value) is dict:
        return {key: part for key, part in ((key, _sendable(part)) for key, part in value.items()) if part is not None}
    if type(value) in (list, tuple):
        return type(value)(_sendable(part) for part in value)
    try:
        pickle.dumps(value)
    except Exception:  # noqa: BLE001 - foreign objects
        return None
    return value
