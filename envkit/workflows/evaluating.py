"""`envkit.evaluate`: what a policy is worth, whatever it is."""

from collections.abc import Iterable, Mapping
from typing import Any

from envkit.core.ref import EnvRef
from envkit.core.settings import check_count
from envkit.workflows.evaluate import CAP
from envkit.workflows.judge import Judged, judge


def evaluate(
    policy: Any, env: Any = None, *, episodes: int = 100, seed: int = 0, seeds: Iterable[int] | None = None,
    max_steps: int = CAP, n_envs: int = 1, deterministic: bool = True, trust: bool = False,
    env_kwargs: Mapping[str, Any] | None = None,
) -> Judged:  # fmt: skip
    """Plays a policy, and says what it earns, as `envkit eval` does.

    Args:
      policy: a run's directory, the .zip of a model, "random" or "module:function", as it is typed; or what `solve` and
        `load` return, a policy, or a function from observation to action.
      env: what it plays on; by default that from which it was learnt.
      episodes, seed: how many, and of all randomness.
      seeds: of each reset; then there are as many episodes, and `episodes` means nothing.
      max_steps: after which an episode is cut off.
      n_envs: episodes to play at once, as the environment's own batch where it has one. The returns are others then,
        unless each reset is seeded.
      deterministic: take the likeliest action; else draw, where the policy has chances.
      trust: load a model with Stable-Baselines3's own loader, which executes what is in the file.
      env_kwargs: for the environment's constructor.

    Raises:
      UsageError: there is no such run, or no environment was named.
      ArtifactRefused: its files are damaged, or its policy does not fit the environment.
      EnvironmentFailed: the environment's own code failed.
    """
    check_count("episodes", episodes, 1)
    check_count("seed", seed, 0)
    check_count("max_steps", max_steps, 1)
    check_count("n_envs", n_envs, 1)
    ref = None if env is None else EnvRef.of(env, **(env_kwargs or {}))
    return judge(
        policy, env=ref, episodes=episodes, seed=seed, seeds=None if seeds is None else list(seeds), cap=max_steps,
        drawn=not deterministic, trust=trust, n_envs=n_envs,
    )  # fmt: skip
