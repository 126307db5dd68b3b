"""From a reference to an environment: finds the module, the class or the id, and makes it.

Where a module is looked for: first in the folder in which the reference was written, then wherever Python looks. The
bundled environments answer to `envs.` too, whether or not a folder of that name lies about, as long as that folder has
no such module of its own; they are always imported as `envkit.envs`, so that they pickle and spawn under one name.
"""

import functools
import importlib
import importlib.machinery
import importlib.util
import inspect
import re
import sys
import threading
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any, TypeVar

import gymnasium
from gymnasium.envs.registration import EnvSpec, registry

from envkit.core import catalogue
from envkit.core.errors import (
    BadEnvArguments,
    EnvironmentFailed,
    EnvkitError,
    NotAnEnvironment,
    UnknownEnvironment,
    UsageError,
    nearest,
)
from envkit.core.ref import EnvRef
from envkit.core.show import error_line, show

Env = gymnasium.Env[Any, Any]
T = TypeVar("T")
ID = re.compile(r"[\w.-]*(/[\w.-]+|-v\d+)+")
MIGRATE = (
    "this is code for the old package gym; for gymnasium: `import gymnasium as gym`, reset(seed=, options=) returns "
    "(observation, info), and step returns (observation, reward, terminated, truncated, info)"
)
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
    path, colon, name = text.rpartition(":") if ".py:" in text else (text, "", "")
    if path.endswith(".py"):
        return _attribute(ref, _file_module(ref, path), name)
    module_name, colon, name = text.partition(":")
    if not colon:
        return _named(ref, text)
    module = _module(ref, module_name)
    if ID.fullmatch(name) or (name in registry and not hasattr(module, name)):
        return _named(ref, name, imported=module_name)
    return _attribute(ref, module, name)


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


# Modules


def _module(ref: EnvRef, name: str) -> ModuleType:
    if not all(part.isidentifier() for part in name.split(".")):
        raise UnknownEnvironment(f"{name!r} in {str(ref)!r} is no module name; expected package.module:Class")
    _look_first_in(ref.folder)
    if name.partition(".")[0] == "envs" and _is_bundled(name):
        name = f"envkit.{name}"
    if not _exists(name):
        raise UnknownEnvironment(_no_module_text(ref, name))
    return _imported(ref, lambda: importlib.import_module(name))


def _is_bundled(name: str) -> bool:
    """Whether `envs.x` means the kit's: nobody else has such a module, or the one found is the kit's own file."""
    found, ours = _find(name, None), _find(f"envkit.{name}", None)
    if found is not None:
        return _same_file(found, ours)
    package = _find("envs", None)
    return ours is not None or package is None or _same_file(package, _find("envkit.envs", None))


def _same_file(one: importlib.machinery.ModuleSpec, other: importlib.machinery.ModuleSpec | None) -> bool:
    if other is None or one.origin is None or other.origin is None:
        return False
    return Path(one.origin).samefile(other.origin)


def _exists(name: str) -> bool:
    return name in sys.modules or name.partition(".")[0] in sys.builtin_module_names or _find(name, None) is not None


def _find(name: str, path: list[str] | None) -> importlib.machinery.ModuleSpec | None:
    """The module's spec, without importing its parents: somebody else's package may do anything when imported."""
    importlib.invalidate_caches()
    found: importlib.machinery.ModuleSpec | None = None
    parts = name.split(".")
    for depth in range(1, len(parts) + 1):
        found = None
        for finder in sys.meta_path:
            look = getattr(finder, "find_spec", None)
            found = look(".".join(parts[:depth]), path) if look else None
            if found:
                break
        if found is None or (depth < len(parts) and found.submodule_search_locations is None):
            return None
        path = list(found.submodule_search_locations or ())
    return found


def _no_module_text(ref: EnvRef, name: str) -> str:
    parts = name.split(".")
    known = next((".".join(parts[:n]) for n in range(len(parts) - 1, 0, -1) if _exists(".".join(parts[:n]))), "")
    if not known:
        return (
            f"no module {parts[0]!r} is here or installed (looked in {ref.folder} and in Python's own path); "
            f"for a file type path/to/{parts[0]}.py:Class"
        )
    spec = _find(known, None)
    inside: list[str] = []
    for location in (spec.submodule_search_locations or ()) if spec else ():
        inside += [path.stem for path in Path(location).glob("*.py") if path.stem != "__init__"]
    missing = name[len(known) + 1 :].partition(".")[0]
    close = nearest(missing, inside)
    hint = f"; did you mean {known}.{close[0]}?" if close else f"; it has {', '.join(sorted(inside)[:12]) or 'none'}"
    return f"{known} has no module {missing!r}{hint}"


def _file_module(ref: EnvRef, path: str) -> ModuleType:
    file = (Path(ref.folder) / Path(path).expanduser()).resolve()
    if not file.is_file():
        beside = sorted(other.name for other in file.parent.glob("*.py")) if file.parent.is_dir() else []
        close = nearest(file.name, beside)
        raise UnknownEnvironment(f"no file {file}" + (f"; did you mean {close[0]}?" if close else ""))
    root, name = file.parent, file.stem
    while (root / "__init__.py").exists():  # a module of a package is imported as such, for its relative imports
        root, name = root.parent, f"{root.name}.{name}"
    if not all(part.isidentifier() for part in name.split(".")):
        return _imported(ref, lambda: _load(file, f"envkit_file_{zlib.crc32(str(file).encode()):08x}"))
    _look_first_in(str(root))
    known = sys.modules.get(name)
    if known is None:
        found = _find(name, [str(root)])
        if found is not None and found.origin and Path(found.origin).samefile(file):
            return _imported(ref, lambda: importlib.import_module(name))
    elif getattr(known, "__file__", None) and Path(str(known.__file__)).samefile(file):
        return known
    # The name belongs to another module already; a name of its own keeps both alive.
    return _imported(ref, lambda: _load(file, f"{file.stem}_{zlib.crc32(str(file).encode()):08x}"))


def _load(file: Path, name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, file)
    if spec is None or spec.loader is None:
        raise UnknownEnvironment(f"{file} cannot be read as a Python module")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    return module


def _look_first_in(folder: str) -> None:
    """Console scripts do not have the working directory on their path; what people name lies there."""
    if folder not in sys.path:
        sys.path.insert(0, folder)


def _imported(ref: EnvRef, load: Callable[[], ModuleType]) -> ModuleType:
    try:
        return load()
    except EnvkitError:
        raise
    except ModuleNotFoundError as error:
        why = MIGRATE if error.name == "gym" else f"install it: pip install {error.name}"
        message = f"importing {ref} needs the module {error.name!r}, which is not installed: {why}"
        raise EnvironmentFailed(message, method="import", cause=error) from error
    except Exception as error:
        raise EnvironmentFailed(f"importing {ref} raised {error_line(error)}", method="import", cause=error) from error


# Classes, functions and their arguments


def _attribute(ref: EnvRef, module: ModuleType, name: str) -> EnvSpec | Callable[..., Any]:
    source: Any = module
    for part in name.split(".") if name else ():
        source = getattr(source, part, None)
    if not name or source is None:
        raise UnknownEnvironment(_no_attribute_text(module, name))
    if isinstance(source, EnvSpec):
        return source
    is_env_class = isinstance(source, type) and issubclass(source, gymnasium.Env)
    if isinstance(source, type) and not is_env_class and hasattr(source, "reset") and hasattr(source, "step"):
        raise NotAnEnvironment(_not_an_env(str(ref), source, "is"), method="import")
    if not callable(source) or (isinstance(source, type) and not is_env_class):
        raise UnknownEnvironment(_not_an_env(str(ref), source, "is") + _offered(module))
    return sole_spec(source) or source


def _no_attribute_text(module: ModuleType, name: str) -> str:
    classes = _env_classes(module)
    file = getattr(module, "__file__", None) or module.__name__
    if not name:
        return f"{file} holds several things; name one: " + (
            ", ".join(f"{file}:{c}" for c in classes) or f"{file}:Class"
        )
    close = nearest(name, classes) or classes
    hint = f"; did you mean {module.__name__}:{close[0]}?" if close else "; it defines no environment"
    return f"{module.__name__} has no {name!r}{hint}"


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
    given = dict(kwargs)
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
            if name not in signature.parameters:
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
        raise UsageError(f"making {ref} needs a package: {error}") from error
    except Exception as error:
        raise EnvironmentFailed(f"making {ref} raised {error_line(error)}", method="__init__", cause=error) from error


def _again(ref: EnvRef, env: Env, kwargs: Mapping[str, Any]) -> Env:
    """An instance stands for its kind: remade from its spec, or copied where it has none."""
    import copy

    if env.spec is not None:
        spec = env.spec
        return _guarded(ref, lambda: gymnasium.make(spec, disable_env_checker=True, **kwargs))
    if kwargs:
        raise BadEnvArguments(f"{ref} is an instance without a spec; give its class to make it with {sorted(kwargs)}")
    return _guarded(ref, lambda: copy.deepcopy(env))
