"""Options that several commands share, so that they are the same everywhere."""

from collections.abc import Callable
from typing import Any, TypeVar

import click

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


def reference(env: str, env_kwargs: tuple[str, ...]) -> EnvRef:
    return EnvRef.of(env, **parse_env_kwargs(env_kwargs))
