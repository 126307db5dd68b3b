"""From a reference to an environment: finds the class, the function or the registered id, and makes it."""

import functools
import importlib
import importlib.machinery
import importlib.util
import inspect
import re
import threading
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any, TypeVar

import gymnasium
from gymnasium.envs.registration import EnvSpec, registry

from envkit.core import catalogue
from envkit.core.errors import (
    FOREIGN,
    BadEnvArguments,
    EnvironmentFailed,
    EnvkitError,
    NotAnEnvironment,
    UnknownEnvironment,
    UsageError,
    nearest,
)
from envkit.core.modules import MIGRATE, file_module, module_of
from envkit.core.optional import remedy
from envkit.core.ref import EnvRef
from envkit.core.show import error_line, show

Env = gymnasium.Env[Any, Any]
T = TypeVar("T")
ID = re.compile(r"[\w.-]*(/[\w.-]+|-v\d+)+")
WRAPPING = "envkit.authoring.wrapping"
MADE_WITH = ("max_episode_steps",)  # what gymnasium.make takes for every registered id
_lock = threading.RLock()  # imports and sys.path are the process's


def make(target: Any, *, render_mode: str | None = None, **env_kwargs: Any) -> Env:
    """The environment that `target` names (see `EnvRef`), with its registered time limit.

    Raises: as `EnvRef.make`.
    """
    extra = {} if render_mode is None else {"render_mode": render_mode}
    return EnvRef.of(target, **env_kwargs).make(**extra)


def make_env(ref: EnvRef, extra: Mapping[str, Any]) -> Env:
    """What `EnvRef.make` does."""
    with _lock:
        source = locate(ref)
    kwargs = {**ref.kwargs, **extra}
    if isinstance(source, EnvSpec):
        _check_arguments(ref, source, kwargs)
        return _guarded(ref, lambda: gymnasium.make(source, disable_env_checker=True, **kwargs))
    if isinstance(source, gymnasium.Env):
        return _again(ref, source, kwargs)
    _check_arguments(ref, source, kwargs)
    env = _guarded(ref, lambda: source(**kwargs))
    if not isinstance(env, gymnasium.Env):
        raise NotAnEnvironment(_not_an_env(str(ref), env, "returns"), method="__init__")
    return env


def locate(ref: EnvRef) -> EnvSpec | Env | Callable[..., Any]:
    """What makes the environment: a registered spec, a class or function, or an instance to start from."""
    target = ref.target
    if isinstance(target, EnvSpec | gymnasium.Env):
        return target
    if isinstance(target, str):
        return _from_text(ref, target.strip())
    if callable(target):
        return sole_spec(target) or target
    raise UnknownEnvironment(f"{show(target)} names no environment; give a text, a class, a function or an instance")


def _from_text(ref: EnvRef, text: str) -> EnvSpec | Callable[..., Any]:
    if ref.parts[1]:
        return _wrapped(ref)
    path, colon, name = text.rpartition(":") if ".py:" in text else (text, "", "")
    if path.endswith(".py"):
        return _attribute(ref, file_module(ref, path), name)
    module_name, colon, name = text.partition(":")
    if not colon:
        return _named(ref, text)
    module = module_of(ref, module_name)
    if ID.fullmatch(name) or (name in registry and not hasattr(module, name)):
        return _named(ref, name, imported=module_name)
    return _attribute(ref, module, name)


def _wrapped(ref: EnvRef) -> Callable[..., Any]:
    """What makes the environment and wraps it."""
    return functools.partial(wrappers().wrapped, *ref.parts, ref.folder)


def wrappers() -> Any:
    """The module that knows all wrappers. Named by a text, for core imports nothing from above."""
    return importlib.import_module(WRAPPING)


def _named(ref: EnvRef, name: str, imported: str = "") -> EnvSpec:
    spec = catalogue.find(name)
    if spec is None:
        raise UnknownEnvironment(_unknown_text(ref, name, imported))
    return spec


def _unknown_text(ref: EnvRef, name: str, imported: str) -> str:
    where = f"importing {imported} registers no {name!r}" if imported else f"no environment is called {name!r}"
    missing = catalogue.missing_package(name)
    if missing:
        return f"{where}: its package is not installed: {missing}"
    if (Path(ref.folder) / name / "config.json").is_file():
        return f"{where}: it is the directory of a run, which envkit eval, plot, watch, record and export take"
    close = nearest(name, catalogue.typable())
    if close:
        return f"{where}; did you mean {' or '.join(close)}? `envkit list` shows all"
    local = sorted(path.name for path in Path(ref.folder).glob("*.py"))[:1]
    file = f"{local[0]}:Class" if local else "path/to/file.py:Class"
    return f"{where}; `envkit list` shows all, and one of your own is named {file} or package.module:Class"


def sole_spec(source: Any) -> EnvSpec | None:
    """The registered spec of which a class or function is the entry point, if there is exactly one."""
    module, name = getattr(source, "__module__", None), getattr(source, "__qualname__", None)
    mine = [spec for spec in registry.values() if spec.entry_point in (source, f"{module}:{name}")]
    return mine[0] if len(mine) == 1 else None


def _attribute(ref: EnvRef, module: ModuleType, name: str) -> EnvSpec | Callable[..., Any]:
    source: Any = module
    for part in name.split(".") if name else ():
        source = getattr(source, part, None)
    if not name or source is None:
        raise UnknownEnvironment(_no_attribute_text(ref, module, name))
    if isinstance(source, EnvSpec):
        return source
    is_env_class = isinstance(source, type) and issubclass(source, gymnasium.Env)
    if isinstance(source, type) and not is_env_class and hasattr(source, "reset") and hasattr(source, "step"):
        raise NotAnEnvironment(_not_an_env(str(ref), source, "is"), method="import")
    if not callable(source) or (isinstance(source, type) and not is_env_class):
        raise UnknownEnvironment(_not_an_env(str(ref), source, "is") + _offered(module))
    return sole_spec(source) or source


def _no_attribute_text(ref: EnvRef, module: ModuleType, name: str) -> str:
    classes, where = _env_classes(module), str(ref).removesuffix(f":{name}").removesuffix(":")
    if not name:
        named = " or ".join(f"{where}:{known}" for known in classes) or f"{where}:Class"
        return f"{where} is no class: name the one in it, {named}"
    close = nearest(name, classes) or classes
    hint = f"; did you mean {where}:{close[0]}?" if close else "; it defines no environment"
    return f"{where} has no {name!r}{hint}"


def _offered(module: ModuleType) -> str:
    classes = _env_classes(module)
    return f"; {module.__name__} offers {', '.join(classes)}" if classes else ""


def _env_classes(module: ModuleType) -> list[str]:
    return [
        name
        for name, value in vars(module).items()
        if isinstance(value, type) and issubclass(value, gymnasium.Env) and value.__module__ == module.__name__
    ]


def _not_an_env(name: str, value: Any, verb: str) -> str:
    bases = value.__mro__ if isinstance(value, type) else type(value).__mro__
    if any(base.__module__.partition(".")[0] == "gym" for base in bases):
        return f"{name} {verb} an environment of the old package gym: {MIGRATE}"
    what = f"the class {value.__name__}" if isinstance(value, type) else show(value)
    return f"{name} {verb} {what}, which is no gymnasium.Env"


def _check_arguments(ref: EnvRef, source: Any, kwargs: Mapping[str, Any]) -> None:
    """Refuses a call that Python would refuse, before making it: then a TypeError from within is the environment's."""
    given, is_registered = dict(kwargs), isinstance(source, EnvSpec)
    if isinstance(source, EnvSpec):
        given = {**source.kwargs, **given}
        if isinstance(source.entry_point, str):
            source = _guarded(ref, lambda: _entry_point(str(source.entry_point)))
        else:
            source = source.entry_point
    try:
        # Generic's and EzPickle's __new__ take anything; what a class really takes stands in its __init__.
        init = vars(object)["__init__"] if not isinstance(source, type) else inspect.getattr_static(source, "__init__")
        own = isinstance(source, type) and init is not object.__init__
        signature = inspect.signature(functools.partial(init, None) if own else source)
    except (TypeError, ValueError):
        return
    takes = [p for p in signature.parameters.values() if p.kind in (p.KEYWORD_ONLY, p.POSITIONAL_OR_KEYWORD)]
    if not any(p.kind is p.VAR_KEYWORD for p in signature.parameters.values()):
        for name in ref.kwargs:
            if name not in signature.parameters and not (is_registered and name in MADE_WITH):
                raise BadEnvArguments(_wrong_keyword_text(ref, name, [p.name for p in takes]))
    missing = [p.name for p in takes if p.default is p.empty and p.name not in given]
    if missing:
        example = " ".join(f"--env-kwargs {name}=..." for name in missing)
        raise BadEnvArguments(f"{ref} needs the argument {', '.join(map(repr, missing))}: {example}")


def _entry_point(text: str) -> Any:
    module, _, name = text.partition(":")
    return getattr(importlib.import_module(module), name)


def _wrong_keyword_text(ref: EnvRef, name: str, takes: list[str]) -> str:
    close = nearest(name, takes, most=1)
    meant = f"; did you mean {close[0]!r}?" if close else ""
    return f"{ref} takes no argument {name!r}{meant}; it takes {', '.join(takes) or 'none'}"


def _guarded(ref: EnvRef, call: Callable[[], T]) -> T:
    try:
        return call()
    except EnvkitError:
        raise
    except gymnasium.error.DependencyNotInstalled as error:
        ours = f"; or {remedy('box2d')}" if "box2d" in str(error).lower() else ""
        raise UsageError(f"making {ref} needs a package: {error}{ours}") from error
    except ModuleNotFoundError as error:
        if _is_gymnasium_s_own(error):
            raise UsageError(f"making {ref} needs a package: {error}; pip install {error.name}") from error
        raise EnvironmentFailed(f"making {ref} raised {error_line(error)}", method="__init__", cause=error) from error
    except FOREIGN as error:
        raise EnvironmentFailed(f"making {ref} raised {error_line(error)}", method="__init__", cause=error) from error


def _is_gymnasium_s_own(error: ModuleNotFoundError) -> bool:
    """Whether an environment that comes with Gymnasium imports what comes with another package."""
    frames = [frame for frame, _ in traceback.walk_tb(error.__traceback__)]
    importer = frames[-1].f_globals.get("__name__", "") if frames else ""
    return str(importer).startswith("gymnasium.envs.") and not (error.name or "gymnasium").startswith("gymnasium")


def _again(ref: EnvRef, env: Env, kwargs: Mapping[str, Any]) -> Env:
    """An instance stands for its kind: remade from its spec, or copied where it has none."""
    import copy

    if env.spec is not None:
        spec = env.spec
        return _guarded(ref, lambda: gymnasium.make(spec, disable_env_checker=True, **kwargs))
    if kwargs:
        raise BadEnvArguments(f"{ref} is an instance without a spec; give its class to make it with {sorted(kwargs)}")
    return _guarded(ref, lambda: copy.deepcopy(env))
