"""Playing several episodes at once: as the environment's own batch where it has one, else as single environments.

A place plays one episode after another, as many as its neighbours: to take whatever is over first would favour short
episodes.
"""

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol, cast

import numpy as np
from gymnasium import spaces
from gymnasium.vector import AutoresetMode
from gymnasium.vector.utils import iterate

from envkit.core.batches import batch, without_batch
from envkit.core.drive import Driver, unpayable
from envkit.core.errors import FOREIGN, EnvironmentFailed, EnvkitError
from envkit.core.mdp import LARGEST_REWARD
from envkit.core.metrics import Meter
from envkit.core.policy import Crowd, Policy, crowd
from envkit.core.ref import EnvRef
from envkit.core.shaping import own_return
from envkit.core.show import error_line, show
from envkit.deep.infos import scatter
from envkit.deep.monitored import misshapen
from envkit.deep.resets import autoreset_mode, resets_one_by_one
from envkit.workflows.oddities import Oddities

ARRAYS = (spaces.Discrete, spaces.Box, spaces.MultiDiscrete, spaces.MultiBinary)  # of actions that are one array


class Seen(NamedTuple):
    """What an environment has answered: to a reset, or to a step."""

    observation: Any
    info: dict[str, Any]
    reward: float = 0.0
    over: bool = False


@dataclass
class Played:
    """An episode from its beginning on.

    Args:
      number: among all of them.
      meter: reads what the environment declares that it measures.
      paid: its return, as the policy is paid.
      own: likewise, as the environment itself pays; None where no wrapper changes that.
      over: whether it has come to its end; else it was cut off.
    """

    number: int
    meter: Meter
    paid: float = 0.0
    own: float | None = None
    length: int = 0
    over: bool = False


class Table(Protocol):
    """So many environments."""

    def begin(self, place: int, seed: int | None) -> Seen:
        """Resets one of them."""
        ...

    def step(self, actions: Mapping[int, Any]) -> dict[int, Seen]:
        """Takes a step in those for which there are actions."""
        ...

    def own_return(self, place: int) -> float | None:
        """What one of them has paid in this episode, where a wrapper pays something else."""
        ...

    @property
    def space(self) -> spaces.Space[Any]:
        """Of what each of them shows."""
        ...


def played_at_once(
    policy: Policy, ref: EnvRef, count: int, begins: Sequence[int | None], *, seed: int, cap: int,
    metrics: Mapping[str, str], oddities: Oddities | None = None,
) -> Iterator[Played]:  # fmt: skip
    """Each episode when it is over, or cut off.

    Args:
      count: how many at once.
      metrics: what the environment declares that it measures.
      begins: the seed of each episode's reset; None to let a place go on drawing from where it is.
      oddities: looks at every step.
      seed: of the policy's draws; and of the first episode of each place that begins without one, which is the seed
        plus the place.

    Raises:
      EnvironmentFailed: the environment fails, or the policy cannot act.
    """
    count = min(count, len(begins))
    queues = [list(range(place, len(begins), count)) for place in range(count)]
    rngs = [np.random.default_rng(one) for one in np.random.SeedSequence(seed).spawn(count)]
    players = crowd(policy, rngs)
    firsts = {queue[0] for queue in queues}

    def begin(place: int) -> tuple[Played, Seen]:
        number = queues[place].pop(0)
        players.begin(place)
        asked = seed + place if begins[number] is None and number in firsts else begins[number]
        seen = table.begin(place, asked)
        if oddities:
            oddities.begins(seen.observation, number)
        return Played(number, Meter(metrics)), seen

    with _table(ref, count, seeded=any(one is not None for one in begins), seed=seed) as table:
        now = {place: begin(place) for place in range(count)}
        while now:
            actions = _actions(players, now, ref, table.space)
            for place, seen in table.step(actions).items():
                episode, _ = now[place]
                if oddities:
                    oddities.look(actions[place], seen.observation, episode.number, episode.length)
                episode.paid += seen.reward
                episode.length += 1
                episode.over = seen.over
                episode.meter.step(seen.info, f"step {episode.length - 1} of {ref}, episode {episode.number},")
                now[place] = episode, seen
                if seen.over or episode.length >= cap:
                    episode.own = table.own_return(place)
                    yield episode
                    if queues[place]:
                        now[place] = begin(place)
                    else:
                        del now[place]


def _actions(
    players: Crowd, now: Mapping[int, tuple[Played, Seen]], ref: EnvRef, space: spaces.Space[Any]
) -> dict[int, Any]:
    seen = [one for _, one in now.values()]
    places = list(now)
    try:
        chosen = players.act(places, [one.observation for one in seen], [one.info for one in seen])
    except EnvkitError:
        raise
    except FOREIGN as error:
        wrong = next(filter(None, (misshapen(space, one.observation) for one in seen)), "")
        shown = f"which is {wrong}" if wrong else f"such as {show(seen[0].observation)}: {error_line(error)}"
        told = f"the policy cannot act upon what {ref} shows, {shown}"
        raise EnvironmentFailed(told, method="step", cause=error) from error
    return dict(zip(places, chosen, strict=True))


@contextlib.contextmanager
def _table(ref: EnvRef, count: int, *, seeded: bool, seed: int) -> Iterator[Table]:
    """The environment's own batch, where that can do what is wanted; else single environments."""
    if not seeded and not without_batch(ref):
        own = batch(ref, count)
        try:
            plain = isinstance(own.single_action_space, ARRAYS)
            if plain and autoreset_mode(own) == AutoresetMode.SAME_STEP and resets_one_by_one(own):
                yield _Own(own, str(ref), seed)
                return
        finally:
            own.close()
    envs = [ref.make() for _ in range(count)]
    try:
        yield _Singles([Driver(env, str(ref)) for env in envs])
    finally:
        for env in envs:
            env.close()


@dataclass
class _Singles:
    drivers: Sequence[Driver]

    def begin(self, place: int, seed: int | None) -> Seen:
        return Seen(*self.drivers[place].reset(seed))

    def step(self, actions: Mapping[int, Any]) -> dict[int, Seen]:
        found = {}
        for place, action in actions.items():
            observation, reward, terminated, truncated, info = self.drivers[place].step(action)
            found[place] = Seen(observation, info, reward, terminated or truncated)
        return found

    def own_return(self, place: int) -> float | None:
        return own_return(self.drivers[place].env)

    @property
    def space(self) -> spaces.Space[Any]:
        return self.drivers[0].env.observation_space


class _Own:
    """A batch that resets in the same step: what an episode begins with is there when the one before is over."""

    def __init__(self, env: Any, name: str, seed: int):
        self.env, self.name = env, name
        self.waiting = self._rows(*self._told("reset()", lambda: env.reset(seed=int(seed))))  # nobody has asked for yet
        self.actions = np.asarray(env.action_space.sample())

    def begin(self, place: int, seed: int | None) -> Seen:  # noqa: ARG002 - they are seeded all at once
        if place not in self.waiting:  # it was cut off
            mask = np.arange(self.env.num_envs) == place
            rows = self._rows(*self._told("reset()", lambda: self.env.reset(options={"reset_mask": mask})))
            self.waiting[place] = rows[place]
        return self.waiting.pop(place)

    def step(self, actions: Mapping[int, Any]) -> dict[int, Seen]:
        for place, action in actions.items():
            try:
                self.actions[place] = np.asarray(action).astype(self.actions.dtype, casting="same_kind")
            except (TypeError, ValueError) as error:
                told = f"{self.name} was given the action {show(action)}, not one of {self.env.single_action_space}"
                raise EnvironmentFailed(told, method="step", cause=error) from error
        call = f"step({show(self.actions)})"
        observations, rewards, terminated, truncated, infos = self._told(call, lambda: self.env.step(self.actions))
        payable = np.abs(rewards) < LARGEST_REWARD
        if not payable.all():
            told = unpayable(float(np.ravel(rewards)[~np.ravel(payable)][0]))
            raise EnvironmentFailed(f"{call} of {self.name}, played as a batch, returned {told}", method="step")
        rows, over = self._rows(observations, infos), np.logical_or(terminated, truncated)
        ends = self._rows(infos["final_obs"], infos.get("final_info", {})) if over.any() else {}
        found = {}
        for place in actions:
            last = ends[place] if over[place] else rows[place]
            found[place] = last._replace(reward=float(rewards[place]), over=bool(over[place]))
            if over[place]:
                self.waiting[place] = rows[place]
        return found

    def own_return(self, place: int) -> float | None:  # noqa: ARG002 - none of its wrappers changes rewards
        return None

    @property
    def space(self) -> spaces.Space[Any]:
        return cast(spaces.Space[Any], self.env.single_observation_space)

    def _rows(self, observations: Any, infos: Mapping[str, Any]) -> dict[int, Seen]:
        told: list[dict[str, Any]] = [{} for _ in range(self.env.num_envs)]
        scatter(infos, told)
        seen = iterate(self.env.observation_space, observations)
        return {place: Seen(*row) for place, row in enumerate(zip(seen, told, strict=True))}

    def _told(self, call: str, do: Any) -> Any:
        try:
            return do()
        except FOREIGN as error:
            told = f"{call} of {self.name}, played as a batch, raised {error_line(error)}"
            raise EnvironmentFailed(told, method=call.partition("(")[0], cause=error) from error
