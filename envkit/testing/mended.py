"""A fault that was found once, as a test: what `envkit check --write-test` writes calls this."""

from collections.abc import Sequence
from typing import Any

from envkit.core.case import Case, Episode
from envkit.core.errors import UsageError
from envkit.core.finding import Finding
from envkit.core.ref import EnvRef

__tracebackhide__ = True  # from pytest, which then shows the message alone


def assert_mended(
    target: Any,
    *,
    rule: str,
    episodes: Sequence[tuple[int | None, Sequence[Any]]],
    render_mode: str | None = None,
    timeout: float = 10.0,
    **env_kwargs: Any,
) -> None:
    """Plays episodes on one fresh instance, in a child process, and judges them by a rule.

    Where they show nothing, the environment is checked for that rule, so that a fault that shows now and then is found.

    Args:
      rule: its code or name.
      episodes: (seed, actions) each; the last one used to show the fault.
      timeout: seconds for one call of the environment.

    Raises:
      AssertionError: the fault is still there; with what was seen and a program that shows it. Also where the rule
        cannot judge, which is no pass.
      UsageError: the reference names nothing, or no rule is called so.
    """
    from envkit.check.later import again
    from envkit.check.report import Settings
    from envkit.check.selection import named

    codes = sorted(named(rule))
    if len(codes) > 1:
        raise UsageError(f"{rule!r} means {len(codes)} rules, {', '.join(codes)}; name one")
    arguments = {} if render_mode is None else {"render_mode": render_mode}
    case = Case(tuple(Episode(seed, tuple(actions)) for seed, actions in episodes), arguments)
    was = Finding("", "", code=codes[0], case=case)
    outcome = again.judged_again(EnvRef.of(target, **env_kwargs), [was], Settings(timeout=timeout))[0]
    if outcome.state != again.MENDED:
        program = f"\n\n{outcome.program}" if outcome.program else ""
        raise AssertionError(f"{codes[0]} {outcome.state}: {outcome.message}{program}")
