"""Who plays, as people type it: `random`, a run, a saved model, or a function of their own, `module:function`."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from envkit.core.errors import UnknownEnvironment, UsageError, nearest
from envkit.core.modules import attribute
from envkit.core.policy import FunctionPolicy, Policy, RandomPolicy
from envkit.core.ref import EnvRef
from envkit.core.show import show
from envkit.deep.foreign.reading import is_model
from envkit.runs.directory import CONFIG, RUNS, SEEDS
from envkit.workflows.saved import ARRAYS, Saved, load

RANDOM = "random"


@dataclass(frozen=True)
class Player:
    """A policy, the environment that it plays, and what it is called in transcripts."""

    policy: Policy
    ref: EnvRef
    name: str
    saved: Saved | None = None


def player(policy: str, ref: EnvRef | None, *, trust: bool = False) -> Player:
    """Acting at random, the policy of a run, a saved model, or a function from observation to action.

    Args:
      policy: "random", the run's directory, the .zip of a model, or `module:function` or `path/file.py:function`.
      ref: the environment; by default the one from which the run's policy was learnt.
      trust: as of `saved.load`.

    Raises:
      UsageError: there is no such run, or nothing for a random player to play.
      ArtifactRefused: the run's files are damaged, or its policy does not fit the environment.
    """
    if trust and not is_model(Path(policy)):
        raise UsageError(f"--trust is for the .zip of a model, and {policy} is none: leave it out")
    if policy == RANDOM:
        if ref is None:
            raise UsageError("a random player needs an environment: name one before --policy random")
        env = ref.make()
        env.close()
        return Player(RandomPolicy(env.action_space), ref, RANDOM)
    if ":" in policy and not is_run(policy):
        if ref is None:
            raise UsageError(f"{policy} needs an environment: name one before --policy {policy}")
        return Player(FunctionPolicy(function(policy)), ref, policy)
    if not Path(policy).exists():
        meant = f": did you mean {RANDOM!r}? It" if nearest(policy, [RANDOM]) else ""
        raise UsageError(
            f"{policy}{meant} is not the directory of a run, nor {RANDOM}, a model's .zip or module:function"
        )
    saved = load(policy, env=ref, trust=trust)
    return Player(saved.policy, ref or saved.ref, f"policy {policy}", saved)


def player_of(policy: Any, ref: EnvRef | None, *, trust: bool = False) -> Player:
    """As `player`, of anything that can play: what is typed, a policy, a function, or what `solve` and `load` return.

    Raises:
      UsageError: it is none of these, or no environment is named for it.
    """
    if isinstance(policy, str | Path):
        return player(str(policy), ref, trust=trust)
    if trust:
        raise UsageError(f"--trust is for the .zip of a model, and {show(policy)} is none: leave it out")
    kept = getattr(policy, "run_dir", None) or getattr(policy, "path", None)
    if kept is not None and ref is None and hasattr(policy, "policy"):  # of a run, which has all that belongs to it
        found = player(str(kept), getattr(policy, "ref", None))
        return found if hasattr(policy, "run_dir") else replace(found, policy=policy.policy)
    plain = getattr(policy, "policy", policy)  # what `solve` returns has one
    plays = plain if hasattr(plain, "start") else FunctionPolicy(plain) if callable(plain) else None
    if plays is None:
        raise UsageError(
            f"policy is {show(policy)}, not a policy, a function from observation to action, or the directory of a run"
        )
    if ref is None:
        raise UsageError(f"{show(policy)} needs an environment: name one beside it")
    return Player(plays, ref, getattr(plain, "__name__", None) or type(plain).__name__)


def function(name: str) -> Callable[[Any], Any]:
    """What `module:function` names. Raises UsageError where it names no function."""
    found: Callable[[Any], Any] = attribute(
        name, str(Path.cwd()), kind="policy", wanted="a function from observation to action", fits=callable
    )
    return found


def is_run(text: str) -> bool:
    """Whether a text names the directory of a run, a file of arrays such as its policy, or a saved model."""
    path = Path(text)
    is_arrays = path.suffix == ARRAYS and path.is_file()
    return is_arrays or any((path / name).is_file() for name in (CONFIG, SEEDS)) or is_model(path)


def env_of(run: str, *given: tuple[str, ...]) -> EnvRef:
    """The environment of a run, for somebody else to play.

    Args:
      given: arguments and wrappers for an environment, of which a run has its own.
    """
    if any(given):
        raise UsageError(f"{run} is a run, whose environment has its own arguments and wrappers; name the environment")
    return load(run).ref


def known(ref: EnvRef) -> EnvRef:
    """The reference, if it names an environment. Raises UnknownEnvironment where it names no run either."""
    try:
        ref.make().close()
    except UnknownEnvironment as error:
        if Path(str(ref)).is_dir():
            raise UsageError(f"{ref} is not the directory of a run: it has no {CONFIG}") from error
        raise UnknownEnvironment(f"{error}; nor is it the directory of a run{_newest()}") from error
    return ref


def _newest() -> str:
    """Where the newest run is, if there is one where they go by default."""
    kept = sorted(RUNS.glob(f"*/{CONFIG}"), key=lambda path: path.stat().st_mtime)
    return f", of which the newest is {kept[-1].parent}" if kept else ""
