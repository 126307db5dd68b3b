"""envkit tune: search hyper-parameters, and keep the best ones as a preset."""

import importlib.util
import json
from typing import Any

import click

from envkit.cli.options import (
    count_of,
    env_kwargs_option,
    format_option,
    more_of,
    reference,
    refuse_beside_resume,
    settings_of,
    wrap_option,
)
from envkit.cli.progress import progress
from envkit.cli.streams import clean_stdout

BESIDE_RESUME = ("resumed", "trials", "jobs", "timeout", "format", "quiet", "no_plots")


@click.command("tune", short_help="Search the hyper-parameters of a deep learner.")
@click.argument("env", required=False)
@click.option("--algo", metavar="NAME", help="A deep learner, such as ppo or sac, or an algorithm of your own.")
@click.option("--trials", metavar="N", help="In all, the first with the defaults; +N with --resume.  [default: 20]")
@click.option(
    "--search",
    "searches",
    multiple=True,
    metavar="NAME=RANGE",
    help="LOW:HIGH, LOW:HIGH:log or A,B,C: one more setting to search, or another range; repeatable.",
)
@click.option("--set", "settings", multiple=True, metavar="NAME=VALUE", help="Hyper-parameter that is fixed.")
@click.option("--preset", metavar="NAME", help="Settings to begin with, as of solve; by default those that are known.")
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Of all randomness.")
@click.option("--seeds", type=click.IntRange(min=1), default=1, show_default=True, help="Trainings of each trial.")
@env_kwargs_option
@wrap_option
@click.option("--steps", metavar="N", help="Of each training, over all environments.")
@click.option("--n-envs", type=click.IntRange(min=1), help="Environments to play at once.")
@click.option("--device", metavar="NAME", help="auto, cpu, cuda, cuda:N or mps.  [default: auto]")
@click.option("--eval-every", metavar="STEPS", help="Between evaluations.  [default: ten in all]")
@click.option(
    "--eval-episodes",
    type=click.IntRange(min=1),
    default=100,
    show_default=True,
    help="Played at the end of each training.",
)
@click.option("--no-pruning", is_flag=True, help="Let every trial come to its end.")
@click.option("--jobs", type=click.IntRange(min=1), default=1, show_default=True, help="Trials at once.")
@click.option("--timeout", type=float, metavar="SECONDS", help="After which no more is tried.")
@click.option("--no-plots", is_flag=True, help="Draw no picture, which is drawn where matplotlib is installed.")
@click.option("--resume", "resumed", type=click.Path(), metavar="DIR", help="Go on with a search.")
@click.option("--tune-dir", type=click.Path(), help="Where it is kept; by default a new directory below tunes/.")
@format_option("text", "json")
@click.option("--quiet", is_flag=True, help="No progress bar, nor a word about the best so far.")
def COMMAND(  # noqa: N802 - the constant that the command line looks for
    env: str | None,
    algo: str | None,
    trials: str | None,
    searches: tuple[str, ...],
    settings: tuple[str, ...],
    preset: str | None,
    seed: int,
    seeds: int,
    env_kwargs: tuple[str, ...],
    wrap: tuple[str, ...],
    steps: str | None,
    n_envs: int | None,
    device: str | None,
    eval_every: str | None,
    eval_episodes: int,
    no_pruning: bool,
    jobs: int,
    timeout: float | None,
    no_plots: bool,
    resumed: str | None,
    tune_dir: str | None,
    format: str,
    quiet: bool,
) -> None:
    """Search the hyper-parameters of a deep learner on ENV, and keep the best ones as a preset.

    What is searched follows from the algorithm, the sizes of its network included; --search adds a setting or gives
    another range, --set fixes one. Trials that do worse halfway than half of those before are given up. Everything is
    kept in one directory, and a search that was stopped, or killed, goes on with --resume.

    \b
    envkit tune CartPole-v1 --algo ppo --steps 20000 --trials 30
    envkit tune CartPole-v1 --algo dqn --search learning_rate=1e-4:1e-2:log
    envkit tune Pendulum-v1 --algo sac --search "net_arch=64,64|256,256" --jobs 4
    envkit tune --resume tunes/CartPole-v1-ppo-1 --trials +20
    envkit solve CartPole-v1 --algo ppo --preset tunes/first/preset.toml
    """
    from envkit.authoring.wrapping import split_training
    from envkit.core.errors import UsageError
    from envkit.workflows.tune import go_on, tune

    if resumed is not None:
        refuse_beside_resume("the search", BESIDE_RESUME)
        with clean_stdout(), progress(show=not quiet, what="steps") as report:
            tuned = go_on(resumed, trials=more_of("--trials", trials), jobs=jobs, timeout=timeout, report=report)
        _answer(tuned, format, no_plots)
        return
    if env is None or algo is None:
        raise UsageError(
            "name environment and algorithm: envkit tune CartPole-v1 --algo ppo, or envkit tune --resume DIR"
        )
    wrappers, views, normalized = split_training(wrap)
    told: dict[str, Any] = {
        "steps": count_of("--steps", steps), "n_envs": n_envs, "device": device,
        "normalize": normalized or None, "views": views or None,
        "eval_every": count_of("--eval-every", eval_every), "preset": preset,
    }  # fmt: skip
    told = {name: value for name, value in told.items() if value is not None} | settings_of(settings)
    with clean_stdout(), progress(show=not quiet, what="steps") as report:
        tuned = tune(
            reference(env, env_kwargs, wrappers), algo, trials=count_of("--trials", trials) or 20,
            search=_searches(searches), seed=seed, seeds=seeds, eval_episodes=eval_episodes, prune=not no_pruning,
            jobs=jobs, timeout=timeout, tune_dir=tune_dir, report=report, **told,
        )  # fmt: skip
    _answer(tuned, format, no_plots)


def _searches(pairs: tuple[str, ...]) -> dict[str, str]:
    """`("gamma=0.9:0.99",)` -> `{"gamma": "0.9:0.99"}`."""
    from envkit.core.errors import UsageError

    found: dict[str, str] = {}
    for pair in pairs:
        name, equals, typed = pair.partition("=")
        if not equals or not name or not typed:
            raise UsageError(f"--search takes name=range, not {pair!r}; for example --search gamma=0.9:0.999")
        if name in found:
            raise UsageError(f"the search of {name!r} is given twice")
        found[name] = typed
    return found


def _answer(tuned: Any, format: str, no_plots: bool) -> None:
    """Prints the report, and draws where matplotlib is there to draw."""
    from envkit.workflows.tuning.picture import draw
    from envkit.workflows.tuning.text import text

    click.echo(json.dumps(tuned.to_json(), allow_nan=False) if format == "json" else text(tuned))
    if not no_plots and importlib.util.find_spec("matplotlib") is not None:
        draw(tuned)
