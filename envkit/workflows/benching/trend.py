"""Whether the environment slows down or grows with the episodes that have been played.

The same episode, of the same seed and actions, over and over: whatever changes is not the game's. It is cut after some
hundred steps, so that it ends where it is endless. Time is divided by the yardstick's at the same moment.
"""

import itertools
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from envkit.workflows.benching import clock, memory
from envkit.workflows.benching.calibration import calibrate
from envkit.workflows.benching.clock import Lap
from envkit.workflows.benching.slope import FEWEST, Slope, slope
from envkit.workflows.benching.subject import Subject

CUT = 200  # steps
BLOCKS, ENOUGH = 60, 16
WARM = 1 / 8  # of the blocks, which fill caches
SLOWER = 0.10  # of its time, which the whole interval must lie beyond
GROWN = 256 * 1024  # bytes that must have been added as well: less is how an allocator breathes


@dataclass(frozen=True)
class Trend:
    """What was seen.

    Args:
      episodes: that were played.
      time: by which part a step became slower from the first episode to the last; None where there were too few.
      memory: bytes that one episode adds, with the interval.
      added: bytes that were added in all.
    """

    episodes: int
    time: Slope | None
    memory: Slope | None
    added: float = 0.0

    @property
    def slows(self) -> bool:
        return self.time is not None and self.time.low > SLOWER

    @property
    def grows(self) -> bool:
        return self.memory is not None and self.memory.low > 0 and self.added >= GROWN

    def to_json(self) -> dict[str, Any]:
        return asdict(self) | {"slows": self.slows, "grows": self.grows}


def judged(seconds: Sequence[float], resident: Sequence[int], episodes: Sequence[int]) -> Trend:
    """What blocks of episodes say.

    Args:
      seconds: for a step, as a multiple of the yardstick's, [B].
      resident: bytes of memory after each block, [B].
      episodes: played until the end of each block, [B].
    """
    warm = int(len(seconds) * WARM)
    y, x = seconds[warm:], episodes[warm:]
    if len(y) < FEWEST:
        return Trend(episodes[-1] if episodes else 0, None, None)
    grown = slope(y, x)
    usual = sorted(y)[len(y) // 2] - grown.growth / 2  # at the first episode, by the slope
    usual = usual if usual > 0 else min(y)
    time = Slope(*(part / usual for part in (grown.growth, grown.low, grown.high)))
    held = resident[warm:]
    added, span = slope(held, x), x[-1] - x[0]
    an_episode = Slope(*(part / span for part in (added.growth, added.low, added.high)))
    return Trend(episodes[-1], time, an_episode, float(held[-1] - held[0]))


def played(subject: Subject, seconds: float) -> tuple[list[float], list[int], list[int]]:
    """What `judged` takes. Plays for so long, or `ENOUGH` blocks of an episode unless that takes five times as long."""
    env = subject.maker()
    actions = subject.drawn(env.action_space, CUT)
    laps: list[Lap] = []
    yardsticks: list[Lap] = []
    resident: list[int] = []
    episodes: list[int] = []
    begun = time.perf_counter()
    try:
        for block in itertools.count():
            spent = time.perf_counter() - begun
            if (spent > seconds and block >= ENOUGH) or spent > 5 * seconds:
                break
            yardstick = calibrate()
            took, steps, count = _block(env, subject.seed, actions, seconds / BLOCKS)
            laps.append(took.over(max(steps, 1)))
            yardsticks.append((yardstick + calibrate()).over(2))
            episodes.append(count + (episodes[-1] if episodes else 0))
            resident.append(memory.now())
    finally:
        env.close()
    work = clock.works(laps)
    pairs = zip(laps, yardsticks, strict=True)
    return [lap.seconds(work=work) / one.seconds(work=work) for lap, one in pairs], resident, episodes


def _block(env: Any, seed: int, actions: Sequence[Any], seconds: float) -> tuple[Lap, int, int]:
    """(time, steps, episodes) of the same episode, played for about so long."""
    steps = episodes = 0
    begun = clock.now()
    while True:
        env.reset(seed=seed)
        for action in actions:
            _, _, terminated, truncated, _ = env.step(action)
            steps += 1
            if terminated or truncated:
                break
        episodes += 1
        took = clock.since(begun)
        if took.passed >= seconds:
            return took, steps, episodes
