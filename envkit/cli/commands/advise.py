"""envkit advise: which algorithms can take an environment, and with which one to begin."""

import click

from envkit.cli.options import env_kwargs_option, format_option, reference
from envkit.cli.streams import clean_stdout


@click.command("advise", short_help="Say which algorithms take an environment.")
@click.argument("env")
@env_kwargs_option
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Of the random play.")
@format_option("text", "json")
def COMMAND(env: str, env_kwargs: tuple[str, ...], seed: int, format: str) -> None:  # noqa: N802 - the constant that the command line looks for
    """Say of each algorithm whether it takes ENV, what it needs to do so, and whether several processes would be a
    gain; which one to begin with, and why.

    An algorithm is judged by the spaces and the model. Five random episodes say how long a step takes and how far
    from 0 observations are.

    \b
    envkit advise CartPole-v1
    envkit advise Blackjack-v1
    """
    import json

    from envkit.cli.terminal import tell_pieces
    from envkit.workflows.looking.glance import advised
    from envkit.workflows.looking.text import advised as text

    ref = reference(env, env_kwargs)
    with clean_stdout():
        found = advised(ref, seed=seed)
    if format == "json":
        click.echo(json.dumps({"schema": 1, "env": str(ref), **found.to_json()}, indent=2, allow_nan=False))
        return
    tell_pieces(text(str(ref), found))
