"""`envkit.check`: judges an environment, in a child process that may die without harm."""

import os
import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from envkit.check import engine
from envkit.check.budget import level
from envkit.check.config import Config
from envkit.check.probes.death import Death
from envkit.check.probes.human import has_display
from envkit.check.report import Report, Settings, Source
from envkit.check.selection import chosen
from envkit.check.session import examine
from envkit.check.shortening.deaths import findings as findings_of_deaths
from envkit.check.shortening.deaths import shortened, wants_a_display
from envkit.core.errors import UsageError
from envkit.core.finding import Finding
from envkit.core.ref import EnvRef
from envkit.isolate import parent

MOST_DEATHS = 4
Progress = Callable[[str, int], None]  # what is being tried, calls so far


def check(
    target: Any,
    *,
    select: Iterable[str] | None = None,
    ignore: Iterable[str] | None = None,
    seed: int | None = None,
    budget: str | None = None,
    timeout: float | None = None,
    strict: bool | None = None,
    isolation: bool = True,
    config: Config | None = None,
    progress: Progress | None = None,
    **env_kwargs: Any,
) -> Report:
    """Judges the environment that `target` names (see `EnvRef`) against the rules.

    Args:
      select, ignore: codes, prefixes of codes, or names of rules; by default every rule.
      seed: of everything that is drawn; the same seed gives the same findings. By default 0.
      budget: quick, default or thorough (`envkit.check.budget`).
      timeout: seconds for one call of the environment; by default 10.
      strict: whether the report fails for warnings too.
      isolation: run in a child process; without it a hang hangs, and a crash crashes.
      config: what holds where nothing is given, and the exceptions (`envkit.check.config`).
      progress: called now and then with what is being tried, and with the number of calls so far.

    Raises:
      UsageError: the reference names nothing, its arguments are wrong, or a rule is unknown.
    """
    config = (config or Config()).but(
        select=_names(select), ignore=_names(ignore), seed=seed, budget=budget, timeout=timeout, strict=strict
    )
    if config.seed < 0 or config.timeout <= 0:
        wrong = f"seed is {config.seed} and timeout {config.timeout:g}"
        raise UsageError(f"{wrong}, but a seed is 0 or more, and a timeout above 0")
    level(config.budget)
    begun = time.monotonic()
    ref = EnvRef.of(target, **env_kwargs)
    rules = chosen(config.select, config.ignore)
    codes = [rule.code for rule in rules if rule.needs != (Death,)]
    apart = isolation and os.name == "posix"  # elsewhere a child cannot be watched and swept in this way
    arguments = {"ref": ref, "codes": codes, "seed": config.seed, "budget": config.budget}
    answer, deaths = _isolated(arguments, config.timeout, progress) if apart else (_in_process(arguments), [])
    if "usage" in answer:
        raise UsageError(answer["usage"])
    findings = [Finding.from_json(data) for data in answer["findings"]]
    not_judged = dict(answer["not_judged"])
    findings += findings_of_deaths(deaths, rules)
    findings.sort(key=lambda finding: (-finding.severity, finding.code))
    report = Report(
        str(ref),
        tuple(findings),
        not_judged,
        answer["coverage"],
        time.monotonic() - begun,
        judged=tuple(rule.code for rule in rules if rule.code not in not_judged),
        source=Source(**answer.get("source", {})),
        settings=Settings(ref.kwargs, config.seed, config.budget, config.timeout),
        strict=config.strict,
    )
    return config.excuse(report)


def _names(names: Iterable[str] | None) -> tuple[str, ...] | None:
    return None if names is None else tuple(names)


def _in_process(arguments: dict[str, Any]) -> dict[str, Any]:
    return examine(None, **arguments, skip={}, longest=None)


def _isolated(
    arguments: dict[str, Any], timeout: float, progress: Progress | None
) -> tuple[dict[str, Any], list[Death]]:
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
        ending = parent.run("envkit.check.session:examine", request, limits, watch=progress)
        if ending.kind == "answered":
            return ending.answer, deaths
        death = Death.of(ending)
        reason = f"{death.how} from {death.what}"
        known = death.probe in skip
        if wants_a_display(death) and not known:
            skip |= dict.fromkeys((death.probe, engine.LAST), f"rendering needs a display: without one {death.how}")
            continue
        if death.probe == engine.LAST and not has_display() and not known:
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
