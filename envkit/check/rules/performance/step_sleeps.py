"""A step, or a frame for rgb_array, sleeps: it waits, and nobody works meanwhile.

Why: a frame rate is for people who watch; training is slowed down a thousand times by it.

Fails:

    import time

    class Env(Lamp):
        def step(self, action):
            time.sleep(1 / 60)
            return super().step(action)

Passes:

    import time

    class Env(Lamp):
        def step(self, action):
            if self.render_mode == "human":
                time.sleep(1 / 60)
            return super().step(action)

Limits: from 4 ms a step or frame on, and from 20 ms on where only some steps wait, the same ones in every round. Where
the environment talks to another process it is not judged, for waiting is work there.
Source: https://docs.python.org/3/library/time.html; Gymnasium metadata["render_fps"]
"""

from collections.abc import Iterator

import numpy as np

from envkit.check.acting.rounds import Course
from envkit.check.model import CannotJudge, Finding, Rule, Severity
from envkit.check.probes.soak import Soak

ALWAYS, SOMETIMES = 0.004, 0.02  # seconds
ENOUGH = 5


def check(soak: Soak) -> Iterator[Finding]:
    if len(soak.pace) < ENOUGH:
        raise CannotJudge("no steps could be timed that are not another process's work")
    least = min(waited for waited, _ in soak.pace)
    if least > ALWAYS:
        yield _finding(soak, f"every step waits at least {least * 1e3:.0f} ms, though nothing is rendered", "step")
    elif soak.long is not None and (most := _same_place(soak.long, "step")) > SOMETIMES:
        said = f"some steps wait {most * 1e3:.0f} ms, the same ones each time, though nothing is rendered"
        yield _finding(soak, said, "step")
    elif soak.shown is not None and (least := _always(soak.shown, "render")) > ALWAYS:
        yield _finding(soak, f"every frame waits at least {least * 1e3:.0f} ms, though nobody watches", "render")


def _waited(course: Course, method: str) -> np.ndarray:
    """The least that each call of a round waited: [call]; empty without at least three rounds."""
    rows = course.meter.waited[: len(course.readings) - 1, course.calls(method)]
    rows = rows[:, ~np.isnan(rows).any(axis=0)]
    return rows.min(axis=0) if len(rows) > 2 else np.zeros(0)


def _same_place(course: Course, method: str) -> float:
    return float(_waited(course, method).max(initial=0.0))


def _always(course: Course, method: str) -> float:
    waited = _waited(course, method)
    return float(waited.min()) if waited.size else 0.0


def _finding(soak: Soak, message: str, method: str) -> Finding:
    make = soak.make if method == "step" else f"{soak.make[:-1]}, render_mode={soak.mode!r})"
    call = "env.step(env.action_space.sample())" if method == "step" else "env.render()"
    return Finding(
        message=message,
        fix='wait only where a person watches: if self.render_mode == "human": self.clock.tick(fps)',
        at=f"env.{method}",
        program=(
            f"import time\n\nimport envkit\n\nenv = {make}\nenv.reset(seed=0)\n"
            f"begun, worked = time.perf_counter(), time.process_time()\n{call}\n"
            "print(time.perf_counter() - begun, time.process_time() - worked)"
        ),
        kind=method,
    )


RULE = Rule("EK872", "step-sleeps", Severity.WARNING, check, whole=True)
