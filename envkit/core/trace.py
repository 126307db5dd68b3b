"""What an environment did: the frozen record of one instance's calls, in order, and the program that repeats them.

A record keeps two things of every result: the very object that was returned, and a copy made at that moment. When they
differ later, the environment has changed something it had already handed out.
"""

import numbers
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import groupby
from typing import Any

import numpy as np

from envkit.core.show import show

LONG, REPEATED = 16, 3  # actions, and how often each is repeated on average, to be written as a sum


@dataclass(frozen=True, eq=False)
class Call:
    """One call of an environment's method.

    Args:
      method: make, reset, step, render or close.
      arguments: the keywords of make and reset; {"action": ...} for step, as it was before the call.
      result: the object that was returned; None after an error.
      copy: a deep copy of it, made at once; the object itself where it cannot be copied.
      error: what the call raised, if anything.
      seconds: how long it took.
      warned: (category, text, file:line) of the warnings that it issued.
    """

    method: str
    arguments: Mapping[str, Any]
    result: Any = None
    copy: Any = None
    error: BaseException | None = None
    seconds: float = 0.0
    warned: tuple[tuple[str, str, str], ...] = ()

    def __str__(self) -> str:
        return f"{self.method}({call_arguments(self)})"


@dataclass(frozen=True, eq=False)
class Step:
    """A call of step whose result had its five parts, and its place in the record."""

    call: Call
    index: int  # of the call in the trace
    number: int  # steps since the reset, this one included
    episode: int  # resets so far, the first being 1
    beyond: bool = False  # whether the episode had ended before

    @property
    def action(self) -> Any:
        return self.call.arguments["action"]

    @property
    def observation(self) -> Any:
        return self.call.copy[0]

    @property
    def reward(self) -> Any:
        return self.call.copy[1]

    @property
    def terminated(self) -> Any:
        return self.call.copy[2]

    @property
    def truncated(self) -> Any:
        return self.call.copy[3]

    @property
    def info(self) -> Any:
        return self.call.copy[4]

    @property
    def ended(self) -> bool:
        return is_true(self.terminated) or is_true(self.truncated)

    def __str__(self) -> str:
        return f"{self.call}, step {self.number} of episode {self.episode}"


@dataclass(frozen=True, eq=False)
class Trace:
    """All calls of one instance.

    Args:
      name: what was tried, such as `action 2 held`.
      calls: in order; the first is `make`.
      begin: the calls before it are told in another record too, and judged there.
      whole: whether all of it is needed to see what it shows, earlier episodes included.
    """

    name: str
    calls: tuple[Call, ...] = field(default=())
    begin: int = 0
    whole: bool = False

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        """The steps that returned five parts."""
        found, number, episode, over = [], 0, 0, False
        for index, call in enumerate(self.calls):
            if call.method == "reset":
                number, episode, over = 0, episode + 1, False
            elif call.method == "step":
                number += 1
                if isinstance(call.copy, tuple) and len(call.copy) == 5:
                    if index >= self.begin:
                        found.append(Step(call, index, number, episode, over))
                    over = over or is_true(call.copy[2]) or is_true(call.copy[3])
        return tuple(found)

    @cached_property
    def resets(self) -> tuple[tuple[int, Call], ...]:
        """The resets that returned two parts, with their places in the record."""
        return tuple(
            (index, call)
            for index, call in enumerate(self.calls)
            if index >= self.begin and call.method == "reset" and isinstance(call.copy, tuple) and len(call.copy) == 2
        )

    @cached_property
    def observations(self) -> tuple[tuple[int, str, Any], ...]:
        """(index of the call, its method, observation) of every reset and step, in order."""
        parts = [(index, call.method, call.copy[0]) for index, call in self.resets]
        parts += [(step.index, step.call.method, step.observation) for step in self.steps if not step.beyond]
        return tuple(sorted(parts, key=lambda part: part[0]))

    def is_beyond(self, index: int) -> bool:
        """Whether the call comes after the end of its episode."""
        before = next((step for step in reversed(self.steps) if step.index < index), None)
        resets = (i for i in range(index, -1, -1) if self.calls[i].method == "reset")
        return before is not None and before.index > next(resets, -1) and (before.beyond or before.ended)

    @property
    def error(self) -> Call | None:
        """The call that raised, if one did; it is the last."""
        return self.calls[-1] if self.calls and self.calls[-1].error is not None else None

    def place(self, index: int) -> str:
        """Where a call stands: `step(2), step 17 of episode 3`."""
        number, episode = 0, 0
        for call in self.calls[: index + 1]:
            if call.method == "reset":
                number, episode = 0, episode + 1
            elif call.method == "step":
                number += 1
        call = self.calls[index]
        return f"{call}, step {number} of episode {episode}" if call.method == "step" else str(call)

    def program(self, upto: int | None = None, *, whole: bool = False) -> str:
        """The calls as Python, from the last seeded reset to the call `upto`; the whole history if it matters."""
        calls = list(self.calls if upto is None else self.calls[: upto + 1])
        begin = 0 if whole else self.beginning(len(calls) - 1)
        return program(calls[:1] + calls[begin:] if begin else calls)

    @cached_property
    def _resets(self) -> tuple[int, ...]:
        """The places of all resets, whatever they returned."""
        return tuple(index for index, call in enumerate(self.calls) if call.method == "reset")

    def beginning(self, index: int) -> int:
        """The seeded reset that began the episode of a call; 0 where what came before it matters."""
        if self.whole:
            return 0
        before = bisect_right(self._resets, index)
        last = self._resets[before - 1] if before else 0
        return last if self.calls[last].arguments.get("seed") is not None else 0


def program(calls: list[Call], *, print_last: bool = True) -> str:
    """Calls as lines of Python, runs of steps as a loop; `print_last` prints what the last one returns."""
    return listing([call_text(call.method, call.arguments) for call in calls], print_last=print_last)


def listing(texts: list[str], *, print_last: bool = True) -> str:
    """As `program`, from the texts of the calls; the first is `make(...)`."""
    lines: list[str] = []
    run: list[str] = []
    for number, text in enumerate(texts):
        last = print_last and number == len(texts) - 1
        if text.startswith("step(") and not last:
            run.append(text.removeprefix("step(").removesuffix(")"))
            continue
        lines += _loop(run)
        run = []
        if text.startswith("make("):
            lines += ["import envkit", "", f"env = envkit.{text}"]
        else:
            lines.append(f"print(env.{text})" if last and not text.startswith("close(") else f"env.{text}")
    return with_numpy("\n".join(lines + _loop(run)))


def with_numpy(text: str) -> str:
    """Brings numpy along where a program needs it."""
    if "np." in text and "import numpy" not in text:
        return text.replace("import envkit", "import envkit\nimport numpy as np", 1)
    return text


def _loop(actions: list[str]) -> list[str]:
    if len(actions) > 3 and len(set(actions)) == 1:
        return [f"for _ in range({len(actions)}):", f"    env.step({actions[0]})"]
    if len(actions) > 3:
        return [f"for action in {sequence(actions)}:", "    env.step(action)"]
    return [f"env.step({action})" for action in actions]


def sequence(actions: Sequence[str]) -> str:
    """A list of them as Python; a long one of which most are repeated is written as a sum."""
    runs = [(action, len(list(run))) for action, run in groupby(actions)]
    if len(runs) == 1 and len(actions) > 3:
        return f"[{actions[0]}] * {len(actions)}"
    if len(actions) < LONG or len(runs) * REPEATED > len(actions):
        return f"[{', '.join(actions)}]"
    return " + ".join(f"[{action}] * {times}" if times > 1 else f"[{action}]" for action, times in runs)


def call_arguments(call: Call) -> str:
    """As a person would write them: values shown, not spelled out."""
    return show(call.arguments["action"]) if call.method == "step" else _keywords(call.arguments)


def call_text(method: str, arguments: Mapping[str, Any]) -> str:
    """A call as Python that can be run again."""
    try:
        return f"{method}({literal(arguments['action']) if method == 'step' else _keywords(arguments)})"
    except Exception:  # noqa: BLE001 - a foreign object's repr may raise anything
        return f"{method}(...)"


def _keywords(arguments: Mapping[str, Any]) -> str:
    target = [literal(arguments["target"])] if "target" in arguments else []
    given = {k: v for k, v in arguments.items() if v is not None and k != "target"}
    return ", ".join(target + [f"{k}={literal(v)}" for k, v in given.items()])


def literal(value: Any) -> str:
    """Python source that makes the value again."""
    if isinstance(value, np.ndarray):
        return f"np.array({value.tolist()!r}, np.{value.dtype})"
    if isinstance(value, np.int64 | np.bool_):
        return repr(value.item())  # what people write for them
    if isinstance(value, np.generic):
        return f"np.{value.dtype}({value.item()!r})"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{literal(k)}: {literal(v)}" for k, v in value.items()) + "}"
    if type(value) is tuple:
        return "(" + ", ".join(literal(v) for v in value) + (",)" if len(value) == 1 else ")")
    if type(value) is list:
        return "[" + ", ".join(literal(v) for v in value) + "]"
    return repr(value)


def is_true(flag: Any) -> bool:
    """Whether an episode-end flag says so, whatever type it wrongly has."""
    if isinstance(flag, bool):
        return flag
    try:
        return bool(np.any(flag))
    except Exception:  # noqa: BLE001 - a foreign object's truth may raise
        return False


def is_number(reward: Any) -> bool:
    """Python's and numpy's real numbers, and arrays without a dimension."""
    if isinstance(reward, np.ndarray):
        return reward.shape == () and reward.dtype.kind in "biuf"
    return isinstance(reward, numbers.Real | np.bool_)
