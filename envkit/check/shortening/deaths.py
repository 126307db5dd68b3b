"""What the ends of the child process amount to: findings, one for each kind of end in each method, made short."""

import re
from dataclasses import replace

from envkit.check.model import Finding, Rule
from envkit.check.probes.death import Death
from envkit.check.probes.human import has_display
from envkit.core.case import Case
from envkit.core.codec import NotPlain
from envkit.core.ref import EnvRef
from envkit.isolate import parent

SHORTENING_SECONDS = 20.0
DRAWS = re.compile(r"\b(glfw|OpenGL|mujoco|pyglet|moderngl|panda3d|vispy)", re.IGNORECASE)  # on a graphics card


def findings(deaths: list[Death], rules: tuple[Rule, ...]) -> list[Finding]:
    """What the rules about deaths say."""
    groups: dict[tuple[str, str], list[Death]] = {}
    for death in deaths:
        groups.setdefault((death.kind, death.call.partition("(")[0]), []).append(death)
    found = []
    for group in groups.values():
        death = min(group, key=lambda death: (not death.program, death.step))
        for rule in rules:
            for finding in rule.check(death) if rule.needs == (Death,) else ():
                stamped = replace(finding, code=rule.code, name=rule.name, severity=rule.severity)
                found.append(replace(stamped, count=len(group), case=death.case))
    return found


def shortened(death: Death, ref: EnvRef) -> Death:
    """With as few calls as still end the process; as it is where it does not end again, or not for certain."""
    if death.case is None or death.kind not in ("died", "hung"):
        return death
    try:
        request = {"ref": ref, "case": death.case.to_json(), "kind": death.kind}
    except NotPlain:
        return death
    limits = replace(parent.Limits(), call_seconds=SHORTENING_SECONDS, total_seconds=SHORTENING_SECONDS)
    ending = parent.run("envkit.check.shortening.postmortem:shortest", request, limits)
    return death.shortened(Case.from_json(ending.answer)) if ending.kind == "answered" and ending.answer else death


def wants_a_display(death: Death) -> bool:
    """Whether a library that draws on a graphics card ended the process in `render`, where there is no display."""
    return not has_display() and death.call.startswith("render(") and any(map(DRAWS.search, death.stack[:3]))
