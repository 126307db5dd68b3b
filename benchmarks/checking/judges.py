"""The checkers, each as a function from a reference to what it says.

envkit       `envkit.check`, isolated, as the command line calls it.
gymnasium    `check_env(MyEnv())`, as its documentation says to call it; for a registered id, on the made environment.
gymnasium*   the same with a spec: the class is registered first. Without one the checks of render modes, of seeded
             resets and of closing twice are left out, and a warning says so.
sb3          `check_env(MyEnv())` of Stable-Baselines3, rendering checks included.
"""

import importlib.util
import re
import warnings
from collections.abc import Callable
from typing import Any

import gymnasium

from checking.verdict import Remark

Judge = Callable[[str], tuple[list[Remark], int]]
REGISTERED = "Judged-v0"
NOISE = re.compile(r"\x1b\[\d+m|0x[0-9a-f]+|\d[\d.e+-]*")


def installed(checker: str) -> bool:
    return checker != "sb3" or importlib.util.find_spec("stable_baselines3") is not None


def warm_up(checker: str) -> None:
    """Imports what the checker needs, so that it is not counted."""
    {"envkit": _envkit_check, "sb3": _sb3_check}.get(checker, _gymnasium_check)()


def by_envkit(ref: str) -> tuple[list[Remark], int]:
    report = _envkit_check()(ref)
    remarks = [
        Remark(
            finding.severity.label, finding.name, f"{finding.code} {finding.name}: {finding.message}", finding.program
        )
        for finding in report.findings
        if finding.severity.label in ("warning", "error")
    ]
    return remarks, len(report.not_judged)


def by_gymnasium(ref: str) -> tuple[list[Remark], int]:
    env = _made(ref).unwrapped if _is_id(ref) else _maker(ref)()
    return _heard(lambda: _gymnasium_check()(env), env), 0


def by_gymnasium_with_a_spec(ref: str) -> tuple[list[Remark], int]:
    """On the class itself: a wrapper as class is not unwrapped."""
    gymnasium.register(id=REGISTERED, entry_point=_maker(ref), order_enforce=False, disable_env_checker=True)
    env = gymnasium.make(REGISTERED)
    return _heard(lambda: _gymnasium_check()(env), env), 0


def by_sb3(ref: str) -> tuple[list[Remark], int]:
    env = _made(ref) if _is_id(ref) else _maker(ref)()
    return _heard(lambda: _sb3_check()(env, warn=True, skip_render_check=False), env), 0


JUDGES: dict[str, Judge] = {
    "envkit": by_envkit,
    "gymnasium": by_gymnasium,
    "gymnasium*": by_gymnasium_with_a_spec,
    "sb3": by_sb3,
}


def _envkit_check() -> Callable[..., Any]:
    from envkit.check.api import check

    found: Callable[..., Any] = check
    return found


def _gymnasium_check() -> Callable[..., Any]:
    from gymnasium.utils.env_checker import check_env

    return check_env


def _sb3_check() -> Callable[..., Any]:
    from stable_baselines3.common.env_checker import check_env

    found: Callable[..., Any] = check_env
    return found


def _is_id(ref: str) -> bool:
    return ".py:" not in ref


def _made(ref: str) -> Any:
    return gymnasium.make(ref, disable_env_checker=True)


def _maker(ref: str) -> Callable[..., Any]:
    from envkit.core.ref import EnvRef
    from envkit.core.resolve import locate

    found: Any = locate(EnvRef.of(ref))
    maker: Callable[..., Any] = found
    return maker


def _heard(call: Callable[[], None], env: Any) -> list[Remark]:
    """What a checker warned of, and what it raised."""
    remarks = []
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        try:
            call()
        except Exception as error:  # noqa: BLE001 - that is how these checkers say that something is wrong
            remarks = [_remark("error", f"{type(error).__name__}: {error}", env)]
    heard = [str(warning.message) for warning in said if "env_checker" in warning.filename]
    return remarks + [_remark("warning", text, env) for text in dict.fromkeys(heard)]


def _remark(level: str, text: str, env: Any) -> Remark:
    key = text.replace(type(env.unwrapped).__name__, "ENV").replace(type(env).__name__, "ENV")
    return Remark(level, NOISE.sub("", key), re.sub(r"\x1b\[\d+m", "", text))
