"""Plays a vector environment call by call, judges each answer, and tells the episodes of its copies apart again."""

import copy
import re
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from gymnasium.vector import AutoresetMode

from envkit.check.acting.batches import parts
from envkit.check.subject import copied
from envkit.core.compare import first_difference
from envkit.core.errors import FOREIGN, UsageError
from envkit.core.show import error_line
from envkit.core.trace import Call, call_text, program
from envkit.testing import promises, vector_promises
from envkit.testing.broken import ContractBroken
from envkit.testing.plain import NAMES, Fault, plain_test

__tracebackhide__ = True  # from pytest, which then shows the environment's own lines; --full-trace shows all
TEST = "test_vector_contract_is_kept"
BATCH = re.compile(r"np\.array\((\[.*?\]), np\.(\w+)\)")
FIELDS = ("observation", "reward", "terminated", "truncated")


class VectorPlayer:
    """One instance, and the record of what it was asked and answered.

    Args:
      make: makes the instance.
      opening: Python lines that do the same; they end by assigning `env`.
      count: of copies.
    """

    def __init__(self, make: Callable[[], Any], opening: str, count: int):
        self.opening, self.count = opening, count
        self.calls: list[Call] = []
        self.over = np.zeros(count, bool)  # the copies whose last step ended their episode
        self.ends = 0
        try:
            self.env = make()
        except UsageError:
            raise
        except FOREIGN as error:
            raise self.broken(f"making the vector environment raised {error_line(error)}", []) from error
        fault = vector_promises.made_fault(self.env, count)
        if fault:
            self.close()
            raise self.broken(fault.text, [fault.check])

    @property
    def mode(self) -> AutoresetMode:
        mode: AutoresetMode = self.env.metadata["autoreset_mode"]
        return mode

    def play(self, moves: Sequence[Call]) -> None:
        """Makes the calls; in the mode DISABLED with those resets in between that the ends of episodes ask for."""
        for move in moves:
            if move.method == "reset":
                self.reset(move.arguments["seed"])
            else:
                if self.mode is AutoresetMode.DISABLED and self.over.any():
                    self.reset(None, self.over.copy())
                self.step(move.arguments["action"])

    def reset(self, seed: Any = None, mask: Any = None) -> None:
        options = None if mask is None else {"reset_mask": mask}
        arguments = {"seed": seed, "options": copy.deepcopy(options)}
        before = self.calls[-1].copy[0] if self.calls else None
        call = self._call("reset", arguments, lambda: self.env.reset(seed=seed, options=options))
        self._judge(call, vector_promises.reset_fault(self.env, call.result, before, mask))
        self.over = np.zeros(self.count, bool) if mask is None else self.over & ~mask

    def step(self, actions: Any) -> None:
        given = copy.deepcopy(actions)
        call = self._call("step", {"action": actions}, lambda: self.env.step(given))
        change = first_difference(actions, given, "the actions")
        if change:
            check = "assert envkit.testing.first_difference(kept, actions) is None"
            asked = [f"actions = {_text(call)[5:-1]}", "kept = copy.deepcopy(actions)", "env.step(actions)", check]
            raise self.broken(f"step has changed the actions it was given: {change}", [*lines(self.calls[:-1]), *asked])
        self._judge(call, vector_promises.step_fault(self.env, call.result, self.over))
        self.over = call.result[2] | call.result[3]
        self.ends += int(self.over.sum())

    def finish(self) -> None:
        """What can only be seen by looking back, and that it can be closed, twice."""
        changed = promises.change_fault(self.calls)
        if changed:
            index, name, fault = changed
            call = self.calls[index]
            asked = [f"{NAMES[call.method]} = env.{_text(call)}", f"kept = copy.deepcopy({name})"]
            body = [*lines(self.calls[:index]), *asked, *lines(self.calls[index + 1 :]), fault.check]
            raise self.broken(fault.text, body)
        for ordinal in ("", " a second time"):
            try:
                self.env.close()
            except FOREIGN as error:
                body = [*lines(self.calls), "env.close()", *(["env.close()"] if ordinal else [])]
                raise self.broken(f"close(){ordinal} raised {error_line(error)}", body) from error

    def close(self) -> None:
        """For an instance that has failed, or was only compared with."""
        try:
            self.env.close()
        except FOREIGN:  # the play that is judged has met it too
            return

    def broken(self, fault: str, body: list[str]) -> ContractBroken:
        return ContractBroken(fault, plain_test(TEST, fault, self.opening, body), tuple(self.calls))

    def streams(self) -> list[list[tuple[int, Call]]]:
        """For each copy what it was asked and answered, with the index of the call of the vector environment.

        An episode that ended and was begun anew in one call is a step and a reset.
        """
        found: list[list[tuple[int, Call]]] = [[] for _ in range(self.count)]
        over = np.zeros(self.count, bool)
        for index, call in enumerate(self.calls):
            rows = parts(self.env.single_observation_space, call.copy[0], self.count)
            mask = (call.arguments.get("options") or {}).get("reset_mask")
            for number in range(self.count):
                if call.method == "reset":
                    if mask is None or mask[number]:
                        seed = _own_seed(call.arguments["seed"], number)
                        found[number].append((index, Call("reset", {"seed": seed}, copy=(rows[number],))))
                    continue
                found[number] += [(index, told) for told in self._told(call, number, rows[number], bool(over[number]))]
            over = np.zeros(self.count, bool) if call.method == "reset" and mask is None else over
            over = call.copy[2] | call.copy[3] if call.method == "step" else over
        return found

    def _told(self, call: Call, number: int, row: Any, over: bool) -> list[Call]:
        """What a step of all was for one copy."""
        again = Call("reset", {"seed": None}, copy=(row,))
        if self.mode is AutoresetMode.NEXT_STEP and over:
            return [again]
        _, reward, terminated, truncated, info = call.copy
        action = parts(self.env.single_action_space, call.arguments["action"], self.count)[number]
        told = (reward[number], bool(terminated[number]), bool(truncated[number]))
        if self.mode is not AutoresetMode.SAME_STEP or not (told[1] or told[2]):
            return [Call("step", {"action": action}, copy=(row, *told))]
        return [Call("step", {"action": action}, copy=(info["final_obs"][number], *told)), again]

    def _call(self, method: str, arguments: dict[str, Any], act: Callable[[], Any]) -> Call:
        try:
            result = act()
        except FOREIGN as error:
            call = Call(method, arguments, error=error)
            self.calls.append(call)
            raise self.broken(f"{call} raised {error_line(error)}", lines(self.calls)) from error
        self.calls.append(Call(method, arguments, result, copied(result)))
        return self.calls[-1]

    def _judge(self, call: Call, fault: Fault | None) -> None:
        if fault:
            earlier = lines(self.calls[:-1])
            if "before" in fault.check:
                earlier = [*lines(self.calls[:-2]), f"before = env.{_text(self.calls[-2])}[0]"]
            body = [*earlier, f"{fault.names or NAMES[call.method]} = env.{_text(call)}", fault.check]
            raise self.broken(f"{call}: {fault.text}", body)
        if len(self.calls) > 1:
            shared = promises.sharing_fault(call, self.calls[-2]) or _batches_shared(call, self.calls[-2])
            if shared:
                asked = [f"earlier = env.{_text(self.calls[-2])}", f"later = env.{_text(call)}"]
                raise self.broken(shared.text, [*lines(self.calls[:-2]), *asked, shared.check])


def lines(calls: Sequence[Call]) -> list[str]:
    """The calls as Python; batches of actions that are played one after the other are one array."""
    return [_stacked(line) for line in program(list(calls), print_last=False).splitlines()]


def _stacked(line: str) -> str:
    batches = BATCH.findall(line)
    listed = ", ".join(f"np.array({values}, np.{dtype})" for values, dtype in batches)
    if line != f"for action in [{listed}]:" or len({dtype for _, dtype in batches}) > 1:
        return line
    return f"for action in np.array([{', '.join(values for values, _ in batches)}], np.{batches[0][1]}):"


def _text(call: Call) -> str:
    return call_text(call.method, call.arguments)


def _own_seed(seed: Any, number: int) -> int | None:
    """That of one copy: an int counts up, a list has one each."""
    if seed is None:
        return None
    own: int | None = seed + number if isinstance(seed, int) else seed[number]
    return own


def _batches_shared(call: Call, earlier: Call) -> Fault | None:
    """Whether rewards or flags of two steps lie in the same memory."""
    if call.method != "step" or earlier.method != "step":
        return None
    for place, name in enumerate(FIELDS[1:], 1):
        if promises.overlap(call.result[place], earlier.result[place]):
            text = f"the {name} that {call} returned is the same array as the one before"
            return Fault(text, f"assert not np.shares_memory(earlier[{place}], later[{place}])")
    return None
