"""How every command and function names an environment.

    gridworld                     an alias: the last part of a bundled or installed id, case and hyphens ignored
    CartPole-v1                   a registered id
    my_package:Foo-v0             a registered id, after importing the module
    my_package.envs:FooEnv        a class, or a function that returns an environment
    path/to/file.py:FooEnv        the same in a file
    CartPole-v1 with stack=4      any of these in wrappers, innermost first (`envkit.authoring.wrapping`)

In Python also a class, a factory (one from a notebook too) or an instance. Holding a reference imports nothing and
looks nothing up; `make()` does. It pickles, and means the same in threads and in spawned and forkserver workers, for it
remembers the folder in which it was written down.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from envkit.core.errors import UsageError

if TYPE_CHECKING:
    import gymnasium

WITH = " with "  # stands between an environment and its wrappers


@dataclass(frozen=True)
class EnvRef:
    """A name for an environment, with the constructor's keyword arguments.

    Args:
      target: one of the texts above, or a class, factory or instance.
      kwargs: for the constructor.
      folder: where relative paths and local modules are looked for first.
      label: what it is called in reports, if not by its target.
    """

    target: Any
    kwargs: Mapping[str, Any] = field(default_factory=dict)
    folder: str = field(default_factory=lambda: str(Path.cwd()))
    label: str = ""

    @classmethod
    def of(cls, target: Any, **kwargs: Any) -> "EnvRef":
        """The reference itself, or a new one for anything that can be named."""
        if isinstance(target, EnvRef):
            return replace(target, kwargs={**target.kwargs, **kwargs}) if kwargs else target
        return cls(target, kwargs)

    def make(self, **kwargs: Any) -> "gymnasium.Env[Any, Any]":
        """A new environment; `kwargs` add to the reference's own.

        Raises:
          UnknownEnvironment: the name means nothing here; the message says the nearest names.
          BadEnvArguments: the constructor does not take the arguments, or needs others.
          EnvironmentFailed: the environment's own module or constructor raised.
        """
        from envkit.core.resolve import make_env

        return make_env(self, kwargs)

    def __str__(self) -> str:
        """The shortest text that names it; for a class or function, `module:name`."""
        if self.label or isinstance(self.target, str):
            return self.label or str(self.target)
        if isinstance(self.target, type) or hasattr(self.target, "__qualname__"):
            return f"{self.target.__module__}:{self.target.__qualname__}"
        spec = getattr(self.target, "spec", None)
        return spec.id if spec else type(self.target).__name__

    @property
    def text(self) -> str:
        """What names it wherever it is to be made again; `str(ref)` may be a label instead."""
        return str(replace(self, label=""))

    @property
    def parts(self) -> tuple[str, str]:
        """What names the environment itself, and its wrappers; these are empty where it has none."""
        text = self.text
        file = text.partition(".py:")[0]
        begin = len(file) if (Path(self.folder) / f"{file}.py").is_file() else 0  # a folder may be called so
        end = text.find(WITH, begin)
        return (text, "") if end < 0 else (text[:end], text[end + len(WITH) :])

    def __getstate__(self) -> dict[str, Any]:
        target = self.target if isinstance(self.target, str) else _Pickled(self.target)
        return {"target": target, "kwargs": dict(self.kwargs), "folder": self.folder, "label": self.label}

    def __setstate__(self, state: dict[str, Any]) -> None:
        target = state["target"]
        for name, value in (state | {"target": target.value if isinstance(target, _Pickled) else target}).items():
            object.__setattr__(self, name, value)


class _Pickled:
    """Carries classes and factories by value where they cannot be imported: those of notebooks and closures."""

    def __init__(self, value: Callable[..., Any]):
        self.value = value

    def __reduce__(self) -> tuple[Any, ...]:
        import cloudpickle

        return _unpickled, (cloudpickle.dumps(self.value),)


def _unpickled(data: bytes) -> _Pickled:
    import cloudpickle

    return _Pickled(cloudpickle.loads(data))


PYTHONS = {"True": "true", "False": "false", "None": "null"}


def parse_env_kwargs(pairs: tuple[str, ...]) -> dict[str, Any]:
    """`("size=9", "slippery=false", "name=pond")` -> `{"size": 9, "slippery": False, "name": "pond"}`.

    Values are JSON where they parse as JSON, Python's True, False and None are understood too; else the text itself.
    """
    kwargs: dict[str, Any] = {}
    for pair in pairs:
        key, equals, text = pair.partition("=")
        if not equals or not key.isidentifier():
            raise UsageError(f"--env-kwargs takes key=value, not {pair!r}; for example --env-kwargs size=9")
        try:
            kwargs[key] = json.loads(PYTHONS.get(text, text))
        except ValueError:
            kwargs[key] = text
    return kwargs
