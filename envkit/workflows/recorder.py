"""Where episodes are kept: as a transcript in a .json file, or as what is to be seen of them in a .gif or an .mp4."""

from collections.abc import Callable
from pathlib import Path

from envkit.core.errors import EnvironmentFailed, UsageError
from envkit.core.transcript import Transcript
from envkit.runs.transcripts import save
from envkit.workflows.replay import film
from envkit.workflows.video import KINDS, check_path

EPISODES = ".json"


def check_episodes_path(path: Path) -> None:
    """Refuses where no transcript could be written, before anything is played. Raises UsageError."""
    if path.suffix.lower() != EPISODES:
        ending = f"ends with {path.suffix!r}" if path.suffix else "has no ending"
        raise UsageError(f"{path} {ending}; episodes are kept in a {EPISODES}, and films are a {' or an '.join(KINDS)}")
    if not path.parent.is_dir():
        raise UsageError(f"{path} cannot be written: there is no folder {path.parent}")


def recorder(path: Path, tell: Callable[[str], object]) -> Callable[[Transcript], None]:
    """What writes a transcript, or a film of it, to `path`.

    A film is made by playing the episodes again, on a fresh instance that shows itself: so that what was undone is not
    in it, and nothing has to be kept in memory meanwhile.

    Args:
      tell: takes a line on what was written.

    Raises:
      UsageError, MissingExtra: when it could not be written.
    """
    if path.suffix.lower() not in KINDS:
        check_episodes_path(path)
        return lambda transcript: _keep(path, transcript, tell)
    check_path(path)
    return lambda transcript: _film(path, transcript, tell)


def _keep(path: Path, transcript: Transcript, tell: Callable[[str], object]) -> None:
    if not transcript.steps:
        tell(f"{path} is not written: no step was taken")
        return
    save(path, transcript)
    tell(f"{path}: {transcript.told}; `envkit replay {path}` plays it again")


def _film(path: Path, transcript: Transcript, tell: Callable[[str], object]) -> None:
    if not transcript.steps:
        tell(f"{path} is not written: no step was taken")
        return
    replayed, frames, blank = film(transcript, path)
    tell(f"{path}: {frames} frames, the last of an episode held")
    if blank:
        tell(f"{path} shows nothing: all frames are of one and the same colour")
    if not replayed.same:
        kept = path.with_suffix(EPISODES)
        save(kept, transcript)
        raise EnvironmentFailed(
            f"{path} ends early: played again for it, {transcript.ref} differs at {replayed.place}: "
            f"{replayed.differences[0]}; the whole is in {kept}"
        )
