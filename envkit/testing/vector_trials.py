"""The trials of the vector contract: each plays the same moves in one or two ways, and says where they should agree."""

import copy
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import gymnasium
import numpy as np
from gymnasium.vector import AutoresetMode

from envkit.check.acting.batches import batched, parts, through_a_batch
from envkit.core.compare import first_difference
from envkit.core.trace import Call, call_text
from envkit.testing.broken import ContractBroken
from envkit.testing.vector_player import FIELDS, VectorPlayer, lines
from envkit.testing.vector_promises import row

__tracebackhide__ = True  # from pytest, which then shows the environment's own lines; --full-trace shows all
MakePlayer = Callable[[], VectorPlayer]
Trial = Callable[[MakePlayer, Sequence[Call]], int]  # moves -> how many episodes ended; raises ContractBroken
MakeSingle = Callable[[], gymnasium.Env[Any, Any]]
COPIES, WATCHED = 3, 1  # the latter is the copy that is looked at while the others do something else


def trials(mode: AutoresetMode, single: MakeSingle | None, *, own_seeds: bool) -> list[Trial]:
    """Those that apply, in the order in which their failures explain each other."""
    found: list[Trial] = [each_answer, again]
    if own_seeds:
        found += [listed_seeds]
    found += [partial(others, own_seeds=own_seeds)]
    if mode is AutoresetMode.NEXT_STEP:
        found += [ignored_actions]
    if single is not None:
        found += [partial(alone, single=single)]
    return found


def each_answer(make: MakePlayer, moves: Sequence[Call]) -> int:
    """What every single answer promises."""
    player = make()
    try:
        player.play(moves)
        player.finish()
    finally:
        player.close()
    return player.ends


def again(make: MakePlayer, moves: Sequence[Call]) -> int:
    """The same on a fresh instance, from every seeded reset on."""
    one = _played(make, moves)
    seeded = [index for index, move in enumerate(moves) if move.arguments.get("seed") is not None]
    start = seeded[-1]
    for begin, end in [(0, len(moves)), (start, len(moves))] if start else [(0, len(moves))]:
        other = _played(make, moves[begin:end])
        asked = "with the same seed and the same actions, on a fresh instance"
        _agree(one, other, _matching(one, other), f"does not repeat: {asked}")
    return one.ends


def listed_seeds(make: MakePlayer, moves: Sequence[Call]) -> int:
    """reset(seed=7) of three copies is reset(seed=[7, 8, 9])."""
    one, other = _played(make, moves), _played(make, [_listed(move) for move in moves])
    _agree(one, other, _matching(one, other), "with the seeds in a list")
    return one.ends


def ignored_actions(make: MakePlayer, moves: Sequence[Call]) -> int:
    """In the mode NEXT_STEP the action of a copy that is being reset makes no difference."""
    one, over = _played(make, moves), None
    space = one.env.single_action_space
    given: list[Call] = []
    for move, call in zip(moves, one.calls, strict=True):
        if move.method == "step" and over is not None and over.any():
            actions = parts(space, move.arguments["action"], one.count)
            actions = [_another(space, action) if over[i] else action for i, action in enumerate(actions)]
            move = Call("step", {"action": batched(space, actions)})
        given.append(move)
        over = call.copy[2] | call.copy[3] if call.method == "step" else None
    other = _played(make, given)
    _agree(one, other, _matching(one, other), "with another action for a copy that is being reset, to be ignored,")
    return one.ends


def others(make: MakePlayer, moves: Sequence[Call], *, own_seeds: bool) -> int:
    """What a copy does depends on its own seed and actions, and not on those of its neighbours."""
    one = _played(make, [_listed(move, own_seeds) for move in moves])
    space = one.env.single_action_space
    changed = []
    for move in (_listed(move, own_seeds, others=4) for move in moves):
        if move.method == "step":
            actions = parts(space, move.arguments["action"], one.count)
            actions = [a if i == WATCHED else _another(space, a) for i, a in enumerate(actions)]
            move = Call("step", {"action": batched(space, actions)})
        changed.append(move)
    other = _played(make, changed)
    streams = one.streams()[WATCHED], other.streams()[WATCHED]
    if not own_seeds:  # episodes that begin anew draw from one generator for all
        until = min(_first_end(one), _first_end(other))
        streams = tuple([told for told in stream if told[0] <= until] for stream in streams)  # type: ignore[assignment]
    what = "other seeds and actions" if own_seeds else "other actions"
    _agree_on_streams(one, other, *streams, f"with {what} for its neighbours")
    return one.ends


def alone(make: MakePlayer, moves: Sequence[Call], *, single: MakeSingle) -> int:
    """Every copy plays what an environment alone plays, to the bit."""
    player = _played(make, moves)
    for number, stream in enumerate(player.streams()):
        env = single()
        try:
            for place, (index, told) in enumerate(stream):
                expected = _expected(env, told, player)
                names = FIELDS[: len(told.copy)]
                for name, left, right in zip(names, told.copy, expected, strict=True):
                    difference = first_difference(left, right, name)
                    if difference:
                        fault = f"copy {number} is not as an environment alone: {difference} (the copy first)"
                        calls = [earlier for _, earlier in stream[: place + 1]]
                        raise _alone_broken(player, index, calls, number, name, fault)
        finally:
            env.close()
    return player.ends


def _expected(env: gymnasium.Env[Any, Any], told: Call, player: VectorPlayer) -> tuple[Any, ...]:
    """What the environment answers, in the dtypes of a batch."""
    space = player.env.single_observation_space
    if told.method == "reset":
        return (through_a_batch(space, env.reset(seed=told.arguments["seed"])[0]),)
    observation, reward, terminated, truncated, _ = env.step(copy.deepcopy(told.arguments["action"]))
    return through_a_batch(space, observation), type(told.copy[1])(reward), bool(terminated), bool(truncated)


def _played(make: MakePlayer, moves: Sequence[Call]) -> VectorPlayer:
    player = make()
    try:
        player.play(moves)
    finally:
        player.close()
    return player


def _matching(one: VectorPlayer, other: VectorPlayer) -> list[tuple[int, int]]:
    """The calls that are to agree: those of the shorter record with the last ones of the longer."""
    shift = len(one.calls) - len(other.calls)
    return [(index + shift, index) for index in range(len(other.calls)) if index + shift >= 0]


def _agree(one: VectorPlayer, other: VectorPlayer, pairs: Sequence[tuple[int, int]], how: str) -> None:
    """Raises ContractBroken at the first call whose answers differ, but for the infos, which may tell the time."""
    for left, right in pairs:
        here, there = one.calls[left].copy, other.calls[right].copy
        for place, name in enumerate(FIELDS[: min(len(here), len(there)) - 1 or 1]):
            difference = first_difference(here[place], there[place], name)
            if difference:
                check = f"assert envkit.testing.first_difference(one[{place}], other[{place}]) is None"
                raise _two_broken(one, other, left, right, f"{one.calls[left]} {how} {difference}", check)


def _agree_on_streams(
    one: VectorPlayer, other: VectorPlayer, left: list[tuple[int, Call]], right: list[tuple[int, Call]], how: str
) -> None:
    for (index, told), (other_index, also) in zip(left, right, strict=False):
        for place, name in enumerate(FIELDS[: min(len(told.copy), len(also.copy))]):
            difference = first_difference(told.copy[place], also.copy[place], name)
            if difference:
                parts_of = [_part(one, player, index, told, name) for player in ("one", "other")]
                check = f"assert envkit.testing.first_difference({parts_of[0]}, {parts_of[1]}) is None"
                fault = f"copy {WATCHED} differs {how}: {difference}"
                raise _two_broken(one, other, index, other_index, fault, check)


def _part(player: VectorPlayer, answer: str, index: int, told: Call, name: str, number: int = WATCHED) -> str:
    """Python for what one copy was told in an answer of all."""
    if name != "observation":
        return f"{answer}[{FIELDS.index(name)}][{number}]"
    call = player.calls[index]
    last = told.method == "step" and player.mode is AutoresetMode.SAME_STEP and (told.copy[2] or told.copy[3])
    if call.method == "step" and last:
        return f"{answer}[4]['final_obs'][{number}]"
    return row(f"{answer}[0]", player.env, number)


def _two_broken(
    one: VectorPlayer, other: VectorPlayer, left: int, right: int, fault: str, check: str
) -> ContractBroken:
    made = one.opening.splitlines()[-1].partition("= ")[2]
    second = [line.replace("env.", "fresh.") for line in lines(other.calls[:right])]
    last = [call_text(call.method, call.arguments) for call in (one.calls[left], other.calls[right])]
    body = [*lines(one.calls[:left]), f"one = env.{last[0]}", "", f"fresh = {made}", *second]
    broken = one.broken(fault, [*body, f"other = fresh.{last[1]}", check])
    return ContractBroken(broken.fault, broken.program, tuple(one.calls[: left + 1]))


def _alone_broken(
    player: VectorPlayer, index: int, calls: Sequence[Call], number: int, name: str, fault: str
) -> ContractBroken:
    """`calls` are the copy's own, of which the last one differs."""
    asked, last = player.calls[index], calls[-1]
    before = [line.replace("env.", "alone.") for line in lines(calls[:-1])]
    part = _part(player, "answer", index, last, name, number)
    wanted = f"expected[{FIELDS.index(name)}]"
    check = f"assert {part} == {wanted}" if name != "observation" else f"assert np.array_equal({part}, {wanted})"
    if name == "reward":
        check = f"assert {part} == np.asarray({wanted}, answer[1].dtype)"
    elif name == "observation" and not isinstance(last.copy[0], np.ndarray | np.generic):
        check = f"assert envkit.testing.first_difference({part}, {wanted}) is None"
    body = [*lines(player.calls[:index]), f"answer = env.{call_text(asked.method, asked.arguments)}", ""]
    body += ["alone = single()", *before, f"expected = alone.{call_text(last.method, last.arguments)}", check]
    broken = player.broken(fault, body)
    return ContractBroken(broken.fault, broken.program, tuple(player.calls[: index + 1]))


def _first_end(player: VectorPlayer) -> int:
    """The index of the first call in which an episode ended, or after which all begin anew."""
    for index, call in enumerate(player.calls):
        if index and call.method == "reset":
            return index - 1
        if call.method == "step" and (call.copy[2] | call.copy[3]).any():
            return index
    return len(player.calls)


def _listed(move: Call, listed: bool = True, *, others: int = 0) -> Call:
    """A seeded reset with a seed a copy; `others` is added to those of all copies but the one that is watched."""
    seed = move.arguments.get("seed")
    if not listed or seed is None:
        return move
    return Call("reset", {"seed": [seed + i + (0 if i == WATCHED else others) for i in range(COPIES)]})


def _another(space: gymnasium.Space[Any], action: Any) -> Any:
    """An action that is not this one, if the space has another; always the same, so that leaving out moves is safe."""
    twin = copy.deepcopy(space)
    twin.seed(0)
    drawn = [twin.sample() for _ in range(8)]
    return next((other for other in drawn if first_difference(other, action) is not None), action)
