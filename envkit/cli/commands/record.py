"""envkit record: a policy, or random actions, as a GIF or an MP4."""

from pathlib import Path

import click

from envkit.cli.options import (
    env_kwargs_option,
    played_on,
    played_on_option,
    reference,
    say_trusted,
    trust_option,
    wrap_option,
)
from envkit.cli.streams import clean_stdout


@click.command("record", short_help="Record a policy, or random actions, as a GIF or an MP4.")
@click.argument("what", metavar="RUN|ZIP|ENV")
@click.option("--policy", metavar="RUN", help="Of ENV: `random`, the default, a run, or the ZIP of a model.")
@played_on_option
@trust_option
@env_kwargs_option
@wrap_option
@click.option(
    "--output",
    type=click.Path(path_type=Path),
    help="A .gif or an .mp4; by default policy.gif in the run's directory, else ENV.gif here.",
)
@click.option("--episode", "kept", type=click.Path(path_type=Path), metavar="FILE", help="Keeps them to replay: .json.")
@click.option("--episodes", type=click.IntRange(min=1), default=1, show_default=True, help="To play.")
@click.option("--max-steps", type=click.IntRange(min=1), help="After which an episode is cut off.  [default: 1000]")
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Of all randomness.")
@click.option("--fps", type=click.FloatRange(1, 100), help="Frames a second; by default what the environment says.")
def COMMAND(  # noqa: N802 - the constant that the command line looks for
    what: str, policy: str | None, env: str | None, trust: bool, env_kwargs: tuple[str, ...], wrap: tuple[str, ...],
    output: Path | None, kept: Path | None, episodes: int, max_steps: int | None, seed: int, fps: float | None,
) -> None:  # fmt: skip
    """Record the policy of RUN, the directory of a run that `envkit solve` has made, or a policy on ENV.

    What cannot be encoded, and frames that are none, are refused before the first step. What a person plays is
    recorded by `envkit play ENV --record FILE`.

    \b
    envkit record runs/gridworld-qlearning-s0-1
    envkit record LunarLander-v3 --output lander.mp4
    envkit record Taxi-v4 --policy runs/Taxi-v4-qlearning-s0-1 --episodes 3
    """
    from envkit.core.errors import UsageError
    from envkit.runs.transcripts import save
    from envkit.workflows.players import RANDOM, is_run, known, player
    from envkit.workflows.record import CAP, record
    from envkit.workflows.recorder import check_episodes_path

    if is_run(what) and policy:
        raise UsageError(f"--policy is for an environment, and {what} is a run: envkit record ENV --policy {policy}")
    if env and not is_run(what):
        raise UsageError(f"{what} is the environment, so --env {env} has no meaning")
    if kept:
        check_episodes_path(kept)
    with clean_stdout():
        if is_run(what):
            if trust:
                say_trusted(what)
            chosen = player(what, played_on(what, env, env_kwargs, wrap), trust=trust)
            path = Path(what) / "policy.gif"
            path = path if Path(what).is_dir() else Path(what).parent / path.name
        else:
            if trust:
                say_trusted(policy or RANDOM)
            chosen = player(policy or RANDOM, known(reference(what, env_kwargs, wrap)), trust=trust)
            path = Path(f"{_plain(what)}.gif")
        made = record(
            chosen.policy, chosen.ref, output or path, episodes=episodes, seed=seed, fps=fps, cap=max_steps or CAP,
            player=chosen.name,
        )  # fmt: skip
        if kept:
            save(kept, made.transcript)
    if made.blank:
        click.echo(f"envkit: warning: {made.path} shows nothing: all frames are of one and the same colour", err=True)
    returns = ", ".join(f"{paid:.6g}" for paid in made.returns)
    returns += f" (shaped {', '.join(f'{paid:.6g}' for paid in made.shaped)})" if made.shaped else ""
    cut = f"; cut off after {max_steps or CAP:,} steps: {made.cut}" if made.cut else ""
    click.echo(
        f"{made.path}: {made.frames} frames, {made.fps:g} a second, the last of an episode held; return {returns}{cut}"
    )
    if kept:
        click.echo(f"{kept}: {made.transcript.told}; `envkit replay {kept}` plays it again")


def _plain(name: str) -> str:
    """A file's name for an environment: `my_envs.py:Lake` becomes `Lake`."""
    import re

    return re.sub(r"[^\w.-]+", "-", name.rpartition(":")[2].rpartition("/")[2]).strip("-.") or "recording"
