"""Taking a step back in an episode that somebody plays.

There are three ways: `get_state()` and `set_state(state)` of the environment, deep copies of it, and the same actions
again from the seed. Each is tried out on an instance of its own before it is trusted: from one place some actions have
to come out as they did, twice. In a copy and in a state the random generators go back too, so that what follows is
what a fresh instance would do after the same actions; a transcript with steps undone can still be replayed.
"""

import copy
from collections.abc import Callable
from typing import Any, Protocol

import gymnasium
import numpy as np

from envkit.core.errors import EnvkitError
from envkit.core.exploring.generators import generators
from envkit.core.layers import layers
from envkit.core.policy import RandomPolicy
from envkit.core.show import error_line
from envkit.workflows.scribe import Scribe

Env = gymnasium.Env[Any, Any]
TRIED = 4  # actions


class Lost(Exception):
    """The same actions led somewhere else."""


class Way(Protocol):
    """A way back in the episode that a scribe plays."""

    name: str

    def keep(self) -> Any:
        """What it takes to come back to this place."""
        ...

    def back(self, kept: Any) -> None:
        """Goes back to a place; what was kept of it stays good. Raises Lost, and then the scribe is where it was."""
        ...

    def close(self) -> None: ...


class States:
    """By `get_state()` and `set_state(state)`; wrappers and generators are put back beside it."""

    name = "get_state() and set_state()"

    def __init__(self, scribe: Scribe, make: Callable[[], Env]):  # noqa: ARG002 - as every way is made
        self.scribe = scribe
        core: Any = scribe.env.unwrapped
        if not callable(getattr(core, "get_state", None)) or not callable(getattr(core, "set_state", None)):
            raise Lost("it has no get_state() and set_state()")

    def keep(self) -> Any:
        *wrappers, core = layers(self.scribe.env)
        worn = [{name: part for name, part in vars(wrapper).items() if name != "env"} for wrapper in wrappers]
        return copy.deepcopy((core.get_state(), worn)), [_state(one) for one in generators(core)]  # type: ignore[attr-defined]

    def back(self, kept: Any) -> None:
        (state, worn), drawn = kept[0], kept[1]
        state, worn = copy.deepcopy((state, worn))
        *wrappers, core = layers(self.scribe.env)
        core.set_state(state)  # type: ignore[attr-defined]
        for wrapper, attributes in zip(wrappers, worn, strict=True):
            vars(wrapper).update(attributes)
        for generator, before in zip(generators(core), drawn, strict=True):
            _set_state(generator, before)

    def close(self) -> None:
        pass


class Copies:
    name = "deep copies"

    def __init__(self, scribe: Scribe, make: Callable[[], Env]):  # noqa: ARG002 - as every way is made
        self.scribe = scribe

    def keep(self) -> Any:
        return copy.deepcopy(self.scribe.env)

    def back(self, kept: Any) -> None:
        self.scribe.env = copy.deepcopy(kept)

    def close(self) -> None:
        pass


class Again:
    """The same actions again on another instance, which takes over if all answers are the same as they were."""

    name = "the same actions again from the seed"

    def __init__(self, scribe: Scribe, make: Callable[[], Env]):
        self.scribe, self.make = scribe, make
        self.spare: Env | None = None

    def keep(self) -> Any:
        return len(self.scribe.moves)

    def back(self, kept: Any) -> None:
        self.spare = self.spare or self.make()
        episode = self.scribe.present
        observation, _ = self.spare.reset(seed=episode.seed)
        answers = [episode.difference(observation)]
        for move in episode.steps[:kept]:
            observation, reward, terminated, truncated, _ = self.spare.step(copy.deepcopy(move.action))
            answers += move.differences(observation, float(reward), bool(terminated), bool(truncated))
        lost = next(filter(None, answers), None)
        if lost:
            raise Lost(lost)
        self.spare, self.scribe.env = self.scribe.env, self.spare

    def close(self) -> None:
        if self.spare is not None:
            self.spare.close()


WAYS: tuple[Callable[[Scribe, Callable[[], Env]], Way], ...] = (States, Copies, Again)


def way_back(scribe: Scribe, make: Callable[[], Env], *, seed: int) -> tuple[Way | None, str]:
    """The first way that proves faithful, or None and why.

    Args:
      make: another instance, for trying.
      seed: of the trial.
    """
    why = ""
    for way in WAYS:
        try:
            why = _fault(way, make, scribe.name, seed)
            if not why:
                return way(scribe, make), ""
        except Exception as error:  # noqa: BLE001 - foreign code that was not made for this
            why = str(error) if isinstance(error, EnvkitError | Lost) else error_line(error)
    return None, why


def _fault(way: Callable[[Scribe, Callable[[], Env]], Way], make: Callable[[], Env], name: str, seed: int) -> str:
    """What goes wrong when a way is tried on an instance of its own; empty where nothing does."""
    scribe = Scribe(make(), name)
    tried = None
    try:
        observation, info = scribe.reset(seed)
        if scribe.env.render_mode == "rgb_array":
            scribe.env.render()  # what it draws on may be what cannot be copied
        tried = way(scribe, make)
        kept = tried.keep()
        actor = RandomPolicy(scribe.env.action_space).start(np.random.default_rng(seed))
        over = False
        while not over and scribe.steps < TRIED:
            observation, _, terminated, truncated, info = scribe.step(actor.act(observation, info))
            over = terminated or truncated
        first = scribe.present
        for _ in range(2):
            tried.back(kept)
            scribe.forget(0)
            for move in first.steps:
                observation, reward, terminated, truncated, _ = scribe.step(move.action)
                for line in move.differences(observation, reward, terminated, truncated):
                    return line.replace("the file", "the game").replace("the replay", "the trial")
        return ""
    finally:
        scribe.env.close()
        if tried:
            tried.close()


def _state(generator: Any) -> Any:
    if isinstance(generator, np.random.Generator):
        return copy.deepcopy(generator.bit_generator.state)
    return generator.get_state() if isinstance(generator, np.random.RandomState) else generator.getstate()


def _set_state(generator: Any, state: Any) -> None:
    if isinstance(generator, np.random.Generator):
        generator.bit_generator.state = state
    elif isinstance(generator, np.random.RandomState):
        generator.set_state(state)
    else:
        generator.setstate(state)
