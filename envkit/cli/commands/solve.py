"""envkit solve: find a good policy, and say how good it is."""

import contextlib
import json
import sys
from collections.abc import Callable, Iterator
from typing import Any

import click

from envkit.cli.options import env_kwargs_option, format_option, reference


@click.command("solve", short_help="Learn or plan, and compare with the exact optimum.")
@click.argument("env")
@click.option(
    "--algo",
    metavar="NAME",
    help="qlearning, sarsa, double-qlearning, value-iteration, policy-iteration; by default picked.",
)
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Of all randomness.")
@click.option(
    "--episodes", type=click.IntRange(min=1), help="To learn from; by default what suits the size of the problem."
)
@click.option(
    "--set", "settings", multiple=True, metavar="NAME=VALUE", help="Hyper-parameter, of those above; repeatable."
)
@env_kwargs_option
@click.option(
    "--eval-episodes",
    type=click.IntRange(min=1),
    default=100,
    show_default=True,
    help="Played with the greedy policy at the end.",
)
@click.option("--run-dir", type=click.Path(), help="Where the artifacts go; by default a new directory below runs/.")
@format_option("text", "json")
@click.option("--quiet", is_flag=True, help="No progress bar.")
def COMMAND(  # noqa: N802 - the constant that the command line looks for
    env: str,
    algo: str | None,
    seed: int,
    episodes: int | None,
    settings: tuple[str, ...],
    env_kwargs: tuple[str, ...],
    eval_episodes: int,
    run_dir: str | None,
    format: str,
    quiet: bool,
) -> None:
    """Find a good policy for ENV, and say how good it is.

    \b
    planners, for a finite model    value-iteration policy-iteration    (discount tolerance max_sweeps)
    learners                        qlearning sarsa double-qlearning    (discount step_size step_size_power
                                    epsilon epsilon_final epsilon_fraction initial_value ties)

    gamma and alpha are other names of discount and step_size. All returns are undiscounted and within the time limit
    unless named otherwise.

    \b
    envkit solve gridworld --algo qlearning --seed 7
    envkit solve FrozenLake-v1 --algo value-iteration --env-kwargs is_slippery=false
    envkit solve Taxi-v4 --algo sarsa --episodes 20000 --set alpha=0.2 --set epsilon_final=0
    """
    from envkit.workflows.solve import solve
    from envkit.workflows.solved_text import text

    with _progress(show=not quiet) as report:
        solved = solve(
            reference(env, env_kwargs),
            algo,
            seed=seed,
            episodes=episodes,
            eval_episodes=eval_episodes,
            run_dir=run_dir,
            report=report,
            **_parsed(settings),
        )
    if format == "json":
        for note in solved.notes:
            click.echo(f"envkit: note: {note}", err=True)
        click.echo(json.dumps(solved.to_json(), allow_nan=False))
    else:
        click.echo(text(solved, ascii_only="utf" not in (sys.stdout.encoding or "").lower()))


def _parsed(pairs: tuple[str, ...]) -> dict[str, Any]:
    """`("epsilon=0.1", "ties=first")` -> `{"epsilon": 0.1, "ties": "first"}`."""
    from envkit.core.errors import UsageError

    settings: dict[str, Any] = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals or not name:
            raise UsageError(f"--set takes name=value, not {pair!r}; for example --set discount=0.99")
        if name in settings:
            raise UsageError(f"hyper-parameter {name!r} is given twice")
        settings[name] = _value(value)
    return settings


def _value(text: str) -> Any:
    with contextlib.suppress(ValueError):
        return json.loads(text)
    with contextlib.suppress(ValueError):
        return float(text)  # `.5` is no JSON, but is what people type
    return text


@contextlib.contextmanager
def _progress(*, show: bool) -> Iterator[Callable[[int, int, float, int], None]]:
    """A reporter that draws a bar on a terminal, once the work has taken long enough for one to be of use."""
    import time

    bar: Any = None
    task: Any = None
    started = time.perf_counter()

    def report(episodes: int, steps: int, mean: float, total: int) -> None:
        nonlocal bar, task
        if not show or not sys.stderr.isatty() or time.perf_counter() - started < 0.5:
            return
        if bar is None:
            from rich.console import Console
            from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

            columns = (TextColumn("learning"), BarColumn(), TextColumn("{task.fields[about]}"), TimeRemainingColumn())
            bar = Progress(*columns, console=Console(stderr=True), transient=True)
            task = bar.add_task("", total=total, about="")
            bar.start()
        bar.update(
            task, completed=episodes, about=f"{episodes:,} of {total:,} episodes, {steps:,} steps, return {mean:.4g}"
        )

    try:
        yield report
    finally:
        if bar is not None:
            bar.stop()
