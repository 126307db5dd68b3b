"""What to play to see a fault again: episodes on one instance, of which the last one shows it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from envkit.core.codec import decode, encode
from envkit.core.trace import Call


@dataclass(frozen=True)
class Episode:
    """One reset and the actions after it; they may go on past the episode's end."""

    seed: int | None
    actions: tuple[Any, ...] = ()


@dataclass(frozen=True)
class Case:
    """Episodes on one instance; the last one shows the fault, the ones before it are its history.

    Args:
      arguments: those of making the instance, besides the ones of its reference, such as render_mode.
    """

    episodes: tuple[Episode, ...]
    arguments: Mapping[str, Any] = field(default_factory=dict)

    @property
    def last(self) -> Episode:
        return self.episodes[-1]

    @property
    def history(self) -> tuple[Episode, ...]:
        return self.episodes[:-1]

    @property
    def steps(self) -> int:
        return sum(len(episode.actions) for episode in self.episodes)

    def ending(self, actions: Sequence[Any]) -> "Case":
        """The same with other actions in the last episode."""
        return replace(self, episodes=(*self.history, replace(self.last, actions=tuple(actions))))

    def after(self, history: Sequence[Episode]) -> "Case":
        """The same with another history."""
        return replace(self, episodes=(*history, self.last))

    def to_json(self) -> dict[str, Any]:
        """Raises envkit.core.codec.NotPlain where an action has no JSON form."""
        episodes = [{"seed": e.seed, "actions": [encode(action) for action in e.actions]} for e in self.episodes]
        return {"episodes": episodes, "arguments": encode(dict(self.arguments))}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Case":
        episodes = (Episode(e["seed"], tuple(decode(action) for action in e["actions"])) for e in data["episodes"])
        return cls(tuple(episodes), decode(data["arguments"]))


def case_of(calls: Sequence[Call], begin: int = 0) -> Case | None:
    """What a record's calls amount to; None where it never got to a reset.

    Args:
      begin: earlier episodes are left out: those that were over before this call.
    """
    played: list[tuple[int | None, list[Any]]] = []
    for number, call in enumerate(calls):
        if call.method == "reset":
            if number <= begin:
                played.clear()
            played.append((call.arguments.get("seed"), []))
        elif call.method == "step" and played:
            played[-1][1].append(call.arguments["action"])
    episodes = tuple(Episode(seed, tuple(actions)) for seed, actions in played)
    return Case(episodes, _arguments(calls[0])) if episodes else None


def _arguments(made: Call) -> dict[str, Any]:
    mode = made.arguments.get("render_mode")
    return {} if mode is None else {"render_mode": mode}
