"""Every environment that can be named here: the bundled ones, those that packages announce, Gymnasium's registry.

Gymnasium 1.4 loads no entry points, so a package that is installed is not yet registered. Packages announce theirs to
envkit in the entry-point group `envkit.envs`: the value is a module (importing it registers) or `module:function`
(calling it does). They are loaded when a name is not known otherwise, or to list them; a broken one is a warning.
"""

import importlib.util
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Any

import gymnasium
from gymnasium.envs.registration import EnvSpec, registry

from envkit.core.errors import FOREIGN
from envkit.core.show import error_line

GROUP = "envkit.envs"
BUNDLED = "envkit.envs"


@dataclass(frozen=True)
class Plugin:
    """An entry point of the group, and what became of loading it."""

    name: str
    package: str
    value: str
    ids: tuple[str, ...]
    failure: str = ""


def find(name: str) -> EnvSpec | None:
    """The spec that a name means: a registered id, a well-known package's, or an alias. None if nothing does."""
    for load in (_nothing, _bundled, lambda: _known_package(name), plugins):
        load()
        spec = _registered(name) or _by_alias(name)
        if spec is not None:
            return spec
    return None


def aliases() -> dict[str, str]:
    """{alias: id} of the bundled and announced environments; a name that two ids share is nobody's alias."""
    _bundled()
    ids = [id for plugin in plugins() for id in plugin.ids]
    return _aliases(ids)


def typable() -> list[str]:
    """Everything that can be typed as the name of an environment."""
    return [*aliases(), *registry]


@cache
def plugins() -> tuple[Plugin, ...]:
    """Loads every announced package once; a failure is recorded, never raised."""
    return tuple(_load(point) for point in sorted(entry_points(group=GROUP), key=lambda point: point.name))


def newest() -> dict[tuple[str | None, str], EnvSpec]:
    """{(namespace, name): the spec of the highest version} of all that is registered."""
    return {(spec.namespace, spec.name): spec for spec in sorted(registry.values(), key=lambda spec: spec.version or 0)}


def missing_package(name: str) -> str:
    """How to install the well-known package that an id belongs to, if it is not installed; else an empty text."""
    from envkit.core.optional import remedy

    for package in _known():
        if _belongs(name, package) and importlib.util.find_spec(package["import"]) is None:
            extra = package.get("extra")
            return remedy(extra) if extra else f"pip install {package['install']}"
    return ""


def _registered(name: str) -> EnvSpec | None:
    if name in registry:
        return registry[name]
    # `Name` means the highest version of it, as gymnasium has it.
    versions = [spec for id, spec in registry.items() if id.startswith(f"{name}-v") and id[len(name) + 2 :].isdigit()]
    return max(versions, key=lambda spec: spec.version or 0, default=None)


def _by_alias(name: str) -> EnvSpec | None:
    _bundled()
    ids = [id for id in registry if id.startswith("envkit/")]
    if plugins.cache_info().currsize:
        ids += [id for plugin in plugins() for id in plugin.ids]
    id = _aliases(ids).get(_plain(name))
    return registry.get(id) if id else None


def _aliases(ids: list[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for id in dict.fromkeys(ids):
        alias = _plain(re.sub(r"-v\d+$", "", id.rpartition("/")[2]))
        found[alias] = "" if alias in found else id
    return {alias: id for alias, id in found.items() if id}


def _plain(name: str) -> str:
    return re.sub(r"[-_ ]", "", name).lower()


def _nothing() -> None:
    pass


def _bundled() -> None:
    importlib.import_module(BUNDLED)


def _known_package(name: str) -> None:
    for package in _known():
        if _belongs(name, package) and importlib.util.find_spec(package["import"]) is not None:
            gymnasium.register_envs(importlib.import_module(package["import"]))


def _belongs(name: str, package: dict[str, Any]) -> bool:
    namespace = name.partition("/")[0] if "/" in name else ""
    return namespace in package["namespaces"] or any(re.fullmatch(p, name) for p in package["patterns"])


@cache
def _known() -> tuple[dict[str, Any], ...]:
    return tuple(tomllib.loads(Path(__file__).with_name("known.toml").read_text())["package"])


def _load(point: EntryPoint) -> Plugin:
    package = point.dist.name if point.dist else ""
    before = set(registry)
    failure = ""
    try:
        loaded = point.load()
        if callable(loaded):
            loaded()
    except FOREIGN as error:
        failure = error_line(error)
    module = point.value.partition(":")[0]
    mine = [id for id, spec in registry.items() if id not in before or _comes_from(spec, module)]
    return Plugin(point.name, package, point.value, tuple(mine), failure)


def _comes_from(spec: EnvSpec, module: str) -> bool:
    source = spec.entry_point if isinstance(spec.entry_point, str) else getattr(spec.entry_point, "__module__", "")
    return f"{source}.".startswith(f"{module}.") or str(source).startswith(f"{module}:")


def bundled_ids() -> Iterator[str]:
    """The ids of the environments that come with the kit, in their order of registration."""
    _bundled()
    yield from (id for id in registry if id.startswith("envkit/"))
