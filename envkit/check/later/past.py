"""Reads a report that was written as JSON; what is damaged or foreign is refused, and nothing of it is ever run."""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from envkit.check.budget import LEVELS
from envkit.check.report import SCHEMA, Settings
from envkit.core.case import Case
from envkit.core.codec import decode
from envkit.core.errors import ArtifactRefused
from envkit.core.finding import Finding
from envkit.core.foreign import environment_named
from envkit.core.ref import EnvRef
from envkit.core.show import show

TEXTS = ("message", "fix", "at", "program", "code", "name", "severity", "kind")


@dataclass(frozen=True)
class Past:
    """What a report says that can be tried again.

    Args:
      complete: whether the environment's arguments are known; in JSON only plain ones are.
    """

    env: str
    findings: tuple[Finding, ...]
    settings: Settings
    complete: bool = True

    def ref(self) -> EnvRef:
        """The environment that the report names. Raises ArtifactRefused where its arguments are not known."""
        if not self.complete:
            raise ArtifactRefused(f"the report of {self.env} could not keep its arguments; name the environment")
        return EnvRef.of(self.env, **self.settings.env_kwargs)


def load(data: bytes, name: str) -> list[Past]:
    """The reports in a file's bytes. Raises ArtifactRefused, with the file's name."""
    try:
        return read(json.loads(data))
    except ArtifactRefused as error:
        raise ArtifactRefused(f"{name}: {error}") from error
    except (ValueError, RecursionError, MemoryError) as error:
        raise ArtifactRefused(f"{name} is no JSON; `envkit check ENV --output report.json` writes a report") from error


def read(data: Any) -> list[Past]:
    """The reports in what `envkit check --format json` wrote.

    Raises:
      ArtifactRefused: it is something else.
    """
    if isinstance(data, list) and all(isinstance(each, Past) for each in data):
        return data
    if not isinstance(data, Mapping) or "schema" not in data:
        raise ArtifactRefused("this is no report of envkit's: it says no schema")
    if data["schema"] != SCHEMA or isinstance(data["schema"], bool):
        raise ArtifactRefused(f"the report has schema {show(data['schema'])}; this envkit reads {SCHEMA}")
    reports = data.get("reports", [data])
    if "reports" not in data and "findings" not in data:
        raise ArtifactRefused("this is no report of `envkit check`, which has findings, nor are there episodes in it")
    if not isinstance(reports, list) or not all(isinstance(report, Mapping) for report in reports):
        raise ArtifactRefused("`reports` is not a list of reports")
    try:
        return [_past(report) for report in reports]
    except ArtifactRefused:
        raise
    except (ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError, MemoryError) as error:
        raise ArtifactRefused(f"the report is damaged: {type(error).__name__}: {show(str(error))}") from error


def _past(report: Mapping[str, Any]) -> Past:
    env = environment_named(report["env"])
    findings = tuple(_finding(finding) for finding in report["findings"])
    settings = report["settings"]
    return Past(env, findings, _settings(settings), complete=settings["env_kwargs"] is not None)


def _finding(data: Mapping[str, Any]) -> Finding:
    for name in TEXTS:
        if not isinstance(data[name], str):
            raise ArtifactRefused(f"{name} of a finding is {show(data[name])}, not a text")
    if isinstance(data["count"], bool) or not isinstance(data["count"], int):
        raise ArtifactRefused(f"count of a finding is {show(data['count'])}, not a number")
    also = data.get("also", [])
    if not isinstance(also, list) or not all(isinstance(line, str) for line in also):
        raise ArtifactRefused(f"also of a finding is {show(also)}, not a list of texts")
    finding = Finding.from_json(dict(data))
    if finding.case is not None:
        _require_playable(finding.case)
    return finding


def _require_playable(case: Case) -> None:
    if not case.episodes:
        raise ArtifactRefused("a case has no episodes")
    if not isinstance(case.arguments, dict) or not set(case.arguments) <= {"render_mode"}:
        raise ArtifactRefused(f"a case has the arguments {show(case.arguments)}; only render_mode is one")
    for episode in case.episodes:
        _require(episode.seed is None or _whole(episode.seed), "seed", episode.seed)


def _settings(data: Mapping[str, Any]) -> Settings:
    _require(_whole(data["seed"]), "seed", data["seed"])
    _require(isinstance(data["budget"], str) and data["budget"] in LEVELS, "budget", data["budget"])
    timeout = data["timeout"]
    number = isinstance(timeout, int | float) and not isinstance(timeout, bool)
    _require(number and 0 < timeout < math.inf, "timeout", timeout)
    env_kwargs = {} if data["env_kwargs"] is None else decode(data["env_kwargs"])
    _require(isinstance(env_kwargs, dict) and all(isinstance(k, str) for k in env_kwargs), "env_kwargs", env_kwargs)
    return Settings(env_kwargs, data["seed"], data["budget"], float(timeout))


def _whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _require(holds: bool, name: str, value: Any) -> None:
    if not holds:
        raise ArtifactRefused(f"{name} of the report is {show(value)}, which cannot be")
