"""What the actions of an environment are called, as far as it says so anywhere.

Looked for are, in this order: an attribute or an entry of metadata `action_names`, the method `get_action_meanings()`
(Atari), an enumeration `actions` (MiniGrid), the names in the model of `mdp()`, a constant ACTION_NAMES of the module,
and the documentation: `0 up, 1 right`, `- 0: Move left`, `| 0 | apply torque |`, or `run left, stay, run right` where
there are as many names as there are actions.
"""

import contextlib
import re
import sys
from collections.abc import Iterator, Sequence
from typing import Any

import gymnasium
import numpy as np
from gymnasium import spaces

from envkit.authoring.wrappers.actions import Subset
from envkit.core.layers import layers
from envkit.core.model import model_of
from envkit.core.show import show
from envkit.workflows.cards import ITEM, clean, numbered, texts

Names = tuple[str, ...]
MOST_SHOWN = 16  # entries of an array
TITLE = r"actions?(?: space)?"
INLINE = re.compile(r"(?<![\w.(])(-?\d+)\s*[:=]?\s+([a-z][^,;.:()\d]*)", re.I)


def action_names(env: gymnasium.Env[Any, Any]) -> Names | None:
    """A name for each action of a Discrete space, in the order of their numbers; None where they are not known."""
    space = env.action_space
    if not isinstance(space, spaces.Discrete):
        return None
    subset = next((layer for layer in layers(env) if isinstance(layer, Subset)), None)
    if subset is not None:
        known = action_names(subset.env)
        return known and tuple(known[place] for place in subset.places)
    for found in _offers(env):
        names = tuple(clean(str(name)) for name in found)
        if len(names) == space.n and all(names) and len(set(names)) == len(names):
            return names
    return None


def entry_names(env: gymnasium.Env[Any, Any], sizes: Sequence[int]) -> list[Names] | None:
    """The same for each entry of a MultiDiscrete space, where its card lists them: `up, stay, down; open, closed`."""
    for text in texts(env, TITLE):
        first = re.split(r"\.\s|\.$|\n\n", text, maxsplit=1)[0]
        lists = [_several(part) for part in first.partition(":")[2].split(";")]
        if [len(names) for names in lists] == list(sizes):
            return lists
    return None


def entry_titles(env: gymnasium.Env[Any, Any], count: int) -> Names:
    """What each number of a Box is: `- 0: steering, -1 is full left`; empty where the documentation does not say."""
    if isinstance(env.action_space, spaces.Box):
        for text in texts(env, TITLE):
            titles = tuple(clean(name.partition(",")[0]) for name in numbered(ITEM.findall(text), 0, count))
            if all(titles) and len(set(titles)) == count:
                return titles
    return ()


def in_words(action: Any, space: spaces.Space[Any], names: Names | None) -> str:
    """An action by its name, or in little room: `lamp 1, valves [1 0 1]`."""
    if names and isinstance(space, spaces.Discrete):
        return names[int(action) - int(space.start)]
    return _brief(action)


def _brief(action: Any) -> str:
    """A value in little room: `lamp 1, valves [1 0 1]`."""
    if isinstance(action, dict):
        return ", ".join(f"{name} {_brief(part)}" for name, part in action.items())
    if isinstance(action, tuple):
        return ", ".join(map(_brief, action))
    if isinstance(action, np.ndarray) and 1 < action.size <= MOST_SHOWN:
        return f"[{' '.join(show(entry) for entry in action.ravel())}]"
    return show(action.ravel()[0] if isinstance(action, np.ndarray) and action.size == 1 else action, most=40)


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
    for text in texts(env, TITLE):
        yield numbered(ITEM.findall(text), start, count)
        yield numbered([(number, name, "", "") for number, name in INLINE.findall(text)], start, count)
        yield _several(re.split(r"[;.]", text.partition(":")[2], maxsplit=1)[0])


def _listed(found: Any, start: int) -> Sequence[Any]:
    """The names in a list, or in a dictionary by number."""
    if isinstance(found, dict):
        return [found.get(number, "") for number in range(start, start + len(found))]
    return found if isinstance(found, list | tuple) else ()


def _several(text: str) -> Names:
    """`take 1, 2 or 3` as three names."""
    return tuple(clean(part) for part in re.split(r",\s*(?:or\s+|and\s+)?|\s+or\s+", text) if part.strip())
