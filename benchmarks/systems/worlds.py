"""The environments of the tutorials that the kit does not bring along."""

from collections.abc import Hashable, Iterator
from dataclasses import replace
from typing import Any

import gymnasium
import numpy as np
from gymnasium import spaces

import envkit
from envkit.authoring.discretizer import Discretizer
from envkit.core.mdp import MDP, Outcome

# Of position, velocity, angle and its velocity.
EDGES = ((), (-0.5, 0.5), (-0.1, -0.03, 0.0, 0.03, 0.1), (-0.9, -0.3, 0.3, 0.9))


def cart_pole(render_mode: str | None = None) -> Discretizer:
    """CartPole in 90 bins, with the limit of 200 steps that it had as CartPole-v0."""
    return Discretizer(gymnasium.make("CartPole-v1", max_episode_steps=200, render_mode=render_mode), edges=EDGES)


class Played(gymnasium.Env[Any, Any]):
    """Any finite model as an environment; an action that is not available changes nothing and pays nothing."""

    metadata = {"render_modes": []}  # noqa: RUF012

    def __init__(self, model: MDP, render_mode: str | None = None):
        self.model, self.render_mode = model, render_mode
        self.observation_space, self.action_space = (
            spaces.Discrete(model.num_states),
            spaces.Discrete(model.num_actions),
        )
        self.state, self.steps = 0, 0

    def mdp(self) -> MDP:
        return self.model

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[int, dict[str, Any]]:
        super().reset(seed=seed, options=options)
        self.state, self.steps = int(self.np_random.choice(self.model.num_states, p=self.model.start)), 0
        return self.state, {}

    def step(self, action: int) -> tuple[int, float, bool, bool, dict[str, Any]]:
        model, self.steps = self.model, self.steps + 1
        truncated = model.horizon is not None and self.steps >= model.horizon
        if not model.available[self.state, action]:
            return self.state, 0.0, False, truncated, {}
        outcome = (
            self.state,
            action,
            self.np_random.choice(model.next_state.shape[2], p=model.probability[self.state, action]),
        )
        self.state = int(model.next_state[outcome])
        return self.state, float(model.reward[outcome]), bool(model.terminated[outcome]), truncated, {}


def three_states(steps: int = 1_000, render_mode: str | None = None) -> Played:
    """Three states without an end (Géron 2019, chapter 18), cut off after so many steps."""
    return Played(replace(THREE_STATES, horizon=steps), render_mode)


def dated_offers(years: int = 10, render_mode: str | None = None) -> Played:
    """The offers with the year in the observation, and the last year as an end, not a truncation."""
    return Played(dated(envkit.mdp("offers", years=years)), render_mode)


def dated(model: MDP) -> MDP:
    """The same game, its clock a part of the state: after the last step everything ends."""
    last = (model.horizon or 1) - 1

    def outcomes(state: Any, action: int) -> Iterator[Outcome]:
        step, place = state
        for chance, after, paid, ends in zip(
            *(part[place, action] for part in (model.probability, model.next_state, model.reward, model.terminated)),
            strict=True,
        ):
            yield Outcome(float(chance), (step + 1, int(after)), float(paid), bool(ends) or step == last)

    starts: list[tuple[float, Hashable]] = [
        (float(model.start[place]), (0, int(place))) for place in np.flatnonzero(model.start)
    ]
    return MDP.from_outcomes(starts, outcomes, model.num_actions)


# [S, A, S]: the probability of each next state, none where the action is not available; and what is paid on the way.
THREE_STATES = MDP.from_matrices(
    [
        [[0.7, 0.3, 0.0], [1.0, 0.0, 0.0], [0.8, 0.2, 0.0]],
        [[0.0, 1.0, 0.0], [0.0, 0.0, 0.0], [0.0, 0.0, 1.0]],
        [[0.0, 0.0, 0.0], [0.8, 0.1, 0.1], [0.0, 0.0, 0.0]],
    ],
    [
        [[10.0, 0.0, 0.0], [0.0, 0.0, 0.0], [0.0, 0.0, 0.0]],
        [[0.0, 0.0, 0.0], [0.0, 0.0, 0.0], [0.0, 0.0, -50.0]],
        [[0.0, 0.0, 0.0], [40.0, 0.0, 0.0], [0.0, 0.0, 0.0]],
    ],
)
