"""Going back: an environment brought again to a place where it has been, to try something else from there.

There are three ways. `States` asks the environment itself, if it has the methods `get_state()` and
`set_state(state)`. `Copies` keeps deep copies. `Replay` plays the same actions again from a seeded reset, which leads
to the same place only where chance has no part. Each way is tried out before it is trusted: from one and the same
visit a few actions have to come out as they do when they are simply played, and do so twice. So a copy that shares its
state with the original, or that is a fresh environment in truth, is found out.

After Ecoffet et al., "First return, then explore" (2021).
"""

import copy
import pickle
from collections.abc import Callable, Collection, Hashable
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from envkit.core.exploring.generators import KINDS, generators, renew
from envkit.core.exploring.player import Env, Player, Step
from envkit.core.layers import layers

Key = Callable[[Any], Hashable]
Mask = npt.NDArray[np.bool_]

SPACES = ("observation_space", "action_space", "_observation_space", "_action_space")
CONSTANT = (*SPACES, "metadata", "_metadata", "spec", "_cached_spec")
TABLE = 32  # bytes from which on an attribute is worth sharing
SEEDS = 8  # that are remembered of each start


class Lost(Exception):
    """The same actions led somewhere else."""


@dataclass(eq=False)
class Visit:
    """One stay in a state, to which a way can go back.

    Args:
      held: a copy, a state, or the start and the actions from there.
      steps: since the reset.
      mask: bool [A], the actions that are available.
      seen: what actions have done from here.
      generators: those of a copy; None until it is gone back to.
    """

    held: Any
    steps: int
    mask: Mask | None = None
    seen: dict[int, Any] = field(default_factory=dict)
    generators: list[Any] | None = None


class Way(Protocol):
    """Resets, keeps the place, and goes back to it; `draw` decides what chance does, if it is given."""

    name: str
    player: Player

    @property
    def known(self) -> dict[int, Any]:
        """Parts by `id` that are the same wherever one goes back to."""
        ...

    def reset(self, seed: int) -> tuple[Any, dict[str, Any]]: ...

    def here(self) -> Visit: ...

    def go(self, visit: Visit, action: int, draw: int | None = None) -> Step:
        """Takes an action from a visit, which stays what it is."""
        ...


class States:
    name = "get_state() and set_state()"

    def __init__(self, player: Player):
        self.player, self.draws = player, 0
        self.core: Any = player.env.unwrapped  # whose two methods Gymnasium does not know
        self.wrappers = [layer for layer in layers(player.env) if layer is not self.core]
        self.known = _constants(player.env)

    def reset(self, seed: int) -> tuple[Any, dict[str, Any]]:
        renew(generators(self.player.env), seed)
        return self.player.reset(seed)

    def here(self) -> Visit:
        kept = [{name: part for name, part in vars(layer).items() if name != "env"} for layer in self.wrappers]
        return Visit((self._copied(self.core.get_state()), self._copied(kept)), self.player.driver.steps)

    def go(self, visit: Visit, action: int, draw: int | None = None) -> Step:
        state, kept = visit.held
        self.core.set_state(self._copied(state))
        for layer, attributes in zip(self.wrappers, self._copied(kept), strict=True):
            vars(layer).update(attributes)
        self.draws += 1
        renew(generators(self.player.env), self.draws if draw is None else draw)
        self.player.at(self.player.env, visit.steps)
        return self.player.step(action)

    def _copied(self, state: Any) -> Any:
        """So that what the environment does to its state leaves ours alone; what cannot be copied is not touched."""
        try:
            return copy.deepcopy(state, dict(self.known))
        except Exception:  # noqa: BLE001 - a handle of a foreign library, which stands for itself
            return state


class Copies:
    """Deep copies; what seems never to change is shared, for copying tables takes most of the time.

    All copies of one visit share its generators, which move on with each: so no two draw the same.

    Args:
      own: names of attributes that do change, so that each copy needs its own.
    """

    name = "copies of it"

    def __init__(self, player: Player, own: Collection[str]):
        self.player = player
        self.original = copy.deepcopy(player.env)
        self.known = _constants(self.original)
        self.tables = _tables(self.original, own)
        self.known |= {id(table): table for _, table, _ in self.tables}

    def reset(self, seed: int) -> tuple[Any, dict[str, Any]]:
        env = copy.deepcopy(self.original, dict(self.known))
        renew(generators(env, self.known), seed)  # also those that the constructor made, and no reset seeds
        self.player.at(env, 0)
        return self.player.reset(seed)

    def here(self) -> Visit:
        return Visit(self.player.env, self.player.driver.steps)

    def go(self, visit: Visit, action: int, draw: int | None = None) -> Step:
        if visit.generators is None:
            visit.generators = generators(visit.held, self.known)
        if draw is not None:
            renew(visit.generators, draw)
        shared = self.known | {id(generator): generator for generator in visit.generators}
        self.player.at(copy.deepcopy(visit.held, shared), visit.steps)
        return self.player.step(action)

    def changed(self) -> set[str]:
        """What was shared and is no longer what it was."""
        return {name for name, table, said in self.tables if _pickled(table) != said}


class Replay:
    """The same actions again, from another reset to the same start where one is known."""

    name = "playing the same actions again"

    def __init__(self, player: Player, key: Key):
        self.player, self.key, self.draws = player, key, 0
        self.known: dict[int, Any] = {}
        self.seeds: dict[Hashable, list[int]] = {}
        self.place: tuple[Hashable, tuple[int, ...]] = (None, ())
        self.shown: Hashable = None

    def reset(self, seed: int) -> tuple[Any, dict[str, Any]]:
        observation, info = self._begun(seed)
        seeds = self.seeds.setdefault(self.shown, [])
        if len(seeds) < SEEDS and seed not in seeds:
            seeds.append(seed)
        return observation, info

    def _begun(self, seed: int) -> tuple[Any, dict[str, Any]]:
        renew(generators(self.player.env), seed)
        observation, info = self.player.reset(seed)
        self.shown = self.key(observation)
        self.place = self.shown, ()
        return observation, info

    def here(self) -> Visit:
        return Visit((*self.place, self.shown), self.player.driver.steps)

    def go(self, visit: Visit, action: int, draw: int | None = None) -> Step:
        start, actions, shown = visit.held
        self.draws += 1
        if self.place != (start, actions):
            self._begun(self.seeds[start][self.draws % len(self.seeds[start])])
            for earlier in actions:
                self._stepped(earlier)
        if (self.place, self.shown) != ((start, actions), shown):
            raise Lost
        renew(generators(self.player.env), self.draws if draw is None else draw)
        return self._stepped(action)

    def _stepped(self, action: int) -> Step:
        step = self.player.step(action)
        self.place = self.place[0], (*self.place[1], action)
        self.shown = self.key(step[0])
        if step[2] or step[3]:
            self.place = None, ()  # an episode that is over is never gone on with
        return step


def _constants(env: Env) -> dict[int, Any]:
    """What an environment holds without ever changing it, by `id`."""
    held = [vars(layer).get(name) for layer in layers(env) for name in CONSTANT]
    return {id(part): part for part in held if part is not None}


def _tables(env: Env, own: Collection[str]) -> list[tuple[str, Any, bytes]]:
    """The larger attributes, such as a model or a map: name, value, and what that is."""
    held = [(name, part) for layer in layers(env) for name, part in vars(layer).items()]
    read = [(*pair, _pickled(pair[1])) for pair in held if not isinstance(pair[1], KINDS)]
    kept = {*own, *CONSTANT, "env"}
    return [(name, part, said) for name, part, said in read if len(said) >= TABLE and name not in kept]


def _pickled(thing: Any) -> bytes:
    """The same for the same object as long as nothing in it changes; empty for what cannot be pickled."""
    try:
        return pickle.dumps(thing)
    except Exception:  # noqa: BLE001 - a foreign object may raise anything
        return b""
