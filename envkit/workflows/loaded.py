"""A saved policy in one's own program: `policy = envkit.load(RUN)`, then `action = policy(observation)`."""

import contextlib
import html
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import gymnasium
import numpy as np

from envkit.core.errors import EnvkitError, UsageError
from envkit.core.policy import Actor, Policy
from envkit.core.ref import EnvRef
from envkit.core.show import error_line, show
from envkit.runs.directory import RunDirectory
from envkit.workflows.saved import Saved
from envkit.workflows.saved import load as saved_policy

SHOWN = 500  # steps of the episode that a notebook shows


class Loaded:
    """The policy of a run, with its wrappers and its scaling of observations inside.

    It is a policy of the kit's too, and so can be evaluated, filmed and recorded. In a notebook it shows itself: an
    episode, and how it was learnt.

    Attributes:
      policy: as the run holds it.
    """

    def __init__(self, saved: Saved, policy: Policy, ref: EnvRef):
        self.path, self.algo, self.policy, self.ref = saved.path, saved.algo, policy, ref
        self._actor: Actor | None = None

    def __call__(self, observation: Any, info: dict[str, Any] | None = None) -> Any:
        """The action for this observation.

        Args:
          info: what came with it; policies with action masks read `action_mask` there.

        Raises:
          UsageError: it is no observation of its environment.
        """
        if self._actor is None:
            self.reset()
        assert self._actor is not None
        try:
            return self._actor.act(observation, info or {})
        except EnvkitError:
            raise
        except Exception as error:
            space = _space_of(self.ref)
            told = f"the policy of {self.path} cannot act upon {show(observation)} ({error_line(error)})"
            raise UsageError(f"{told}; {self.ref} shows observations of {space}") from error

    def reset(self, seed: int = 0) -> None:
        """To be called before each episode: forgets what the episode before has left; `seed` is of its own draws."""
        self._actor = self.policy.start(np.random.default_rng(seed))

    def start(self, rng: np.random.Generator) -> Actor:
        """As `envkit.core.policy.Policy` has it."""
        return self.policy.start(rng)

    def make(self, **kwargs: Any) -> gymnasium.Env[Any, Any]:
        """Its environment, wrapped as it was in the run; `kwargs` are such as `render_mode`."""
        return self.ref.make(**kwargs)

    def __repr__(self) -> str:
        return f"<policy of {self.ref}, by {self.algo}: {self.path}>"

    def _repr_html_(self) -> str:
        return shown(repr(self), self.path, self, self.ref)


def _space_of(ref: EnvRef) -> str:
    env = ref.make()
    env.close()
    return str(env.observation_space)


def load(run_dir: str | Path, *, env: Any = None, deterministic: bool = True, trust: bool = False) -> Loaded:
    """The policy of a run, or a model that Stable-Baselines3 has saved, ready to act.

    Args:
      run_dir: the run's directory, or its policy.npz; or the .zip of a model.
      env: what it is to play, if not the environment from which it was learnt; of a model, which names none, always.
      trust: load a model with Stable-Baselines3's own loader, which executes what is in the file.
      deterministic: take the likeliest action; else draw, where the policy has chances.

    Raises:
      UsageError: there is no such run.
      ArtifactRefused: its files are damaged or foreign, or its policy does not fit the environment.
    """
    saved = saved_policy(run_dir, env=None if env is None else EnvRef.of(env), trust=trust)
    policy = saved.policy if deterministic else drawing(saved.policy, str(run_dir))
    return Loaded(saved, policy, saved.ref if env is None else EnvRef.of(env))


def drawing(policy: Any, name: str) -> Policy:
    """The same policy, which draws its actions. Raises UsageError where there is nothing to draw from."""
    if not hasattr(policy, "deterministic") or not getattr(policy, "has_chances", True):
        raise UsageError(f"{name} has one action for each observation, and no chances to draw from")
    drawn: Policy = replace(policy, deterministic=False)
    return drawn


def shown(
    text: str, run_dir: Path | None, policy: Policy | None = None, ref: EnvRef | None = None,
    keep: Callable[[RunDirectory], object] | None = None,
) -> str:  # fmt: skip
    """What a notebook shows of a run: the text, an episode, and how it was learnt, as far as each can be drawn.

    Args:
      run_dir: where it is kept; None if it is not.
      keep: writes it into a directory, where it is not kept.
    """
    parts = [f"<pre>{html.escape(text)}</pre>"]
    with contextlib.suppress(EnvkitError):  # it keeps no policy
        if ref is None and run_dir is not None:
            saved = saved_policy(run_dir)
            policy, ref = saved.policy, saved.ref
    with contextlib.suppress(EnvkitError):  # it has no pictures, or Pillow is not there
        from envkit.workflows.film import film

        if ref is not None:
            parts.append(film(ref, policy, steps=SHOWN)._repr_html_())
    with contextlib.suppress(EnvkitError), tempfile.TemporaryDirectory() as folder:  # not over, or without matplotlib
        if keep and not run_dir:
            keep(RunDirectory(Path(folder), made=()))
            run_dir = Path(folder)
        parts += [_curve(run_dir)] if run_dir else []
    return "\n".join(parts)


def _curve(run_dir: Path) -> str:
    from envkit.workflows.plot import plot

    with tempfile.TemporaryDirectory() as folder:
        drawn = plot(run_dir, out=Path(folder), kinds=("svg",))
        text = next((file.read_text() for file in drawn if file.stem == "curve"), "")
    return text[text.index("<svg") :] if text else ""
