"""envkit solve: find a good policy, and say how good it is."""

import contextlib
import importlib
import importlib.util
import json
import re
import sys
from pathlib import Path
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
    value_of,
    wrap_option,
)
from envkit.cli.progress import progress
from envkit.cli.streams import clean_stdout

# Modules of the reports by what was found, and only one of them is loaded: they bring much along.
TEXTS = {"Solved": "solved_text", "Seeds": "seeds_text", "TrainedRun": "training.text"}
BESIDE_RESUME = ("resumed", "format", "quiet", "no_plots", "steps", "n_envs", "minutes")


class _OfNetworks(click.Option):
    """An option for deep learners, which the help lists apart."""


class _Command(click.Command):
    """Its help ends with all algorithms and what each takes, read off the algorithms themselves."""

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        sections: dict[str, list[tuple[str, str]]] = {"Options": [], "Options of deep learners": []}
        for parameter in self.get_params(ctx):
            record = parameter.get_help_record(ctx)
            if record is not None:
                sections["Options of deep learners" if isinstance(parameter, _OfNetworks) else "Options"].append(record)
        for title, rows in sections.items():
            with formatter.section(title):
                formatter.write_dl(rows)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - click's
        from envkit.workflows.algorithms import groups

        for title, common, rows in groups():
            with formatter.section(title):
                formatter.write_text(f"All take: {common}.")
                formatter.write_dl(rows)


@click.command("solve", cls=_Command, short_help="Learn or plan, and compare with the exact optimum.")
@click.argument("env", required=False)
@click.option(
    "--algo",
    metavar="NAME",
    help="One of those below; by default picked.",
)
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Of all randomness.")
@click.option("--seeds", type=click.IntRange(min=1), help="Solve it with so many seeds, on all cores, and sum them up.")
@click.option(
    "--episodes", type=click.IntRange(min=1), help="To learn from; by default what suits the size of the problem."
)
@click.option(
    "--set", "settings", multiple=True, metavar="NAME=VALUE", help="Hyper-parameter, of those below; repeatable."
)
@env_kwargs_option
@wrap_option
@click.option("--steps", cls=_OfNetworks, metavar="N", help="To take, over all environments; +N with --resume: more.")
@click.option("--n-envs", cls=_OfNetworks, type=click.IntRange(min=1), help="Environments to play at once.")
@click.option("--net-arch", cls=_OfNetworks, metavar="SIZES", help="Hidden layers: 64,64 or pi=128,128,vf=256.")
@click.option("--policy-class", cls=_OfNetworks, metavar="MODULE:CLASS", help="A policy class of your own.")
@click.option("--features", cls=_OfNetworks, metavar="MODULE:CLASS", help="A features extractor of your own.")
@click.option("--device", cls=_OfNetworks, metavar="NAME", help="auto, cpu, cuda, cuda:N or mps.  [default: auto]")
@click.option(
    "--target-return", cls=_OfNetworks, metavar="X", help="Stop at this mean return of an evaluation, or at `solved`."
)
@click.option(
    "--eval-every", cls=_OfNetworks, metavar="STEPS", help="Between evaluations, or `none`.  [default: ten in all]"
)
@click.option(
    "--processes", cls=_OfNetworks, type=click.IntRange(min=1), help="To play the environments in.  [default: 1]"
)
@click.option(
    "--batch/--no-batch",
    cls=_OfNetworks,
    default=None,
    help="Play them as the environment's own batch, its vector_entry_point.",
)
@click.option(
    "--step-timeout", cls=_OfNetworks, type=float, metavar="SECONDS", help="For a step in one of them.  [default: 60]"
)
@click.option(
    "--minutes", type=click.FloatRange(min=0, min_open=True), metavar="N", cls=_OfNetworks,
    help="Stop after so many, with all kept for --resume.",
)  # fmt: skip
@click.option(
    "--checkpoint-every",
    cls=_OfNetworks,
    metavar="PERIOD",
    help="Keep all to go on from: 10ep, 5000st, 5min or none.  [default: 5min]",
)
@click.option("--videos", cls=_OfNetworks, type=click.IntRange(min=0), metavar="N", help="Film so many on the way.")
@click.option("--tensorboard", cls=_OfNetworks, is_flag=True, help="Write TensorBoard's files too.")
@click.option(
    "--threads", cls=_OfNetworks, type=click.IntRange(min=1), help="Of torch.  [default: 1, for pictures all cores]"
)
@click.option("--init", cls=_OfNetworks, metavar="RUN", help="Begin with the weights of a run.")
@click.option(
    "--demos",
    cls=_OfNetworks,
    multiple=True,
    metavar="SOURCE",
    help="To imitate or begin with: a file of episodes, or a player[,episodes=N][,best=10%]; repeatable.",
)
@click.option(
    "--preset", cls=_OfNetworks, metavar="NAME", help="Settings to begin with: a known name, a file of tune's, or none."
)
@click.option("--show-config", cls=_OfNetworks, is_flag=True, help="Only print what would be done, presets included.")
@click.option(
    "--bins",
    metavar="N[,N...]",
    help="Put a continuous observation into so many bins, of each number or of one after another.",
)
@click.option(
    "--range",
    "ranges",
    multiple=True,
    metavar="I=LOW:HIGH",
    help="With --bins, what is divided of number I; by default its bounds, or what random play meets.",
)
@click.option(
    "--eval-episodes",
    type=click.IntRange(min=1),
    default=100,
    show_default=True,
    help="Played with the greedy policy at the end.",
)
@click.option(
    "--trace", multiple=True, metavar="S[,A]", help="Watch the value of a state, or of an action in it; repeatable."
)
@click.option(
    "--explore", is_flag=True, help="Where there is no finite model, build one by trying every action everywhere."
)
@click.option(
    "--tries",
    type=click.IntRange(min=1),
    help="With --explore: of each action, where chance has a part; by default 100.",
)
@click.option("--watch", is_flag=True, help="Show a greedy episode in a window after every tenth of the training.")
@click.option("--no-plots", is_flag=True, help="Draw no pictures, which are drawn where matplotlib is installed.")
@click.option("--resume", "resumed", type=click.Path(), metavar="DIR", help="Go on with a run that was interrupted.")
@click.option("--run-dir", type=click.Path(), help="Where the artifacts go; by default a new directory below runs/.")
@click.option("--no-artifacts", is_flag=True, help="Write nothing.")
@format_option("text", "json")
@click.option("--quiet", is_flag=True, help="No progress bar, nor a word about a long job.")
def COMMAND(  # noqa: N802 - the constant that the command line looks for
    env: str | None,
    algo: str | None,
    seed: int,
    seeds: int | None,
    episodes: int | None,
    settings: tuple[str, ...],
    env_kwargs: tuple[str, ...],
    wrap: tuple[str, ...],
    steps: str | None,
    n_envs: int | None,
    net_arch: str | None,
    policy_class: str | None,
    features: str | None,
    device: str | None,
    target_return: str | None,
    eval_every: str | None,
    processes: int | None,
    batch: bool | None,
    step_timeout: float | None,
    minutes: float | None,
    checkpoint_every: str | None,
    videos: int | None,
    tensorboard: bool,
    threads: int | None,
    init: str | None,
    demos: tuple[str, ...],
    preset: str | None,
    show_config: bool,
    bins: str | None,
    ranges: tuple[str, ...],
    eval_episodes: int,
    trace: tuple[str, ...],
    explore: bool,
    tries: int | None,
    watch: bool,
    no_plots: bool,
    resumed: str | None,
    run_dir: str | None,
    no_artifacts: bool,
    format: str,
    quiet: bool,
) -> None:
    """Find a good policy for ENV, and say how good it is.

    A step size, and how much is explored, may be a number or a schedule: --set "epsilon=linear(1, 0.05, 90%)",
    --set step_size=1/n. gamma, alpha and lambda are other names of discount, step_size and trace_decay. All returns
    are undiscounted and within the time limit unless named otherwise.

    \b
    envkit solve gridworld --algo qlearning --seed 7
    envkit solve FrozenLake8x8-v1 --algo sarsa --seeds 10
    envkit solve FrozenLake-v1 --env-kwargs is_slippery=false
    envkit solve CartPole-v1 --algo sarsa --bins 3,5,7,7 --episodes 5000
    envkit solve CliffWalking-v1 --algo sarsa --wrap max-steps=200
    envkit solve Taxi-v4 --algo sarsa --episodes 20000 --set alpha=0.2
    envkit solve CartPole-v1 --algo ppo --steps 50000
    """
    from envkit.authoring.wrapping import split_training
    from envkit.core.errors import UsageError
    from envkit.deep.learner import Learner
    from envkit.workflows.algorithms import find
    from envkit.workflows.saved import FAMILY, family
    from envkit.workflows.solve import configuration, resume, solve

    if resumed is not None:
        refuse_beside_resume("the run", BESIDE_RESUME)
        what = "steps" if family(Path(resumed)) == FAMILY else "episodes"
        with clean_stdout(), progress(show=not quiet, what=what) as report:
            solved = resume(resumed, steps=more_of("--steps", steps), n_envs=n_envs, minutes=minutes, report=report)
        _print(solved, format)
        _draw(solved, no_plots)
        return
    if env is None:
        raise UsageError("name the environment: envkit solve gridworld, or envkit solve --resume DIR")
    if no_artifacts and run_dir is not None:
        raise UsageError(f"--no-artifacts writes nothing, so --run-dir {run_dir} has no meaning; give one of them")
    wrappers, views, normalized = split_training(wrap)
    ref = _in_bins(reference(env, env_kwargs, wrappers), bins, ranges)
    if tries and not explore:
        raise UsageError(f"--tries {tries} is of --explore; give that too")
    told: dict[str, Any] = {
        "seed": seed,
        "episodes": episodes,
        "eval_episodes": eval_episodes,
        "trace": trace,
        "explore": tries or explore,
    }
    told |= settings_of(settings)
    deep = {
        "steps": count_of("--steps", steps), "n_envs": n_envs, "net_arch": net_arch, "policy_class": policy_class,
        "features": features, "target_return": _target(target_return), "checkpoint_every": checkpoint_every,
        "eval_every": 0 if eval_every == "none" else count_of("--eval-every", eval_every), "device": device,
        "init": init, "minutes": minutes, "normalize": normalized or None, "views": views or None, "videos": videos,
        "tensorboard": tensorboard or None,
        "threads": threads, "processes": processes, "step_timeout": step_timeout, "batch": batch,
        "demos": demos or None, "preset": preset,
    }  # fmt: skip
    told |= {name: value for name, value in deep.items() if value is not None}
    if show_config:
        settled = configuration(ref, algo or "", **told)
        click.echo(json.dumps(settled | ({"seeds": list(range(seed, seed + seeds))} if seeds else {}), indent=2))
        return
    folder = False if no_artifacts else run_dir
    if seeds is not None:
        if watch:
            raise UsageError("--watch shows one run, so it cannot be given with --seeds")
        if minutes is not None:
            raise UsageError("--minutes stops one run, to be gone on with, so it cannot be given with --seeds")
        _solve_seeds(ref, algo, seeds, folder, told, format=format, quiet=quiet)
        return
    what = "steps" if algo and isinstance(find(algo), Learner) else "episodes"
    with clean_stdout(), progress(show=not quiet, what=what) as report, _watched(ref, report, watch) as shown:
        solved = solve(ref, algo, run_dir=folder, report=shown, **told)
    _print(solved, format)
    _draw(solved, no_plots)


def _watched(ref: Any, report: Any, watch: bool) -> Any:
    """The report, which shows episodes too if they are to be watched."""
    from envkit.workflows.watching import shown

    return shown(ref, report) if watch else contextlib.nullcontext(report)


def _draw(solved: Any, no_plots: bool) -> None:
    """Pictures of the run, where there is a place for them and matplotlib to draw them."""
    if no_plots or solved.run_dir is None or importlib.util.find_spec("matplotlib") is None:
        return
    from envkit.core.errors import Interrupted
    from envkit.workflows.plot import plot

    try:
        plot(solved.run_dir)
    except KeyboardInterrupt as error:
        message = f"interrupted while pictures were drawn; the run is complete: envkit plot {solved.run_dir}"
        raise Interrupted(message) from error


def _print(found: Any, format: str) -> None:
    """The report of one run, or of many seeds."""
    if format == "json":
        for note in found.notes:
            click.echo(f"envkit: note: {note}", err=True)
        click.echo(json.dumps(found.to_json(), allow_nan=False))
        return
    text = importlib.import_module(f"envkit.workflows.{TEXTS[type(found).__name__]}").text
    click.echo(text(found, ascii_only="utf" not in (sys.stdout.encoding or "").lower()))


def _solve_seeds(
    ref: Any, algo: str | None, seeds: int, folder: Any, told: dict[str, Any], *, format: str, quiet: bool
) -> None:
    from envkit.workflows.seeds import solve_seeds

    with clean_stdout(), progress(show=not quiet, what="seeds") as report:
        found = solve_seeds(ref, algo, seeds=seeds, run_dir=folder, report=report, **told)
    _print(found, format)


def _target(text: str | None) -> float | str | None:
    from envkit.core.errors import UsageError

    if text is None or text == "solved":
        return text
    try:
        return float(text)
    except ValueError:
        raise UsageError(f"--target-return takes a number or `solved`, not {text!r}") from None


def _in_bins(ref: Any, bins: str | None, ranges: tuple[str, ...]) -> Any:
    """The environment itself, or what puts its observations into bins."""
    from envkit.core.errors import UsageError
    from envkit.core.ref import EnvRef

    if bins is None:
        if ranges:
            raise UsageError(f"--range {ranges[0]} says what --bins divides; give --bins too")
        return ref
    try:
        counts = [int(text) for text in bins.split(",")]
    except ValueError:
        raise UsageError(f"--bins takes a whole number, or several with commas, not {bins!r}") from None
    bounds = {}
    for text in ranges:
        found: Any = re.fullmatch(r"(\d+)=([^:]+):([^:]+)", text)
        low, high = (value_of(part) for part in found.groups()[1:]) if found else ("", "")
        if not all(isinstance(bound, int | float) for bound in (low, high)):
            raise UsageError(f"--range takes I=LOW:HIGH, such as --range 1=-2:2, not {text!r}")
        bounds[found[1]] = [low, high]
    made = {"env_name": ref.target, "bins": counts[0] if len(counts) == 1 else counts, **ref.kwargs}
    made |= {"ranges": bounds} if bounds else {}
    return EnvRef("envkit.authoring.discretizer:discretized", made, ref.folder, f"{ref} in bins")
