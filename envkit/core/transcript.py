"""A transcript: what an environment was asked in some episodes, and what it answered; so that all can be asked again.

The episodes were played one after another on one instance. Actions are kept exactly, so that they can be played again
bit for bit, and so are rewards and the two flags. Of an observation is kept all of it where it is small, and a digest
where it is large. How it was rendered is not kept: rendering changes nothing.

In JSON, a step is {"action", "observation", "reward", "terminated", "truncated"}: the action as `envkit.core.codec`
writes it, the observation as a note of `envkit.core.note`.
"""

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from envkit.core.codec import decode, encode
from envkit.core.compare import first_difference
from envkit.core.errors import ArtifactRefused
from envkit.core.foreign import environment_named
from envkit.core.note import changed, checked, is_known
from envkit.core.ref import EnvRef
from envkit.core.show import count, error_line, show

SCHEMA = 1
EPISODES = "episodes"  # the kind of file
SIDES = ("the file", "the replay")


@dataclass(frozen=True)
class StepRecord:
    """A step: the action, and the answer to it; `observation` is its note."""

    action: Any
    observation: Any
    reward: float
    terminated: bool
    truncated: bool

    def to_json(self) -> dict[str, Any]:
        answer = {"reward": self.reward, "terminated": self.terminated, "truncated": self.truncated}
        return {"action": encode(self.action), "observation": self.observation, **answer}

    def differences(self, observation: Any, reward: float, terminated: bool, truncated: bool) -> Iterator[str]:
        """A line for each part of an answer that is another now."""
        old = {"reward": self.reward, "terminated": self.terminated, "truncated": self.truncated}
        new = {"reward": reward, "terminated": terminated, "truncated": truncated}
        lines = [changed(self.observation, observation, sides=SIDES)]
        lines += [first_difference(old[name], new[name], name, SIDES) for name in old]
        yield from (line for line in lines if line)


@dataclass(frozen=True)
class EpisodeRecord:
    """A reset and the steps after it.

    Args:
      seed, options: of the reset.
      player: who chose the actions, such as "person" or "random".
      observation: the note of that of the reset.
    """

    seed: int | None
    observation: Any
    steps: tuple[StepRecord, ...] = ()
    options: Mapping[str, Any] | None = None
    player: str = ""

    def difference(self, observation: Any) -> str | None:
        """How the observation of the reset is another now; None where it is not."""
        return changed(self.observation, observation, sides=SIDES)

    @property
    def score(self) -> float:
        return math.fsum(step.reward for step in self.steps)

    @property
    def actions(self) -> tuple[Any, ...]:
        return tuple(step.action for step in self.steps)


@dataclass(frozen=True)
class Transcript:
    """Episodes of one instance.

    Args:
      ref: the environment; what it is rendered for is none of its arguments here.
      versions: of the packages that had a part in it.
    """

    ref: EnvRef
    episodes: tuple[EpisodeRecord, ...]
    versions: Mapping[str, str] = field(default_factory=dict)

    @property
    def steps(self) -> int:
        return sum(len(episode.steps) for episode in self.episodes)

    @property
    def told(self) -> str:
        """`3 episodes, 40 steps`."""
        return f"{count(len(self.episodes), 'episode')}, {count(self.steps, 'step')}"

    @property
    def unknown(self) -> int:
        """How many observations cannot be compared."""
        resets = [episode.observation for episode in self.episodes]
        steps = [step.observation for episode in self.episodes for step in episode.steps]
        return sum(not is_known(note) for note in resets + steps)

    def to_text(self) -> str:
        """Strict JSON, a line for each step.

        Raises:
          NotPlain: an action, or an argument of the environment, has no JSON form.
        """
        kwargs = {name: value for name, value in self.ref.kwargs.items() if name != "render_mode"}
        head = {
            "schema": SCHEMA,
            "kind": EPISODES,
            "env": self.ref.text,
            "env_kwargs": {name: encode(value) for name, value in kwargs.items()},
            "versions": dict(self.versions),
        }
        lines = [f"{_json(name)}: {_json(value)}" for name, value in head.items()]
        lines.append(f'"episodes": [{", ".join(_episode_text(episode) for episode in self.episodes)}]')
        return "{" + ",\n".join(lines) + "}\n"

    @classmethod
    def from_json(cls, data: Any) -> "Transcript":
        """Raises ArtifactRefused where it is none, or of another schema."""
        if not isinstance(data, Mapping) or data.get("kind") != EPISODES:
            raise ArtifactRefused("this is no file of episodes")
        if data.get("schema") != SCHEMA or isinstance(data["schema"], bool):
            raise ArtifactRefused(f"the episodes have schema {show(data.get('schema'))}; this envkit reads {SCHEMA}")
        try:
            kwargs = {_checked(name, str): decode(value) for name, value in _checked(data["env_kwargs"], dict).items()}
            ref = EnvRef(environment_named(data["env"]), kwargs)
            episodes = tuple(_episode(episode) for episode in _checked(data["episodes"], list))
            return cls(ref, episodes, _checked(data["versions"], dict))
        except (KeyError, TypeError, AttributeError, ValueError, OverflowError, RecursionError, MemoryError) as error:
            raise ArtifactRefused(f"the episodes are damaged: {error_line(error)}") from error


def _episode_text(episode: EpisodeRecord) -> str:
    options = None if episode.options is None else encode(dict(episode.options))
    head = {"seed": episode.seed, "options": options, "player": episode.player, "observation": episode.observation}
    steps = ",\n".join(_json(step.to_json()) for step in episode.steps)
    return f'{_json(head)[:-1]}, "steps": [\n{steps}]' + "}"


def _episode(data: Any) -> EpisodeRecord:
    seed, options = data["seed"], data["options"]
    if seed is not None and (type(seed) is not int or seed < 0):
        raise ValueError(f"a seed is {show(seed)}")
    return EpisodeRecord(
        seed,
        checked(data["observation"]),
        tuple(_step(step) for step in _checked(data["steps"], list)),
        None if options is None else _checked(decode(options), dict),
        _checked(data["player"], str),
    )


def _step(data: Any) -> StepRecord:
    reward = data["reward"]
    if type(reward) not in (int, float) or not math.isfinite(reward):
        raise ValueError(f"a reward is {show(reward)}")
    flags = _checked(data["terminated"], bool), _checked(data["truncated"], bool)
    return StepRecord(decode(data["action"]), checked(data["observation"]), float(reward), *flags)


def _checked(value: Any, kind: type) -> Any:
    if type(value) is not kind:
        raise TypeError(f"{show(value)} is no {kind.__name__}")
    return value


def _json(value: Any) -> str:
    return json.dumps(value, allow_nan=False)


def played_by(players: Sequence[str]) -> str:
    """`person and policy runs/lake`: each once, in the order of their first turns."""
    return " and ".join(dict.fromkeys(player for player in players if player))
