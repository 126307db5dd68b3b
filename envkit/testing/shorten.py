"""The last shortening of a failing run: leaves out calls, one stretch after another, as long as it still fails.

Hypothesis shrinks what it drew, held actions and lists; this works on the calls themselves.
"""

from collections.abc import Sequence

from envkit.core.shorten import shorten
from envkit.core.trace import Call
from envkit.testing.broken import ContractBroken
from envkit.testing.player import MakeEnv, Player

MOST_TRIES = 400


def shortest(broken: ContractBroken, make_env: MakeEnv, opening: str, *, replay: bool) -> ContractBroken:
    """The same kind of failure with as few calls as can be; the given one if it does not fail again."""
    tries = iter(range(MOST_TRIES))
    first = broken.calls[:1]  # the first reset stays

    def attempt(fewer: Sequence[Call]) -> ContractBroken | None:
        return None if next(tries, None) is None else play([*first, *fewer], make_env, opening, replay=replay)

    return shorten(broken.calls[1:], broken, attempt, length=lambda again: len(again.calls) - 1)[1]


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
