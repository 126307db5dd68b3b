"""The versions of what a result depends on: kept with it, and compared when somebody wants it again."""

import contextlib
import platform
from collections.abc import Iterator, Mapping
from importlib.metadata import PackageNotFoundError, packages_distributions, version
from typing import Any

import gymnasium
import numpy as np

import envkit


def versions() -> dict[str, str]:
    """Of envkit, of Python, and of the packages that every environment uses."""
    return {
        "envkit": envkit.__version__,
        "python": platform.python_version(),
        "gymnasium": gymnasium.__version__,
        "numpy": np.__version__,
    }


def versions_with(env: gymnasium.Env[Any, Any]) -> dict[str, str]:
    """Likewise, and of the distribution that the environment comes from, where it comes from one."""
    package = type(env.unwrapped).__module__.partition(".")[0]
    found = versions()
    for name in packages_distributions().get(package, ())[:1]:
        with contextlib.suppress(PackageNotFoundError):  # its files are half removed
            found.setdefault(name, version(name))
    return found


def changed(then: Mapping[str, Any], now: Mapping[str, str]) -> Iterator[tuple[str, str, str]]:
    """(package, version then, version now), where they differ."""
    for name, current in now.items():
        old = str(then.get(name))
        if old != current:
            yield name, old, current
