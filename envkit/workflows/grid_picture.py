"""A grid in colours: what its cells are worth, with the policy as arrows, and how often each was visited.

For an animation the figure is built once and filled again and again.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from envkit.tabular.grid import FREE, NEVER, Grid
from envkit.workflows.figures import INK, figure

CELL, LEAST, MOST = 0.6, 2.4, 8.0  # inches: of a cell, and of a panel
NOTHING = "#dedede"  # the colour of cells that have no value
BRIGHT = 0.6  # of the scale: above it, what is written is black


class GridPicture:
    """The figure.

    Args:
      shown: bool [S], the cells that have a value: where one can be and the episode goes on.
      limits: the least and the largest value of the scale.
      visits: likewise of visits, from 1 on; None where there are none to show.
      has_policy: whether there will be arrows.
    """

    def __init__(
        self,
        grid: Grid,
        shown: npt.NDArray[np.bool_],
        *,
        limits: tuple[float, float],
        visits: tuple[int, int] | None,
        has_policy: bool = True,
    ):
        self.grid, self.limits = grid, limits
        self.shown = shown & np.array([mark not in ("#", NEVER) for mark in grid.marks])
        rows, columns = grid.shape
        cell = min(CELL, MOST / max(rows, columns))
        width, height = max(columns * cell, LEAST), max(rows * cell, 0.8)
        sides = 1 if visits is None else 2
        self.figure = figure(sides * (width + 1.0), height + 0.75)
        panels = self.figure.subplots(1, sides, squeeze=False)[0]
        title = "values and policy" if has_policy else "values"
        self._values = self._heat(
            panels[0], "value", title, palette="viridis", scale={"vmin": limits[0], "vmax": limits[1]}
        )
        size = 72 * min(cell, width / columns) * 0.42
        self._texts = [
            panels[0].text(*divmod(place, columns)[::-1], "", ha="center", va="center", fontsize=size)
            for place in range(rows * columns)
        ]
        self._visits = None
        if visits is not None:
            from matplotlib.colors import LogNorm

            scale = {"norm": LogNorm(visits[0], max(visits[1], 2 * visits[0]))}
            self._visits = self._heat(panels[1], "visits", "visits", palette="cividis", scale=scale)
        self._settled = False

    def show(
        self, values: npt.NDArray[Any], action: npt.NDArray[Any] | None, visits: npt.NDArray[Any] | None, title: str
    ) -> Any:
        """Fills the figure, and returns it; without arrows where there are no actions to show."""
        low, high = self.limits
        shape = self.grid.shape
        self._values.set_data(np.ma.array(values, mask=~self.shown).reshape(shape))
        for text, (place, word) in zip(self._texts, enumerate(self._words(action)), strict=True):
            is_bright = high > low and (values[place] - low) / (high - low) > BRIGHT
            text.set_text(word)
            text.set_color("black" if is_bright or not self.shown[place] else "white")
        if self._visits is not None and visits is not None:
            self._visits.set_data(np.ma.array(visits, mask=visits < 1).reshape(shape))
        self.figure.suptitle(title, fontsize=10)
        return self.figure

    def pixels(self) -> npt.NDArray[np.uint8]:
        """[H, W, 3]: the figure as it is now."""
        self.figure.canvas.draw()
        if not self._settled:  # what has been placed stays in its place
            self.figure.set_layout_engine("none")
            self._settled = True
        return np.array(self.figure.canvas.buffer_rgba())[:, :, :3]

    def _words(self, action: npt.NDArray[Any] | None) -> list[str]:
        """What stands in each cell: an arrow, and a letter where the cell has one."""
        marks, words = self.grid.marks, []
        for place, mark in enumerate(marks):
            is_exit = mark.isupper() and mark.lower() in marks
            has_arrow = action is not None and self.shown[place] and (mark in FREE or is_exit)
            arrow = self.grid.arrows[int(action[place])] if action is not None and has_arrow else ""
            letter = "" if mark in FREE or mark in ("#", NEVER) else mark
            words.append(arrow + letter)
        return words

    def _heat(self, panel: Any, label: str, title: str, *, palette: str, scale: Mapping[str, Any]) -> Any:
        from matplotlib import colormaps

        colours = colormaps[palette].with_extremes(bad=NOTHING)
        image = panel.imshow(np.zeros(self.grid.shape), cmap=colours, interpolation="nearest", **scale)
        panel.set_xticks(np.arange(self.grid.shape[1] + 1) - 0.5, labels=[])
        panel.set_yticks(np.arange(self.grid.shape[0] + 1) - 0.5, labels=[])
        panel.grid(color="white", linewidth=0.6)
        panel.tick_params(length=0)
        panel.set_title(title, fontsize=9, color=INK)
        for spine in panel.spines.values():
            spine.set_visible(False)
        bar = self.figure.colorbar(image, ax=panel, label=label, shrink=0.9, aspect=25)
        bar.outline.set_visible(False)
        return image
