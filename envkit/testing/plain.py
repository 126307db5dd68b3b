"""A failure as a test to paste into a file: plain calls of the environment, and one assertion at the end."""

import textwrap
from collections.abc import Sequence
from typing import NamedTuple

WIDTH = 100
NAMES = {  # what each method returns, by the names that assertions use
    "reset": "observation, info",
    "step": "observation, reward, terminated, truncated, info",
}
USED = {"copy.": "import copy", "envkit.": "import envkit", "envkit.testing.": "import envkit.testing",
        "np.": "import numpy as np",
        "gymnasium.vector.": "import gymnasium", "iterate(": "from gymnasium.vector.utils import iterate",
        "batch_space(": "from gymnasium.vector.utils import batch_space"}  # fmt: skip


class Fault(NamedTuple):
    """What is wrong with an answer.

    Args:
      text: in one line.
      check: the assertion that fails, in Python, on the names of `NAMES`.
      names: what the answer is assigned to, where it has not the parts that it should have.
    """

    text: str
    check: str
    names: str = ""


def plain_test(name: str, fault: str, opening: str, body: Sequence[str]) -> str:
    """Python source of a test function that needs nothing else.

    Args:
      name: of the function.
      fault: its docstring.
      opening: lines that end by assigning the environment; imports among them go to the top.
      body: the lines after them.
    """
    lines = [line for line in opening.splitlines() if line.strip()]
    given = [line for line in lines if line.startswith(("import ", "from "))]
    inside = [line for line in lines if line not in given] + "\n".join(body).splitlines()
    text = "\n".join(inside)
    needed = [line for sign, line in USED.items() if sign in text and line not in given]
    if "import envkit.testing" in needed:
        given = [line for line in given if line != "import envkit"]
        needed = [line for line in needed if line != "import envkit"]
    standard = [line for line in needed if line == "import copy"]
    others = sorted(
        given + [line for line in needed if line not in standard], key=lambda line: (line.startswith("from "), line)
    )
    imports = [*standard, *([""] if standard else []), *others]
    function = [f"def {name}():", *_docstring(fault), *inside]
    return "\n".join([*imports, *(["", ""] if imports else []), function[0], *_indented(function[1:])])


def _docstring(text: str) -> list[str]:
    quoted = text.replace("\\", "\\\\").replace('"""', "'''")
    lines = textwrap.wrap(quoted, WIDTH, break_long_words=False) or [""]
    if len(lines) > 1:
        return [f'"""{lines[0]}', *lines[1:], '"""']
    return [f'"""{quoted} """' if quoted.endswith('"') else f'"""{quoted}"""']


def _indented(lines: Sequence[str]) -> list[str]:
    return [f"    {line}".rstrip() for line in lines]
