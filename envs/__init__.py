"""The bundled environments. Importing this package registers them as `envkit/...-v0`.

A module here (or in a sub-package) that defines `REGISTRATION`, keyword arguments for `gymnasium.register`, is
registered; its `entry_point` and `vector_entry_point` are names of classes in that module. Nothing is listed by hand.
"""

import importlib
import pkgutil

from gymnasium.envs.registration import register, registry


def _register(package: str, path: list[str]) -> None:
    for info in pkgutil.iter_modules(path, f"{package}."):
        module = importlib.import_module(info.name)
        if info.ispkg:
            _register(info.name, list(module.__path__))
        elif hasattr(module, "REGISTRATION"):
            entry = dict(module.REGISTRATION)
            if entry["id"] not in registry:
                classes = {
                    key: f"{info.name}:{entry[key]}" for key in ("entry_point", "vector_entry_point") if key in entry
                }
                register(**{**entry, **classes})


_register(__name__, list(__path__))
