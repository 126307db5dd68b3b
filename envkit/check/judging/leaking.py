"""What the rules about leaks share: sizes in words, and the programs that show something growing."""

from collections.abc import Sequence

from envkit.check.acting.rounds import Course
from envkit.check.model import Finding
from envkit.core.show import count

KILO, MEGA = 1024, 2**20
TRACED = "tracemalloc.get_traced_memory()[0]"


def size(number: float) -> str:
    """Bytes for a person: `1.2 MB`."""
    if number >= MEGA:
        return f"{number / MEGA:.1f} MB"
    return f"{number / KILO:.0f} kB" if number >= 10 * KILO else f"{number:.0f} bytes"


def episodes(make: str, modules: Sequence[str], shows: str, *, begin: str = "", render: bool = False) -> str:
    """A program that plays episodes on one instance, and shows something after each.

    Args:
      make: the call that makes the environment.
      modules: what else to import.
      shows: an expression.
      begin: a line before the first episode.
      render: after every step.
    """
    lines = [*_opening(modules), f"env = {make}", *([begin] if begin else []), "for episode in range(10):"]
    lines += ["    env.reset(seed=episode)", "    for _ in range(100):"]
    lines += ["        _, _, terminated, truncated, _ = env.step(env.action_space.sample())"]
    lines += ["        env.render()"] if render else []
    return "\n".join([*lines, "        if terminated or truncated:", "            break", f"    print({shows})"])


def after_a_round(course: Course, grown: int, message: str, fix: str, program: str) -> Finding:
    """That so much more is there after every round of the same episodes."""
    calls = f"{count(course.count('step'), 'step')} and {count(course.count('reset'), 'reset')}"
    at = "env.reset" if grown % max(course.count("reset"), 1) == 0 else "env.step"
    return Finding(message.format(calls=calls), fix, at, program, kind="episodes")


def instances(make: str, modules: Sequence[str], shows: str, *, begin: str = "") -> str:
    """A program that makes, plays, closes and lets go of instances, and shows something after each."""
    lines = [*_opening(modules), *([begin] if begin else []), "for number in range(10):", f"    env = {make}"]
    lines += ["    env.reset(seed=number)", "    env.step(env.action_space.sample())", "    env.close()", "    del env"]
    lines += ["    gc.collect()"] if "gc" in modules else []
    return "\n".join([*lines, f"    print({shows})"])


def _opening(modules: Sequence[str]) -> list[str]:
    return [*(f"import {name}" for name in modules), *([""] if modules else []), "import envkit", ""]
