"""Wrappers by name: `--wrap hide=1,3 --wrap stack=4` instead of a file with a function that wraps.

    "CartPole-v1 with hide=1,3 stack=4"       the wrapped environment's name wherever one is typed, innermost first
    wrap_ref(ref, ("hide=1,3", "stack=4"))    the same from a reference

That name is all there is to it, so a wrapped environment is made again in other processes, from a run's configuration
and from a report. Texts with spaces in them are quoted as a shell has it. Each wrapper is one file in
`envkit/authoring/wrappers`; `module:Class` is anybody's own `gymnasium.Wrapper`, and `module:Class={"size": 3}` gives
it keyword arguments. `normalize`, `life-ends` and `clip-rewards` are none: they are done to what a deep learner is
shown, over all environments of a training at once, and what is evaluated is played without them (`split_training`).

Learners are paid what the wrappers make of the rewards; what the environment itself pays is added up under the first
wrapper that changes them (`envkit.core.shaping`).
"""

import inspect
import json
import math
import shlex
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import gymnasium
from gymnasium import spaces
from gymnasium.envs.registration import EnvSpec

from envkit.core.errors import UsageError, unknown_option
from envkit.core.modules import attribute, derives
from envkit.core.ref import WITH, EnvRef
from envkit.core.resolve import locate
from envkit.core.scan import constants, modules
from envkit.core.shaping import OwnReturn, own_return
from envkit.core.show import error_line, show

Env = gymnasium.Env[Any, Any]
FOLDER = "envkit.authoring.wrappers"
NORMALIZE, NORMALIZED = "normalize", ("observation", "reward")
VIEWS = {  # what stands before `normalize`, likewise of trainings alone
    "life-ends": "each life is an episode",
    "clip-rewards": "rewards are -1, 0 and 1",
}
OWN = "module:Class"  # how somebody's own wrapper is named in lists


@dataclass(frozen=True)
class Batch:
    """How a kind of wrapper makes a batch of registered environments at once, each as if it were in that wrapper.

    Args:
      refusal: (spec, keyword arguments, what was read) -> why there is none of that environment; empty where there is.
      make: the same and how many -> the batch, which resets in the same step where it can.
    """

    refusal: Callable[[EnvSpec, Mapping[str, Any], Any], str]
    make: Callable[[EnvSpec, Mapping[str, Any], Any, int], gymnasium.vector.VectorEnv[Any, Any, Any]]


@dataclass(frozen=True)
class Wrapping:
    """A kind of wrapper.

    Args:
      name: as it is typed.
      summary: what it does, in a few words.
      takes: the form of what stands behind the `=`; empty where nothing does.
      example: of that.
      read: what was typed behind the `=` -> what `make` is given. Raises ValueError with what is wrong.
      make: the environment wrapped. Raises UsageError where its spaces will not do.
      shapes_reward: whether the learner is paid something else than the environment pays.
      wants: (spec, keyword arguments) -> how it wants a registered environment to be made instead, as the innermost.
      batch: how it makes many at once, as the only wrapper; None where it does not.
    """

    name: str
    summary: str
    takes: str
    example: str
    read: Callable[[str], Any]
    make: Callable[[Env, Any], Env]
    shapes_reward: bool = False
    wants: Callable[[EnvSpec, Mapping[str, Any]], Mapping[str, Any]] = field(default=lambda *_: {})
    batch: Batch | None = None


@dataclass(frozen=True)
class Wrap:
    """A wrapper as somebody asked for it.

    Args:
      text: as it was typed.
      given: what its `Wrapping` has read, or the keyword arguments of somebody's own.
      wrapping: None of somebody's own.
    """

    text: str
    given: Any
    wrapping: Wrapping | None = None

    @property
    def shapes_reward(self) -> bool:
        """Of somebody's own it is not known, so it may."""
        return self.wrapping is None or self.wrapping.shapes_reward


def wrappings() -> dict[str, Wrapping]:
    """The kit's own wrappers by name."""
    return {wrapping.name: wrapping for wrapping in constants(FOLDER, "WRAPPER", Wrapping).values()}


def page(name: str) -> str:
    """All about a wrapper, as its own file has it; or a line on each, of the name `wrap`."""
    known = wrappings()
    if name == "wrap":
        rows = [(_form(each), each.summary) for each in known.values()]
        rows += [(name, f"{summary}; of deep learners") for name, summary in VIEWS.items()]
        rows += [(f"{NORMALIZE}[=observation|reward]", "scaled by what training has seen; of deep learners, and last")]
        rows += [(f"{OWN}[=JSON]", "your own gymnasium.Wrapper, its keyword arguments as JSON")]
        width = max(len(form) for form, _ in rows)
        return "\n".join(f"--wrap {form:{width}}  {summary}" for form, summary in rows)
    doc = next(module.__doc__ or "" for module in modules(FOLDER) if getattr(module, "WRAPPER", None) is known[name])
    example = f", such as --wrap {name}={known[name].example}" if known[name].takes else ""
    return f"--wrap {_form(known[name])}{example}\n\n{doc.strip()}"


def _form(wrapping: Wrapping) -> str:
    return f"{wrapping.name}={wrapping.takes}" if wrapping.takes else wrapping.name


def parse(texts: Sequence[str]) -> tuple[Wrap, ...]:
    """The wrappers that the texts name. Raises UsageError where one names none, or has a wrong argument."""
    return tuple(map(_parsed, texts))


def split_training(texts: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """The wrappers; what else a learner is shown, of `VIEWS`; and what it is to normalize, of `NORMALIZED`.

    Raises:
      UsageError: it is to normalize something else, or a wrapper comes after what is the training's alone.
    """
    texts, normalized = _split_normalize(texts)
    wrappers = tuple(text for text in texts if text.partition("=")[0] not in VIEWS)
    views = texts[len(wrappers) :]
    if texts[: len(wrappers)] != wrappers:
        late = next(one for one in views if one in wrappers)
        raise UsageError(f"--wrap {late} comes after {texts[texts.index(late) - 1]}: give {' and '.join(VIEWS)} last")
    for view in views:
        if view not in VIEWS or views.count(view) > 1:
            raise UsageError(f"--wrap {view}: {view.partition('=')[0]} takes no argument, and is given once")
    return wrappers, views, normalized


def _split_normalize(texts: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    before, last = tuple(texts[:-1]), texts[-1] if texts else ""
    name, equals, given = last.partition("=")
    if name != NORMALIZE:
        before, given = tuple(texts), ""
    if any(text.partition("=")[0] == NORMALIZE for text in before):
        raise UsageError(f"{NORMALIZE} is done over all environments at once, so it comes once, and as the last --wrap")
    if name != NORMALIZE:
        return before, ()
    parts = tuple(given.split(",")) if equals else NORMALIZED
    if not set(parts) <= set(NORMALIZED) or len(set(parts)) != len(parts):
        raise UsageError(f"{last!r} normalizes {given!r}: write normalize, normalize=observation or normalize=reward")
    return before, parts


def wrap_ref(ref: EnvRef, texts: Sequence[str]) -> EnvRef:
    """A reference to the environment in these wrappers, around those that it has.

    Raises:
      UsageError: as of `parse`, or where the environment is an instance.
    """
    if not texts:
        return ref
    parse(texts)
    if not isinstance(ref.target, str) and not hasattr(ref.target, "__qualname__"):
        raise UsageError(f"{ref} is an instance, which no text names; give its id or its class to put it into wrappers")
    words, joint = shlex.join(texts), " " if ref.parts[1] else WITH
    label = f"{ref.label}{WITH}{words}" if ref.label else ""
    return replace(ref, target=f"{ref.text}{joint}{words}", label=label)


def wrapped(name: str, wraps: str, folder: str, /, **kwargs: Any) -> Env:
    """What `NAME with WRAPS` makes: the environment of that name with these arguments, in the wrappers.

    Raises:
      UsageError: as of `parse`, or where a wrapper cannot take its spaces.
      UnknownEnvironment, EnvironmentFailed: as of `EnvRef.make`.
    """
    parsed = _read(name, wraps)
    ref = EnvRef(name, kwargs, folder)
    if parsed[0].wrapping and isinstance(spec := locate(ref), EnvSpec):
        ref = EnvRef(name, {**kwargs, **parsed[0].wrapping.wants(spec, kwargs)}, folder)
    env = ref.make()
    for wrap in parsed:
        if wrap.shapes_reward and own_return(env) is None:
            env = OwnReturn(env)
        try:
            env = wrap.wrapping.make(env, wrap.given) if wrap.wrapping else _own(env, wrap, folder)
        except BaseException:
            env.close()
            raise
    return env


def without_batch(ref: EnvRef) -> str:
    """Why there is no batch of an environment in wrappers; empty where there is one."""
    name, wraps = ref.parts
    first, *others = _read(name, wraps)
    spec = locate(replace(ref, target=name))
    if others or first.wrapping is None or first.wrapping.batch is None or not isinstance(spec, EnvSpec):
        return f"{ref.text} is in wrappers, which take single environments"
    return first.wrapping.batch.refusal(spec, ref.kwargs, first.given)


def batch(ref: EnvRef, count: int) -> gymnasium.vector.VectorEnv[Any, Any, Any]:
    """So many of them at once, where `without_batch` says nothing against it."""
    name, wraps = ref.parts
    wrap, spec = _read(name, wraps)[0], locate(replace(ref, target=name))
    assert wrap.wrapping
    assert wrap.wrapping.batch
    assert isinstance(spec, EnvSpec)
    return wrap.wrapping.batch.make(spec, ref.kwargs, wrap.given, count)


def _read(name: str, wraps: str) -> tuple[Wrap, ...]:
    """The wrappers that a name ends with."""
    try:
        texts = shlex.split(wraps)
    except ValueError as error:
        raise UsageError(f"the wrappers of {name} cannot be read, {wraps!r}: {error}") from error
    if not texts:
        raise UsageError(f"{name}{WITH}names no wrapper; envkit explain wrap lists them")
    return parse(texts)


def whole(text: str) -> int:
    """`4`."""
    if text.isascii() and text.isdigit() and int(text) > 0:
        return int(text)
    raise ValueError(f"{text!r} is not a whole number of 1 or more")


def number(text: str) -> float:
    """`-0.5`."""
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise ValueError(f"{text!r} is not a finite number")
    return value


def several(text: str) -> tuple[str, ...]:
    """`a,b`, each once."""
    parts = tuple(text.split(","))
    if not all(parts) or len(set(parts)) != len(parts):
        raise ValueError(f"{text!r} has an entry that is empty, or there twice")
    return parts


def places(text: str) -> tuple[int, ...]:
    """`0,2,3`, each once."""
    if not all(part.isascii() and part.isdigit() for part in several(text)):
        raise ValueError(f"{text!r} has an entry that is no whole number of 0 or more")
    return tuple(map(int, several(text)))


def nothing(text: str) -> None:
    """For what takes no argument."""
    if text:
        raise ValueError(f"it takes no argument, and {text!r} is one")


def cannot(
    name: str, takes: str, space: spaces.Space[Any], *, is_a: str = "observation", instead: str = ""
) -> UsageError:
    """The error for a space that a wrapper cannot take: says what it takes, what it got, and what would help."""
    return UsageError(f"{name} takes {takes}, and the {is_a} is {show(space)}{f'; {instead}' if instead else ''}")


def image(name: str, space: spaces.Space[Any]) -> spaces.Box:
    """The space, if it is one of images. Raises UsageError."""
    if isinstance(space, spaces.Box) and len(space.shape) in (2, 3):
        return space
    takes = "images, a Box of (rows, columns) or (rows, columns, channels)"
    raise cannot(name, takes, space, instead="hide takes entries out of what is no image")


def _parsed(text: str) -> Wrap:
    name, equals, given = text.partition("=")
    if ":" in name:
        return Wrap(text, _keywords(text, given) if equals else {})
    known = wrappings()
    if name == NORMALIZE:
        raise UsageError(f"{NORMALIZE} is no wrapper of one environment: a deep learner does it, as the last --wrap")
    if name in VIEWS:
        raise UsageError(f"{name} is no wrapper of one environment: `envkit solve` takes it as --wrap {name}")
    if name not in known:
        if isinstance(getattr(gymnasium.wrappers, name, None), type):
            raise UsageError(f"wrapper {name!r} is one of Gymnasium's: gymnasium.wrappers:{name}")
        raise unknown_option("wrapper", name, [*known, *VIEWS, NORMALIZE, OWN])
    wrapping = known[name]
    try:
        return Wrap(text, wrapping.read(given), wrapping)
    except ValueError as error:
        example = f", such as {name}={wrapping.example}" if wrapping.takes else ""
        raise UsageError(f"wrapper {text!r} is to be {_form(wrapping)}{example}; {error}") from error


def _keywords(text: str, given: str) -> dict[str, Any]:
    with_keywords = 'its keyword arguments stand behind it as JSON, such as module:Class={"size": 3}'
    try:
        keywords = json.loads(given)
    except ValueError as error:
        raise UsageError(f"wrapper {text!r}: {with_keywords}; {error_line(error)}") from error
    if not isinstance(keywords, dict):
        raise UsageError(f"wrapper {text!r}: {with_keywords}, not {show(keywords)}")
    return keywords


def _own(env: Env, wrap: Wrap, folder: str) -> Env:
    """Somebody's own wrapper around the environment."""
    name = wrap.text.partition("=")[0]
    wanted = "a class derived from gymnasium.Wrapper"
    kind = attribute(name, folder, kind="wrapper", wanted=wanted, fits=partial(derives, base=gymnasium.Wrapper))
    try:
        inspect.signature(kind).bind(env, **wrap.given)
    except TypeError as error:
        raise UsageError(f"wrapper {wrap.text!r}: {kind.__name__}{inspect.signature(kind)}: {error}") from error
    made: Env = kind(env, **wrap.given)
    return made
