"""Files are left behind: in the working directory, or more and more of them among the temporary ones.

Why: nobody asked for them; in a run of many workers they overwrite each other, and temporary ones fill the disk.

Fails:

    class Env(Lamp):
        def close(self):
            with open("statistics.txt", "w") as file:
                file.write(str(self.steps))

Passes:

    class Env(Lamp):
        def close(self):
            self.statistics = str(self.steps)

Limits: looked for in a working directory and in a folder for temporary files (tempfile.gettempdir) of its own; files at
fixed places elsewhere are not seen. A temporary file that is made once and used by all is not held against it.
Source: https://docs.python.org/3/library/tempfile.html
"""

from collections.abc import Iterator
from itertools import pairwise

from envkit.check.model import Finding, Rule, Severity
from envkit.check.probes.soak import Soak
from envkit.check.probes.surroundings import Surroundings


def check(surroundings: Surroundings, soak: Soak) -> Iterator[Finding]:
    files = sorted({*surroundings.files, *soak.files})
    make = surroundings.make
    if files:
        yield Finding(
            message=f"the environment left {', '.join(files[:5])} in the working directory",
            fix="write only where the caller says: take a directory as an argument, None for no file",
            at="working directory",
            program=(
                f"import os\n\n{make}\nbefore = set(os.listdir())\n"
                "for seed in range(3):\n    env.reset(seed=seed)\n    for _ in range(200):\n"
                "        _, _, terminated, truncated, _ = env.step(env.action_space.sample())\n"
                "        if terminated or truncated:\n            break\nenv.close()\nprint(set(os.listdir()) - before)"
            ),
            kind="working directory",
        )
    for left in (surroundings.temporary, soak.temporary):
        if len(left) > 1 and all(set(before) < set(after) for before, after in pairwise([(), *left])):
            name = left[-1][-1]
            yield Finding(
                message=f"each instance leaves a temporary {'folder' if name.endswith('/') else 'file'} behind: {name}",
                fix="remove it in close: folder = tempfile.TemporaryDirectory(), and folder.cleanup() in close",
                at="close",
                program=(
                    f"import os\nimport tempfile\n\nbefore = set(os.listdir(tempfile.gettempdir()))\n{make}\n"
                    "env.reset(seed=0)\nenv.step(env.action_space.sample())\nenv.close()\n"
                    "print(set(os.listdir(tempfile.gettempdir())) - before)"
                ),
                kind="temporary",
            )
            return


RULE = Rule("EK806", "files-left-behind", Severity.WARNING, check)
