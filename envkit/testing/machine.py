"""The search for a broken contract: a state machine of resets and macro actions, shrunk by Hypothesis.

Single random steps do not get far from the start; holding one action, and playing short lists of them, do. What can
only be seen by looking back (has an answer changed since, does a fresh instance repeat all this) is checked at the end
of each run, which costs one replay and not one a step.
"""

import os
import time
from typing import Any

import hypothesis
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.errors import Flaky
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from envkit.check.strategies import from_space
from envkit.testing.broken import ContractBroken
from envkit.testing.player import MakeEnv, Player
from envkit.testing.shorten import shortest

__tracebackhide__ = True  # from pytest, which then shows the program alone; --full-trace shows all
MOST_HELD = 12
SHRINKING = 5.0  # seconds that Hypothesis may take to make a failure simpler; leaving out calls comes after it
SEEDS = st.sampled_from([0, 1, 2**31]) | st.integers(0, 2**32 - 1)


def search(
    make_env: MakeEnv, opening: str, *, examples: int, macros: int, replay: bool, seed: int | None = None
) -> None:
    """Raises ContractBroken with the shortest test that was found to break the contract."""
    met: list[ContractBroken] = []
    machine = _machine(make_env, opening, replay, met)
    machine = machine if seed is None else hypothesis.seed(seed)(machine)
    budget = settings(
        max_examples=examples,
        stateful_step_count=macros,
        phases=(Phase.generate, Phase.shrink),
        deadline=None,
        database=None,
        derandomize="CI" in os.environ,
        report_multiple_bugs=False,
        print_blob=False,
        suppress_health_check=list(HealthCheck),
    )
    try:
        run_state_machine_as_test(machine, settings=budget)
    except ContractBroken as broken:
        least = shortest(broken, make_env, opening, replay=replay)
    except Flaky:  # when asked the same again it did not fail: by itself, or because the time was up
        if not met:
            raise
        least = shortest(min(met, key=lambda broken: len(broken.calls)), make_env, opening, replay=replay)
    else:
        return
    # A new one: without Hypothesis's own listing of the run, which says the same in more lines.
    raise ContractBroken(least.fault, least.program, least.calls) from least.__cause__


def _machine(make_env: MakeEnv, opening: str, replay: bool, met: list[ContractBroken]) -> type[RuleBasedStateMachine]:
    probe = Player(make_env, opening)
    actions = from_space(probe.env.action_space)
    probe.finish(replay=False)
    until: list[float] = []  # from the first failure on: when shrinking has to end

    class Contract(RuleBasedStateMachine):
        def __init__(self) -> None:
            super().__init__()
            self.idle = bool(until) and time.monotonic() > until[0]
            self.player = probe if self.idle else Player(make_env, opening)

        @initialize(seed=SEEDS)
        def begin(self, seed: int) -> None:
            self.again(seed)

        # What can be drawn never depends on the environment: one that does not repeat itself would confuse the search.
        @rule(action=actions, times=st.integers(1, MOST_HELD))
        def hold(self, action: Any, times: int) -> None:
            self.burst([action] * times)

        @rule(several=st.lists(actions, min_size=1, max_size=MOST_HELD))
        def act(self, several: list[Any]) -> None:
            self.burst(several)

        def burst(self, several: list[Any]) -> None:
            if self.idle:
                return
            if not self.player.live:
                self.player.reset()
            for action in several:
                if self.player.live:
                    self.player.step(action)

        @rule(seed=st.none() | SEEDS)  # also in the middle of an episode: that is legal
        def again(self, seed: int | None) -> None:
            if not self.idle:
                self.player.reset(seed)

        def teardown(self) -> None:
            if self.idle:
                return
            try:
                self.player.finish(replay=replay)
            finally:
                if self.player.failure:
                    met.append(self.player.failure)
                    until.append(time.monotonic() + SHRINKING)

    return Contract
