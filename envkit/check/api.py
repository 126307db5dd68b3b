"""`envkit.check`: judges an environment, in a child process that may die without harm."""

import os
import time
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from envkit.check import engine
from envkit.check.budget import level
from envkit.check.deaths import findings as findings_of_deaths
from envkit.check.deaths import shortened
from envkit.check.model import Rule
from envkit.check.probes.death import Death
from envkit.check.probes.human import has_display
from envkit.check.report import Report
from envkit.check.session import examine
from envkit.core.errors import UsageError, nearest
from envkit.core.finding import Finding
from envkit.core.ref import EnvRef
from envkit.isolate import parent

MOST_DEATHS = 4


def check(
    target: Any,
    *,
    select: Iterable[str] = (),
    ignore: Iterable[str] = (),
    seed: int = 0,
    budget: str = "default",
    isolation: bool = True,
    timeout: float = 10.0,
    **env_kwargs: Any,
) -> Report:
    """Judges the environment that `target` names (see `EnvRef`) against the rules.

    Args:
      select, ignore: codes, prefixes of codes, or names of rules; by default every rule.
      seed: of everything that is drawn; the same seed gives the same findings.
      budget: quick, default or thorough (`envkit.check.budget`).
      isolation: run in a child process; without it a hang hangs, and a crash crashes.
      timeout: seconds for one call of the environment.

    Raises:
      UsageError: the reference names nothing, its arguments are wrong, or a rule is unknown.
    """
    if seed < 0 or timeout <= 0:
        raise UsageError(f"seed is {seed} and timeout {timeout:g}, but a seed is 0 or more, and a timeout above 0")
    level(budget)
    begun = time.monotonic()
    ref = EnvRef.of(target, **env_kwargs)
    rules = chosen(select, ignore)
    codes = [rule.code for rule in rules if rule.needs != (Death,)]
    apart = isolation and os.name == "posix"  # elsewhere a child cannot be watched and swept in this way
    arguments = {"ref": ref, "codes": codes, "seed": seed, "budget": budget}
    answer, deaths = _isolated(arguments, timeout) if apart else (_in_process(arguments), [])
    if "usage" in answer:
        raise UsageError(answer["usage"])
    findings = [Finding.from_json(data) for data in answer["findings"]]
    not_judged = dict(answer["not_judged"])
    findings += findings_of_deaths(deaths, rules)
    findings.sort(key=lambda finding: (-finding.severity, finding.code))
    return Report(str(ref), tuple(findings), not_judged, answer["coverage"], time.monotonic() - begun)


def chosen(select: Iterable[str], ignore: Iterable[str]) -> tuple[Rule, ...]:
    """The rules that are selected and not ignored, by code; the essential ones are always among them."""
    rules = engine.all_rules()
    wanted = _matching(rules, select) if select else {rule.code for rule in rules}
    unwanted = _matching(rules, ignore)
    return tuple(rule for rule in rules if rule.essential or rule.code in wanted - unwanted)


def unknown_rule(name: str) -> UsageError:
    rules = engine.all_rules()
    close = nearest(name, [rule.code for rule in rules] + [rule.name for rule in rules], most=1)
    meant = f"did you mean {close[0]!r}? " if close else ""
    return UsageError(f"no rule is called {name!r}; {meant}`envkit explain` lists all")


def _matching(rules: tuple[Rule, ...], names: Iterable[str]) -> set[str]:
    found: set[str] = set()
    for name in names:
        codes = {rule.code for rule in rules if rule.code.startswith(name.upper()) or rule.name == name.lower()}
        if not codes:
            raise unknown_rule(name)
        found |= codes
    return found


def _in_process(arguments: dict[str, Any]) -> dict[str, Any]:
    return examine(None, **arguments, skip={}, longest=None)


def _isolated(arguments: dict[str, Any], timeout: float) -> tuple[dict[str, Any], list[Death]]:
    """Runs the examination; when it kills its process, once more without what did.

    That is episodes of so many steps, or where the number of steps is not the cause, the probe.
    """
    total = 2 * level(arguments["budget"])[1] + 60.0
    limits = replace(parent.Limits(), call_seconds=timeout, total_seconds=total)
    skip: dict[str, str] = {}
    longest: int | None = None
    deaths: list[Death] = []
    while True:
        request = {**arguments, "skip": skip, "longest": longest}
        ending = parent.run("envkit.check.session:examine", request, limits)
        if ending.kind == "answered":
            return ending.answer, deaths
        death = Death.of(ending)
        reason = f"{death.how} from {death.what}"
        if death.probe == engine.LAST and not has_display():
            skip[death.probe] = f"human mode needs a display: without one {death.how}"
            continue
        death = shortened(death, arguments["ref"])
        deaths.append(death)
        safe = death.longest_safe_episode
        if (not death.probe and safe is None) or len(deaths) >= MOST_DEATHS:
            return {"findings": [], "not_judged": dict.fromkeys(arguments["codes"], reason), "coverage": {}}, deaths
        if safe is not None and (longest is None or safe < longest):
            longest = safe
        else:
            skip[death.probe] = reason
