"""Reads the program of a finding back into calls, without running it: what a file holds is data, not code.

Only what `envkit.core.trace.listing` writes is understood.
"""

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from envkit.core.case import Case
from envkit.core.codec import NotPlain, parse

METHODS = ("reset", "step", "render", "close")
MOST_CALLS = 1_000_000


@dataclass(frozen=True)
class Asked:
    """One call of an instance; the first one makes it."""

    method: str
    arguments: Mapping[str, Any]


def calls_of(program: str) -> list[Asked]:
    """The calls that a program makes.

    Raises:
      NotPlain: the program does something else, or more than a million calls.
    """
    try:
        body = ast.parse(program).body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise NotPlain("the program is no Python") from error
    found: list[Asked] = []
    for statement in body:
        for asked in _statement(statement):
            found.append(asked)
            if len(found) > MOST_CALLS:
                raise NotPlain(f"the program makes more than {MOST_CALLS:,} calls")
    if not found or found[0].method != "make" or any(asked.method == "make" for asked in found[1:]):
        raise NotPlain("the program does not begin with one envkit.make(...)")
    return found


def calls_of_case(case: Case) -> list[Asked]:
    """The same for a case."""
    found = [Asked("make", case.arguments)]
    for episode in case.episodes:
        found.append(Asked("reset", {"seed": episode.seed}))
        found += [Asked("step", {"action": action}) for action in episode.actions]
    return found


def _statement(node: ast.stmt) -> Iterator[Asked]:
    match node:
        case ast.Import():
            return
        case ast.Assign(targets=[ast.Name(id="env")], value=ast.Call() as call) if _callee(call) == "envkit.make":
            yield Asked("make", {key.arg: _plain(key.value) for key in call.keywords if key.arg})
        case ast.Expr(value=ast.Call(func=ast.Name(id="print"), args=[ast.Call() as call])):
            yield _call(call)
        case ast.Expr(value=ast.Call() as call):
            yield _call(call)
        case ast.For(target=ast.Name(id=name), iter=sequence, body=[ast.Expr(value=ast.Call() as call)]):
            yield from _loop(name, sequence, call)
        case _:
            raise NotPlain(f"the program does more than calls: {ast.unparse(node)[:60]}")


def _loop(name: str, sequence: ast.expr, call: ast.Call) -> Iterator[Asked]:
    match sequence, call:
        case ast.Call(func=ast.Name(id="range"), args=[ast.Constant(value=int(times))]), _:
            asked = _call(call)
            yield from (asked for _ in range(min(times, MOST_CALLS + 1)))
        case ast.List(elts=actions), ast.Call(args=[ast.Name(id=given)]) if given == name:
            if _callee(call) != "env.step":
                raise NotPlain("only steps are repeated for a list of actions")
            yield from (Asked("step", {"action": _plain(action)}) for action in actions)
        case _:
            raise NotPlain("the program loops over something else")


def _call(call: ast.Call) -> Asked:
    owner, _, method = _callee(call).partition(".")
    if owner != "env" or method not in METHODS:
        raise NotPlain(f"the program calls {_callee(call)}")
    if method == "step" and len(call.args) == 1 and not call.keywords:
        return Asked("step", {"action": _plain(call.args[0])})
    if call.args or method == "step" or (call.keywords and method != "reset"):
        raise NotPlain(f"the program calls {method} with other arguments")
    return Asked(method, {key.arg: _plain(key.value) for key in call.keywords if key.arg in ("seed", "options")})


def _callee(call: ast.Call) -> str:
    return ast.unparse(call.func)


def _plain(node: ast.expr) -> Any:
    return parse(ast.unparse(node))
