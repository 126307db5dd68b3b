"""Files, sockets or pipes are opened again and again, and never closed.

Why: a process may have a thousand of them; then nothing can be opened any more, in the middle of a run.

Fails:

    class Env(Lamp):
        logs = []
        def reset(self, *, seed=None, options=None):
            self.logs.append(os.open(os.devnull, os.O_WRONLY))
            return super().reset(seed=seed, options=options)

Passes:

    class Env(Lamp):
        log = None
        def reset(self, *, seed=None, options=None):
            self.close()
            self.log = os.open(os.devnull, os.O_WRONLY)
            return super().reset(seed=seed, options=options)
        def close(self):
            if self.log is not None:
                os.close(self.log)
                self.log = None
        def __getstate__(self):
            return {**vars(self), "log": None}

Limits: counted on Linux only, over rounds of the same episodes, and over instances that are closed.
Source: https://docs.python.org/3/library/resource.html (RLIMIT_NOFILE)
"""

from collections.abc import Iterator

from envkit.check.judging.leaking import after_a_round, episodes, instances
from envkit.check.model import Finding, Rule, Severity
from envkit.check.probes.soak import Soak
from envkit.core.show import count

SHOWS = 'len(os.listdir("/proc/self/fd"))'


def check(soak: Soak) -> Iterator[Finding]:
    course = soak.rounds()
    grown, lives = course.growth("descriptors"), soak.per_life("descriptors")
    if grown:
        message = f"{count(grown, 'descriptor')} more stay open after every {{calls}}: files, sockets or pipes"
        fix = "open it with `with`, or once, in the constructor, and close it in close"
        yield after_a_round(course, grown, message, fix, episodes(soak.make, ["os"], SHOWS))
    elif soak.shown is not None and (frames := soak.shown.growth("descriptors")):
        said = f"{count(soak.shown.count('render'), 'rendered frame')}"
        make = f"{soak.make[:-1]}, render_mode={soak.mode!r})"
        yield Finding(
            message=f"{count(frames, 'descriptor')} more stay open after every {said}: files, sockets or pipes",
            fix="open what is drawn with once, and close it in close",
            at="env.render",
            program=(
                f"import os\n\nimport envkit\n\nenv = {make}\nenv.reset(seed=0)\nfor _ in range(10):\n"
                f"    env.render()\n    print({SHOWS})"
            ),
            kind="frames",
        )
    elif lives:
        yield Finding(
            message=f"every instance leaves {count(lives, 'descriptor')} open after close: files, sockets or pipes",
            fix="close in close what the constructor, reset and step have opened",
            at="env.close",
            program=instances(soak.make, ["gc", "os"], SHOWS),
            kind="instances",
        )


RULE = Rule("EK812", "descriptors-left-open", Severity.ERROR, check, whole=True)
