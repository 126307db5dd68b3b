"""The finite model that a run works on: the environment's own, or what exploring it gives."""

from typing import Any

import gymnasium

from envkit.core.model import Model, hidden_model_text, model_of
from envkit.core.progress import Progress, Report, silent


def model_for(
    env: gymnasium.Env[Any, Any], name: str, *, tries: int | None, seed: int, report: Report = silent
) -> tuple[Model | None, list[str]]:
    """The model, if there is one; and what a reader should know of it.

    Args:
      name: of the environment, for messages.
      tries: of each action where chance has a part, if the environment is to be explored; None if not.
      report: told how far exploring is.

    Raises:
      UsageError, EnvironmentFailed: as of `explore`.
    """
    model = model_of(env)
    if tries is None:
        hidden = hidden_model_text(env) if model is None else ""
        return model, [f"there is no finite model: {hidden}"] if hidden else []
    if model is not None:
        return model, ["the environment offers a model of its own, so it was not explored"]

    from envkit.core.explore import explore  # which few runs need

    def exploring(steps: int, states: int) -> None:
        report(Progress(0, 0, steps, float("nan"), about=f"exploring: {steps:,} steps, {states:,} states"))

    found = explore(env, name, tries=tries, seed=seed, report=exploring)
    return found.model, list(found.notes)
