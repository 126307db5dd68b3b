"""Options that several commands share, so that they are the same everywhere."""

import contextlib
import json
import re
from collections.abc import Callable, Collection
from typing import Any, TypeVar

import click
from click.core import ParameterSource

from envkit.core.ref import EnvRef, parse_env_kwargs

F = TypeVar("F", bound=Callable[..., Any])


def env_kwargs_option(command: F) -> F:
    """`--env-kwargs key=value`, repeatable; arrives as the tuple `env_kwargs`."""
    return click.option(
        "--env-kwargs",
        multiple=True,
        metavar="KEY=VALUE",
        help="Argument for the environment's constructor; repeatable. The value is JSON, else text.",
    )(command)


def wrap_option(command: F) -> F:
    """`--wrap NAME=ARGUMENT`, repeatable and in order; arrives as the tuple `wrap`."""
    return click.option(
        "--wrap",
        multiple=True,
        metavar="NAME[=ARG]",
        help="Wrapper, such as stack=4; repeatable, innermost first. `envkit explain wrap` has them all.",
    )(command)


def played_on_option(command: F) -> F:
    """`--env`; arrives as `env`, the name of what a run or a model plays on."""
    return click.option("--env", metavar="ENV", help="What RUN or ZIP plays on, if not what it was learnt from.")(
        command
    )


def played_on(target: str, env: str | None, env_kwargs: tuple[str, ...], wrap: tuple[str, ...]) -> EnvRef | None:
    """Of `--env` for `target`, a run or a model; None where it is not given. Raises UsageError."""
    from envkit.core.errors import UsageError

    if env is None and (env_kwargs or wrap):
        given = "--env-kwargs" if env_kwargs else "--wrap"
        raise UsageError(f"{given} is for an environment, and {target} is a run: name one by --env")
    return None if env is None else reference(env, env_kwargs, wrap)


def trust_option(command: F) -> F:
    """`--trust`; arrives as `trust`, for `say_trusted` to say aloud."""
    return click.option(
        "--trust", is_flag=True, help="Of a .zip: let Stable-Baselines3 load it, which executes what is in the file."
    )(command)


def say_trusted(file: str) -> None:
    """Names what is about to be executed, so that somebody can find out later what it was."""
    import hashlib
    from pathlib import Path

    from envkit.deep.foreign.reading import is_model

    if is_model(Path(file)):
        digest = hashlib.sha256(Path(file).read_bytes()).hexdigest()
        click.echo(f"envkit: trusting {file}, sha256 {digest}: what is in it is executed", err=True)


def format_option(*formats: str) -> Callable[[F], F]:
    """`--format`, the first one being the default; arrives as `format`."""

    def decorate(command: F) -> F:
        return click.option(
            "--format",
            type=click.Choice(formats),
            default=formats[0],
            show_default=True,
            help="How to print the result.",
        )(command)

    return decorate


def reference(env: str, env_kwargs: tuple[str, ...], wrap: tuple[str, ...] = ()) -> EnvRef:
    """What was typed, as a reference. Raises UsageError where an argument or a wrapper cannot be."""
    return in_wrappers(EnvRef.of(env, **parse_env_kwargs(env_kwargs)), wrap)


def in_wrappers(ref: EnvRef, wrap: tuple[str, ...]) -> EnvRef:
    """The reference, in these wrappers too."""
    if not wrap:
        return ref
    from envkit.authoring.wrapping import wrap_ref

    return wrap_ref(ref, wrap)


def count_of(option: str, text: str | None) -> int | None:
    """`50000`, `50_000` or `50,000`."""
    from envkit.core.errors import UsageError

    if text is None:
        return None
    plain = re.sub(r"(?<=\d)[_,](?=\d)", "", text)
    if not re.fullmatch(r"\d+", plain) or int(plain) < 1:
        raise UsageError(f"{option} takes a whole number of at least 1, not {text!r}")
    return int(plain)


def more_of(option: str, text: str | None) -> int | None:
    """`+50000`, which an option takes beside --resume."""
    from envkit.core.errors import UsageError

    if text is None:
        return None
    if not text.startswith("+"):
        what, number = option.removeprefix("--"), text.lstrip("-")
        raise UsageError(f"{option} {text} with --resume: write +{number} for so many {what} more")
    return count_of(option, text.removeprefix("+"))


def refuse_beside_resume(what: str, allowed: Collection[str]) -> None:
    """Whatever else was given: the run, or the search, does what it was told when it began.

    Args:
      allowed: the parameters of the command that may stand there.
    """
    from envkit.core.errors import UsageError

    context = click.get_current_context()
    for parameter in context.command.params:
        name = parameter.name or ""
        if name not in allowed and context.get_parameter_source(name) is not ParameterSource.DEFAULT:
            option = parameter.opts[0].removeprefix("--")
            raise UsageError(f"--resume goes on as {what} began, so {option} cannot be given with it")


def settings_of(pairs: tuple[str, ...]) -> dict[str, Any]:
    """`("epsilon=0.1", "ties=first")` -> `{"epsilon": 0.1, "ties": "first"}`."""
    from envkit.core.errors import UsageError

    settings: dict[str, Any] = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals or not name:
            raise UsageError(f"--set takes name=value, not {pair!r}; for example --set discount=0.99")
        if name in settings:
            raise UsageError(f"hyper-parameter {name!r} is given twice")
        settings[name] = value_of(value)
    return settings


def value_of(text: str) -> Any:
    with contextlib.suppress(ValueError):
        return json.loads(text)
    with contextlib.suppress(ValueError):
        return float(text)  # `.5` is no JSON, but is what people type
    return text
