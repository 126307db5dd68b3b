"""A game as a state machine: episodes that are begun, played, taken back and left; no keys, no clock, no picture."""

import copy
from collections import deque
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from envkit.core.policy import Actor, Policy
from envkit.core.shaping import own_and_shaped
from envkit.workflows.episodes import act
from envkit.workflows.playing.undo import Lost, Way
from envkit.workflows.scribe import Scribe

MOST_BACK = 1000  # steps that can be undone
TERMINATED, TRUNCATED, LIMIT, LEFT = "terminated", "truncated", "stopped by the limit", "given up"


@dataclass(frozen=True)
class Moment:
    """Where the episode stands.

    Args:
      number: of the episode, the first being 0.
      action, reward: of the last step; None before the first.
      ended: why it is over; empty while it is not.
      advice: what the policy would do now, if one is at hand.
    """

    number: int
    seed: int
    observation: Any
    steps: int = 0
    score: float = 0.0
    action: Any = None
    reward: float | None = None
    ended: str = ""
    advice: Any = None


@dataclass(frozen=True)
class Score:
    """An episode that is over.

    Args:
      reward: what the environment itself paid.
      shaped: what wrappers made of that; None where they pay the same.
    """

    number: int
    seed: int
    reward: float
    steps: int
    ended: str
    shaped: float | None = None


class Session:
    """Episodes of one environment, each with a seed of its own: the first one, and on.

    Args:
      seed: of the first episode.
      max_steps: after which an episode is stopped; None for no limit but the environment's.
      episodes: after how many the game is over; None for as many as anybody likes.
      policy: one that looks on, and plays where it is asked to.
      way: how to undo; None where it cannot be done.
    """

    def __init__(
        self, scribe: Scribe, *, seed: int = 0, max_steps: int | None = None, episodes: int | None = None,
        policy: Policy | None = None, way: Way | None = None,
    ):  # fmt: skip
        self.scribe, self.policy, self.way = scribe, policy, way
        self.seed, self.max_steps, self.episodes = seed, max_steps, episodes
        self.scores: list[Score] = []  # of the episodes before the present one
        self._rng = np.random.default_rng(seed)
        self._actor: Actor | None = None
        self._info: dict[str, Any] = {}
        self._past: deque[tuple[Any, Moment, Actor | None, dict[str, Any]]] = deque(maxlen=MOST_BACK)
        self.now = self._opened(0)

    @property
    def over(self) -> bool:
        """Whether the last episode that was asked for has ended."""
        return bool(self.now.ended) and self.episodes is not None and self.now.number + 1 >= self.episodes

    @property
    def can_undo(self) -> bool:
        return bool(self._past)

    def act(self, action: Any, *, player: str) -> bool:
        """Takes a step, unless the episode is over; whether it did.

        Raises:
          EnvironmentFailed: when the environment or the policy does.
        """
        now = self.now
        if now.ended:
            return False
        if self.way:
            self._past.append((self.way.keep(), now, self._copied_actor(), self._info))
        self.scribe.player = player
        observation, reward, terminated, truncated, info = self.scribe.step(action)
        steps = now.steps + 1
        at_limit = self.max_steps is not None and steps >= self.max_steps
        ended = TERMINATED if terminated else TRUNCATED if truncated else LIMIT if at_limit else ""
        self.now = Moment(
            now.number, now.seed, observation, steps, now.score + reward, action, reward, ended,
            None if ended else self._asked(observation, info),
        )  # fmt: skip
        self._info = info
        return True

    def undo(self) -> str:
        """Takes the last step back; why it could not, or an empty text.

        Raises:
          EnvironmentFailed: when the environment fails on the way.
        """
        if not self._past or self.way is None:
            return "there is no step to undo" if self.way else "undo is not possible here"
        kept, before, actor, info = self._past[-1]
        try:
            self.way.back(kept)
        except Lost as lost:
            self._past.clear()
            return f"undo failed, the same actions came out otherwise: {lost}"
        self._past.pop()
        self.scribe.forget(before.steps)
        self.now, self._actor, self._info = before, actor, info
        return ""

    def restart(self) -> bool:
        """Leaves the episode and begins the next one, unless there is none; whether it did."""
        if self.over:
            return False
        self._settle()
        self.now = self._opened(self.now.number + 1)
        return True

    def finish(self) -> list[Score]:
        """The scores of all episodes, one that was left in its midst included."""
        self._settle()
        return self.scores

    def _settle(self) -> None:
        now = self.now
        if now.steps and not any(score.number == now.number for score in self.scores):
            own, shaped = own_and_shaped(self.scribe.env, now.score)
            self.scores.append(Score(now.number, now.seed, own, now.steps, now.ended or LEFT, shaped))

    def _opened(self, number: int) -> Moment:
        self._past.clear()
        seed = self.seed + number
        observation, self._info = self.scribe.reset(seed)
        self._actor = self.policy.start(self._rng) if self.policy else None
        moment = Moment(number, seed, observation)
        return replace(moment, advice=self._asked(observation, self._info))

    def _asked(self, observation: Any, info: dict[str, Any]) -> Any:
        """The policy is asked at every step, whoever plays, so that its clock and its memory are right."""
        return act(self._actor, observation, info, self.scribe) if self._actor else None

    def _copied_actor(self) -> Actor | None:
        shared = {id(part): part for part in (self.policy, *vars(self.policy).values())} if self.policy else {}
        return copy.deepcopy(self._actor, shared)
