"""Finding and importing the module that a reference names.

Where a module is looked for: first in the folder in which the reference was written, then wherever Python looks. The
bundled environments answer to `envs.` too, whether or not a folder of that name lies about, as long as that folder has
no such module of its own; they are always imported as `envkit.envs`, so that they pickle and spawn under one name.
"""

import importlib
import importlib.machinery
import importlib.util
import sys
import zlib
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

from envkit.core.errors import FOREIGN, EnvironmentFailed, EnvkitError, UnknownEnvironment, UsageError, nearest
from envkit.core.ref import EnvRef
from envkit.core.show import error_line, show

MIGRATE = (
    "this is code for the old package gym; for gymnasium: `import gymnasium as gym`, reset(seed=, options=) returns "
    "(observation, info), and step returns (observation, reward, terminated, truncated, info)"
)


def module_of(ref: EnvRef, name: str) -> ModuleType:
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


def file_module(ref: EnvRef, path: str) -> ModuleType:
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


def attribute(name: str, folder: str, *, kind: str, wanted: str, fits: Callable[[Any], bool]) -> Any:
    """What `module:name` or `path/file.py:name` names, where it is to be no environment.

    Args:
      folder: in which it was typed.
      kind, wanted: what it is to serve as, and has to be therefore: `policy`, `a function from observation to action`.
      fits: whether it is that.

    Raises:
      UsageError: it names nothing, or something else.
      EnvironmentFailed: importing the module fails.
    """
    ref = EnvRef(name, folder=folder)
    path, _, inner = name.rpartition(":")
    found: Any = file_module(ref, path) if path.endswith(".py") else module_of(ref, path)
    for part in inner.split("."):
        found = getattr(found, part, None)
    if not fits(found):
        what = f"has no {inner!r}" if found is None else f"has {show(found)} there"
        raise UsageError(f"{kind} {name!r}: {path} {what}, not {wanted}")
    return found


def derives(found: Any, base: type) -> bool:
    """Whether it is a class derived from `base`."""
    return isinstance(found, type) and issubclass(found, base)


def _load(file: Path, name: str) -> ModuleType:
    """Once in a process: all instances are of the same class, and share what the module shares."""
    if name in sys.modules:
        return sys.modules[name]
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
    except FOREIGN as error:
        raise EnvironmentFailed(f"importing {ref} raised {error_line(error)}", method="import", cause=error) from error
