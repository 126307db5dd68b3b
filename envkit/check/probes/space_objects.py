"""Seeds the space objects as a caller does, uses the instance, and looks whether they stay and whether others draw from
them."""

from dataclasses import dataclass
from typing import Any

from gymnasium import spaces

from envkit.check.acting.actions import RANDOM, script
from envkit.check.model import Probe
from envkit.check.subject import SPACES, Driver, Subject
from envkit.core.trace import Trace, call_text

SEED, STEPS = 21, 3


@dataclass(frozen=True)
class Held:
    """What became of one space that the caller held and had seeded.

    Args:
      name: of the attribute.
      anew: whether reading it twice gave two objects.
      replaced: the call after which it was another object, if one was.
      moved: the first call that drew from its generator or seeded it, if one did; resets with a seed do not count.
    """

    name: str
    anew: bool = False
    replaced: str = ""
    moved: str = ""


@dataclass(frozen=True)
class SpaceObjects:
    """Of each space, and the record."""

    held: tuple[Held, ...]
    trace: Trace


def run(subject: Subject) -> SpaceObjects:
    driver = subject.open("spaces seeded and watched", honest=False)
    watched = [Watched(driver, name) for name in SPACES if driver.ok]
    actions = script(subject.action_space, RANDOM, subject.rng(700), min(STEPS, subject.budget.longest))
    for seed in (None, SEED, None):
        if driver.ok:
            driver.reset(seed=seed)
            for each in watched:
                each.look("reset()", forgiven=seed is not None)
        for action in actions:
            if driver.playing:
                call = driver.step(action)
                for each in watched:
                    each.look(call_text("step", call.arguments))
    driver.finish()
    return SpaceObjects(tuple(each.told() for each in watched), driver.trace)


class Watched:
    """A space of an instance, from the moment when the caller seeds it."""

    def __init__(self, driver: Driver, name: str):
        self.driver, self.name = driver, name
        self.space = self._read()
        self.anew = self.space is not self._read()
        self.replaced = self.moved = ""
        if isinstance(self.space, spaces.Space):
            self.space.seed(SEED)
        self.state = generators(self.space)

    def _read(self) -> Any:
        try:
            return getattr(self.driver.env, self.name)
        except Exception:  # noqa: BLE001 - a property may raise, which is told elsewhere
            return None

    def look(self, call: str, *, forgiven: bool = False) -> None:
        """After a call; a forgiven one may seed the space."""
        if self.replaced or self.anew:
            return
        if self.driver.alive and self._read() is not self.space:
            self.replaced = call
            return
        state = generators(self.space)
        if state != self.state and not forgiven:
            self.moved = self.moved or call
        self.state = state

    def told(self) -> Held:
        return Held(self.name, self.anew, self.replaced, self.moved)


def generators(space: Any) -> list[Any]:
    """The states of the generators of a space and of those inside it."""
    if not isinstance(space, spaces.Space):
        return []
    inner = getattr(space, "spaces", ())
    parts = inner.values() if isinstance(inner, dict) else inner
    return [space.np_random.bit_generator.state, *(state for part in parts for state in generators(part))]


PROBE = Probe("spaces held", SpaceObjects, run)
