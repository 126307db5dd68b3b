"""`[tool.envkit.check]` in pyproject.toml: what a project always wants of its checks, and the exceptions it makes.

    [tool.envkit.check]
    strict = true
    ignore = ["render-fps-missing"]

    [[tool.envkit.check.allow]]
    env = "my_package:Legacy-*"
    rule = "EK203"
    reason = "keeps its score over episodes on purpose; see issue 12"

The nearest pyproject.toml, from the current folder upward, is read. What is given on the command line wins over it.
"""

import fnmatch
import math
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from envkit.check.budget import LEVELS
from envkit.check.report import Allowed, Report, symptom_codes
from envkit.check.selection import named
from envkit.core.errors import UsageError, nearest
from envkit.core.show import show

TABLE = "tool.envkit.check"
WILD = set("*?[")


@dataclass(frozen=True)
class Exemption:
    """One exception: the rule does not count for these environments, and why.

    Args:
      env: a pattern, as of file names, for the text of the reference.
    """

    env: str
    code: str
    reason: str

    def covers(self, env: str) -> bool:
        mine, env = self.env.removeprefix("./"), env.removeprefix("./")
        return env == mine or fnmatch.fnmatchcase(env, mine)


@dataclass(frozen=True)
class Config:
    """How to check; the defaults of `envkit.check` and of the command.

    Args:
      file: where it comes from, for messages.
    """

    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    strict: bool = False
    budget: str = "default"
    timeout: float = 10.0
    seed: int = 0
    allow: tuple[Exemption, ...] = ()
    file: str = ""

    def but(self, **given: Any) -> "Config":
        """The same with everything that is given; None stands for what is not."""
        return replace(self, **{name: value for name, value in given.items() if value is not None})

    def excuse(self, report: Report) -> Report:
        """The report with its excused findings set apart, and a note about each exception that it did not need."""
        findings, allowed = [], []
        used: set[str] = set()
        mine = [exemption for exemption in self.allow if exemption.covers(report.env)]
        for finding in report.findings:
            excused = next((exemption for exemption in mine if exemption.code == finding.code), None)
            if excused is None:
                findings.append(finding)
                continue
            used.add(excused.code)
            allowed.append(Allowed(finding, excused.reason))
        told = used.union(*(symptom_codes(finding) for finding in report.findings))
        stale = [one for one in mine if one.code in report.judged and one.code not in told]
        notes = (*report.notes, *(self._stale(exemption) for exemption in stale))
        return replace(report, findings=tuple(findings), allowed=tuple(allowed), notes=notes)

    def _stale(self, exemption: Exemption) -> str:
        where = self.file or "the configuration"
        remedy = "not needed for this environment" if WILD & set(exemption.env) else "no longer needed: take it out"
        return f"the exception of {exemption.env} from {exemption.code} in {where} is {remedy}"


def nearest_config(folder: Path) -> Config:
    """The configuration of the nearest pyproject.toml from this folder upward; the defaults where there is none.

    Raises:
      UsageError: the file cannot be read, is no TOML, or says something that is not understood.
    """
    for place in (folder, *folder.parents):
        file = place / "pyproject.toml"
        if file.is_file():
            return parse(_tables(file), str(file))
    return Config()


def _tables(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(f"cannot read {file}: {error.strerror or error}") from error
    except (ValueError, RecursionError) as error:  # undecodable text is a ValueError too
        raise UsageError(f"{file} is no TOML: {error}") from error


def parse(tables: Mapping[str, Any], file: str) -> Config:
    """The configuration in the tables of a pyproject.toml.

    Raises:
      UsageError: names the file, the key, what it holds and what was expected.
    """
    tool = tables.get("tool", {})
    envkit = tool.get("envkit", {}) if isinstance(tool, dict) else {}
    if not isinstance(envkit, dict):
        raise _wrong(file, "tool.envkit", envkit, "a table")
    for key in envkit:
        if key != "check" and nearest(key, ["check"]):
            raise UsageError(f"{file}: tool.envkit has no table {key!r}; did you mean {TABLE}?")
    table = envkit.get("check", {})
    if not isinstance(table, dict):
        raise _wrong(file, TABLE, table, "a table")
    _known(table, [*READERS, "allow"], f"{file}: {TABLE}")
    values = {key: READERS[key](value, file, f"{TABLE}.{key}") for key, value in table.items() if key in READERS}
    return Config(**values, allow=_exemptions(table.get("allow", []), file), file=file)


def _exemptions(tables: Any, file: str) -> tuple[Exemption, ...]:
    key = f"{TABLE}.allow"
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        raise _wrong(file, key, tables, f"tables, each headed [[{key}]]")
    found: list[Exemption] = []
    for number, table in enumerate(tables, 1):
        place = f"{key} number {number}"
        _known(table, ["env", "rule", "reason"], f"{file}: {place}")
        texts = {}
        for name in ("env", "rule", "reason"):
            texts[name] = table.get(name)
            if not isinstance(texts[name], str) or not texts[name].strip():
                raise _wrong(file, f"{name} of {place}", texts[name], f"a text; {EXPECTED[name]}")
        codes = _rule(texts["rule"], file, f"rule of {place}")
        if len(codes) > 1:
            raise _wrong(
                file,
                f"rule of {place}",
                texts["rule"],
                f"one rule, such as {codes[0]}; there are {len(codes)} of these",
            )
        found.append(Exemption(texts["env"], codes[0], texts["reason"].strip()))
    return tuple(found)


EXPECTED = {
    "env": 'the name of an environment, or a pattern such as "my_package:*"',
    "rule": "a code such as EK203, or a name such as reset-ignores-seed",
    "reason": "an exception needs one",
}


def _rule(name: str, file: str, key: str) -> list[str]:
    try:
        return sorted(named(name))
    except UsageError as error:
        raise UsageError(f"{file}: {key}: {error}") from None


def _names(value: Any, file: str, key: str) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(name, str) for name in value):
        raise _wrong(file, key, value, 'a list of codes, their beginnings or names, such as ["EK2", "render-raises"]')
    for name in value:
        _rule(name, file, key)
    return tuple(value)


def _flag(value: Any, file: str, key: str) -> bool:
    if not isinstance(value, bool):
        raise _wrong(file, key, value, "true or false")
    return value


def _budget(value: Any, file: str, key: str) -> str:
    if not isinstance(value, str) or value not in LEVELS:
        raise _wrong(file, key, value, f"one of {', '.join(LEVELS)}")
    return value


def _timeout(value: Any, file: str, key: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < math.inf:
        raise _wrong(file, key, value, "seconds, more than 0")
    return float(value)


def _seed(value: Any, file: str, key: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise _wrong(file, key, value, "a whole number, 0 or more")
    return value


READERS: Mapping[str, Callable[[Any, str, str], Any]] = {
    "select": _names, "ignore": _names, "strict": _flag, "budget": _budget, "timeout": _timeout, "seed": _seed,
}  # fmt: skip


def _known(table: Mapping[str, Any], known: list[str], place: str) -> None:
    for key in table:
        if key not in known:
            close = nearest(key, known, most=1)
            meant = f"; did you mean {close[0]!r}?" if close else f"; it takes {', '.join(known)}"
            raise UsageError(f"{place} has no key {key!r}{meant}")


def _wrong(file: str, key: str, value: Any, expected: str) -> UsageError:
    held = "missing" if value is None else show(value, most=60)
    return UsageError(f"{file}: {key} is {held}; expected {expected}")
