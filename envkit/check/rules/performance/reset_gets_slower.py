"""reset gets slower with every reset.

Why: where episodes are short most of the time is spent in reset, and more and more of it.

Fails:

    class Env(Lamp):
        past = ()
        def reset(self, *, seed=None, options=None):
            self.past = (*self.past, *range(100))
            self.total = sum(entry for entry in self.past)
            return super().reset(seed=seed, options=options)

Passes:

    class Env(Lamp):
        total = 0
        def reset(self, *, seed=None, options=None):
            self.total += sum(entry for entry in range(100))
            return super().reset(seed=seed, options=options)

Limits: told by the lines of Python that are run for the same reset, or by a time several times as long.
Source: https://docs.python.org/3/library/sys.html (settrace)
"""

from collections.abc import Iterator

from envkit.check.judging.slowing import by_lines, by_time
from envkit.check.model import Finding, Rule, Severity
from envkit.check.probes.soak import Soak


def check(soak: Soak) -> Iterator[Finding]:
    course = soak.rounds()
    played = course.count("reset") * (len(course.readings) - 1)
    lines, seconds = by_lines(course, "reset"), by_time(soak, course, "reset")
    if lines:
        said = f"the same reset runs {lines[1]:.0f} lines of Python after {played} resets, and {lines[0]:.0f} at first"
    elif seconds:
        said = f"reset takes {seconds[1] * 1e6:.0f} µs after {played} resets, and {seconds[0] * 1e6:.0f} µs at first"
    else:
        return
    yield Finding(
        message=said,
        fix="set everything anew in reset, and keep nothing of earlier episodes but what has a bounded size",
        at="env.reset",
        program=(
            f"import time\n\nimport envkit\n\nenv = {soak.make}\nfor number in range(1000):\n"
            "    begun = time.perf_counter()\n    env.reset(seed=0)\n"
            "    if number % 100 == 0:\n        print(time.perf_counter() - begun)"
        ),
    )


RULE = Rule("EK871", "reset-gets-slower", Severity.WARNING, check, whole=True, symptom_of=("EK810", "EK811"))
