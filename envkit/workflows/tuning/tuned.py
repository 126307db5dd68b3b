"""What a search gave."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from envkit.workflows.tuning.asked import Asked
from envkit.workflows.tuning.attempt import State
from envkit.workflows.tuning.study import Attempt, best

PRESET, TRIALS, HISTORY = "preset.toml", "trials.csv", "history.png"


@dataclass(frozen=True, eq=False)
class Tuned:
    """What a search gave.

    Args:
      attempts: all that have ended; number 0 had the settings to begin with.
      importances: how much each setting had to do with the return; empty where that cannot be told.
      why: why it has ended before all attempts were made; empty where it has not.
    """

    asked: Asked
    attempts: Sequence[Attempt]
    run_dir: Path
    importances: Mapping[str, float] = field(default_factory=dict)
    why: str = ""

    @property
    def best(self) -> Attempt:
        found = best(self.attempts)
        assert found is not None  # or there would be no result
        return found

    @property
    def ranked(self) -> list[Attempt]:
        """The complete ones, the best first."""
        complete = [one for one in self.attempts if one.is_complete]
        return sorted(complete, key=lambda one: (-(one.value or 0.0), one.number))

    @property
    def default(self) -> Attempt | None:
        """That with the settings to begin with; None where it failed."""
        return next((one for one in self.attempts if one.number == 0 and one.is_complete), None)

    @property
    def mean_return(self) -> float:
        """Of the best one."""
        assert self.best.value is not None
        return self.best.value

    @property
    def gained(self) -> float | None:
        """By how much the best one does better than the settings to begin with; None where these failed."""
        if self.default is None or self.default.value is None:
            return None
        return self.mean_return - self.default.value

    @property
    def counts(self) -> Mapping[State, int]:
        return Counter(one.state for one in self.attempts)

    @property
    def preset(self) -> Path:
        """The file with the best settings, for `envkit solve --preset`."""
        return self.run_dir / PRESET

    def to_json(self) -> dict[str, Any]:
        request = self.asked.request
        return {
            "schema": 1,
            "family": "tune",
            "env": str(request.ref),
            "algo": request.learner.name,
            "seed": request.seed,
            "seeds": self.asked.seeds,
            "steps": request.steps,
            "search": {name: one.typed for name, one in self.asked.space.items()},
            "mean_return": self.mean_return,
            "default_return": self.default.value if self.default else None,
            "gained": self.gained,
            "best": self.best.number,
            "counts": {str(state): self.counts[state] for state in State if state is not State.STOPPED},
            "importances": {name: round(share, 6) for name, share in self.importances.items()},
            "trials": [told(one) for one in self.attempts],
            "ended": self.why or None,
            "preset": str(self.preset),
            "tune_dir": str(self.run_dir),
        }

    def __repr__(self) -> str:
        request = self.asked.request
        return f"<Tuned {request.ref} by {request.learner.name}: mean return {self.mean_return:.6g}>"

    def __str__(self) -> str:
        from envkit.workflows.tuning.text import text

        return text(self)

    def _repr_html_(self) -> str:
        import html

        return f"<pre>{html.escape(str(self))}</pre>"


def told(attempt: Attempt) -> dict[str, Any]:
    """An attempt as JSON."""
    return {
        "trial": attempt.number,
        "state": str(attempt.state),
        "mean_return": attempt.value,
        "returns": list(attempt.returns),
        "steps": attempt.steps,
        "seconds": attempt.seconds,
        "settings": dict(attempt.settings),
        "why": attempt.why or None,
    }
