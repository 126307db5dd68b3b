"""How a search went: every attempt, and the best so far."""

import io
from pathlib import Path
from typing import Any

import numpy as np

from envkit.runs.atomic import atomic_write
from envkit.workflows import figures
from envkit.workflows.tuning.attempt import State
from envkit.workflows.tuning.tuned import HISTORY, Tuned

DPI = 150


def draw(tuned: Tuned) -> Path:
    """Writes the picture beside what was found. Raises MissingExtra without matplotlib, StorageFailed."""
    path = tuned.run_dir / HISTORY
    drawn = io.BytesIO()
    _figure(tuned).savefig(drawn, format="png", dpi=DPI)
    atomic_write(path, drawn.getvalue())
    return path


def _figure(tuned: Tuned) -> Any:
    drawn = figures.figure(7.0, 4.0)
    panel = drawn.subplots()
    complete = [(one.number, one.value) for one in tuned.attempts if one.is_complete]
    pruned = [(one.number, one.value) for one in tuned.attempts if one.state is State.PRUNED]
    failed = [one.number for one in tuned.attempts if one.state is State.FAILED]
    numbers, values = np.array(complete, float).T
    ends = np.append(numbers, max(one.number for one in tuned.attempts) + 0.5)
    best = np.maximum.accumulate(values)
    panel.step(ends, np.append(best, best[-1]), where="post", color=figures.BLUE, linewidth=1.8, label="best so far")
    panel.plot(numbers, values, "o", color=figures.BLUE, markersize=4.5, alpha=0.55, linewidth=0, label="complete")
    if pruned:
        dots = np.array(pruned, float).T
        panel.plot(*dots, "o", color=figures.PALE, markersize=3.5, linewidth=0, label="given up, as far as it came")
    if failed:
        bottom = [panel.get_ylim()[0]] * len(failed)
        panel.plot(failed, bottom, "x", color=figures.RED, markersize=5, linewidth=0, label="failed", clip_on=False)
    if tuned.default:
        panel.axhline(tuned.default.value, color=figures.ORANGE, linewidth=1.2, linestyle="--", label="to begin with")
    panel.set_xlabel("trial")
    panel.set_ylabel("mean return")
    panel.set_xlim(-0.5, ends[-1])
    request = tuned.asked.request
    panel.set_title(f"{request.ref}, {request.learner.name}: {len(tuned.attempts)} trials", fontsize=11)
    drawn.legend(loc="outside lower center", ncols=5, frameon=False, fontsize=8)
    figures.plain_axes([panel])
    return drawn
