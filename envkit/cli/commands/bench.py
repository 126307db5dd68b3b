"""envkit bench: how fast an environment is, and whether it became slower."""

import json
from pathlib import Path

import click

from envkit.cli.exits import Exit
from envkit.cli.options import env_kwargs_option, format_option, reference, wrap_option


@click.command("bench", short_help="Measure steps a second, cost and trend; gate CI.")
@click.argument("env")
@env_kwargs_option
@wrap_option
@click.option(
    "--num-envs",
    default="8",
    show_default=True,
    metavar="N[,N...]",
    help="Numbers of environments to vectorise.",
)
@click.option(
    "--seconds",
    type=click.FloatRange(min=0, min_open=True),
    default=0.6,
    show_default=True,
    help="For each row, all rounds together.",
)
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Of actions and resets.")
@click.option(
    "--timeout",
    type=click.FloatRange(min=0, min_open=True),
    default=60.0,
    show_default=True,
    metavar="SECONDS",
    help="Without a sign of life, after which it hangs.",
)
@click.option("--save", type=click.Path(path_type=Path), metavar="FILE", help="Keep the result there, as JSON.")
@click.option("--compare", type=click.Path(path_type=Path), metavar="FILE", help="Fail where it is worse than that.")
@click.option(
    "--tolerance",
    type=click.FloatRange(min=0),
    default=20.0,
    show_default=True,
    metavar="PERCENT",
    help="By how much it may be worse.",
)
@format_option("text", "json")
def COMMAND(  # noqa: N802 - the constant that the command line looks for
    env: str,
    env_kwargs: tuple[str, ...],
    wrap: tuple[str, ...],
    num_envs: str,
    seconds: float,
    seed: int,
    timeout: float,
    save: Path | None,
    compare: Path | None,
    tolerance: float,
    format: str,
) -> int:
    """Measure ENV: steps a second bare, wrapped, rendered and vectorised, cost, memory, trend.

    Every number is a median over rounds, with its quartiles. Exits with 1 when a row is worse than
    in the file of --compare by more than the tolerance, beyond the noise; with 2 when that file is
    of another environment, with 3 when ENV crashed or hung, with 4 when the file is no benchmark.

    \b
    envkit bench CartPole-v1 --num-envs 1,8,64
    envkit bench gridworld --save bench.json
    envkit bench gridworld --compare bench.json --tolerance 30
    """
    from envkit.cli.progress import measuring
    from envkit.cli.terminal import tell
    from envkit.workflows.benching import files, text
    from envkit.workflows.benching.bench import bench
    from envkit.workflows.benching.compare import compare as compared
    from envkit.workflows.benching.compare import expect_same

    ref = reference(env, env_kwargs, wrap)
    before = files.load(compare) if compare else None  # what is wrong with it is told before anything is measured
    if before is not None:
        expect_same(before, str(ref), ref.kwargs)
    if save:
        files.expect_folder(save)
    with measuring(env) as progress:
        found = bench(ref, num_envs=_numbers(num_envs), seconds=seconds, seed=seed, timeout=timeout, progress=progress)
    comparison = compared(before, found, tolerance=tolerance / 100) if before is not None else None
    if save:
        files.save(found, save)
    if format == "json":
        extra = {"comparison": comparison.to_json()} if comparison else {}
        click.echo(json.dumps({**found.to_json(), **extra}, allow_nan=False))
    else:
        tell(text.text(found, comparison))
    if comparison and comparison.regressions:
        click.echo(f"envkit: {text.regression_line(comparison.regressions)}", err=True)
        return Exit.FINDINGS
    return Exit.CLEAN


def _numbers(given: str) -> tuple[int, ...]:
    from envkit.core.errors import UsageError

    try:
        return tuple(int(part) for part in given.split(","))
    except ValueError:
        raise UsageError(f"--num-envs takes a whole number, or several with commas, not {given!r}") from None
