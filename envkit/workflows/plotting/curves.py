"""Pictures of learning: a run with all its episodes, or several as the mean of each experiment and its interval."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from envkit.core.show import count
from envkit.core.statistics import band
from envkit.workflows.figures import (
    BLUE,
    COLOURS,
    GREEN,
    INK,
    ORANGE,
    PALE,
    PURPLE,
    RED,
    SKY,
    figure,
    plain_axes,
    running_mean,
)
from envkit.workflows.plotting.stories import ERROR, EXPLORING, LENGTH, RATE, RETURN, Series, Story

WINDOW = 0.05  # of all episodes: the running average, ten episodes at least
POINTS = 200  # at which several runs are compared
WIDTH, TOP, EACH = 7.0, 3.2, 1.3  # inches: of a picture, of the returns in it, and of each panel below
SIZED = 3  # panels of losses beside one another
FAR = 20.0  # times as long: beyond it the shorter curve would be a line at the left margin, so the axis is logarithmic
PANELS = {LENGTH: GREEN, "epsilon": ORANGE, "temperature": ORANGE, "bonus": ORANGE, RATE: PURPLE, ERROR: RED}

Groups = Mapping[str, Sequence[Story]]


@dataclass(frozen=True)
class Look:
    """How it is wanted.

    Args:
      by: what is to the right: steps or episodes; by default what the first run counts in.
      window: episodes of the running average; by default a twentieth of them.
      size: width and height in inches; by default what the panels need.
    """

    by: str | None = None
    window: int | None = None
    size: tuple[float, float] | None = None

    def unit(self, groups: Groups) -> str:
        stories = [story for members in groups.values() for story in members]
        if not all(story.plays for story in stories):
            return "steps"
        return self.by or ("steps" if stories[0].trained else "episodes")

    def points(self, stories: Sequence[Story]) -> int:
        """How many values of their returns go into the running average: as many for all of an experiment's runs."""
        first = stories[0]
        if not first.plays:
            return 1
        if self.window is not None:
            return max(round(self.window / first.every), 1)
        length = float(np.median([len(story.returns.values) for story in stories]))
        return max(round(WINDOW * length), 10 if first.trained else 1)


def pictures(groups: Groups, look: Look) -> Iterator[tuple[str, Any]]:
    """(name, figure): `curve`, and `losses` where a learner measured itself."""
    yield "curve", _curve(groups, look)
    losses = [story.losses for members in groups.values() for story in members]
    names = [name for name in dict.fromkeys(name for told in losses for name in told) if _varies(name, losses)]
    if names:
        yield "losses", _losses(groups, names, look)


def title_of(groups: Groups) -> str:
    """What all of it is about."""
    stories = [story for members in groups.values() for story in members]
    parts = [", ".join(dict.fromkeys(getattr(story, name) for story in stories)) for name in ("env", "algo")]
    alone = len(stories) == 1
    many = f"seed {stories[0].seed}" if alone else "" if len(groups) > 1 else count(len(stories), "seed")
    return ", ".join(part for part in (parts[0], parts[1] if len(groups) == 1 else "", many) if part)


def _curve(groups: Groups, look: Look) -> Any:
    stories = [story for members in groups.values() for story in members]
    below = [name for name in PANELS if any(_is_worth_showing(name, story, groups) for story in stories)]
    drawn = figure(*(look.size or (WIDTH, TOP + EACH * len(below))))
    heights = [TOP / EACH] + [1.0] * len(below)
    panels = drawn.subplots(1 + len(below), 1, sharex=True, squeeze=False, height_ratios=heights)[:, 0]
    unit = look.unit(groups)
    if len(stories) == 1:
        _alone(panels[0], stories[0], look, unit)
    else:
        _together(panels[0], groups, RETURN, look, unit, label=True)
    _levels(panels[0], stories)
    panels[0].set_ylabel(RETURN)
    averages = sorted({look.points(members) * members[0].every for members in groups.values() if members[0].plays})
    span = " to ".join(f"{episodes:,}" for episodes in dict.fromkeys(averages[:1] + averages[-1:]))
    said = f"running averages of {span} episodes" if len(stories) > 1 and averages else None
    # Above the panel, where it hides nothing.
    where = {"loc": "lower center", "bbox_to_anchor": (0.5, 1.0)}
    panels[0].legend(**where, ncols=3, frameon=False, fontsize=8, title=said, title_fontsize=8)
    for name, panel in zip(below, panels[1:], strict=True):
        if len(stories) == 1:
            one = stories[0].series[name]
            one = _smooth(one, look.points(stories)) if name == LENGTH else one
            panel.plot(one.by(unit), one.values, color=PANELS[name], linewidth=1.5)
        else:
            _together(panel, groups, name, look, unit)
        panel.set_ylabel(name)
        panel.set_ylim(bottom=0)
    drawn.suptitle(title_of(groups), fontsize=11)
    drawn.align_ylabels(panels)
    plain_axes(panels)
    panels[-1].set_xlabel(unit)
    if _far_apart(groups, unit):
        panels[-1].set_xscale("log")
        panels[-1].set_xlabel(f"{unit}, on a logarithmic scale")
    return drawn


def _far_apart(groups: Groups, unit: str) -> bool:
    ends = [max(story.returns.by(unit)[-1] for story in members) for members in groups.values() if members]
    return bool(max(ends) > FAR * min(ends))


def _is_worth_showing(name: str, story: Story, groups: Groups) -> bool:
    """Whether a panel says anything: a step size that stays the same in all runs is not worth one."""
    if name not in story.series:
        return False
    return name != RATE or _varies(RATE, [one.series for members in groups.values() for one in members])


def _varies(name: str, told: Sequence[Mapping[str, Series]]) -> bool:
    found = [series[name].values for series in told if name in series]
    return min(float(values.min()) for values in found) < max(float(values.max()) for values in found)


def _alone(panel: Any, story: Story, look: Look, unit: str) -> None:
    if story.plays:
        _played(panel, story, look.points([story]), unit)
    if story.evaluations:
        found = story.evaluations
        panel.plot(found.by(unit), found.values, "o-", color=ORANGE, markersize=4, linewidth=1.4, label="evaluation")


def _played(panel: Any, story: Story, points: int, unit: str) -> None:
    """The returns of its episodes, and their running average."""
    one = story.series[RETURN]
    right = one.by(unit)
    explored = ", exploring included" if not story.trained and any(name in story.series for name in EXPLORING) else ""
    if story.trained:
        panel.plot(right, one.values, ".", color=SKY, markersize=2.5, alpha=0.6, label="an episode of training")
    else:
        panel.plot(right, one.values, color=SKY, linewidth=0.8, alpha=0.6)
    average = f"average of {points * story.every:,} episodes{explored}"
    smooth = _smooth(one, points)
    panel.plot(smooth.by(unit), smooth.values, color=BLUE, linewidth=1.8, label=average)


def _together(panel: Any, groups: Groups, name: str, look: Look, unit: str, *, label: bool = False) -> None:
    """A line for each experiment, the mean of its runs, and a band in which that mean lies with 95 %."""
    for number, (title, members) in enumerate(groups.items()):
        told = [story for story in members if name in story.series or name == RETURN]
        if not told:
            continue
        colour = COLOURS[number % len(COLOURS)]
        points = look.points(told) if name in (RETURN, LENGTH) else 1
        spread = np.geomspace if _far_apart(groups, unit) else np.linspace
        drawn = [one.returns if name == RETURN else one.series[name] for one in told]
        right, rows = _aligned([_smooth(one, points) for one in drawn], unit, spread)
        said = f"{title}, {count(len(told), 'seed')}" if len(told) > 1 else title
        panel.plot(right, rows.mean(axis=0), color=colour, linewidth=1.8, label=said if label else None)
        if len(rows) > 1:
            low, high = band(rows, np.random.default_rng(0))
            panel.fill_between(right, low, high, color=colour, alpha=0.2, linewidth=0)
    if label and any(len(members) > 1 for members in groups.values()):
        panel.fill_between([], [], [], color=INK, alpha=0.2, linewidth=0, label="95 % interval of the mean")


def _smooth(series: Series, points: int) -> Series:
    """Its running average, from where half of the window is full: the mean of the first few is mostly chance."""
    since = min(points // 2, len(series.values) // 4)
    return Series(series.steps[since:], series.episodes[since:], running_mean(series.values, points)[since:])


def _aligned(series: Sequence[Series], unit: str, spread: Callable[..., Any]) -> tuple[Any, Any]:
    """(right [P], rows [N, P]): where all runs have something to say, what each says there."""
    rights = [one.by(unit) for one in series]
    if all(len(right) == len(rights[0]) and (right == rights[0]).all() for right in rights):
        return rights[0], np.array([one.values for one in series])
    first, last = max(right[0] for right in rights), min(right[-1] for right in rights)
    grid = spread(first, max(first, last), POINTS)
    return grid, np.array([np.interp(grid, right, one.values) for right, one in zip(rights, series, strict=True)])


def _levels(panel: Any, stories: Sequence[Story]) -> None:
    """Returns to compare with, as far as all runs agree on them; what random play earned was measured by each."""
    for name in dict.fromkeys(name for story in stories for name in story.levels):
        told = [story.levels[name] for story in stories if name in story.levels]
        measured = name == "at random"
        if len(told) < len(stories) or (not measured and max(told) - min(told) > 1e-9 * max(1, abs(told[0]))):
            continue
        if measured and len({story.env for story in stories}) > 1:
            continue
        level = float(np.mean(told))
        said, colour = (f"{level:.4g}", PALE) if measured else (f"{level:.6g}", INK)
        panel.axhline(level, color=colour, linewidth=1.0, linestyle="--", label=f"{name} {said}")


def _losses(groups: Groups, names: Sequence[str], look: Look) -> Any:
    rows = -(-len(names) // SIZED)
    drawn = figure(*(look.size or (8.4, 0.6 + 1.7 * rows + 0.4 * (len(groups) > 1))))
    panels = drawn.subplots(rows, SIZED, sharex=True, squeeze=False).ravel()
    unit = look.unit(groups)
    alone = sum(map(len, groups.values())) == 1
    for panel, name in zip(panels, names, strict=False):
        own = {
            title: [_as_series(story, name) for story in members if name in story.losses]
            for title, members in groups.items()
        }
        if alone:
            (one,) = next(iter(own.values()))
            panel.plot(one.series[name].by(unit), one.series[name].values, color=BLUE, linewidth=1.2)
        else:
            _together(panel, own, name, look, unit)
        panel.set_title(name, fontsize=9)
    for panel in panels[len(names) :]:
        panel.set_visible(False)
    for panel in panels[max(len(names) - SIZED, 0) : len(names)]:
        panel.tick_params(labelbottom=True)
    for panel in panels[SIZED * (rows - 1) : len(names)]:
        panel.set_xlabel(unit, fontsize=8)
    told = [place for place, members in enumerate(groups.values()) if any(story.losses for story in members)]
    if len(told) > 1:
        from matplotlib.lines import Line2D

        lines = [Line2D([], [], color=COLOURS[place % len(COLOURS)], linewidth=1.8) for place in told]
        titles = [list(groups)[place] for place in told]
        columns = min(len(told), SIZED)
        drawn.legend(lines, titles, loc="outside lower center", ncols=columns, frameon=False, fontsize=8)
    drawn.suptitle(title_of(groups), fontsize=11)
    plain_axes(panels[: len(names)], ticks=3)
    return drawn


def _as_series(story: Story, name: str) -> Story:
    """The story with one of its losses as if it were a series like any other."""
    from dataclasses import replace

    return replace(story, series={**story.series, name: story.losses[name]})
