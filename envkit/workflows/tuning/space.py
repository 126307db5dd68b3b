"""All that is searched: `search.toml` says what, whoever asks adds to it, and what does not fit is left out."""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any

from envkit.core.errors import UsageError
from envkit.core.settings import checked, meant
from envkit.core.show import number
from envkit.deep.learner import Learner
from envkit.workflows.asking import plain
from envkit.workflows.training.request import Request
from envkit.workflows.tuning.dimensions import HOW, Choice, Dimension, dimension

Space = Mapping[str, Dimension]
PARTS = 4  # of a training, one of which is the most that goes by before anything is learnt


@cache
def _data() -> dict[str, dict[str, Any]]:
    return tomllib.loads((resources.files("envkit.workflows.tuning") / "search.toml").read_text("utf-8"))


def known(learner: Learner) -> dict[str, Any]:
    """What there is to be searched of a learner, as it is typed."""
    has = {setting.name for setting in learner.settings}
    data = _data()
    sections = [data["all"], *(own for name, own in data["with"].items() if name in has), data.get(learner.name, {})]
    merged = {name: typed for section in sections for name, typed in section.items() if name in has}
    return {name: typed for name, typed in merged.items() if typed != []}


def space(request: Request, given: Mapping[str, Any], fixed: Mapping[str, Any]) -> dict[str, Dimension]:
    """What is searched, in the order of the learner's settings.

    Args:
      request: a training with the settings to begin with.
      given: dimensions by name, beside those that are known, or in their place.
      fixed: settings that are not to be searched.

    Raises:
      UsageError: a dimension is none, is fixed too, or there is none at all.
    """
    learner = request.learner
    held = checked(learner.settings, fixed)
    asked = {meant(learner.settings, name).name: typed for name, typed in given.items()}
    for name in asked:
        if name in held:
            raise UsageError(f"{name} is to be searched and is fixed by --set too; leave one of them out")
    found = {}
    typed = known(learner) | asked
    for setting in learner.settings:
        if setting.name in typed and setting.name not in held:
            one = dimension(setting, typed[setting.name])
            fits = one if setting.name in asked else _fitting(one, setting.name, request)
            if fits:
                found[setting.name] = fits
    if not found:
        raise UsageError(f"nothing of {learner.name} is to be searched: --search NAME=RANGE, as {HOW}")
    return found


def space_of(learner: Learner, typed: Mapping[str, Any]) -> dict[str, Dimension]:
    """The space again from how its dimensions are typed. Raises UsageError as of `dimension`."""
    return {name: dimension(meant(learner.settings, name), one) for name, one in typed.items()}


def _fitting(one: Dimension, name: str, request: Request) -> Dimension | None:
    """Without what takes so long that hardly anything would be learnt; None where that leaves no choice."""
    times = {"n_steps": request.n_envs, "learning_starts": 1}
    if name not in times or not isinstance(one, Choice) or (name == "n_steps" and _has_memory(request)):
        return one
    short = [value for value in one.values if value * times[name] * PARTS <= request.steps]
    return Choice(tuple(short)) if len(short) > 1 else None


def settled(request: Request, space: Space, params: Mapping[str, Any]) -> dict[str, Any]:
    """The values of what is searched, as they are typed, which these parameters of Optuna mean."""
    values = {name: one.value(params, name) for name, one in space.items()}
    if "batch_size" in values and "n_steps" in request.settings and not _has_memory(request):
        steps = values.get("n_steps", request.settings["n_steps"])
        values["batch_size"] = min(values["batch_size"], steps * request.n_envs)  # all that there is to draw from
    return values


def defaults(request: Request, space: Space) -> dict[str, Any]:
    """The values of what is searched, as they are typed, before anything is searched."""
    return {name: plain(request.settings[name]) for name in space}


def params_of(space: Space, values: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters of Optuna that mean these values; those that lie outside of the space are left out."""
    return {key: param for name, one in space.items() for key, param in one.params(values[name], name).items()}


def distributions(space: Space) -> dict[str, Any]:
    """Those of Optuna, by parameter."""
    return {key: found for name, one in space.items() for key, found in one.distributions(name).items()}


def shown(value: Any) -> str:
    """A value as it is typed."""
    if value is None:
        return "none"
    if isinstance(value, bool):
        return str(value).lower()
    return number(value) if isinstance(value, float) else str(value)


def _has_memory(request: Request) -> bool:
    return "buffer_size" in request.settings
