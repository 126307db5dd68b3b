"""What the actions of an environment are called, as far as it says so anywhere.

Looked for are, in this order: an attribute or an entry of metadata `action_names`, the method `get_action_meanings()`
(Atari), an enumeration `actions` (MiniGrid), the names in the model of `mdp()`, a constant ACTION_NAMES of the module,
and the documentation: `0 up, 1 right`, `- 0: Move left`, `| 0 | apply torque |`, or `run left, stay, run right` where
there are as many names as there are actions.
"""

import contextlib
import inspect
import re
import sys
from collections.abc import Iterator, Sequence
from typing import Any

import gymnasium
from gymnasium import spaces

from envkit.core.model import model_of

Names = tuple[str, ...]
LONGEST = 60  # characters of a name
SECTION = re.compile(r"^\s*#*\s*actions?(?: space)?\b[:\s]*\n?(.*?)(?=^\s*#+ |^\S+  |\Z)", re.I | re.M | re.S)
ITEM = re.compile(r"^\s*(?:[-*]\s*`?(-?\d+)`?\s*[:=]\s*(.+?)|\|\s*(-?\d+)\s*\|\s*([^|]+?)\s*\|.*)\s*$", re.M)
INLINE = re.compile(r"(?<![\w.(])(-?\d+)\s*[:=]?\s+([a-z][^,;.:()\d]*)", re.I)


def action_names(env: gymnasium.Env[Any, Any]) -> Names | None:
    """A name for each action of a Discrete space, in the order of their numbers; None where they are not known."""
    space = env.action_space
    if not isinstance(space, spaces.Discrete):
        return None
    for found in _offers(env):
        names = tuple(_clean(str(name)) for name in found)
        if len(names) == space.n and all(names) and len(set(names)) == len(names):
            return names
    return None


def entry_names(env: gymnasium.Env[Any, Any], sizes: Sequence[int]) -> list[Names] | None:
    """The same for each entry of a MultiDiscrete space, where its card lists them: `up, stay, down; open, closed`."""
    for text in _cards(env):
        first = re.split(r"\.\s|\.$|\n\n", text, maxsplit=1)[0]
        lists = [_several(part) for part in first.partition(":")[2].split(";")]
        if [len(names) for names in lists] == list(sizes):
            return lists
    return None


def entry_titles(env: gymnasium.Env[Any, Any], count: int) -> Names:
    """What each number of a Box is: `- 0: steering, -1 is full left`; empty where the documentation does not say."""
    if isinstance(env.action_space, spaces.Box):
        for text in _cards(env):
            titles = tuple(_clean(name.partition(",")[0]) for name in _numbered(ITEM.findall(text), 0, count))
            if all(titles) and len(set(titles)) == count:
                return titles
    return ()


def _offers(env: gymnasium.Env[Any, Any]) -> Iterator[Sequence[Any]]:
    core = env.unwrapped
    count, start = int(env.action_space.n), int(env.action_space.start)  # type: ignore[attr-defined]
    yield _listed(getattr(core, "action_names", None), start)
    yield _listed(env.metadata.get("action_names"), start)
    with contextlib.suppress(Exception):  # foreign code, and only a name is at stake
        yield list(core.get_action_meanings())  # type: ignore[attr-defined]
    with contextlib.suppress(Exception):
        yield [member.name for member in sorted(core.actions)]  # type: ignore[attr-defined]
    with contextlib.suppress(Exception):
        model = model_of(env)
        yield model.mdp.action_names or () if model else ()
    module = sys.modules.get(type(core).__module__)
    yield _listed(getattr(module, "ACTION_NAMES", None), start)
    for text in _cards(env):
        yield _numbered(ITEM.findall(text), start, count)
        yield _numbered([(number, name, "", "") for number, name in INLINE.findall(text)], start, count)
        yield _several(re.split(r"[;.]", text.partition(":")[2], maxsplit=1)[0])


def _listed(found: Any, start: int) -> Sequence[Any]:
    """The names in a list, or in a dictionary by number."""
    if isinstance(found, dict):
        return [found.get(number, "") for number in range(start, start + len(found))]
    return found if isinstance(found, list | tuple) else ()


def _cards(env: gymnasium.Env[Any, Any]) -> Iterator[str]:
    """What the documentation says of the actions: of the class and its bases, then of their modules."""
    kinds = [
        kind for kind in type(env.unwrapped).__mro__ if issubclass(kind, gymnasium.Env) and kind is not gymnasium.Env
    ]
    documents = [kind.__dict__.get("__doc__") for kind in kinds]
    documents += [getattr(sys.modules.get(kind.__module__), "__doc__", None) for kind in kinds[:1]]
    for document in documents:
        yield from SECTION.findall(inspect.cleandoc(document)) if document else ()


def _numbered(items: list[tuple[str, ...]], start: int, count: int) -> Names:
    found: dict[int, str] = {}
    for number, name, other, cell in items:
        found.setdefault(int(number or other), name or cell)
    return tuple(found.get(number, "") for number in range(start, start + count))


def _several(text: str) -> Names:
    """`take 1, 2 or 3` as three names."""
    return tuple(_clean(part) for part in re.split(r",\s*(?:or\s+|and\s+)?|\s+or\s+", text) if part.strip())


def _clean(name: str) -> str:
    text = " ".join("".join(letter if letter.isprintable() else " " for letter in name).split()).strip(" .,;:`*\"'")
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
