"""envkit eval: play a saved policy, and say what it is worth."""

import json
import sys
from pathlib import Path

import click

from envkit.cli.options import (
    env_kwargs_option,
    format_option,
    in_wrappers,
    played_on_option,
    reference,
    say_trusted,
    trust_option,
    wrap_option,
)
from envkit.cli.streams import clean_stdout


@click.command("eval", short_help="Play a saved policy, and say what it is worth.")
@click.argument("target", metavar="RUN|ZIP|ENV")
@click.option("--policy", metavar="NAME", help="Of ENV: random, module:function, a run, or a ZIP.")
@played_on_option
@env_kwargs_option
@wrap_option
@click.option("--episodes", type=click.IntRange(min=1), default=100, show_default=True, help="To play.")
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Of all randomness.")
@click.option("--seeds", "spread", metavar="FROM:TO", help="An episode for each of these seeds, the last one left out.")
@click.option("--max-steps", type=click.IntRange(min=1), help="After which an episode is cut off.  [default: 10000]")
@click.option(
    "--n-envs", type=click.IntRange(min=1), default=1, show_default=True,
    help="Episodes to play at once, as the environment's own batch where it has one.",
)  # fmt: skip
@click.option(
    "--render", type=click.Choice(["human"]), help="Show each episode in a window, at the environment's pace."
)
@click.option("--drawn", is_flag=True, help="Draw actions where the policy has chances, instead of the likeliest one.")
@trust_option
@click.option("--csv", "table", type=click.Path(path_type=Path), metavar="FILE", help="Write a row an episode.")
@click.option(
    "--tensorboard", "events", type=click.Path(path_type=Path), metavar="DIR",
    help="Write an event file there, a point an episode.",
)  # fmt: skip
@format_option("text", "json")
def COMMAND(  # noqa: N802 - the constant that the command line looks for
    target: str,
    policy: str | None,
    env: str | None,
    env_kwargs: tuple[str, ...],
    wrap: tuple[str, ...],
    episodes: int,
    seed: int,
    spread: str | None,
    max_steps: int | None,
    n_envs: int,
    render: str | None,
    drawn: bool,
    trust: bool,
    table: Path | None,
    events: Path | None,
    format: str,
) -> None:
    """Play the policy of RUN, the directory of a run that `envkit solve` has made; or on ENV that of --policy.

    ZIP is a model that Stable-Baselines3 has saved; it does not name its environment, so --env does. Of neither is
    anything executed (but with --trust). Exits with 4 when files are damaged or do not fit the environment.

    \b
    envkit eval runs/FrozenLake-v1-sarsa-s0-1
    envkit eval runs/gridworld-qlearning-s0-1 --env envs.gridworld:GridWorld
    envkit eval ppo_cartpole.zip --env CartPole-v1
    envkit eval CartPole-v1 --policy rules.py:tilt --seeds 0:500
    """
    from envkit.core.errors import UsageError
    from envkit.core.ref import EnvRef, parse_env_kwargs
    from envkit.workflows import judge
    from envkit.workflows.evaluate import CAP
    from envkit.workflows.players import env_of, is_run, known
    from envkit.workflows.saved import load

    with clean_stdout():
        if policy is None and not is_run(target) and not Path(target).is_dir():
            known(reference(target, env_kwargs, wrap))
            raise UsageError(f"{target} is an environment; --policy says who plays: random, module:function, or a run")
        if policy is not None and env is not None:
            raise UsageError(f"{target} is the environment where --policy is given, so --env {env} has no meaning")
        if policy is not None:
            is_named = not is_run(target)
            ref = known(reference(target, env_kwargs, wrap)) if is_named else env_of(target, env_kwargs, wrap)
        elif env:
            ref = reference(env, env_kwargs, wrap)
        elif env_kwargs or wrap:
            ref = in_wrappers(EnvRef.of(load(target).ref, **parse_env_kwargs(env_kwargs)), wrap)
        else:
            ref = None
        if trust:
            say_trusted(policy or target)
        judged = judge.judge(
            policy or target, env=ref, episodes=episodes, seed=seed, seeds=_seeds(spread), cap=max_steps or CAP,
            drawn=drawn, trust=trust, n_envs=n_envs, render=render,
        )  # fmt: skip
        if table:
            judge.write_episodes(judged, table)
        if events:
            judge.write_events(judged, events)
    if format == "json":
        click.echo(json.dumps(judged.to_json(), allow_nan=False))
    else:
        click.echo(judge.text(judged, ascii_only="utf" not in (sys.stdout.encoding or "").lower()))


def _seeds(text: str | None) -> range | None:
    """`0:500`."""
    from envkit.core.errors import UsageError

    if text is None:
        return None
    first, _, last = text.partition(":")
    if not (first.isdigit() and last.isdigit() and int(first) < int(last)):
        raise UsageError(f"--seeds takes FROM:TO, such as 0:500, not {text!r}")
    return range(int(first), int(last))
