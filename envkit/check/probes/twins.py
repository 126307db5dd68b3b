"""Plays the same seed and actions twice: on two fresh instances, again on a used one, and beside a busy neighbour."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from envkit.check.acting.actions import BURSTS, RANDOM, strategies
from envkit.check.acting.untouched import comparable, differ, untouched
from envkit.check.model import Probe
from envkit.check.subject import Driver, Subject
from envkit.core.case import Case, Episode
from envkit.core.compare import same
from envkit.core.trace import Call, Trace

SEEDS = (0, 7, 2**31 + 11, 1, 42, 123456789, 2**32 - 1, 3)
GENERATOR_SEEDS = (123, 123, 456, 0, 2**32 - 1, 1, 2, 3, 10, 2**16, 2**31 - 1, 2**31 + 1, 223, 379, 1123)
FEW, ALIKE = 3, 20  # resets without a seed, as long as all start alike
EARLIER = 1000  # the seed of the episodes that come before
REPEATED, SHORT = 25, 3  # times the same episode is played on one instance, and its steps
MANY, BRIEF = 12, 25  # short episodes before, and their steps
ABORTED = (3, 8, 20, 60)  # steps after which an episode is given up
BEYOND = 3  # steps after an end


@dataclass(frozen=True)
class Pair:
    """Two records that should be equal, call by call; `left_calls` and `right_calls` begin with the same reset."""

    seed: int
    left: Trace
    right: Trace
    left_calls: tuple[Call, ...]
    right_calls: tuple[Call, ...]


@dataclass(frozen=True)
class Twins:
    """The pairs.

    Args:
      fresh: two new instances, one pair for each seed.
      used: a new instance, and one that has played other episodes before.
      neighbours: a new instance alone, and one whose steps alternate with another instance's.
      unseeded: the first observations after resets without a seed, on one instance.
      continued: two new instances, a seeded episode and then one after a reset without a seed; the latter is compared.
      generator: (seed, entropy of np_random after a reset with it), the first seed twice; None for the entropy where
        there is no generator.
    """

    fresh: tuple[Pair, ...]
    used: tuple[Pair, ...]
    neighbours: tuple[Pair, ...]
    unseeded: tuple[Any, ...] = ()
    continued: tuple[Pair, ...] = ()
    generator: tuple[tuple[int, Any], ...] = ()


Seeded = tuple[tuple[int, Any], ...]  # seed of a reset, entropy of np_random after it
Alone = dict[int, Pair]  # by seed: what fresh instances do
Before = Sequence[Episode]


def run(subject: Subject) -> Twins:
    episodes = _episodes(subject)
    scripts, seeds = [each.actions for each in episodes], [each.seed or 0 for each in episodes]
    script_of = dict(zip(seeds, scripts, strict=True))
    endings = subject.endings(2 * subject.budget.twin_steps)
    for ending in endings:
        if ending.seed not in script_of and ending.seed is not None:
            script_of[ending.seed] = ending.actions
    fresh = [_fresh(subject, seed, actions) for seed, actions in script_of.items()]
    alone = {pair.seed: pair for pair in fresh}
    histories = [] if subject.budget.frugal else _histories(scripts, seeds)  # the veteran has all of it behind it
    used = [_used(subject, alone, seed, script_of[seed], before) for seed, before in histories]
    for ending in endings:
        longer = replace(ending, actions=ending.actions + ending.actions[:1] * BEYOND)
        used.append(_used(subject, alone, seeds[0], script_of[seeds[0]], (longer,), beyond=True))
    veteran = subject.open("veteran")
    pairs, seeded = _veteran(veteran, alone, script_of)
    used += pairs
    used += _again_and_again(subject, alone, seeds[0], scripts[0])
    besides = list(script_of)[:2] + list(script_of)[2:][-2:]
    neighbours = [_beside(subject, alone, seed, script_of[seed], scripts[0]) for seed in besides]
    most = SHORT if subject.budget.frugal else None
    continued = [
        _continued(subject, seed, script_of[seed][:most]) for seed in seeds[: min(2, subject.budget.variants - 1)]
    ]
    fresh += _starts(subject, alone, [*used, *neighbours])
    if subject.budget.frugal:
        unseeded, generator = _drawing_on(veteran), seeded
    else:
        unseeded, generator = _unseeded(subject), _generator(subject)
    return Twins(tuple(fresh), tuple(used), tuple(neighbours), unseeded, tuple(continued), generator)


def replay(subject: Subject, case: Case) -> Twins:
    seed, actions = case.last.seed, case.last.actions
    if seed is None:
        return Twins((), (), (), continued=(_continued(subject, 0, actions),))
    fresh = _fresh(subject, seed, actions)
    alone = {seed: fresh}
    used = (_used(subject, alone, seed, actions, case.history, beyond=True),) if case.history else ()
    neighbours = (_beside(subject, alone, seed, actions, actions),)
    return Twins((fresh, *_starts(subject, alone, [*used, *neighbours])), used, neighbours)


def _fresh(subject: Subject, seed: int, actions: Sequence[Any]) -> Pair:
    found = untouched(subject, [Episode(seed, tuple(actions))])
    return Pair(seed, found.clean, found.again, found.clean.calls[1:], found.again.calls[1:])


def _starts(subject: Subject, alone: Alone, pairs: Sequence[Pair]) -> list[Pair]:
    """Where some start differs, more starts of fresh instances: what is drawn without the seed can agree by chance."""
    seeds = [pair.seed for pair in pairs if pair.left_calls and pair.right_calls and not _start_alike(pair)]
    found: list[Pair] = []
    while seeds and len(found) < MANY and all(map(_start_alike, found)):
        driver = subject.open("first instance once more")
        found.append(_pair(alone[seeds[0]], driver, episode(driver, seeds[0], ())))
        driver.finish()
    return [pair for pair in found if pair.right_calls]


def _start_alike(pair: Pair) -> bool:
    return all(same(one.copy, other.copy) for one, other in zip(pair.left_calls[:1], pair.right_calls, strict=False))


def _episodes(subject: Subject) -> list[Episode]:
    """The ways of acting that are most likely to get far, first; held ones after them."""
    names = list(strategies(subject.action_space))
    names.sort(key=lambda name: {RANDOM: 0, BURSTS: 1}.get(name, 2))
    steps = subject.budget.twin_steps
    chosen = islice(names, min(subject.budget.twin_scripts, len(SEEDS)))
    return [comparable(subject, SEEDS[n], name, 40 + n, steps) for n, name in enumerate(chosen)]


def _histories(scripts: Sequence[Sequence[Any]], seeds: Sequence[int]) -> list[tuple[int, Before]]:
    """What a used instance has played: each script once; aborted episodes; nothing but a reset."""
    first, last = seeds[0], seeds[-1]
    found: list[tuple[int, Before]] = [(first, (Episode(EARLIER, tuple(actions)),)) for actions in scripts]
    found += [(last, (Episode(EARLIER, tuple(scripts[0][:steps])),)) for steps in ABORTED]
    return [*found, (first, (Episode(first),))]


def _used(
    subject: Subject, alone: Alone, seed: int, actions: Sequence[Any], before: Before, *, beyond: bool = False
) -> Pair:
    """After other episodes; with `beyond` they are played past their ends, to their last action."""
    driver = subject.open("used instance")
    for earlier in before:
        episode(driver, earlier.seed, earlier.actions)
        ended = driver.ended and driver.steps > 0  # and not merely never begun, for want of time
        for action in earlier.actions[driver.steps :] if beyond and ended else ():
            driver.step(action)  # may be refused; then the instance is no longer used
    pair = _pair(alone[seed], driver, episode(driver, seed, actions))
    driver.finish()
    return pair


def _veteran(driver: Driver, alone: Alone, script_of: Mapping[int, Sequence[Any]]) -> tuple[list[Pair], Seeded]:
    """One instance that has played much, and goes on playing; and what its first seeds have made of its generator."""
    budget, pairs = driver.subject.budget, []
    scripts = list(script_of.values())
    seeded: list[tuple[int, Any]] = []
    for actions in scripts:
        episode(driver, EARLIER, actions, seeded)
    for number in range(0 if budget.frugal else min(MANY, budget.episodes)):
        episode(driver, EARLIER + number, scripts[number % len(scripts)][:BRIEF])
    for seed, actions in script_of.items():
        episode(driver, None, scripts[0][: SHORT if budget.frugal else None])
        pairs.append(_pair(alone[seed], driver, episode(driver, seed, actions, seeded)))
    seed, actions = next(iter(script_of.items()))
    for number in range(budget.revisits):  # each after other steps, and after another number of resets
        for _ in range(number % FEW):
            episode(driver, None, actions[:1])
        episode(driver, None, [*actions[number:], *actions[:number]][: min(2 * number + 1, BRIEF)])
        calls = episode(driver, seed, actions[:SHORT], seeded)
        if driver.ok and differ(alone[seed].left_calls, calls):
            pairs.append(_pair(alone[seed], driver, calls))
            break
    first = [known for known in seeded if known[0] == seed][:2]
    other = [known for known in seeded if known[0] != seed]
    return pairs, (*first, *other) if len(first) == 2 and driver.ok else ()


def _again_and_again(subject: Subject, alone: Alone, seed: int, actions: Sequence[Any]) -> list[Pair]:
    """The same short episode on one instance many times: only what differs from the first is kept."""
    if subject.budget.frugal:
        return []
    driver, found = subject.open("the same again and again"), []
    for _ in range(REPEATED):
        calls = episode(driver, seed, actions[:SHORT])
        if differ(alone[seed].left_calls, calls):
            found.append(_pair(alone[seed], driver, calls))
            break
    driver.finish()
    return found


def _beside(subject: Subject, alone: Alone, seed: int, actions: Sequence[Any], noise: Sequence[Any]) -> Pair:
    """Turn by turn with another instance, which is made, reset, played and closed meanwhile."""
    busy, neighbour = subject.open("instance beside another"), subject.open("neighbour")
    begin = len(busy.calls)
    if busy.ok:
        busy.reset(seed=seed)
    for number, action in enumerate(actions):
        if neighbour.ok and (neighbour.ended or number == 0):
            neighbour.reset(seed=seed + 99 if number == 0 else None)
        elif neighbour.ok and number < 0.8 * len(actions):
            neighbour.step(noise[number % len(noise)])
        elif neighbour.alive:
            neighbour.finish()
        if not busy.playing:
            break
        busy.step(action)
    neighbour.finish()
    return _pair(alone[seed], busy, tuple(busy.calls[begin:]))


def _continued(subject: Subject, seed: int, actions: Sequence[Any]) -> Pair:
    """A reset without a seed goes on with the generator that the seeded one has set."""
    left, right = subject.open("first instance, reset again"), subject.open("second instance, reset again")
    calls = []
    for driver in (left, right):
        episode(driver, seed, actions[:3])
        calls.append(episode(driver, None, actions))
    return Pair(seed, left.trace, right.trace, *calls)


def episode(
    driver: Driver, seed: int | None, actions: Sequence[Any], seeded: list[tuple[int, Any]] | None = None
) -> tuple[Call, ...]:
    """Resets and plays the actions, to the episode's end at the latest; `seeded` gets what the seed has made."""
    begin = len(driver.calls)
    if not driver.ok:
        return ()
    driver.reset(seed=seed)
    if seeded is not None and seed is not None:
        seeded.append((seed, _entropy(driver)))
    for action in actions:
        if not driver.playing:
            break
        driver.step(action)
    return tuple(driver.calls[begin:])


def _pair(alone: Pair, driver: Driver, calls: tuple[Call, ...]) -> Pair:
    """What a fresh instance does, and what this one has done."""
    return replace(alone, right=driver.trace, right_calls=calls)


def _unseeded(subject: Subject) -> tuple[Any, ...]:
    """After a seeded reset; the instance then draws on, so the starts may differ from one reset to the next."""
    driver = subject.open("resets without a seed")
    if driver.ok:
        driver.reset(seed=3)
    return _drawing_on(driver)


def _drawing_on(driver: Driver) -> tuple[Any, ...]:
    """The starts of an instance's last reset, which was seeded, and of further ones, which are not.

    As long as they are all alike there are more of them: where there are but two starts, a few are often alike.
    """
    begin = max((index for index, call in enumerate(driver.calls) if call.method == "reset"), default=0)
    least = FEW if driver.subject.budget.frugal else 8
    starts: tuple[Any, ...] = ()
    for number in range(ALIKE):
        if not driver.ok or (number >= least and not _alike(starts[1:])):
            break
        driver.reset()
        starts = tuple(call.copy[0] for index, call in driver.trace.resets if index >= begin)
    return starts


def _alike(values: Sequence[Any]) -> bool:
    return all(same(value, values[0]) for value in values)


def _generator(subject: Subject) -> Seeded:
    driver = subject.open("seeding of np_random")
    states: list[tuple[int, Any]] = []
    for seed in GENERATOR_SEEDS:
        if not driver.ok:
            return ()  # there is no time left, or it has raised before: what was not done says nothing
        episode(driver, seed, (), states)
    driver.finish()
    return tuple(states)


def _entropy(driver: Driver) -> Any:
    """What the environment's generator was seeded with; None where there is none."""
    generator = getattr(driver.raw, "_np_random", None) if driver.alive else None
    return None if generator is None else generator.bit_generator.seed_seq.entropy


PROBE = Probe("twins", Twins, run, replay)
