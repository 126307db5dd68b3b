"""Values of spaces as JSON and back, exactly: what a report keeps of actions, without ever running code to read it."""

import ast
import math
from typing import Any

import numpy as np

PLAIN = (str, int, float, bool, type(None))
KIND = "is"  # the key that says what a JSON object stands for
WIDEST = 4096  # bytes of an array's entry: a file may not ask for more memory than it has text


class NotPlain(ValueError):
    """The value is of a type that has no JSON form here, or the JSON is not of this form."""


def encode(value: Any) -> Any:
    """JSON for numbers, texts, arrays, graphs, and tuples, lists and dictionaries of them.

    Raises:
      NotPlain: the value is, or holds, something else.
    """
    if type(value) is float and not math.isfinite(value):
        return {KIND: "float", "value": str(value)}
    if type(value) in PLAIN:
        return value
    if isinstance(value, np.ndarray) and value.dtype.kind in "biufU":
        return {KIND: "array", "dtype": str(value.dtype), "values": _listed(value), "shape": list(value.shape)}
    if isinstance(value, np.generic) and value.dtype.kind in "biuf":
        return {KIND: "scalar", "dtype": str(value.dtype), "value": _listed(np.asarray(value))}
    if isinstance(value, dict):
        return {KIND: "dict", "items": [[encode(key), encode(part)] for key, part in value.items()]}
    if type(value) is list:
        return [encode(part) for part in value]
    if type(value) is tuple:
        return {KIND: "tuple", "items": [encode(part) for part in value]}
    if hasattr(value, "_fields") and hasattr(value, "edge_links"):  # GraphInstance
        return {KIND: "graph", "items": [encode(part) for part in value]}
    raise NotPlain(f"{type(value).__name__} has no JSON form here")


def _listed(array: Any) -> Any:
    """Its entries as lists; what is not finite, which JSON has no numbers for, as texts that NumPy reads again."""
    if array.dtype.kind != "f" or np.isfinite(array).all():
        return array.tolist()
    return np.where(np.isfinite(array), array.astype(object), array.astype(str).astype(object)).tolist()


def decode(data: Any) -> Any:
    """The value again.

    Raises:
      NotPlain: the JSON was not made by `encode`.
    """
    try:
        return _decode(data)
    except (KeyError, TypeError, ValueError, IndexError, RecursionError) as error:
        raise NotPlain(f"this is not a value that was written by envkit: {error}") from error


def _decode(data: Any) -> Any:
    if isinstance(data, list):
        return [_decode(part) for part in data]
    if not isinstance(data, dict):
        return data
    kind = data[KIND]
    if kind == "array":
        return np.array(data["values"], _known(data["dtype"])).reshape(data["shape"])
    if kind == "scalar":
        return _known(data["dtype"]).type(data["value"])
    if kind == "float":
        return float(data["value"])
    items = data["items"]
    if kind == "dict":
        return {_decode(key): _decode(part) for key, part in items}
    if kind == "tuple":
        return tuple(_decode(part) for part in items)
    if kind == "graph":
        from gymnasium.spaces import GraphInstance

        return GraphInstance(*(_decode(part) for part in items))
    raise NotPlain(f"{kind!r} is not a kind of value")


def _known(name: str) -> np.dtype[Any]:
    dtype = np.dtype(name)
    if dtype.kind not in "biufU" or dtype.itemsize > WIDEST:
        raise NotPlain(f"no value has entries of type {name!r}")
    return dtype


def parse(text: str) -> Any:
    """The value that a literal spells: numbers, texts, tuples, lists, dictionaries, np.array(...) and np.float32(...).

    Raises:
      NotPlain: the text is anything else; nothing of it is run.
    """
    try:
        return _value(ast.parse(text, mode="eval").body)
    except (SyntaxError, TypeError, ValueError, RecursionError, MemoryError) as error:
        raise NotPlain(f"{text[:60]!r} is no plain value") from error


def _value(node: ast.expr) -> Any:
    match node:
        case ast.List(elts=parts):
            return [_value(part) for part in parts]
        case ast.Tuple(elts=parts):
            return tuple(_value(part) for part in parts)
        case ast.Dict(keys=keys, values=values):
            return {_value(key): _value(part) for key, part in zip(keys, values, strict=True) if key is not None}
        case ast.Call(func=ast.Attribute(value=ast.Name(id="np"), attr="array"), args=[values, kind]):
            return np.array(_value(values), _dtype(kind))
        case ast.Call(func=ast.Attribute(value=ast.Name(id="np")) as kind, args=[value]):
            return _dtype(kind).type(_value(value))
        case ast.Name(id="nan" | "inf" as name):
            return float(name)
        case ast.UnaryOp(op=ast.USub(), operand=ast.Name(id="inf")):
            return -float("inf")
    return ast.literal_eval(node)


def _dtype(node: ast.expr) -> np.dtype[Any]:
    if not isinstance(node, ast.Attribute):
        raise NotPlain("a numpy type was expected")
    return np.dtype(node.attr)
