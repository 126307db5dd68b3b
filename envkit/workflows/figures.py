"""What all pictures of learning have in common, and that of the values that were watched.

Drawn with matplotlib's own objects, without pyplot: no global state is touched, and no window is ever opened. The
colours are those of Okabe and Ito, "Color Universal Design" (2008), which colour-blind people can tell apart.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from envkit.core.optional import need

Column = npt.NDArray[np.float64]

BLUE, ORANGE, GREEN, PURPLE, RED, SKY = "#0072B2", "#E69F00", "#009E73", "#CC79A7", "#D55E00", "#56B4E9"
COLOURS = (BLUE, ORANGE, GREEN, PURPLE, RED, SKY)
INK, PALE = "#333333", "#bbbbbb"


def figure(width: float, height: float) -> Any:
    """An empty figure, with a canvas on which it can be drawn without a display."""
    need("matplotlib", extra="plots", purpose="drawing plots")
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    drawn = Figure(figsize=(width, height), layout="constrained")
    FigureCanvasAgg(drawn)
    return drawn


def trace_figure(
    columns: Mapping[str, Column], planned: Mapping[str, Column] | None, exact: Mapping[str, float],
    names: Sequence[str], title: str, *, word: str = "exact",
) -> Any:  # fmt: skip
    """The watched values: by planning, sweep after sweep, beside learning, step after step; dashed what is exact.

    Args:
      word: what to call the latter.
    """
    learning = len(columns.get("steps", ())) > 0
    sides = [side for side in (planned, columns if learning else None) if side]
    drawn = figure(4.5 * max(len(sides), 1), 3.6)
    panels = drawn.subplots(1, len(sides), sharey=True, squeeze=False)[0]
    for side, panel in zip(sides, panels, strict=True):
        x = "steps" if side is columns else "sweeps"
        for number, name in enumerate(names):
            colour = COLOURS[number % len(COLOURS)]
            panel.plot(side[x], side[name], color=colour, linewidth=1.6, label=name)
            if name in exact:
                panel.axhline(exact[name], color=colour, linewidth=1.0, linestyle="--")
        panel.set_title("learning" if side is columns else "planning: value iteration", fontsize=9)
        panel.set_xlabel(x)
    panels[0].set_ylabel("value")
    panels[0].legend(loc="best", frameon=False, fontsize=8, title=f"dashed: {word}", title_fontsize=8)
    drawn.suptitle(title, fontsize=11)
    plain_axes(panels)
    return drawn


def running_mean(values: Column, window: int) -> Column:
    """[N]: the mean of the last `window` values, at the beginning of as many as there are."""
    total = np.cumsum(np.concatenate([[0.0], values]))
    until = np.arange(1, len(values) + 1)
    since = np.maximum(until - window, 0)
    return np.asarray((total[until] - total[since]) / (until - since))


def plain_axes(panels: Any, *, ticks: int = 6) -> None:
    """No box around a panel, a faint grid behind it, and thousands with commas."""
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    for panel in panels:
        panel.spines[["top", "right"]].set_visible(False)
        panel.spines[["left", "bottom"]].set_color(PALE)
        panel.tick_params(colors=INK, labelsize=8)
        panel.grid(color="#eeeeee", linewidth=0.8)
        panel.set_axisbelow(True)
        panel.xaxis.set_major_locator(MaxNLocator(ticks, integer=True))
        panel.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
