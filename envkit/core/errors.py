"""Every error that envkit raises on purpose, each with the exit code its command ends with.

    EnvkitError
    ├── UsageError              2   what was typed cannot be done; nothing was changed
    │   ├── UnknownEnvironment      the reference names nothing
    │   ├── BadEnvArguments         the constructor does not take these arguments
    │   ├── NoFiniteModel           a planner was given an environment that has no finite model
    │   └── MissingExtra            an optional package is not installed
    ├── EnvironmentFailed       3   the environment's own code raised, hung or died
    │   ├── NotAnEnvironment        the reference names something that is no gymnasium.Env
    │   ├── Diverged                the weights of a network are no numbers any more
    │   └── DeviceFull              a network's device has no memory left
    ├── ArtifactRefused         4   a file is damaged, foreign or of another version
    ├── StorageFailed           5   a file could not be written
    └── Interrupted       130, 143  Ctrl-C or SIGTERM; everything is saved

A message says what was given and where, what was expected, and what to type.
"""

from collections.abc import Iterable
from difflib import get_close_matches

FOREIGN = (Exception, SystemExit)  # what code of somebody else's may end with; Ctrl-C is not its doing


class EnvkitError(Exception):
    """Base of all errors that are meant for the user; its text is complete without a traceback."""

    exit_code = 70


class UsageError(EnvkitError):
    exit_code = 2


class UnknownEnvironment(UsageError):
    pass


class BadEnvArguments(UsageError):
    pass


class NoFiniteModel(UsageError):
    pass


class MissingExtra(UsageError):
    pass


class EnvironmentFailed(EnvkitError):
    """The environment's own code failed; `cause` is its exception and `method` where it happened."""

    exit_code = 3

    def __init__(self, message: str, *, method: str = "", cause: BaseException | None = None):
        super().__init__(message)
        self.method = method
        self.cause = cause


class NotAnEnvironment(EnvironmentFailed):
    pass


class Diverged(EnvironmentFailed):
    """Between an environment and these hyper-parameters; with others it may go well."""


class DeviceFull(EnvironmentFailed):
    """A training has been too large for its device; smaller minibatches, or fewer environments, may fit."""


class ArtifactRefused(EnvkitError):
    exit_code = 4


class StorageFailed(EnvkitError):
    exit_code = 5


class Interrupted(EnvkitError):
    """Somebody wanted it to stop; all is saved, and the text says how to go on."""

    def __init__(self, message: str, *, exit_code: int = 130):
        super().__init__(message)
        self.exit_code = exit_code


def nearest(wrong: str, known: Iterable[str], *, most: int = 3) -> list[str]:
    """The known names that look most like the wrong one, ignoring case, best first."""
    by_lower = {name.lower(): name for name in known}
    close = get_close_matches(wrong.lower(), list(by_lower), n=most, cutoff=0.5)
    return [by_lower[name] for name in close]


def unknown_option(kind: str, wrong: str, known: Iterable[str]) -> UsageError:
    """The error for a name that is not in a list: says the nearest ones and the whole list."""
    known = sorted(known)
    hint = nearest(wrong, known, most=1)
    meant = f": did you mean {hint[0]!r}? It" if hint else ""
    return UsageError(f"{kind} {wrong!r}{meant} is not one of {', '.join(known)}")
