"""The last shortening of a failing run: leaves out calls, then makes actions plainer, as long as it still fails.

Hypothesis shrinks what it drew, held actions and lists; this works on the calls themselves. To Hypothesis an action
with all its entries at a bound is as simple as any, as it takes one draw; to a reader the one entry that matters is.
"""

from collections.abc import Callable, Iterator, Sequence
from itertools import combinations
from typing import Any

import numpy as np
from gymnasium import spaces

from envkit.core.compare import same
from envkit.core.errors import FOREIGN
from envkit.core.shorten import shorten
from envkit.core.trace import Call
from envkit.testing.broken import ContractBroken
from envkit.testing.player import MakeEnv, Player

Attempt = Callable[[Sequence[Call]], ContractBroken | None]  # what fewer or plainer calls break, if anything
MOST_TRIES = 400
FEW = 12  # calls of which pairs are tried
MOST_ENTRIES = 64  # of an action


def shortest(broken: ContractBroken, make_env: MakeEnv, opening: str, *, replay: bool) -> ContractBroken:
    """The same kind of failure with as few calls as can be; the given one if it does not fail again."""
    tries = iter(range(MOST_TRIES))
    broken = _from_seed_zero(broken, make_env, opening, replay=replay)
    first = broken.calls[:1]  # the first reset stays

    def attempt(fewer: Sequence[Call]) -> ContractBroken | None:
        return None if next(tries, None) is None else play([*first, *fewer], make_env, opening, replay=replay)

    kept, least = shorten(broken.calls[1:], broken, attempt, length=lambda again: len(again.calls) - 1)
    kept, least = _without_pairs(kept, least, attempt)
    space = _action_space(make_env)
    return least if space is None else _plainest(space, kept, least, attempt)


def _from_seed_zero(broken: ContractBroken, make_env: MakeEnv, opening: str, *, replay: bool) -> ContractBroken:
    if not broken.calls or broken.calls[0].arguments.get("seed") in (None, 0):
        return broken
    calls = [Call("reset", {"seed": 0}), *broken.calls[1:]]
    return play(calls, make_env, opening, replay=replay) or broken


def _without_pairs(
    kept: tuple[Call, ...], least: ContractBroken, attempt: Attempt
) -> tuple[tuple[Call, ...], ContractBroken]:
    """Leaves out two calls that undo each other, such as a step up and a step down, of which neither can go alone."""
    found = True
    while found and len(kept) <= FEW:
        found = False
        for pair in combinations(range(len(kept)), 2):
            fewer = tuple(call for place, call in enumerate(kept) if place not in pair)
            again = attempt(fewer)
            if again is not None:
                kept, least, found = fewer[: len(again.calls) - 1], again, True
                break
    return kept, least


def _plainest(
    space: spaces.Space[Any],
    kept: Sequence[Call],
    least: ContractBroken,
    attempt: Attempt,
) -> ContractBroken:
    """Every action as plain as can be: equal ones are changed together, so that held actions stay held."""
    calls = list(kept)
    for index, call in enumerate(calls):
        if call.method != "step" or any(_same_action(call, earlier) for earlier in calls[:index]):
            continue
        for together in (True, False):
            for plainer in variants(space, calls[index].arguments["action"]):
                current = calls[index]
                given = Call("step", {"action": plainer})
                changed = [
                    given if place == index or (together and _same_action(current, other)) else other
                    for place, other in enumerate(calls)
                ]
                again = attempt(changed)
                if again is not None and len(again.calls) == len(least.calls):
                    calls, least = changed, again
    return least


def variants(space: spaces.Space[Any], value: Any) -> Iterator[Any]:
    """The same with one part of it plainer: an entry at zero, or as near to it as the space allows."""
    if isinstance(space, spaces.Discrete):
        plain = space.dtype.type(np.clip(0, space.start, space.start + space.n - 1))
        if value != plain:
            yield plain
    elif isinstance(space, spaces.Dict) and isinstance(value, dict):
        for key, inner in space.spaces.items():
            yield from ({**value, key: part} for part in variants(inner, value[key]))
    elif isinstance(space, spaces.Tuple) and isinstance(value, tuple):
        for index, inner in enumerate(space.spaces):
            yield from ((*value[:index], part, *value[index + 1 :]) for part in variants(inner, value[index]))
    elif isinstance(space, spaces.Box | spaces.MultiDiscrete | spaces.MultiBinary) and value.size <= MOST_ENTRIES:
        plain = _plain(space)
        for place in np.argwhere(value != plain):
            changed = value.copy()
            changed[tuple(place)] = plain[tuple(place)]
            yield changed


def _plain(space: Any) -> Any:
    zero = np.zeros(space.shape, space.dtype)
    if isinstance(space, spaces.MultiBinary):
        return zero
    high = space.high if isinstance(space, spaces.Box) else space.start + space.nvec - 1
    return np.clip(zero, space.low if isinstance(space, spaces.Box) else space.start, high).astype(space.dtype)


def _same_action(one: Call, other: Call) -> bool:
    return other.method == "step" and same(one.arguments["action"], other.arguments["action"])


def _action_space(make_env: MakeEnv) -> spaces.Space[Any] | None:
    try:
        env = make_env()
        env.close()
    except FOREIGN:  # then no action is at fault
        return None
    return env.action_space


def play(calls: list[Call], make_env: MakeEnv, opening: str, *, replay: bool) -> ContractBroken | None:
    """Makes the calls on a new instance; what they break, if anything."""
    player = Player(make_env, opening)
    try:
        try:
            for call in calls:
                if call.method == "reset":
                    player.reset(call.arguments["seed"])
                elif player.live:
                    player.step(call.arguments["action"])
        finally:
            player.finish(replay=replay)
    except ContractBroken as broken:
        return broken
    return None
