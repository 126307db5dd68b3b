"""The contract of reset and step, as a test: what every environment promises, tried in many ways.

Every observation is in the space, with its very dtype; the reward is one finite number, the flags are bools, info is a
dict; what was handed out does not change afterwards, and no two answers share an object; the caller's action is left as
it was; a reset is legal at any time; and the same seed and actions give the same again on a fresh instance.
"""

import os
import time
from collections.abc import Callable
from typing import Any

import gymnasium

from envkit.core.errors import UsageError
from envkit.core.ref import EnvRef
from envkit.core.trace import literal
from envkit.testing.player import FAULTS

__tracebackhide__ = True  # from pytest, which then shows the program alone; --full-trace shows all
EXAMPLES = 50  # runs of the machine; ENVKIT_EXAMPLES=2000 for a nightly search
MACROS = 12  # resets, held actions and bursts in each
SECONDS = 60.0  # slow environments get fewer runs, so that one contract takes about that long at most


def contract(target: Any, **env_kwargs: Any) -> Callable[[], None]:
    """A test function for pytest, of whatever `EnvRef` can name: `test_contract = contract("module:Id-v0")`."""
    ref = EnvRef.of(target, **env_kwargs)

    def test() -> None:
        try:
            run_contract(ref.make, opening=_opening(ref))
        except UsageError as error:  # such as an unknown name: its text is complete, and our own lines add nothing
            raise error.with_traceback(None) from None

    test.__name__ = test.__qualname__ = "test_contract"
    test.__doc__ = f"{ref} keeps Gymnasium's contract of reset and step."
    return test


def run_contract(
    make_env: Callable[[], gymnasium.Env[Any, Any]],
    *,
    examples: int | None = None,
    macros: int = MACROS,
    opening: str = "env = make_env()",
) -> None:
    """Searches for a sequence of resets and steps that breaks the contract.

    Args:
      make_env: makes a new instance each time it is called.
      examples: how many runs to try; by default ENVKIT_EXAMPLES from the surroundings, or 50.
      macros: how many resets, held actions and bursts of actions a run has at most.
      opening: the Python lines with which the program of a failure begins; the last one assigns `env`.

    Raises:
      ContractBroken: with what is wrong, and the shortest program found that shows it.
      UsageError: the environment cannot be made as it was named.
    """
    from envkit.testing.machine import search  # late: it imports hypothesis

    wanted = int(os.environ.get("ENVKIT_EXAMPLES", EXAMPLES)) if examples is None else examples
    seconds, repeats = _measure(make_env)
    affordable = max(5, int(SECONDS / (seconds * macros * 12)))
    search(make_env, opening, examples=min(wanted, affordable), macros=macros, replay=repeats)


def _measure(make_env: Callable[[], gymnasium.Env[Any, Any]]) -> tuple[float, bool]:
    """Seconds a step, and whether the environment says of itself that it repeats. Faults are left to the search."""
    try:
        env = make_env()
        begun = time.perf_counter()
        env.reset(seed=0)
        for _ in range(5):
            if env.step(env.action_space.sample())[2]:
                env.reset()
        seconds = (time.perf_counter() - begun) / 6
        env.close()
    except FAULTS:  # the search will meet it again, and shrink it
        return 1e-4, True
    return max(seconds, 1e-4), not (env.spec is not None and env.spec.nondeterministic)


def _opening(ref: EnvRef) -> str:
    """Python lines that make the environment, as far as it can be named."""
    arguments = "".join(f", {key}={literal(value)}" for key, value in ref.kwargs.items())
    if isinstance(ref.target, str):
        return f"import envkit\n\nenv = envkit.make({ref.target!r}{arguments})"
    name = getattr(ref.target, "__qualname__", str(ref))
    importing = f"from {ref.target.__module__} import {name}\n" if name.isidentifier() else ""
    return f"import envkit\n{importing}\nenv = envkit.make({name}{arguments})"
