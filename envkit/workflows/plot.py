"""Drawing a run from what its directory holds: its curve, its watched values, its grid, and how all that came about."""

import csv
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from envkit.core.errors import ArtifactRefused, UsageError
from envkit.core.policy import MixedPolicy, TablePolicy
from envkit.core.show import error_line
from envkit.runs.arrays import unpacked
from envkit.runs.atomic import atomic_write
from envkit.runs.directory import CONFIG, CURVE, EPISODES, EVALUATIONS, FRAMES, PLANNING, POLICY, RESULT, SEEDS
from envkit.tabular.grid import Grid, grid_of
from envkit.workflows import figures
from envkit.workflows.grid_picture import GridPicture
from envkit.workflows.saved import FAMILY, Saved, family, load
from envkit.workflows.tables import exactly
from envkit.workflows.video import check_path, write_video

T = TypeVar("T")
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
    run_dir: str | Path, *, out: Path | None = None, kinds: tuple[str, ...] = ("png", "svg"), dpi: int = 150,
    by: str | None = None, window: int | None = None,
) -> list[Path]:  # fmt: skip
    """Draws a run; returns the files that were written, none where there is nothing to see.

    Args:
      run_dir: the directory of a run that is complete.
      out: where the pictures go; by default into that directory.
      kinds: of files: png, svg or pdf.
      dpi: of png.
      by, window: of a training, as of `training.figures.figures`.

    Raises:
      UsageError: where there is no such run or folder.
      ArtifactRefused: where the run's files are damaged.
      MissingExtra: without matplotlib.
      StorageFailed: when a picture cannot be written.
    """
    path = Path(run_dir).parent if Path(run_dir).name == POLICY else Path(run_dir)
    folder = path if out is None else out
    if not (path / CONFIG).is_file() and not (path / SEEDS).is_file():
        raise UsageError(f"{path} is not the directory of a run: it has no {CONFIG}")
    if not folder.is_dir():
        raise UsageError(f"there is no folder {folder}")
    files = []
    try:
        trained = family(path) == FAMILY
        drawn = dict(_of_training(path, by or "steps", window) if trained else _of_table(path, by, window))
    except (KeyError, ValueError, IndexError) as error:
        raise ArtifactRefused(f"{path} is damaged: {error_line(error)}") from error
    for name, figure in drawn.items():
        for kind in kinds:
            files.append(folder / f"{name}.{kind}")
            atomic_write(files[-1], _drawn(figure, kind, dpi))
    return files


def _of_table(path: Path, by: str | None, window: int | None) -> Iterator[tuple[str, Any]]:
    if by or window:
        raise UsageError(f"{path} has a table; --{'by' if by else 'window'} is of the training of a network")
    yield from _figures(drawable_of(path))


def _of_training(path: Path, by: str, window: int | None) -> Iterator[tuple[str, Any]]:
    from envkit.workflows.training.figures import figures as of_training

    if not (path / RESULT).is_file():
        raise UsageError(f"{path} is not over: envkit solve --resume {path} goes on with it")
    result = _json(path / RESULT)
    title = f"{result['env']}, {result['algo']}, seed {result['seed']}"
    episodes, evaluations, curve = (_table(path / f"{name}.csv") for name in (EPISODES, EVALUATIONS, CURVE))
    yield from of_training(episodes, evaluations, curve, result, title, by=by, window=window)


def animate(run_dir: str | Path, *, out: Path | None = None) -> Path:
    """Draws how values, policy and visits came about, as a .gif or an .mp4.

    Raises:
      UsageError: where the run kept no frames, which only learners do, on grids.
    """
    drawable = drawable_of(run_dir)
    path = out or drawable.saved.path / ANIMATION
    check_path(path)
    if drawable.grid is None or not (drawable.saved.path / FRAMES).is_file():
        raise UsageError(f"{run_dir} cannot be animated: only learning is, where the states are the cells of a grid")
    write_video(path, _moments(drawable), fps=FPS)
    return path


def drawable_of(run_dir: str | Path) -> Drawable:
    """What there is to draw in a directory."""
    saved = load(run_dir)
    result = _json(saved.path / RESULT)
    planned = saved.path / f"{PLANNING}.csv"
    grid, shown = _grid(saved)
    curve = _table(saved.path / f"{CURVE}.csv")
    return Drawable(saved, curve, _table(planned) if planned.is_file() else None, result, grid, shown)


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
    """(file name, figure)."""
    if len(drawable.curve["episodes"]) > 1:
        predicts = isinstance(drawable.saved.policy, MixedPolicy)
        best = drawable.result.get("policy_return" if predicts else "optimal_return")
        label = f"{drawable.word} {'return of acting at random' if predicts else 'optimum'}"
        yield "curve", figures.curve_figure(drawable.curve, drawable.title, best=best, label=label)
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


def _drawn(figure: Any, kind: str, dpi: int) -> bytes:
    """The figure as a file of this kind; the same for the same run."""
    import io

    from matplotlib import rc_context

    buffer = io.BytesIO()
    dated = {"svg": {"Date": None}, "pdf": {"CreationDate": None}}
    with rc_context({"svg.hashsalt": "envkit", "svg.fonttype": "none"}):
        figure.savefig(buffer, format=kind, dpi=dpi, metadata=dated.get(kind))
    return buffer.getvalue()


def _json(path: Path) -> Any:
    return _read(path, lambda: json.loads(path.read_bytes()))


def _table(path: Path) -> dict[str, figures.Column]:
    """The columns of a table; what is empty is nan."""

    def read() -> dict[str, figures.Column]:
        with path.open(newline="") as file:
            head, *rows = csv.reader(file)
        table = np.array([[float(cell or "nan") for cell in row] for row in rows]).reshape(-1, len(head))
        return dict(zip(head, table.T, strict=True))

    return _read(path, read)


def _read(path: Path, read: Callable[[], T]) -> T:
    try:
        return read()
    except FileNotFoundError:
        raise UsageError(f"{path.parent} has no {path.name}: the run is not complete") from None
    except (OSError, ValueError) as error:
        raise ArtifactRefused(f"{path} is damaged: {error_line(error)}") from error
