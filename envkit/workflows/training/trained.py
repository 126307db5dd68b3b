"""What training a network gave."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from envkit.core.model import OWN
from envkit.core.policy import Policy
from envkit.core.result import Curve
from envkit.runs.directory import CONFIG, CURVE, EPISODES, EVALUATIONS, RESULT, RunDirectory
from envkit.tabular.exact import Exact
from envkit.workflows.evaluate import Evaluation
from envkit.workflows.training.notebook import Notebook
from envkit.workflows.training.request import Request


@dataclass(frozen=True, eq=False)
class TrainedRun:
    """What training a network gave.

    Args:
      policy: the one that did best in the evaluations; without any the last one.
      evaluation: of that policy, in the end.
      at_random: what acting at random earns, in a fifth as many episodes; up to twenty in as many, five at least.
      steps: taken, over all environments, a run that was gone on with included.
      seconds: this time, evaluation included.
      why: why it has ended before all steps were taken; empty where it has not.
      threshold: the mean return from which the environment's spec calls it solved; None where it does not say.
      exact: the exact answers, where there is a finite model and the policy always does the same in a state.
      resumed_at: the steps that had been taken before this time.
    """

    request: Request
    policy: Policy
    evaluation: Evaluation
    at_random: Evaluation
    notebook: Notebook
    steps: int
    seconds: float
    why: str
    threshold: float | None
    run_dir: Path | None
    notes: tuple[str, ...]
    exact: Exact | None = None
    resumed_at: int = 0

    @property
    def env(self) -> str:
        return str(self.request.ref)

    @property
    def algo(self) -> str:
        return self.request.learner.name

    @property
    def seed(self) -> int:
        return self.request.seed

    @property
    def mean_return(self) -> float:
        return self.evaluation.mean

    @property
    def random_return(self) -> float:
        """The mean of what acting at random earns."""
        return self.at_random.mean

    @property
    def gap(self) -> float | None:
        """To the exact optimum; None where that is not known."""
        return self.exact.gap if self.exact else None

    @property
    def curve(self) -> Curve:
        return self.notebook.curve()

    @property
    def is_solved(self) -> bool | None:
        return None if self.threshold is None else self.mean_return >= self.threshold

    def to_json(self) -> dict[str, Any]:
        """The result as one strict JSON object; what is not known is null."""
        known = self.exact or Exact(None, None, None, None)
        return {
            "schema": 1,
            "family": "deep",
            "env": self.env,
            "algo": self.algo,
            "seed": self.seed,
            "steps": self.steps,
            "episodes": len(self.notebook.episodes),
            "seconds": round(self.seconds, 6),
            "resumed_at": self.resumed_at,
            "discount": self.request.settings.get("gamma"),
            "mean_return": self.evaluation.mean,
            "std_return": self.evaluation.std,
            "mean_shaped_return": self.evaluation.mean_shaped,
            "random_return": self.random_return,
            "threshold": self.threshold,
            "solved": self.is_solved,
            "ended": self.why or None,
            "model": OWN if self.exact else None,
            "policy_return": known.policy_return,
            "optimal_return": known.optimal_return,
            "optimal_stationary_return": known.optimal_stationary_return,
            "gap": known.gap,
            "run_dir": str(self.run_dir) if self.run_dir else None,
        }

    def __repr__(self) -> str:
        return f"<TrainedRun {self.env} by {self.algo}, seed {self.seed}: mean return {self.mean_return:.6g}>"

    def __str__(self) -> str:
        from envkit.workflows.training.text import text

        return text(self)

    def _repr_html_(self) -> str:
        from envkit.workflows.loaded import shown

        return shown(str(self), self.run_dir, self.policy, self.request.ref, self.keep)

    def keep(self, directory: RunDirectory) -> None:
        """Writes what was asked, the tables, and what came out; the policy has a file of its own."""
        directory.write_json(CONFIG, self.request.to_json())
        tables = {CURVE: self.curve, **{name: self.notebook.table(name) for name in (EPISODES, EVALUATIONS)}}
        for name, table in tables.items():
            directory.write_table(name, table.columns, table.rows)
        directory.write_json(RESULT, self.to_json())
