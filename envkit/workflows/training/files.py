"""What a training leaves in its directory, from the first step to the last.

Events are added as they come; checkpoints and the best policy are written whole. So a process may be killed at any
moment: the log is read up to where the checkpoint was taken, and what came after is done once more.
"""

import contextlib
import importlib.util
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np

from envkit.core.errors import ArtifactRefused, UsageError
from envkit.core.optional import need
from envkit.core.policy import Policy
from envkit.deep.demonstrations import Demonstrations
from envkit.deep.learner import Learning
from envkit.runs.directory import CONFIG, EVENTS, POLICY, RESULT, RunDirectory
from envkit.runs.events import EventLog
from envkit.workflows.record import record
from envkit.workflows.tensorboard import EXTRA, Scalars
from envkit.workflows.training.notebook import Notebook
from envkit.workflows.training.request import Request
from envkit.workflows.video import check_path
from envkit.workflows.visible import visible

TENSORBOARD, VIDEOS = "tensorboard", "videos"
FEW, COSTLY = 3, 0.1  # checkpoints, and their part of the time, from which on they are worth a word
DEMOS = "demos.npz"
STEPS = "steps"  # in a checkpoint beside the learner's own arrays: how many had been taken


class Files:
    """Those of one training."""

    def __init__(
        self, request: Request, directory: RunDirectory, notebook: Notebook, shown: Demonstrations | None = None
    ):
        self.request, self.directory, self.notebook, self.shown = request, directory, notebook, shown
        self._log: EventLog | None = None
        self._opened = contextlib.ExitStack()
        self._kept, self._seconds = 0, 0.0

    @property
    def path(self) -> Path:
        return self.directory.path

    @contextlib.contextmanager
    def open(self) -> Iterator[None]:
        """While it is open, the notebook's rows are written as they come, once `begin` was called."""
        with self._opened:
            yield
        self.notebook.listeners.clear()

    def begin(self, steps: int) -> None:
        """From now on things are written; nothing can be refused any more.

        Args:
          steps: taken before.
        """
        self.directory.write_json(CONFIG, self.request.to_json())
        if self.shown is not None and not (self.path / DEMOS).is_file():  # what they came from may change meanwhile
            self.directory.write_arrays(DEMOS, self.shown.arrays())
        self.directory.remove(RESULT)  # of a run that was over, and is gone on with
        self._log = self._opened.enter_context(contextlib.closing(EventLog(self.path / EVENTS)))
        self.notebook.listeners.append(self._log.add)
        if self.request.tensorboard:
            scalars = Scalars(self.path / TENSORBOARD, steps)
            self._opened.callback(scalars.close)
            self.notebook.listeners.append(partial(_tell, scalars))
        if steps:
            self.notebook.gone_on(steps)

    def keep(self, learning: Learning) -> None:
        """All that is needed to go on from the last safe point."""
        begun = perf_counter()
        if self._log:
            self._log.sync()
        self.directory.keep({**learning.state(), STEPS: np.array(learning.resting)})
        self._kept, self._seconds = self._kept + 1, self._seconds + perf_counter() - begun

    def cost(self, seconds: float) -> list[str]:
        """A note where checkpoints took much of so many seconds."""
        if self._kept < FEW or self._seconds < COSTLY * seconds:
            return []
        return [f"{self._kept:,} checkpoints took {self._seconds / seconds:.0%} of the time: keep fewer"]

    def keep_best(self, weights: Mapping[str, Any]) -> None:
        self.directory.write_arrays(POLICY, weights)

    def film(self, policy: Policy, steps: int) -> None:
        folder = self.path / VIDEOS
        folder.mkdir(exist_ok=True)
        record(policy, self.request.ref, folder / f"step-{steps:010}{ending()}", seed=self.request.seed)


def kept_steps(kept: dict[str, Any]) -> int:
    """Takes out of a checkpoint how many steps had been taken. Raises ArtifactRefused where it does not say."""
    try:
        return int(kept.pop(STEPS))
    except (KeyError, TypeError, ValueError) as error:
        raise ArtifactRefused("the checkpoint is of no training: it does not say how many steps were taken") from error


def ending() -> str:
    """Of a video's file: that which can be written here, the better one if both can."""
    return ".mp4" if importlib.util.find_spec("imageio_ffmpeg") else ".gif"


def check_wanted(request: Request, directory: RunDirectory | None) -> None:
    """Refuses videos and TensorBoard's files that could not be written, before any work is done."""
    if directory is None:
        for name, wanted in (("videos", request.videos), ("tensorboard", request.tensorboard)):
            if wanted:
                raise UsageError(f"{name} are written into the run's directory, and no artifacts are wanted")
        return
    if request.videos:
        visible(request.ref, "rgb_array", purpose="filmed").close()
        check_path(directory.path / f"video{ending()}")
    if request.tensorboard:
        need("tensorboard", **EXTRA)


def _tell(scalars: Scalars, event: Mapping[str, Any]) -> None:
    """Adds an event of the notebook to TensorBoard's file."""
    kind = event["kind"]
    values = {name: value for name, value in event.items() if name not in ("kind", "steps") and value is not None}
    if kind in ("episode", "evaluation"):
        values = {f"{kind}/{name}": value for name, value in values.items() if name not in ("env", "episodes")}
    scalars.add(int(event["steps"]), values)
