"""envkit plot: draw a run."""

from pathlib import Path

import click


@click.command("plot", short_help="Draw a run: its curve, its watched values, its grid.")
@click.argument("run", type=click.Path())
@click.option("--out", type=click.Path(path_type=Path), help="A folder for the pictures; by default the run's own.")
@click.option(
    "--kind",
    "kinds",
    multiple=True,
    type=click.Choice(["png", "svg", "pdf"]),
    help="Repeatable; by default png and svg.",
)
@click.option("--dpi", type=click.IntRange(30, 1200), default=150, show_default=True, help="Of png.")
@click.option("--by", type=click.Choice(["steps", "episodes"]), help="Of a training, to the right.  [default: steps]")
@click.option("--window", type=click.IntRange(min=1), help="Of a training: episodes of the running average.")
@click.option("--animate", is_flag=True, help="Draw how values, policy and visits came about instead, as a GIF.")
@click.option("--output", type=click.Path(path_type=Path), help="With --animate: the file, a .gif or an .mp4.")
def COMMAND(  # noqa: N802 - the constant that the command line looks for
    run: str, out: Path | None, kinds: tuple[str, ...], dpi: int, by: str | None, window: int | None, animate: bool,
    output: Path | None,
) -> None:  # fmt: skip
    """Draw RUN, the directory of a run that `envkit solve` has made.

    curve is what was earned while it learnt, how much it explored and how wrong its values were; trace is the values
    that were watched (envkit solve --trace), planning beside learning; grid is what cells are worth, with the policy
    as arrows, and how often each was visited. Of the training of a network, curve has every episode and evaluation, and
    losses is what the learner measured of itself.

    \b
    envkit plot runs/gridworld-qlearning-s0-1
    envkit plot runs/gridworld-qlearning-s0-1 --animate --output learning.mp4
    """
    from envkit.core.errors import UsageError
    from envkit.workflows import plot

    if animate:
        if out or kinds or by or window:
            raise UsageError("--animate writes one film; name it with --output FILE.gif or FILE.mp4")
        click.echo(plot.animate(run, out=output))
        return
    if output:
        raise UsageError(f"--output {output} names the film of --animate; pictures go into --out DIR")
    files = plot.plot(run, out=out, kinds=kinds or ("png", "svg"), dpi=dpi, by=by, window=window)
    if not files:
        raise UsageError(f"{run} has nothing to draw: it planned, watched no value, and its states are no grid")
    for path in files:
        click.echo(path)
