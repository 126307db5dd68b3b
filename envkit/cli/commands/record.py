"""envkit record: a saved policy as a GIF or an MP4."""

from pathlib import Path

import click

from envkit.cli.streams import clean_stdout


@click.command("record", short_help="Record a saved policy as a GIF or an MP4.")
@click.argument("run", type=click.Path())
@click.option(
    "--output",
    type=click.Path(path_type=Path),
    help="A .gif or an .mp4; by default policy.gif in the run's directory.",
)
@click.option("--episodes", type=click.IntRange(min=1), default=1, show_default=True, help="To play.")
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Of all randomness.")
@click.option("--fps", type=click.FloatRange(1, 100), help="Frames a second; by default what the environment says.")
def COMMAND(  # noqa: N802 - the constant that the command line looks for
    run: str, output: Path | None, episodes: int, seed: int, fps: float | None
) -> None:
    """Record the policy of RUN, the directory of a run that `envkit solve` has made; at most 1,000 steps an episode.

    \b
    envkit record runs/gridworld-qlearning-s0-1
    envkit record runs/Taxi-v4-qlearning-s0-1 --episodes 3 --output taxi.mp4
    """
    from envkit.workflows.record import CAP, record
    from envkit.workflows.saved import load

    with clean_stdout():
        saved = load(run)
        path = output or saved.path / "policy.gif"
        made = record(saved.policy, saved.asked.ref, path, episodes=episodes, seed=seed, fps=fps)
    returns = ", ".join(f"{paid:.6g}" for paid in made.returns)
    cut = f"; cut off after {CAP:,} steps: {made.cut}" if made.cut else ""
    click.echo(f"{made.path}: {made.frames} frames, {made.fps:g} a second; return {returns}{cut}")
