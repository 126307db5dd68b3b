"""The last shortening of a failing run: leaves out calls, one stretch after another, as long as it still fails.

Hypothesis shrinks what it drew, held actions and lists; this works on the calls themselves. What comes out is minimal
in the sense that no single call can be left out.
"""

from envkit.core.trace import Call
from envkit.testing.broken import ContractBroken
from envkit.testing.player import MakeEnv, Player

MOST_TRIES = 400


def shorten(broken: ContractBroken, make_env: MakeEnv, opening: str, *, replay: bool) -> ContractBroken:
    """The same kind of failure with as few calls as can be; the given one if it does not fail again."""
    tries, size = 0, max(len(broken.calls) // 2, 1)
    while size:
        start = 1  # the first reset stays
        while start < len(broken.calls) and tries < MOST_TRIES:
            tries += 1
            fewer = [*broken.calls[:start], *broken.calls[start + size :]]
            again = attempt(fewer, make_env, opening, replay=replay)
            if again and len(again.calls) < len(broken.calls):
                broken = again
            else:
                start += size
        size //= 2
    return broken


def attempt(calls: list[Call], make_env: MakeEnv, opening: str, *, replay: bool) -> ContractBroken | None:
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
