"""Answers about a model that take time, worked out once: a model never changes."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar
from weakref import WeakKeyDictionary

from envkit.core.mdp import MDP

P = ParamSpec("P")
T = TypeVar("T")


def once(function: Callable[Concatenate[MDP, P], T]) -> Callable[Concatenate[MDP, P], T]:
    """The function, which remembers its answers for as long as their model lives."""
    known: WeakKeyDictionary[MDP, dict[Any, T]] = WeakKeyDictionary()

    @wraps(function)
    def remembered(mdp: MDP, /, *args: P.args, **kwargs: P.kwargs) -> T:
        answers = known.setdefault(mdp, {})
        asked = (args, tuple(kwargs.items()))
        if asked not in answers:
            answers[asked] = function(mdp, *args, **kwargs)
        return answers[asked]

    return remembered
