"""What a network does in each state of a finite model, so that it can be judged exactly as a table is.

A policy is known by what it answers to observations. Where those are the states' numbers each is asked for; elsewhere
the real environment is played until every state has been met in which this policy can get.
"""

from typing import Any

import gymnasium
import numpy as np
import numpy.typing as npt

from envkit.core.drive import Driver
from envkit.core.mdp import MDP
from envkit.core.model import Model
from envkit.core.policy import Actor, Policy, TablePolicy

MOST_STEPS = 20_000  # of playing; about a second


def tabulated(policy: Policy, env: gymnasium.Env[Any, Any], name: str, model: Model) -> TablePolicy | None:
    """The same policy as a table of the model; None where that cannot be known.

    Args:
      env: one that nobody plays; it is played here, unless observations are the states' numbers.

    Raises:
      EnvironmentFailed: as of `Driver`.
    """
    if not getattr(policy, "deterministic", False):  # it draws, or nobody knows what it remembers
        return None
    table = _Table(policy.start(np.random.default_rng(0)), model)
    if model.state_of is None:
        for state in np.flatnonzero(model.mdp.reachable):
            table.ask(int(state), np.int64(state))
    else:
        _play(table, Driver(env, name), model)
    return table.policy() if table.is_whole() else None


def _play(table: "_Table", driver: Driver, model: Model) -> None:
    assert model.state_of is not None
    steps, seed = 0, 0
    while steps < MOST_STEPS and not table.is_whole():
        observation, _ = driver.reset(seed)
        seed += 1
        over = False
        while not over and steps < MOST_STEPS:
            action = table.ask(int(model.state_of(observation)), observation)
            observation, _, terminated, truncated, _ = driver.step(action)
            steps, over = steps + 1, terminated or truncated


class _Table:
    """What was answered in each state."""

    def __init__(self, actor: Actor, model: Model):
        self.actor, self.model = actor, model
        decode = model.decode or int
        self.numbers = {_key(decode(number)): number for number in range(model.mdp.num_actions)}
        self.known = np.zeros(model.mdp.num_states, np.bool_)
        self.action = model.mdp.available.argmax(axis=1)  # where it was not asked, whatever is available
        self.is_possible = True

    def ask(self, state: int, observation: Any) -> Any:
        """What it does there, as the environment takes it."""
        action = self.actor.act(observation, {})
        number = self.numbers.get(_key(action))
        if number is None or not self.model.mdp.available[state, number]:
            self.is_possible = False  # its answer is none of the model's
        else:
            self.known[state], self.action[state] = True, number
        return action

    def is_whole(self) -> bool:
        """Whether it was asked in every state in which this policy can get."""
        return self.is_possible and bool(self.known[_reached(self.model.mdp, self.action)].all())

    def policy(self) -> TablePolicy:
        return TablePolicy(self.action, self.model.state_of, self.model.decode)


def _key(action: Any) -> tuple[Any, ...]:
    return tuple(np.ravel(action).tolist())


def _reached(mdp: MDP, action: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    """[S]: the states in which these actions can get from the first ones, before time is over."""
    states = np.arange(mdp.num_states)
    leads = mdp.next_state[states, action]
    goes = (mdp.probability[states, action] > 0) & ~mdp.terminated[states, action]
    reached = mdp.start > 0
    for _ in range(mdp.num_states if mdp.horizon is None else min(mdp.horizon - 1, mdp.num_states)):
        before = int(reached.sum())
        reached[leads[reached][goes[reached]]] = True
        if int(reached.sum()) == before:
            break
    return reached
