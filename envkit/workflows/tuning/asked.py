"""What was asked of a search: all that is needed to go on with it."""

import shlex
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from envkit.core.errors import ArtifactRefused, UsageError
from envkit.core.settings import checked
from envkit.core.show import error_line
from envkit.workflows.asking import SCHEMA, check_schema, plain
from envkit.workflows.training.request import Request, env_names
from envkit.workflows.tuning.space import Space, space_of

FAMILY = "tune"


@dataclass(frozen=True)
class Asked:
    """What was asked of a search.

    Args:
      request: a training with the settings to begin with; its seed is the first one.
      space: what is searched.
      trials: attempts in all.
      seeds: trainings of an attempt, with seeds one after another.
      prune: give up what does worse than half of the others did.
      study: a name that no other search has, by which its store is known.
    """

    request: Request
    space: Space
    trials: int
    seeds: int = 1
    prune: bool = True
    study: str = ""

    def __post_init__(self) -> None:
        if not self.study:
            name = f"{self.request.ref} {self.request.learner.name} {uuid.uuid4().hex[:8]}"
            object.__setattr__(self, "study", name)

    def requests(self, values: Mapping[str, Any]) -> list[Request]:
        """The trainings of an attempt with these values of what is searched."""
        settings = {**self.request.settings, **checked(self.request.learner.settings, values)}
        first = self.request.seed
        return [replace(self.request, seed=seed, settings=settings) for seed in range(first, first + self.seeds)]

    def preset(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """All in which a training with these values differs from the learner's defaults, as presets have it."""
        request = self.requests(values)[0]
        own = {one.name: plain(one.default) for one in request.learner.settings}
        chosen = {name: plain(value) for name, value in request.settings.items()}
        common: dict[str, Any] = {"steps": request.steps, "n_envs": request.n_envs}
        common |= {"wrap": shlex.split(request.ref.parts[1])} if request.ref.parts[1] else {}
        common |= {"normalize": list(request.normalize)} if request.normalize else {}
        common |= {"views": list(request.views)} if request.views else {}
        common |= {"batch": True} if request.batch else {}
        return common | {name: value for name, value in chosen.items() if value != own[name]}

    @property
    def env(self) -> str:
        """What the environment is called in presets."""
        made = self.request.ref.make()
        made.close()
        return env_names(self.request.ref, made)[0]

    def to_json(self) -> dict[str, Any]:
        return {
            "schema": SCHEMA,
            "family": FAMILY,
            "study": self.study,
            "trials": self.trials,
            "seeds": self.seeds,
            "prune": self.prune,
            "search": {name: one.typed for name, one in self.space.items()},
            "request": self.request.to_json(),
        }

    @classmethod
    def of_json(cls, config: Any, path: Path) -> "Asked":
        """What a file says that was asked. Raises ArtifactRefused where it says no such thing."""
        check_schema(config, path)
        if config.get("family") != FAMILY:
            raise ArtifactRefused(f"{path} is not the configuration of a search, but of a run: envkit solve --resume")
        try:
            request = Request.of_json(config["request"], path)
            space = space_of(request.learner, config["search"])
            trials, seeds = int(config["trials"]), int(config["seeds"])
            return cls(request, space, trials, seeds, bool(config["prune"]), str(config["study"]))
        except (KeyError, TypeError, ValueError, AttributeError, UsageError) as error:
            raise ArtifactRefused(f"{path} is not the configuration of a search: {error_line(error)}") from error
