"""The contract of reset and step, as a test: what every environment promises, tried in many ways.

Every observation is in the space, with its very dtype; the reward is one finite number, the flags are bools, info is a
dict; what was handed out does not change afterwards, and no two answers share an object; the caller's action is left as
it was; a reset is legal at any time; and the same seed and actions give the same again on a fresh instance.
"""

import time
from collections.abc import Callable
from typing import Any

import gymnasium
import numpy as np

from envkit.check.acting.actions import RANDOM, script
from envkit.core.errors import FOREIGN, UsageError
from envkit.core.ref import EnvRef
from envkit.core.trace import literal
from envkit.testing.profiles import Profile, chosen

__tracebackhide__ = True  # from pytest, which then shows the program alone; --full-trace shows all
MACROS = 12  # resets, held actions and bursts in each run of the machine
STEPS_A_MACRO = 12  # at most; most have fewer, which pays for the replays
INSTANCES = 4  # made in each run, with those of its replays


def contract(target: Any, *, profile: str | None = None, **env_kwargs: Any) -> Callable[[], None]:
    """A test function for pytest, of whatever `EnvRef` can name: `test_contract = contract("module:Id-v0")`.

    Args:
      profile: quick, default or deep; without it what `pytest --envkit-profile` or ENVKIT_PROFILE say.
      env_kwargs: for the environment's constructor.
    """
    ref = EnvRef.of(target, **env_kwargs)

    def test() -> None:
        try:
            run_contract(ref.make, opening=opening_of(ref), profile=profile)
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
    profile: str | None = None,
    seed: int | None = None,
) -> None:
    """Searches for a sequence of resets and steps that breaks the contract.

    Args:
      make_env: makes a new instance each time it is called.
      examples: how many runs to try; by default ENVKIT_EXAMPLES from the surroundings, or what the profile says.
      macros: how many resets, held actions and bursts of actions a run has at most.
      opening: the Python lines with which the test of a failure begins; the last one assigns `env`.
      profile: quick, default or deep; slow environments get fewer runs, to keep to its time.
      seed: of the search; without it each search is another one, and where CI is set always the same.

    Raises:
      ContractBroken: with what is wrong, and the shortest test found that shows it.
      UsageError: the environment cannot be made as it was named, or no profile is called so.
    """
    from envkit.testing.machine import search  # late: it imports hypothesis

    budget = chosen(profile)
    making, stepping, repeats = _measure(make_env)
    runs = budget.examples if examples is None else examples
    runs = min(runs, affordable(budget, making, stepping, macros))
    search(make_env, opening, examples=runs, macros=macros, replay=repeats, seed=seed)


def affordable(budget: Profile, making: float, stepping: float, macros: int = MACROS) -> int:
    """How many runs fit into a profile's time; a few at least.

    Args:
      making, stepping: seconds it takes to make an instance, and to step it once.
    """
    return max(budget.least, int(budget.seconds / (INSTANCES * making + macros * STEPS_A_MACRO * stepping)))


def _measure(make_env: Callable[[], gymnasium.Env[Any, Any]]) -> tuple[float, float, bool]:
    """Seconds to make it and a step, and whether it says of itself that it repeats. Faults are left to the search.

    The lesser of two measurements: the first may have imported packages, and either may have had to wait.
    """
    try:
        first, second = _measured_once(make_env), _measured_once(make_env)
    except FOREIGN:  # the search will meet it again, and shrink it
        return 0.0, 1e-4, True
    return min(first[0], second[0]), min(first[1], second[1]), first[2]


def _measured_once(make_env: Callable[[], gymnasium.Env[Any, Any]]) -> tuple[float, float, bool]:
    begun = time.perf_counter()
    env = make_env()
    made = time.perf_counter()
    env.reset(seed=0)
    for action in script(env.action_space, RANDOM, np.random.default_rng(0), 5):
        if env.step(action)[2]:
            env.reset()
    stepped = time.perf_counter()
    env.close()
    return made - begun, max((stepped - made) / 6, 1e-4), not (env.spec is not None and env.spec.nondeterministic)


def opening_of(ref: EnvRef) -> str:
    """Python lines that make the environment, as far as it can be named; the last one assigns `env`."""
    arguments = "".join(f", {key}={literal(value)}" for key, value in ref.kwargs.items())
    if isinstance(ref.target, str):
        return f"import envkit\n\nenv = envkit.make({ref.target!r}{arguments})"
    name = getattr(ref.target, "__qualname__", str(ref))
    importing = f"from {ref.target.__module__} import {name}\n" if name.isidentifier() else ""
    return f"import envkit\n{importing}\nenv = envkit.make({name}{arguments})"
