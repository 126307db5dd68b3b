"""What `envkit solve` says of a training on a terminal."""

import numpy as np

from envkit.core.model import OWN
from envkit.core.show import count
from envkit.workflows.solved_text import BARS, sparkline
from envkit.workflows.tables import Row, exact_rows, laid_out, plain, shaped_rows, short, spread
from envkit.workflows.training.files import TENSORBOARD
from envkit.workflows.training.trained import TrainedRun


def text(run: TrainedRun, *, ascii_only: bool = False) -> str:
    """The whole report, without a newline at its end."""
    blocks = [_head(run), _table(run, ascii_only), _learning(run, ascii_only), _end(run)]
    return "\n\n".join(block for block in blocks if block)


def _head(run: TrainedRun) -> str:
    taken = run.steps - run.resumed_at
    rate = taken / run.seconds if run.seconds else 0
    now = f"{taken:,} of the steps in {run.seconds:.1f} s" if run.resumed_at else f"{run.seconds:.1f} s"
    ended = f", {run.why}" if run.why else ""
    return (
        f"{run.env}  {run.algo}  seed {run.seed}: {run.steps:,} steps, {count(len(run.notebook.episodes), 'episode')}, "
        f"{now}, {rate:,.0f} steps a second{ended}"
    )


def _table(run: TrainedRun, ascii_only: bool) -> str:
    found = run.evaluation
    length = plain(round(float(found.lengths.mean()), 1))
    mean = f"{short(found.mean)} {spread(found.std, ascii_only=ascii_only)}"
    rows: list[Row] = [
        ("mean return", mean, f"mean and deviation of {len(found.returns)} episodes, {length} steps on average")
    ]
    rows += shaped_rows(found, ascii_only=ascii_only)
    if run.threshold is not None:
        told = "the environment calls it so from a return of" if run.is_solved else "that takes a return of"
        rows.append(("solved", "yes" if run.is_solved else "no", f"{told} {short(run.threshold)}"))
    if run.exact:
        rows += exact_rows(run.exact, run.policy, float(run.request.settings.get("gamma", 1.0)), OWN)
    rows.append(("random", short(run.random_return), _at_random(run)))
    if run.notebook.evaluations:
        best = max(run.notebook.evaluations, key=lambda row: (row[1], row[0]))
        of = count(len(run.notebook.evaluations), "evaluation")
        about = f"the policy after {int(best[0]):,} steps, the best of {of} of {int(best[4])} episodes each"
        rows.append(("kept", short(best[1]), about))
    return laid_out(rows)


def _at_random(run: TrainedRun) -> str:
    return f"what acting at random earns, in {count(len(run.at_random.returns), 'episode')}"


def _learning(run: TrainedRun, ascii_only: bool) -> str:
    paid = [row[2] for row in run.notebook.episodes]
    if len(paid) < 2:
        return ""
    means = [float(part.mean()) for part in np.array_split(paid, min(BARS, len(paid)))]
    bars = sparkline(means, ascii_only=ascii_only)
    return f"  learning  {bars}  {short(round(means[0], 1))} to {short(round(means[-1], 1))} an episode"


def _end(run: TrainedRun) -> str:
    lines = [f"  note: {note}" for note in run.notes]
    if run.run_dir:
        lines.append(f"  artifacts: {run.run_dir}")
        if run.request.tensorboard:
            lines.append(f"  curves: tensorboard --logdir {run.run_dir / TENSORBOARD}")
    return "\n".join(lines)
