"""Where two values differ: the first place, in words.

Exact by intention: the two are meant to be the same computation done twice. NaN equals NaN. Types count, for a list
where a tuple was promised, or an int where a numpy integer came, is a difference that callers feel.
"""

import inspect
from typing import Any

import gymnasium
import numpy as np

from envkit.core.show import a, show

Sides = tuple[str, str]
SIDES: Sides = ("one", "the other")
NUMBERS = {bool, int, float, np.bool_, np.int32, np.int64, np.float32, np.float64}


def first_difference(left: Any, right: Any, name: str = "observation", sides: Sides = SIDES) -> str | None:
    """None when equal; else `observation["speed"][3] is 0.5 in one and 0.7 in the other`.

    Args:
      sides: what the two are called.
    """
    if left is right:
        return None
    if isinstance(left, np.ndarray) and isinstance(right, np.ndarray):
        return _arrays(left, right, name, sides)
    if type(left) in NUMBERS and type(left) is type(right) and left == right:
        return None
    if type(left) is not type(right):
        return f"{name} is {a(type(left).__name__)} in {sides[0]} and {a(type(right).__name__)} in {sides[1]}"
    if isinstance(left, dict):
        return _dicts(left, right, name, sides)
    if isinstance(left, tuple | list):
        return _sequences(left, right, name, sides)
    if hasattr(left, "nodes") and hasattr(left, "edges"):  # GraphInstance
        fields = ("nodes", "edges", "edge_links")
        return _dicts({f: getattr(left, f) for f in fields}, {f: getattr(right, f) for f in fields}, name, sides)
    return None if _values_equal(left, right) else _differ(name, left, right, sides)


def same(left: Any, right: Any) -> bool:
    return first_difference(left, right) is None


def settled(old: Any, new: Any, tolerance: float) -> Any:
    """The new value, with the old numbers wherever the two differ by no more than the tolerance."""
    if not tolerance:
        return new
    if isinstance(old, np.ndarray) and isinstance(new, np.ndarray):
        if old.shape != new.shape or old.dtype != new.dtype or old.dtype.kind not in "iuf":
            return new
        near = np.abs(old.astype(np.float64) - new.astype(np.float64)) <= tolerance
        return np.where(near, old, new)
    if isinstance(old, float | np.floating) and type(old) is type(new):
        return old if abs(float(old) - float(new)) <= tolerance else new
    if isinstance(old, dict) and isinstance(new, dict):
        return {key: settled(old[key], part, tolerance) if key in old else part for key, part in new.items()}
    if type(old) in (tuple, list) and type(old) is type(new) and len(old) == len(new):
        return type(old)(settled(one, other, tolerance) for one, other in zip(old, new, strict=True))
    return new


def _arrays(left: Any, right: Any, name: str, sides: Sides) -> str | None:
    if left.shape != right.shape:
        return f"{name} has shape {left.shape} in {sides[0]} and {right.shape} in {sides[1]}"
    if left.dtype != right.dtype:
        return f"{name} is {left.dtype} in {sides[0]} and {right.dtype} in {sides[1]}"
    if left.dtype == object:  # entries of any kind, such as the final observations of a batch
        return _sequences(left.tolist(), right.tolist(), name, sides)
    if left.tobytes() == right.tobytes():  # quicker than entry by entry, and mostly they are the same
        return None
    unequal = left != right
    if left.dtype.kind in "fc":
        unequal = unequal & ~(np.isnan(left) & np.isnan(right))
    if not np.any(unequal):
        return None
    if left.ndim == 0:
        return _differ(name, left, right, sides)
    places = np.argwhere(unequal)
    place = tuple(int(i) for i in places[0])
    more = f"; {len(places)} of {left.size} entries differ" if len(places) > 1 else ""
    return _differ(f"{name}[{', '.join(map(str, place))}]", left[place], right[place], sides) + more


def _dicts(left: Any, right: Any, name: str, sides: Sides) -> str | None:
    if left.keys() != right.keys():
        only = sorted(map(str, left.keys() ^ right.keys()))
        return f"{name} has the key {only[0]!r} in only one of the two"
    for key in left:
        difference = first_difference(left[key], right[key], f"{name}[{key!r}]", sides)
        if difference:
            return difference
    return None


def _sequences(left: Any, right: Any, name: str, sides: Sides) -> str | None:
    if len(left) != len(right):
        return f"{name} has {len(left)} entries in {sides[0]} and {len(right)} in {sides[1]}"
    for index, (one, other) in enumerate(zip(left, right, strict=True)):
        difference = first_difference(one, other, f"{name}[{index}]", sides)
        if difference:
            return difference
    return None


def _values_equal(left: Any, right: Any) -> bool:
    if left is right:
        return True
    if inspect.getattr_static(type(left), "__eq__") is object.__eq__:
        return _plain_parts_equal(left, right)
    try:
        return bool(np.all(left == right)) or bool(np.all(left != left) and np.all(right != right))  # NaN equals NaN
    except Exception:  # noqa: BLE001 - a foreign object's comparison may raise anything
        return False


def _plain_parts_equal(left: Any, right: Any) -> bool:
    """Objects without a comparison of their own: by those of their attributes that are numbers, texts and arrays."""
    if isinstance(left, gymnasium.Env):
        return True  # it is not data, whatever it holds
    parts = getattr(left, "__dict__", {}), getattr(right, "__dict__", {})
    plain = (bool, int, float, str, np.ndarray, np.generic)
    names = [name for name, part in parts[0].items() if isinstance(part, plain) and name in parts[1]]
    return all(first_difference(parts[0][name], parts[1][name], name) is None for name in names)


def _differ(name: str, left: Any, right: Any, sides: Sides) -> str:
    texts = show(left), show(right)
    if texts[0] == texts[1]:  # rounded away
        texts = _exact(left), _exact(right)
    return f"{name} is {texts[0]} in {sides[0]} and {texts[1]} in {sides[1]}"


def _exact(value: Any) -> str:
    return repr(float(value)) if isinstance(value, float | np.floating) else show(value)
