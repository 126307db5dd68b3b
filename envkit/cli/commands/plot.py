"""envkit plot: draw a run."""

from pathlib import Path

import click


@click.command("plot", short_help="Draw runs: their curves, watched values, grids.")
@click.argument("runs", metavar="RUN...", nargs=-1, required=True, type=click.Path())
@click.option("--out", type=click.Path(path_type=Path), help="A folder for the pictures; by default the run's own.")
@click.option(
    "--kind",
    "kinds",
    multiple=True,
    type=click.Choice(["png", "svg", "pdf"]),
    help="Repeatable; by default png and svg.",
)
@click.option("--size", metavar="WxH", help="In inches, such as 8x5; by default what the panels need.")
@click.option("--dpi", type=click.IntRange(30, 1200), default=150, show_default=True, help="Of png.")
@click.option("--by", type=click.Choice(["steps", "episodes"]), help="To the right; by default what a run counts in.")
@click.option("--window", type=click.IntRange(min=1), help="Episodes of the running average; by default a twentieth.")
@click.option("--animate", is_flag=True, help="Draw how values, policy and visits came about instead, as a GIF.")
@click.option(
    "--output", type=click.Path(path_type=Path), metavar="FILE",
    help="The curve alone into this .png, .svg or .pdf; with --animate the film, a .gif or an .mp4.",
)  # fmt: skip
def COMMAND(  # noqa: N802 - the constant that the command line looks for
    runs: tuple[str, ...], out: Path | None, kinds: tuple[str, ...], size: str | None, dpi: int, by: str | None,
    window: int | None, animate: bool, output: Path | None,
) -> None:  # fmt: skip
    """Draw RUN, the directory of a run that `envkit solve` has made, or of many seeds; or several together.

    curve is what was earned while it learnt, how long episodes were, how much it explored, its learning rate and how
    wrong its values were, as far as each is known. Of several runs each experiment has a line: runs that differ in
    nothing but the seed are their mean, with a band in which it lies with 95 %. losses is what the learner of a network
    measured of itself; trace is the values that were watched (envkit solve --trace), planning beside learning; grid is
    what cells are worth, with the policy as arrows, and how often each was visited.

    \b
    envkit plot runs/gridworld-qlearning-s0-1
    envkit plot runs/lake-qlearning runs/lake-sarsa --output lakes.svg
    envkit plot runs/CartPole-v1-ppo-s* --by episodes --size 8x5 --dpi 300
    envkit plot runs/gridworld-qlearning-s0-1 --animate --output learning.mp4
    """
    from envkit.core.errors import UsageError
    from envkit.workflows import plot

    if animate:
        if out or kinds or by or window or size or len(runs) > 1:
            raise UsageError("--animate writes one film of one run; name it with --output FILE.gif or FILE.mp4")
        click.echo(plot.animate(runs[0], out=output))
        return
    if output and (out or kinds):
        raise UsageError(f"--output {output} names one picture; --out DIR and --kind are of several")
    files = plot.plot(
        runs, out=out, kinds=kinds or ("png", "svg"), dpi=dpi, by=by, window=window, size=_inches(size), output=output
    )
    if not files:
        raise UsageError(
            f"{runs[0]} has nothing to draw: it planned, watched no value, and its states are not the cells of a grid"
        )
    for path in files:
        click.echo(path)


def _inches(text: str | None) -> tuple[float, float] | None:
    """`8x5`."""
    import re

    from envkit.core.errors import UsageError

    if text is None:
        return None
    found = re.fullmatch(r"(\d+(?:\.\d+)?)x(\d+(?:\.\d+)?)", text)
    width, height = (float(side) for side in found.groups()) if found else (0.0, 0.0)
    if not (2 <= width <= 40 and 2 <= height <= 40):
        raise UsageError(f"--size takes WxH in inches, from 2x2 to 40x40, such as 8x5, not {text!r}")
    return width, height
