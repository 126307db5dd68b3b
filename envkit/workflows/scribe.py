"""A driver that writes down what it does: every episode that it plays ends up in a transcript."""

import copy
from typing import Any

import gymnasium

from envkit.core.drive import Driver
from envkit.core.note import noted
from envkit.core.ref import EnvRef
from envkit.core.transcript import EpisodeRecord, StepRecord, Transcript, played_by
from envkit.core.versions import versions_with


class Scribe(Driver):
    """Plays as `Driver` does, and keeps the transcript.

    Args:
      player: who chooses the actions from now on.
    """

    def __init__(self, env: gymnasium.Env[Any, Any], name: str, player: str = ""):
        super().__init__(env, name)
        self.player = player
        self.closed: list[EpisodeRecord] = []  # episodes before the present one
        self.opening: EpisodeRecord | None = None
        self.moves: list[StepRecord] = []  # of the present episode
        self.players: list[str] = []  # of each of them

    def reset(self, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[Any, dict[str, Any]]:
        given = copy.deepcopy(options)
        observation, info = super().reset(seed, options)
        if self.opening:
            self.closed.append(self.present)
        self.opening = EpisodeRecord(seed, noted(observation), options=given)
        self.moves, self.players = [], []
        return observation, info

    def step(self, action: Any) -> tuple[Any, float, bool, bool, dict[str, Any]]:
        asked = copy.deepcopy(action)  # as it was: an environment may write into it
        observation, reward, terminated, truncated, info = super().step(action)
        self.moves.append(StepRecord(asked, noted(observation), reward, terminated, truncated))
        self.players.append(self.player)
        return observation, reward, terminated, truncated, info

    def forget(self, steps: int) -> None:
        """Strikes out what came after so many steps of the present episode."""
        del self.moves[steps:], self.players[steps:]
        self.steps = steps

    @property
    def present(self) -> EpisodeRecord:
        """The present episode, as far as it has come."""
        if self.opening is None:
            raise ValueError("nothing was played yet: call reset() first")
        opening = self.opening
        player = played_by(self.players) or self.player
        return EpisodeRecord(opening.seed, opening.observation, tuple(self.moves), opening.options, player)

    def transcript(self, ref: EnvRef) -> Transcript:
        """All episodes; the last one only if there was a step in it."""
        episodes = [*self.closed, *([self.present] if self.moves else [])]
        return Transcript(ref, tuple(episodes), versions_with(self.env))
