"""What writing ahead costs: the last call before a crash or a hang is known, for some microseconds a step.

The same steps of CartPole are played in turns with the ledger of the checker's child process, the text of each call
included, and without it. Each pair gives one difference in CPU time a step; shown is their median.

    python benchmarks/ledger.py

Ends with exit code 1 where the bar is missed.
"""

import statistics
import sys
import time

from envkit.check.acting.actions import RANDOM, script
from envkit.check.subject import Subject
from envkit.core.ref import EnvRef
from envkit.core.trace import call_text
from envkit.isolate.ledger import Ledger

BAR = 5e-6
STEPS, PAIRS = 2000, 41


def seconds_a_step(ledger: Ledger | None, actions: list[object]) -> float:
    """CPU time of a step, with what is written ahead of it and after it."""
    env = EnvRef.of("CartPole-v1").make()
    env.reset(seed=0)
    begun = time.thread_time()
    for number, action in enumerate(actions):
        if ledger is not None:
            ledger.start(f"7:{number}:{call_text('step', {'action': action})}")
        result = env.step(action)
        if ledger is not None:
            ledger.finish()
        if result[2] or result[3]:
            env.reset()
    return (time.thread_time() - begun) / len(actions)


def main() -> int:
    space = EnvRef.of("CartPole-v1").make().action_space
    actions = script(space, RANDOM, Subject(EnvRef.of("CartPole-v1")).rng(), STEPS)
    ledger = Ledger.create()
    try:
        seconds_a_step(ledger, actions)  # warms up
        pairs = [(seconds_a_step(ledger, actions), seconds_a_step(None, actions)) for _ in range(PAIRS)]
    finally:
        ledger.remove()
    cost = statistics.median(ours - bare for ours, bare in pairs)
    bare = statistics.median(bare for _, bare in pairs)
    met = cost <= BAR
    print(
        f"write-ahead ledger  {cost * 1e6:.2f} µs a step, median of {PAIRS} pairs of {STEPS} steps; "
        f"a bare step {bare * 1e6:.1f} µs; bar {BAR * 1e6:.0f} µs: {'met' if met else 'MISSED'}"
    )
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
