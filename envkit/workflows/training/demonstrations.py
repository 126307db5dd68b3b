"""What `--demos` names: files of episodes, or somebody who plays some, and of either the best part.

game.json                               episodes that `envkit play ENV --record game.json` has written
rules.py:tilt,episodes=50               fifty episodes of a policy of one's own
runs/CartPole-v1-ppo-s0-1,episodes=50   or of a run
random,episodes=10000,best=2%           the best two of a hundred random ones
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from envkit.core.drive import Driver
from envkit.core.errors import EnvironmentFailed, UsageError
from envkit.core.policy import Policy
from envkit.core.ref import EnvRef
from envkit.core.shaping import own_return
from envkit.core.show import show
from envkit.deep.demonstrations import Demonstrations, Shown, Witness, best_of
from envkit.runs import transcripts
from envkit.workflows.episodes import episode
from envkit.workflows.evaluate import CAP
from envkit.workflows.players import is_run, player

EPISODES = 100  # of somebody who plays, where nobody says how many
OPTION = re.compile(r",(\w+)=([^,=]*)$")


@dataclass(frozen=True)
class Source:
    """One of those.

    Args:
      who: a file of episodes, or a player as `envkit.workflows.players` has it.
      episodes: to be played; None for all that a file has.
      best: the share that is taken, by return.
    """

    who: str
    episodes: int | None = None
    best: float = 1.0

    @classmethod
    def of(cls, text: str) -> "Source":
        """As it is typed. Raises UsageError."""
        who, told = text, dict[str, str]()
        while found := OPTION.search(who):
            who, told[found[1]] = who[: found.start()], found[2]
        unknown = sorted(set(told) - {"episodes", "best"})
        if unknown or not who:
            raise UsageError(f"demos {text!r}: it is SOURCE, SOURCE,episodes=N or SOURCE,best=10%, or with both")
        source = cls(who, _episodes(told.get("episodes"), text), _share(told.get("best"), text))
        if source.episodes is not None and source.is_file:
            raise UsageError(f"demos {text!r}: the file has its episodes, so episodes is of somebody who plays")
        return source

    @property
    def is_file(self) -> bool:
        return Path(self.who).is_file() and not is_run(self.who)


def demonstrations(texts: Sequence[str], ref: EnvRef, seed: int) -> Demonstrations:
    """All of them, as the environment with its wrappers shows them.

    Args:
      seed: of those who play.

    Raises:
      UsageError: there is no such file or player, or the episodes are of another environment.
      ArtifactRefused: a file is damaged.
      EnvironmentFailed: it fails.
    """
    chosen: list[Shown] = []
    for number, text in enumerate(texts):
        source = Source.of(text)
        witness = Witness(ref.make())
        try:
            if source.is_file:
                _again(Path(source.who), witness, ref)
            else:
                policy = player(source.who, ref).policy
                _played(policy, witness, ref, source.episodes or EPISODES, (seed, number))
        finally:
            witness.close()
        if not witness.episodes:
            raise UsageError(f"demos {text!r} have no step")
        chosen += best_of(witness.episodes, source.best)
    return Demonstrations.of(chosen)


def _played(policy: Policy, witness: Witness, ref: EnvRef, episodes: int, seed: tuple[int, int]) -> None:
    sequence = np.random.SeedSequence(seed[0]).spawn(5)[4].spawn(seed[1] + 1)[-1]  # of nothing else in a training
    first, rng = int(sequence.generate_state(1)[0]), np.random.default_rng(sequence)
    driver = Driver(witness, str(ref))
    for number in range(episodes):
        for _ in episode(policy, driver, rng, seed=None if number else first, cap=CAP):
            pass


def _again(path: Path, witness: Witness, ref: EnvRef) -> None:
    """Plays the episodes of a file, which have to go as they went then, as far as wrappers leave that to be seen."""
    transcript = transcripts.load(path)
    driver = Driver(witness, str(ref))
    try:
        for number, kept in enumerate(transcript.episodes):
            driver.reset(kept.seed, None if kept.options is None else dict(kept.options))
            for index, step in enumerate(kept.steps, start=1):
                _, reward, terminated, truncated, _ = driver.step(step.action)
                then, now = (step.terminated, step.truncated), (terminated, truncated)
                if then != now or (reward != step.reward and not _is_shaped(witness)):
                    told = f"{show(reward)}, {now[0]}, {now[1]} and not {show(step.reward)}, {then[0]}, {then[1]}"
                    where = f"step {index} of episode {number} gives reward, terminated, truncated {told}"
                    raise UsageError(f"{path} holds episodes of {transcript.ref} that go otherwise on {ref}: {where}")
            if kept.steps and abs(witness.episodes[-1].earned - kept.score) > 1e-6 * max(1.0, abs(kept.score)):
                earned = f"episode {number} earns {witness.episodes[-1].earned:g} and not {kept.score:g}"
                raise UsageError(f"{path} holds episodes of {transcript.ref} that go otherwise on {ref}: {earned}")
    except EnvironmentFailed as error:
        raise UsageError(f"{path} holds episodes of {transcript.ref}, which {ref} cannot play: {error}") from error


def _is_shaped(witness: Witness) -> bool:
    return own_return(witness.env) is not None


def _episodes(text: str | None, whole: str) -> int | None:
    if text is None:
        return None
    if not text.isdecimal() or int(text) < 1:
        raise UsageError(f"demos {whole!r}: episodes is {text!r}, not a whole number of at least 1")
    return int(text)


def _share(text: str | None, whole: str) -> float:
    if text is None:
        return 1.0
    try:
        share = float(text.removesuffix("%")) / (100 if text.endswith("%") else 1)
    except ValueError:
        share = 0.0
    if not 0 < share <= 1:
        raise UsageError(f"demos {whole!r}: best is {text!r}, not a share such as 10% or 0.1")
    return share
