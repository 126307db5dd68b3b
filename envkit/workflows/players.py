"""Who plays, as people type it: `random`, or the directory of a run."""

from dataclasses import dataclass
from pathlib import Path

from envkit.core.errors import UnknownEnvironment, UsageError
from envkit.core.policy import Policy, RandomPolicy
from envkit.core.ref import EnvRef
from envkit.runs.directory import CONFIG, POLICY, SEEDS
from envkit.workflows.saved import load

RANDOM = "random"


@dataclass(frozen=True)
class Player:
    """A policy, the environment that it plays, and what it is called in transcripts."""

    policy: Policy
    ref: EnvRef
    name: str


def player(policy: str, ref: EnvRef | None) -> Player:
    """Acting at random, or the policy of a run.

    Args:
      policy: "random", or the run's directory.
      ref: the environment; by default the one from which the run's policy was learnt.

    Raises:
      UsageError: there is no such run, or nothing for a random player to play.
      ArtifactRefused: the run's files are damaged, or its policy does not fit the environment.
    """
    if policy == RANDOM:
        if ref is None:
            raise UsageError("a random player needs an environment: name one before --policy random")
        env = ref.make()
        env.close()
        return Player(RandomPolicy(env.action_space), ref, RANDOM)
    saved = load(policy, env=ref)
    return Player(saved.policy, ref or saved.asked.ref, f"policy {policy}")


def is_run(text: str) -> bool:
    """Whether a text names the directory of a run, or its policy's file."""
    path = Path(text)
    return (path.name == POLICY and path.is_file()) or any((path / name).is_file() for name in (CONFIG, SEEDS))


def known(ref: EnvRef) -> EnvRef:
    """The reference, if it names an environment. Raises UnknownEnvironment where it names no run either."""
    try:
        ref.make().close()
    except UnknownEnvironment as error:
        if Path(str(ref)).is_dir():
            raise UsageError(f"{ref} is not the directory of a run: it has no {CONFIG}") from error
        raise UnknownEnvironment(f"{error}; nor is it the directory of a run") from error
    return ref
