"""Plays an environment call by call, judges each answer, and can play the same again on a fresh instance."""

import copy
from collections.abc import Callable
from typing import Any

import gymnasium

from envkit.check.subject import copied
from envkit.core.compare import first_difference
from envkit.core.errors import FOREIGN, EnvironmentFailed, UsageError
from envkit.core.show import error_line, show
from envkit.core.trace import Call, call_text, is_true, program
from envkit.testing import promises
from envkit.testing.broken import ContractBroken
from envkit.testing.plain import NAMES, Fault, plain_test

__tracebackhide__ = True  # from pytest, which then shows the environment's own lines; --full-trace shows all
MakeEnv = Callable[[], gymnasium.Env[Any, Any]]


class Player:
    """One instance, and the record of what it was asked and answered.

    Args:
      make_env: makes the instance.
      opening: Python lines that do the same, for the test that a failure shows; they end by assigning `env`.
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
        except FOREIGN as error:
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
        if change and not fault:
            raise self.broken(f"{call}: step has changed the action it was given: {change}", self._action_lines(call))
        self._judge(call, fault)
        self.live = not (is_true(call.result[2]) or is_true(call.result[3]))

    def finish(self, *, replay: bool) -> None:
        """The checks that look back on the whole record; then closes the instance."""
        try:
            if not self.failure:
                changed = promises.change_fault(self.calls)
                if changed:
                    raise self.broken(changed[2].text, self._change_lines(*changed))
                if replay:
                    for begin, end in self._seeded():
                        self._replay(begin, end)
        finally:
            self._close()

    def broken(self, fault: str, body: list[str] | None = None) -> ContractBroken:
        """The failure, with a test whose lines after making the environment are `body`; by default all calls."""
        body = _lines(self.calls) if body is None else body
        text = plain_test("test_contract_is_kept", fault, self.opening, body)
        self.failure = ContractBroken(fault, text, tuple(self.calls))
        return self.failure

    def _call(self, method: str, arguments: dict[str, Any], act: Callable[[], Any]) -> Call:
        try:
            result = act()
        except FOREIGN as error:
            call = Call(method, arguments, error=error)
            self.calls.append(call)
            raise self.broken(f"{call} raised {error_line(error)}") from error
        self.calls.append(Call(method, arguments, result, copied(result)))
        return self.calls[-1]

    def _close(self) -> None:
        try:
            self.env.close()
        except FOREIGN as error:
            if not self.failure:
                raise self.broken(
                    f"close() raised {error_line(error)}", [*_lines(self.calls), "env.close()"]
                ) from error

    def _judge(self, call: Call, fault: Fault | None) -> None:
        if fault:
            lines = [*self._before(), f"{fault.names or NAMES[call.method]} = env.{_text(call)}", fault.check]
            raise self.broken(f"{call}: {fault.text}", lines)
        if len(self.calls) > 1:
            shared = promises.sharing_fault(call, self.calls[-2])
            if shared:
                asked = [f"earlier = env.{_text(self.calls[-2])}", f"later = env.{_text(call)}"]
                raise self.broken(shared.text, [*self._before(2), *asked, shared.check])

    def _before(self, last: int = 1) -> list[str]:
        """The calls without the last ones, as Python."""
        return _lines(self.calls[:-last])

    def _action_lines(self, call: Call) -> list[str]:
        action = _text(call).removeprefix("step(").removesuffix(")")
        check = "assert envkit.testing.first_difference(kept, action) is None"
        return [*self._before(), f"action = {action}", "kept = copy.deepcopy(action)", "env.step(action)", check]

    def _change_lines(self, index: int, name: str, fault: Fault) -> list[str]:
        call, first, rest = self.calls[index], self.calls[:index], self.calls[index + 1 :]
        asked = [f"{NAMES[call.method]} = env.{_text(call)}", f"kept = copy.deepcopy({name})"]
        return [*_lines(first), *asked, *_lines(rest), fault.check]

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

    def _replay_text(self, begin: int, call: Call, fresh: "Player", difference: str) -> tuple[str, list[str]]:
        """Both instances play the same; the last answers of both are compared, but for the info."""
        asked, last = self.calls[: begin + len(fresh.calls) - 1], _text(call)
        made = self.opening.splitlines()[-1].partition("= ")[2]
        again = [line.replace("env.", "fresh.") for line in _lines(fresh.calls[:-1])]
        body = [*_lines(asked), f"one = env.{last}", "", f"fresh = {made}", *again]
        body += [f"other = fresh.{last}", "assert envkit.testing.first_difference(one[:-1], other[:-1]) is None"]
        same = f"the same seed {show(fresh.calls[0].arguments['seed'])} and the same actions"
        return f"{call} does not repeat: with {same}, on a fresh instance {difference}", body


def _text(call: Call) -> str:
    return call_text(call.method, call.arguments)


def _lines(calls: list[Call]) -> list[str]:
    return program(calls, print_last=False).splitlines()
