"""Files appear in the working directory.

Why: nobody asked for them; in a run of many workers they overwrite each other.

Fails:

    class Env(Lamp):
        def close(self):
            with open("statistics.txt", "w") as file:
                file.write(str(self.steps))

Passes:

    class Env(Lamp):
        def close(self):
            self.statistics = str(self.steps)

Limits: only the working directory is looked at, not below it.
Source: none needed.
"""

from collections.abc import Iterator

from envkit.check.model import Finding, Rule, Severity
from envkit.check.probes.surroundings import Surroundings


def check(surroundings: Surroundings) -> Iterator[Finding]:
    before, after = surroundings.readings[0][1]["files"], surroundings.readings[-1][1]["files"]
    new = sorted(set(after) - set(before) - {"__pycache__"})
    if new:
        yield Finding(
            message=f"the environment left {', '.join(new[:5])} in the working directory",
            fix="write only where the caller says: take a directory as an argument, None for no file",
            at="working directory",
            program=(
                f"import os\n\n{surroundings.make}\nbefore = set(os.listdir())\n"
                "for seed in range(3):\n    env.reset(seed=seed)\n    env.step(env.action_space.sample())\n"
                "env.close()\nprint(set(os.listdir()) - before)"
            ),
        )


RULE = Rule("EK806", "files-left-behind", Severity.WARNING, check)
