"""envkit eval: play a saved policy, and say what it is worth."""

import json
import sys
from pathlib import Path

import click

from envkit.cli.options import env_kwargs_option, format_option, reference
from envkit.cli.streams import clean_stdout


@click.command("eval", short_help="Play a saved policy, and say what it is worth.")
@click.argument("run", type=click.Path())
@click.option("--env", metavar="ENV", help="What it plays on, if not what it was learnt from.")
@env_kwargs_option
@click.option("--episodes", type=click.IntRange(min=1), default=100, show_default=True, help="To play.")
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Of all randomness.")
@click.option("--csv", "table", type=click.Path(path_type=Path), metavar="FILE", help="Write a row an episode.")
@click.option(
    "--tensorboard", "events", type=click.Path(path_type=Path), metavar="DIR",
    help="Write an event file there, a point an episode.",
)  # fmt: skip
@format_option("text", "json")
def COMMAND(  # noqa: N802 - the constant that the command line looks for
    run: str,
    env: str | None,
    env_kwargs: tuple[str, ...],
    episodes: int,
    seed: int,
    table: Path | None,
    events: Path | None,
    format: str,
) -> None:
    """Play the policy of RUN, the directory of a run that `envkit solve` has made.

    Nothing in the directory is executed. Exits with 4 when its files are damaged or do not fit the environment.

    \b
    envkit eval runs/FrozenLake-v1-sarsa-s0-1
    envkit eval runs/gridworld-qlearning-s0-1 --env envs.gridworld:GridWorld
    """
    from envkit.core.ref import EnvRef, parse_env_kwargs
    from envkit.workflows import judge
    from envkit.workflows.saved import load

    with clean_stdout():
        ref = reference(env, env_kwargs) if env else load(run).asked.ref if env_kwargs else None
        if ref and env_kwargs and not env:
            ref = EnvRef.of(ref, **parse_env_kwargs(env_kwargs))
        judged = judge.judge(run, env=ref, episodes=episodes, seed=seed)
        if table:
            judge.write_episodes(judged, table)
        if events:
            judge.write_events(judged, events)
    if format == "json":
        click.echo(json.dumps(judged.to_json(), allow_nan=False))
    else:
        click.echo(judge.text(judged, ascii_only="utf" not in (sys.stdout.encoding or "").lower()))
