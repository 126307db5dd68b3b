"""Pictures of a training: what its episodes and evaluations earned, and what the learner measured of itself."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from envkit.workflows.figures import BLUE, GREEN, INK, ORANGE, PALE, SKY, Column, figure, plain_axes, running_mean

Columns = Mapping[str, Column]
WINDOW = 0.05  # of all episodes: the running average, ten at least
SIZED = 3  # panels beside one another


def figures(
    episodes: Columns, evaluations: Columns, curve: Columns, result: Mapping[str, Any], title: str, *,
    by: str = "steps", window: int | None = None,
) -> Iterator[tuple[str, Any]]:  # fmt: skip
    """(file name, figure).

    Args:
      episodes, evaluations, curve: columns by name, as the run's tables have them.
      result: as its result.json has it: `threshold` and `random_return` are drawn.
      by: what is to the right: steps or episodes.
      window: episodes of the running average.
    """
    if len(episodes["steps"]) > 1:
        yield "curve", _returns(episodes, evaluations, result, title, by, window)
    names = [name for name in curve if name.startswith("train/") and name != "train/n_updates"]
    names = [name for name in names if np.isfinite(curve[name]).sum() > 1]
    if names:
        yield "losses", _measured(curve, names, title, by)


def _returns(
    episodes: Columns, evaluations: Columns, result: Mapping[str, Any], title: str, by: str, window: int | None
) -> Any:
    count = len(episodes["steps"])
    window = window or max(10, round(WINDOW * count))
    right = episodes["steps"] if by == "steps" else np.arange(1.0, count + 1)
    drawn = figure(7.0, 4.6)
    top, below = drawn.subplots(2, 1, sharex=True, height_ratios=[2.6, 1.0])
    top.plot(right, episodes["return"], ".", color=SKY, markersize=2.5, alpha=0.6, label="an episode of training")
    average = running_mean(episodes["return"], window)
    top.plot(right, average, color=BLUE, linewidth=1.8, label=f"average of {window} of them")
    if len(evaluations["steps"]):
        places = evaluations["steps"]
        if by == "episodes":
            places = np.searchsorted(episodes["steps"], places, side="right").astype(float)
        top.plot(
            places, evaluations["mean_return"], "o-", color=ORANGE, markersize=4, linewidth=1.4, label="evaluation"
        )
    threshold, at_random = result.get("threshold"), result.get("random_return")
    if threshold is not None:
        top.axhline(threshold, color=INK, linewidth=1.0, linestyle="--", label=f"solved from {threshold:g}")
    if at_random is not None:
        top.axhline(at_random, color=PALE, linewidth=1.0, linestyle="--", label=f"at random {at_random:.4g}")
    top.set_ylabel("return")
    top.legend(loc="best", frameon=False, fontsize=8)
    below.plot(right, running_mean(episodes["length"], window), color=GREEN, linewidth=1.5)
    below.set_ylabel("length")
    below.set_ylim(bottom=0)
    below.set_xlabel(by)
    drawn.suptitle(title, fontsize=11)
    plain_axes([top, below])
    return drawn


def _measured(curve: Columns, names: list[str], title: str, by: str) -> Any:
    rows = -(-len(names) // SIZED)
    drawn = figure(8.4, 0.6 + 1.7 * rows)
    panels = drawn.subplots(rows, SIZED, sharex=True, squeeze=False).ravel()
    for panel, name in zip(panels, names, strict=False):
        known = np.isfinite(curve[name])
        panel.plot(curve[by][known], curve[name][known], color=BLUE, linewidth=1.2)
        panel.set_title(name.removeprefix("train/").replace("_", " "), fontsize=9)
    for panel in panels[len(names) :]:
        panel.set_visible(False)
    for panel in panels[max(len(names) - SIZED, 0) : len(names)]:
        panel.set_xlabel(by, fontsize=8)
        panel.tick_params(labelbottom=True)
    drawn.suptitle(title, fontsize=11)
    plain_axes(panels[: len(names)], ticks=3)
    return drawn
