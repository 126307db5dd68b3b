"""Makes two instances and looks at them: class, metadata, spec, spaces, signatures, render modes."""

import inspect
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from envkit.check.acting.actions import seeded
from envkit.check.model import Probe
from envkit.check.subject import Driver, Subject, copied
from envkit.core.resolve import locate
from envkit.core.trace import Call, Trace

SPACES = ("action_space", "observation_space")
SAMPLES, LARGE = 12, 4096
SKIPPED = "_frameskip"  # where an environment of ale-py says how many frames an action lasts


@dataclass(frozen=True)
class Spaces:
    """One instance's spaces: the objects, copies of them as they were at first, and what reading them raised."""

    objects: Mapping[str, Any]
    copies: Mapping[str, Any]
    errors: Mapping[str, BaseException]


@dataclass(frozen=True)
class Construction:
    """What was seen of two new instances.

    Args:
      env: the first instance, unwrapped; only to be looked at.
      first, second: the records of making them.
      spaces: of the first and of the second instance.
      after_resets: the first instance's spaces after three resets.
      reset_parameters: of the unwrapped reset: {name: default}, `inspect.Parameter.empty` where there is none.
      modes: the declared render modes, or whatever stands in their place.
      by_mode: declared mode -> the call that made an instance with it, and the render_mode it then had.
      metadata: of the first and of the second instance when each was new; copies.
      by_function: whether a plain function makes the environment.
      samples: name of a space -> members that a copy of it drew.
      defaults: the default arguments of the constructor that can be changed; copies.
      skips: (frames that the environment itself skips, how often a step of its wrappers steps it); 1 and 1 where it
        says nothing of frames.
    """

    env: Any
    first: Trace
    second: Trace
    spaces: tuple[Spaces, Spaces]
    after_resets: Spaces
    reset_parameters: Mapping[str, Any]
    modes: Any
    by_mode: Mapping[str, tuple[Call, Any]]
    samples: Mapping[str, tuple[Any, ...]]
    defaults: Mapping[str, Any]
    metadata: tuple[Any, Any] = (None, None)
    by_function: bool = False
    skips: tuple[Any, int] = (1, 1)


def run(subject: Subject) -> Construction:
    first = subject.open("first instance")
    told = copied(getattr(first.raw, "metadata", None)) if first.ok else None
    second = subject.open("second instance")
    told_again = copied(getattr(second.raw, "metadata", None)) if second.ok else None
    pair = (_spaces(first), _spaces(second))
    for seed in range(1 if subject.budget.frugal else 3):
        if first.ok:
            first.reset(seed=seed)
    after = _spaces(first)
    metadata = getattr(first.raw, "metadata", None) if first.env is not None else None
    modes = metadata.get("render_modes") if isinstance(metadata, dict) else None
    by_mode = {mode: _made(subject, mode) for mode in declared(modes) if mode != "human"}
    env = first.raw if first.env is not None else None
    skipped = getattr(env, SKIPPED, 1)
    return Construction(
        env,
        first.finish(),
        second.finish(),
        pair,
        after,
        _parameters(getattr(env, "reset", None)),
        modes,
        by_mode,
        {name: _samples(subject, space) for name, space in pair[0].copies.items()},
        defaults(env),
        (told, told_again),
        _by_function(subject),
        (1, 1) if skipped in (None, 1) else (skipped, _stepped(subject)),
    )


def _stepped(subject: Subject) -> int:
    """How often the environment itself is stepped in the first step of an episode."""
    driver, count = subject.open("frame skips"), 0
    driver.reset(seed=0)
    if not driver.ok:
        return 1
    core, step = driver.raw, driver.raw.step

    def counted(action: Any) -> Any:
        nonlocal count
        count += 1
        return step(action)

    setattr(core, "step", counted)  # noqa: B010 - of this instance alone
    driver.step(seeded(driver.env.action_space, subject.rng(8)).sample())
    driver.finish()
    return count


def _by_function(subject: Subject) -> bool:
    try:
        return inspect.isfunction(locate(subject.ref))
    except BaseException:  # noqa: BLE001 - its module cannot be imported, which the record of making it says
        return False


def declared(modes: Any) -> list[str]:
    """The render modes that are names, whatever else stands in the list."""
    return [mode for mode in modes if isinstance(mode, str)] if isinstance(modes, list | tuple) else []


def _made(subject: Subject, mode: str) -> tuple[Call, Any]:
    driver = subject.open(f"render mode {mode}", render_mode=mode)
    call = driver.calls[0]
    stored = getattr(driver.raw, "render_mode", None) if driver.ok else None
    driver.finish()
    return call, stored


def _spaces(driver: Driver) -> Spaces:
    objects, errors = {}, {}
    for name in SPACES if driver.env is not None else ():
        try:
            objects[name] = getattr(driver.env, name)
        except Exception as error:  # noqa: BLE001 - a space may be a property that raises
            errors[name] = error
    return Spaces(objects, {name: copied(space) for name, space in objects.items()}, errors)


def _samples(subject: Subject, space: Any) -> tuple[Any, ...]:
    """A few members; none where the space cannot draw."""
    if math.prod(getattr(space, "shape", None) or ()) > LARGE:
        return ()
    try:
        twin = seeded(space, subject.rng(7))
        return tuple(twin.sample() for _ in range(SAMPLES))
    except Exception:  # noqa: BLE001 - a foreign space, or none at all
        return ()


def defaults(env: Any) -> dict[str, Any]:
    """The default arguments of the constructor that can be changed: lists, dictionaries, sets; copies."""
    parameters = _parameters(getattr(type(env), "__init__", None))
    return {name: copied(value) for name, value in parameters.items() if isinstance(value, list | dict | set)}


def _parameters(method: Any) -> dict[str, Any]:
    try:
        parameters = inspect.signature(method).parameters.values()
    except (TypeError, ValueError):
        return {}
    return {("**" if p.kind is p.VAR_KEYWORD else "") + p.name: p.default for p in parameters}


PROBE = Probe("construction", Construction, run)
