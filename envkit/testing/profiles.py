"""How much is tried: quick for a pull request, default, deep for a nightly run.

A profile is chosen by `contract(..., profile=...)`, else by `pytest --envkit-profile`, else by ENVKIT_PROFILE.
ENVKIT_EXAMPLES overrides its number of runs, never its time. Imports nothing: the pytest plugin lists the names.
"""

import os
from dataclasses import dataclass, replace

PROFILE, EXAMPLES, UPDATE = "ENVKIT_PROFILE", "ENVKIT_EXAMPLES", "ENVKIT_UPDATE"


@dataclass(frozen=True)
class Profile:
    """How much one contract may take.

    Args:
      examples: runs of the machine, at most.
      seconds: slow environments get fewer runs, so that one contract takes about that long at most.
      least: runs that are made even so.
      steps: of a vector environment, in each of a handful of plays.
    """

    examples: int
    seconds: float
    least: int
    steps: int


PROFILES = {
    "quick": Profile(examples=25, seconds=10.0, least=2, steps=60),
    "default": Profile(examples=100, seconds=60.0, least=5, steps=150),
    "deep": Profile(examples=2000, seconds=1800.0, least=20, steps=3000),
}


def chosen(name: str | None = None) -> Profile:
    """The profile of that name, or the one that the surroundings ask for.

    Raises:
      UsageError: no profile is called so, or ENVKIT_EXAMPLES is no number.
    """
    from envkit.core.errors import UsageError, unknown_option  # late, for the plugin's sake

    name = name or os.environ.get(PROFILE) or "default"
    if name not in PROFILES:
        raise unknown_option("profile", name, PROFILES)
    wanted = os.environ.get(EXAMPLES)
    if not wanted:
        return PROFILES[name]
    if not wanted.isdecimal() or int(wanted) < 1:
        raise UsageError(f"{EXAMPLES} is {wanted!r}, not a whole number of runs; for example {EXAMPLES}=2000")
    return replace(PROFILES[name], examples=int(wanted))


def updating() -> bool:
    """Whether golden files are to be written: `pytest --envkit-update`, or ENVKIT_UPDATE=1."""
    return os.environ.get(UPDATE, "0") not in ("", "0")
