"""Drawing runs from what their directories hold: curves, watched values, grids, and how all that came about."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from envkit.core.errors import ArtifactRefused, UsageError
from envkit.core.policy import TablePolicy
from envkit.core.show import error_line
from envkit.runs.arrays import unpacked
from envkit.runs.atomic import atomic_write
from envkit.runs.directory import CONFIG, CURVE, FRAMES, PLANNING, POLICY, RESULT, SEEDS
from envkit.tabular.grid import Grid, grid_of
from envkit.workflows import figures
from envkit.workflows.grid_picture import GridPicture
from envkit.workflows.plotting.curves import Look, pictures
from envkit.workflows.plotting.stories import grouped, json_of, story_of, table_of
from envkit.workflows.saved import FAMILY, Saved, family, load
from envkit.workflows.tables import exactly
from envkit.workflows.video import check_path, write_video

KINDS = ("png", "svg", "pdf")
FPS, REST = 8, 16  # pictures a second, and how many more of the last one
ANIMATION = "learning.gif"


@dataclass(frozen=True)
class Drawable:
    """What there is to draw of a run.

    Args:
      curve, planned: columns by name.
      grid: how to draw the policy; None where the states are no cells of a grid.
      shown: bool [S], which states have values: where one can be and the episode goes on.
    """

    saved: Saved
    curve: Mapping[str, figures.Column]
    planned: Mapping[str, figures.Column] | None
    result: Mapping[str, Any]
    grid: Grid | None
    shown: npt.NDArray[np.bool_] | None

    @property
    def title(self) -> str:
        return f"{self.result['env']}, {self.result['algo']}, seed {self.result['seed']}"

    @property
    def action(self) -> npt.NDArray[Any] | None:
        """[S]: what is done at the first step; None where that is left to chance."""
        policy = self.saved.policy
        return policy.row(0) if isinstance(policy, TablePolicy) else None

    @property
    def word(self) -> str:
        """What to call what was worked out on the model."""
        return exactly(self.result.get("model"))

    @property
    def watched(self) -> list[str]:
        return list(self.result.get("watched", {}))


def plot(
    run_dir: str | Path | Sequence[str | Path], *, out: str | Path | None = None, output: str | Path | None = None,
    kinds: tuple[str, ...] = ("png", "svg"), dpi: int = 150, by: str | None = None, window: int | None = None,
    size: tuple[float, float] | None = None,
) -> list[Path]:  # fmt: skip
    """Draws a run, or several together; returns the files that were written, none where there is nothing to see.

    Args:
      run_dir: the directory of a run that is complete, or of many seeds; or several of these, whose curves are laid on
        top of one another: runs that differ in nothing but the seed become their mean and its interval.
      out: the folder for the pictures; by default the run's own directory, of several this one.
      kinds: of files: png, svg or pdf.
      dpi: of png.
      by, window, size: as of `plotting.curves.Look`.
      output: the curve alone into this file, of a kind by its ending.

    Raises:
      UsageError: where there is no such run or folder.
      ArtifactRefused: where a run's files are damaged.
      MissingExtra: without matplotlib.
      StorageFailed: when a picture cannot be written.
    """
    given = [run_dir] if isinstance(run_dir, str | Path) else list(run_dir)
    paths = [Path(one).parent if Path(one).name == POLICY else Path(one) for one in given]
    folder = Path(out) if out is not None else paths[0] if len(paths) == 1 else Path()
    alone = None if output is None else Path(output)
    if alone and alone.suffix[1:] not in KINDS:
        known = ", a .".join(KINDS)
        raise UsageError(f"{alone} ends with {alone.suffix!r}; a picture is a .{known}, and --animate makes a film")
    runs = [run for path in paths for run in _runs(path)]
    stories = [story for story in map(story_of, runs) if story is not None]
    if alone is None and not folder.is_dir():
        raise UsageError(f"there is no folder {folder}")
    drawn = dict(pictures(grouped(stories), Look(by, window, size))) if stories else {}
    if len(runs) == 1 and family(runs[0]) != FAMILY:
        drawn |= _of_table(runs[0])
    if alone:
        return [_written(drawn["curve"], alone, alone.suffix[1:], dpi)] if "curve" in drawn else []
    return [_written(figure, folder / f"{name}.{kind}", kind, dpi) for name, figure in drawn.items() for kind in kinds]


def _runs(path: Path) -> list[Path]:
    """The runs in a directory: its own, or those of its seeds."""
    if not (path / SEEDS).is_file():
        return [path]
    return sorted((run.parent for run in path.glob(f"*/{CONFIG}")), key=lambda run: (len(run.name), run.name))


def _of_table(path: Path) -> dict[str, Any]:
    try:
        return dict(_figures(drawable_of(path)))
    except (KeyError, ValueError, IndexError) as error:
        raise ArtifactRefused(f"{path} is damaged: {error_line(error)}") from error


def animate(run_dir: str | Path, *, out: Path | None = None) -> Path:
    """Draws how values, policy and visits came about, as a .gif or an .mp4.

    Raises:
      UsageError: where the run kept no frames, which only learners do, on grids.
    """
    drawable = drawable_of(run_dir)
    path = out or drawable.saved.path / ANIMATION
    check_path(path)
    if drawable.grid is None or not (drawable.saved.path / FRAMES).is_file():
        lacks = "its states are not the cells of a grid, one each" if drawable.grid is None else "it has not learnt"
        raise UsageError(f"{run_dir} cannot be animated: {lacks}")
    write_video(path, _moments(drawable), fps=FPS)
    return path


def drawable_of(run_dir: str | Path) -> Drawable:
    """What there is to draw in a directory."""
    saved = load(run_dir)
    result = json_of(saved.path / RESULT)
    planned = saved.path / f"{PLANNING}.csv"
    grid, shown = _grid(saved)
    curve = table_of(saved.path / f"{CURVE}.csv")
    return Drawable(saved, curve, table_of(planned) if planned.is_file() else None, result, grid, shown)


def _grid(saved: Saved) -> tuple[Grid | None, npt.NDArray[np.bool_] | None]:
    """How to draw its policy, and which cells have values."""
    env = saved.ref.make()
    try:
        model = saved.model(env)
        grid = grid_of(env, model) if model else None
        return grid, model.mdp.reachable if model else None
    finally:
        env.close()


def _figures(drawable: Drawable) -> Iterator[tuple[str, Any]]:
    """(file name, figure): what there is beside the curve."""
    if drawable.watched:
        exact = {name: told["exact"] for name, told in drawable.result["watched"].items() if told["exact"] is not None}
        yield (
            "trace",
            figures.trace_figure(
                drawable.curve, drawable.planned, exact, drawable.watched, drawable.title, word=drawable.word
            ),
        )
    if drawable.grid is not None and drawable.shown is not None:
        arrays, action = drawable.saved.arrays, drawable.action
        visits = arrays["visits"].sum(axis=1) if "visits" in arrays else None
        picture = _picture(drawable, arrays["values"], visits)
        yield "grid", picture.show(arrays["values"], action, visits, drawable.title)


def _picture(drawable: Drawable, values: npt.NDArray[Any], visits: npt.NDArray[Any] | None) -> GridPicture:
    """A picture whose scales take all values [..., S] and visits [..., S]."""
    grid, shown = drawable.grid, drawable.shown
    assert grid is not None
    assert shown is not None
    seen = values[..., shown]
    seen = seen[np.isfinite(seen)]
    limits = (float(seen.min()), float(seen.max())) if len(seen) else (0.0, 1.0)
    counted = visits[visits > 0] if visits is not None else np.zeros(0)
    scale = (int(counted.min()), int(counted.max())) if len(counted) else None
    return GridPicture(grid, shown, limits=limits, visits=scale, has_policy=drawable.action is not None)


def _moments(drawable: Drawable) -> Iterator[npt.NDArray[np.uint8]]:
    """The pictures of an animation, all on one scale."""
    frames = unpacked(drawable.saved.path / FRAMES)
    try:
        values, visits = np.asarray(frames["values"], float), frames["visits"]
        picture = _picture(drawable, values, visits)
        rows = list(zip(frames["episodes"], values, frames["action"], visits, strict=True))
    except (KeyError, ValueError, IndexError) as error:
        raise ArtifactRefused(f"{drawable.saved.path / FRAMES} is damaged: {error_line(error)}") from error
    for episodes, value, action, visited in rows:
        shown = None if drawable.action is None else action
        picture.show(value, shown, visited, f"{drawable.title}, episode {int(episodes):,}")
        yield picture.pixels()
    yield from [picture.pixels()] * REST


def _written(figure: Any, path: Path, kind: str, dpi: int) -> Path:
    atomic_write(path, _drawn(figure, kind, dpi))
    return path


def _drawn(figure: Any, kind: str, dpi: int) -> bytes:
    """The figure as a file of this kind; the same for the same run."""
    import io

    from matplotlib import rc_context

    buffer = io.BytesIO()
    dated = {"svg": {"Date": None}, "pdf": {"CreationDate": None}}
    with rc_context({"svg.hashsalt": "envkit", "svg.fonttype": "none"}):
        figure.savefig(buffer, format=kind, dpi=dpi, metadata=dated.get(kind))
    return buffer.getvalue()
