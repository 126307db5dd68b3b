"""What a saved policy is worth: played on the real environment, and exactly where there is a finite model."""

import csv
import html
import io
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from envkit.core.errors import UsageError
from envkit.core.metrics import Summary, scalars
from envkit.core.model import model_of
from envkit.core.policy import MixedPolicy, TablePolicy
from envkit.core.ref import EnvRef
from envkit.core.statistics import interval
from envkit.runs.atomic import atomic_write
from envkit.tabular.exact import Exact
from envkit.workflows.evaluate import CAP, Evaluation, evaluate, is_of_shaped
from envkit.workflows.known import exact_answers
from envkit.workflows.loaded import drawing
from envkit.workflows.oddities import Oddities
from envkit.workflows.players import Player, player_of
from envkit.workflows.tables import Row, between, exact_rows, laid_out, plain, shaped_rows, short, spread
from envkit.workflows.tabulated import tabulated
from envkit.workflows.tensorboard import write_scalars
from envkit.workflows.visible import seeable


@dataclass(frozen=True, eq=False)
class Judged:
    """What a policy is worth.

    Args:
      player: whose policy it is; with the run that found it, if one has.
      ref: what it was played on.
      exact: None without a finite model.
      origin: of the model.
      threshold: the mean return from which the environment's spec calls it solved; None where it does not say.
      seeds: of each episode; None where the first one was seeded with `seed`, and the others follow.
      oddities: actions that are not in the space, and observations that are no numbers; a sentence each.
    """

    player: Player
    ref: EnvRef
    seed: int
    evaluation: Evaluation
    exact: Exact | None
    origin: str | None
    threshold: float | None
    seeds: tuple[int, ...] | None = None
    oddities: tuple[str, ...] = ()

    @property
    def interval(self) -> tuple[float, float]:
        """The 95 % interval of the mean return."""
        return interval(self.evaluation.returns, np.random.default_rng(0), of=partial(np.mean, axis=-1))

    @property
    def is_solved(self) -> bool | None:
        """Whether the exact return, or where that is not known the mean, reaches the threshold; None without one."""
        exact = self.exact.policy_return if self.exact and not self.models_shaped else None
        return None if self.threshold is None else (self.evaluation.mean if exact is None else exact) >= self.threshold

    @property
    def models_shaped(self) -> bool:
        """Whether the exact answers are about the shaped rewards."""
        return is_of_shaped(self.origin, self.evaluation)

    @property
    def mean_return(self) -> float:
        return self.evaluation.mean

    def __repr__(self) -> str:
        who = f"{self.player.saved.path}" if self.player.saved else self.player.name
        return f"<Judged {who} on {self.ref}: mean return {self.mean_return:.6g}>"

    def __str__(self) -> str:
        return text(self)

    def _repr_html_(self) -> str:
        return f"<pre>{html.escape(str(self))}</pre>"

    def to_json(self) -> dict[str, Any]:
        """The answers as one strict JSON object; what is not known is null."""
        played, known = self.evaluation, self.exact or Exact(None, None, None, None)
        return {
            "schema": 1,
            "env": str(self.ref),
            "run_dir": str(self.player.saved.path) if self.player.saved else None,
            "algo": self.player.saved.algo if self.player.saved else None,
            "policy": None if self.player.saved else self.player.name,
            "seed": self.seed,
            "episodes": len(played.returns),
            "mean_return": played.mean,
            "std_return": played.std,
            "mean_shaped_return": played.mean_shaped,
            "interval": list(self.interval),
            "min_return": float(played.returns.min()),
            "median_return": float(np.median(played.returns)),
            "max_return": float(played.returns.max()),
            "mean_length": float(played.lengths.mean()),
            "cut": played.cut,
            "metrics": {name: {"unit": unit} | over_all(played, name)._asdict() for name, unit in played.units.items()},
            "model": self.origin,
            "threshold": self.threshold,
            "solved": self.is_solved,
            "policy_return": known.policy_return,
            "optimal_return": known.optimal_return,
            "gap": known.gap,
            "notes": _notes(self),
        }


def judge(
    policy: Any, *, env: EnvRef | None = None, episodes: int = 100, seed: int = 0,
    seeds: Sequence[int] | None = None, cap: int = CAP, drawn: bool = False,
    trust: bool = False, n_envs: int = 1, render: str | None = None,
) -> Judged:  # fmt: skip
    """Plays a policy.

    Args:
      policy: the directory of a run, its policy.npz, or the .zip of a model; or as of `players.player_of`.
      env: what it plays on, if not the environment from which it was learnt.
      seed: of the first reset and of the policy's own draws.
      seeds, cap, n_envs: as of `evaluate`.
      render: a mode that shows each step, such as human.
      trust: as of `saved.load`.
      drawn: whether actions are drawn, where the policy has chances; by default it takes the likeliest.

    Raises:
      UsageError, ArtifactRefused: as of `saved.load`.
      EnvironmentFailed: when the environment fails.
    """
    playing = player_of(policy, env, trust=trust)
    if drawn:
        playing = replace(playing, policy=drawing(playing.policy, playing.name))
    saved, ref = playing.saved, playing.ref
    shown = ref if render is None else _shown(ref, render, n_envs)
    oddities = Oddities(str(ref))
    evaluation = evaluate(
        playing.policy, shown, episodes=episodes, seed=seed, cap=cap, seeds=seeds, n_envs=n_envs, oddities=oddities
    )
    made = ref.make()
    try:
        model = saved.model(made) if saved and env is None else model_of(made)
        threshold = made.spec.reward_threshold if made.spec else None
        table: TablePolicy | MixedPolicy | None
        if model and saved and isinstance(saved.policy, TablePolicy | MixedPolicy):
            table = saved.policy if saved.fits(model) else None
        else:
            table = tabulated(playing.policy, made, str(ref), model) if model else None
        answers = None
        if model and table:
            answers = exact_answers(model, table, saved.discount if saved else 1.0, evaluation, str(ref))
    finally:
        made.close()
    origin, each = model.origin if model else None, None if seeds is None else tuple(seeds)
    return Judged(playing, ref, seed, evaluation, answers, origin, threshold, each, tuple(oddities.notes()))


def _shown(ref: EnvRef, mode: str, n_envs: int) -> EnvRef:
    """The environment, showing each step itself. Raises UsageError where it cannot."""
    if n_envs > 1:
        raise UsageError(f"render={mode} shows one episode at a time, so n_envs={n_envs} has no meaning beside it")
    return seeable(ref, mode, purpose="shown")


def over_all(played: Evaluation, name: str) -> Summary:
    """A metric over all episodes: the means of its last value and of its mean, its least and its largest value."""
    last, mean, least, most = played.metrics[name].T
    return Summary(float(last.mean()), float(mean.mean()), float(least.min()), float(most.max()))


def write_episodes(judged: Judged, path: Path) -> None:
    """Writes a CSV with a row an episode. Raises StorageFailed when that cannot be done."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    played = judged.evaluation
    columns: dict[str, Sequence[Any]] = {} if judged.seeds is None else {"seed": judged.seeds}
    columns |= {"return": played.returns.tolist(), "length": played.lengths.tolist()}
    columns |= {} if played.shaped is None else {"shaped_return": played.shaped.tolist()}
    for name, values in played.metrics.items():
        columns |= {f"{name}_{part}": values[:, place].tolist() for place, part in enumerate(Summary._fields)}
    writer.writerow(["episode", *columns])
    writer.writerows(zip(range(len(played.returns)), *columns.values(), strict=True))
    atomic_write(path, text.getvalue().encode())


def write_events(judged: Judged, folder: Path) -> None:
    """Writes returns, lengths and metrics for TensorBoard. Raises as of `tensorboard.write_scalars`."""
    played = judged.evaluation

    def told(number: int) -> dict[str, float]:
        measured = {name: Summary(*values[number].tolist()) for name, values in played.metrics.items()}
        own = {"eval/return": float(played.returns[number]), "eval/length": float(played.lengths[number])}
        shaped = {} if played.shaped is None else {"eval/shaped_return": float(played.shaped[number])}
        return own | shaped | dict(scalars(measured))

    write_scalars(folder, ((number, told(number)) for number in range(len(played.returns))))


def text(judged: Judged, *, ascii_only: bool = False) -> str:
    """The report for a terminal, without a newline at its end."""
    played, (low, high) = judged.evaluation, judged.interval
    saved = judged.player.saved
    who = f"{saved.path} ({saved.algo})" if saved else judged.player.name
    seeds = f"seed {judged.seed}" if judged.seeds is None else f"seeds {judged.seeds[0]} to {judged.seeds[-1]}"
    head = f"{judged.ref}  {who}  {seeds}"
    mean = f"{short(played.mean)} {spread(played.std, ascii_only=ascii_only)}"
    rows: list[Row] = [
        (
            "mean return",
            mean,
            f"mean and deviation of {len(played.returns)} episodes; 95 % interval {between(low, high)}",
        ),
        *shaped_rows(played, ascii_only=ascii_only),
        ("median", short(float(np.median(played.returns))), _range(played)),
        ("length", plain(round(float(played.lengths.mean()), 1)), "steps on average"),
        *(_metric_row(played, name, unit) for name, unit in played.units.items()),
    ]
    if judged.exact:
        discount = saved.discount if saved else 1.0
        rows += exact_rows(judged.exact, judged.player.policy, discount, judged.origin)
    elif judged.origin is None:
        rows.append(("optimum", "unknown", "the environment has no finite model"))
    if judged.threshold is not None:
        word = "yes" if judged.is_solved else "no"
        best = judged.exact.optimal_return if judged.exact and not judged.models_shaped else None
        never = ", which no policy reaches" if best is not None and best < judged.threshold else ""
        rows.append(("solved", word, f"the environment calls it so from a return of {short(judged.threshold)}{never}"))
    notes = _notes(judged)
    return "\n".join([head, "", laid_out(rows), *([""] if notes else []), *(f"  note: {note}" for note in notes)])


def _notes(judged: Judged) -> list[str]:
    """What else is to be said, a sentence each."""
    played = judged.evaluation
    cut = [f"{played.cut} episodes were cut off after {played.cap:,} steps"] if played.cut else []
    return [*cut, *judged.oddities, *(judged.exact.notes if judged.exact else [])]


def _metric_row(played: Evaluation, name: str, unit: str) -> Row:
    over = over_all(played, name)
    about = f"{unit} on average; {short(over.min)} at least, {short(over.max)} at most, {short(over.last)} at the end"
    return name, short(over.mean), about.strip()


def _range(played: Evaluation) -> str:
    return f"{short(float(played.returns.min()))} at least, {short(float(played.returns.max()))} at most"
