"""Plays an environment call by call, judges each answer, and can play the same again on a fresh instance."""

import copy
from collections.abc import Callable
from typing import Any

import gymnasium

from envkit.check.subject import copied
from envkit.core.compare import first_difference
from envkit.core.errors import EnvironmentFailed, UsageError
from envkit.core.show import error_line, show
from envkit.core.trace import Call, is_true, program
from envkit.testing import promises
from envkit.testing.broken import ContractBroken

__tracebackhide__ = True  # from pytest, which then shows the environment's own lines; --full-trace shows all
FAULTS = (Exception, SystemExit)  # whatever the environment's own code raises breaks the contract
MakeEnv = Callable[[], gymnasium.Env[Any, Any]]


class Player:
    """One instance, and the record of what it was asked and answered.

    Args:
      make_env: makes the instance.
      opening: Python lines that do the same, for the program of a failure; they end by assigning `env`.
    """

    def __init__(self, make_env: MakeEnv, opening: str):
        self.make_env, self.opening = make_env, opening
        self.calls: list[Call] = []
        self.live = False  # in the middle of an episode
        self.failure: ContractBroken | None = None
        try:
            self.env = make_env()
        except UsageError:  # it was named or called wrongly: no environment was made that could break anything
            raise
        except EnvironmentFailed as error:  # says already that it happened while making it
            raise self.broken(str(error)) from error.cause
        except FAULTS as error:
            raise self.broken(f"making the environment raised {error_line(error)}") from error

    def reset(self, seed: int | None = None) -> None:
        call = self._call("reset", {"seed": seed}, lambda: self.env.reset(seed=seed))
        self._judge(call, promises.reset_fault(self.env.observation_space, call.result))
        self.live = True

    def step(self, action: Any) -> None:
        given = copy.deepcopy(action)
        call = self._call("step", {"action": action}, lambda: self.env.step(given))
        fault = promises.step_fault(self.env.observation_space, call.result)
        change = first_difference(action, given, "the action")
        self._judge(call, fault or (f"step has changed the action it was given: {change}" if change else None))
        self.live = not (is_true(call.result[2]) or is_true(call.result[3]))

    def finish(self, *, replay: bool) -> None:
        """The checks that look back on the whole record; then closes the instance."""
        try:
            if not self.failure:
                self._fail(promises.change_fault(self.calls))
                if replay:
                    for begin, end in self._seeded():
                        self._replay(begin, end)
        finally:
            self._close()

    def broken(self, fault: str, text: str | None = None) -> ContractBroken:
        text = f"{self.opening}\n{program(self.calls)}" if text is None else text
        text = f"import numpy as np\n{text}" if "np." in text else text
        self.failure = ContractBroken(fault, text, tuple(self.calls))
        return self.failure

    def _call(self, method: str, arguments: dict[str, Any], act: Callable[[], Any]) -> Call:
        try:
            result = act()
        except FAULTS as error:
            call = Call(method, arguments, error=error)
            self.calls.append(call)
            raise self.broken(f"{call} raised {error_line(error)}") from error
        self.calls.append(Call(method, arguments, result, copied(result)))
        return self.calls[-1]

    def _close(self) -> None:
        try:
            self.env.close()
        except FAULTS as error:
            if not self.failure:
                text = f"{self.opening}\n{program(self.calls)}\nenv.close()"
                raise self.broken(f"close() raised {error_line(error)}", text) from error

    def _judge(self, call: Call, fault: str | None) -> None:
        self._fail(f"{call}: {fault}" if fault else None)
        if len(self.calls) > 1:
            self._fail(promises.sharing_fault(call, self.calls[-2]))

    def _fail(self, fault: str | None) -> None:
        if fault:
            raise self.broken(fault)

    def _seeded(self) -> list[tuple[int, int]]:
        """The stretches of calls, (first, last + 1), that each begin with a seeded reset."""
        begins = [i for i, call in enumerate(self.calls) if call.arguments.get("seed") is not None]
        return list(zip(begins, [*begins[1:], len(self.calls)], strict=True))

    def _replay(self, begin: int, end: int) -> None:
        fresh = Player(self.make_env, self.opening)
        try:
            for call in self.calls[begin:end]:
                if call.method == "reset":
                    fresh.reset(call.arguments["seed"])
                else:
                    fresh.step(call.arguments["action"])
                difference = promises.replay_fault(call, fresh.calls[-1])
                if difference:
                    raise self.broken(*self._replay_text(begin, call, fresh, difference))
        except ContractBroken as broken:  # of the fresh instance's own, or the difference
            self.failure = broken
            raise
        finally:
            fresh._close()

    def _replay_text(self, begin: int, call: Call, fresh: "Player", difference: str) -> tuple[str, str]:
        length = len(fresh.calls)
        first, second = program(self.calls[: begin + length]), program(fresh.calls)
        opening = self.opening.splitlines()[-1]
        text = f"{self.opening}\n{first}\n\nfresh = {opening.partition('= ')[2]}\n{second.replace('env.', 'fresh.')}"
        asked = f"the same seed {show(fresh.calls[0].arguments['seed'])} and the same actions"
        return f"{call} does not repeat: with {asked}, on a fresh instance {difference}", text
