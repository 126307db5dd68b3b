"""Settings of the whole process that an environment must leave as it found them: how to read each, and to put it back.

What is read is compared by equality and can be put back as it was, so that one instance's mess spoils nothing that is
tried after it.
"""

import contextlib
import decimal
import gc
import locale
import logging
import os
import signal
import sys
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np

SIGNALS = (signal.SIGINT, signal.SIGTERM)
# What libraries read when they are loaded, or write for themselves: taken away, they might open a window or fail.
LIBRARIES = (
    "SDL_", "PYGAME", "KMP_", "MUJOCO", "PYOPENGL", "EGL_", "MESA", "QT_", "MPL", "TF_", "XLA_", "CUDA", "LD_", "DYLD_",
    "NUMBA", "PYTHON", "PYTEST", "RAY_", "DISPLAY", "XDG_",
)  # fmt: skip


@dataclass(frozen=True)
class Setting:
    """One setting.

    Args:
      read: its value now.
      write: puts such a value back; None where that might break what relies on it.
      shows: an expression that shows it.
    """

    read: Callable[[], Any]
    write: Callable[[Any], Any] | None
    shows: str


def _write_environ(value: Mapping[str, str]) -> None:
    for name in set(os.environ) - set(value):
        del os.environ[name]
    for name, text in value.items():
        if os.environ.get(name) != text:
            os.environ[name] = text


def _write_handlers(value: Mapping[signal.Signals, Any]) -> None:
    for number, handler in value.items():
        if handler is not None and signal.getsignal(number) != handler:  # None: it was not set from Python
            with contextlib.suppress(ValueError):  # only the main thread may
                signal.signal(number, handler)


def _write_filters(value: list[Any]) -> None:
    warnings.resetwarnings()  # so that what was decided under the other filters is forgotten
    filters: list[Any] = warnings.filters  # type: ignore[assignment]
    filters[:] = value


def _write_root_handlers(value: list[Any]) -> None:
    logging.getLogger().handlers[:] = value


def _write_folder(value: str) -> None:
    with contextlib.suppress(OSError):  # it may be gone
        os.chdir(value)


def _read_folder() -> str:
    try:
        return os.getcwd()  # noqa: PTH109 - Path.cwd is the same in more words
    except OSError:
        return "a folder that is gone"


def _alarm() -> bool:
    """Whether the process is to be sent SIGALRM, which ends it."""
    return hasattr(signal, "getitimer") and signal.getitimer(signal.ITIMER_REAL)[0] > 0


def _write_alarm(value: bool) -> None:
    if not value:
        signal.setitimer(signal.ITIMER_REAL, 0)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _socket_timeout() -> Any:
    socket = sys.modules.get("socket")
    return socket.getdefaulttimeout() if socket else None


def _write_socket_timeout(value: Any) -> None:
    if "socket" in sys.modules:
        sys.modules["socket"].setdefaulttimeout(value)


def _write_precision(value: int) -> None:
    decimal.getcontext().prec = value


def _attribute(name: str) -> Setting:
    return Setting(lambda: getattr(sys, name), lambda value: setattr(sys, name, value), f"sys.{name}")


SETTINGS: Mapping[str, Setting] = {
    "numpy.seterr": Setting(lambda: dict(np.geterr()), lambda value: np.seterr(**value), "np.geterr()"),
    "numpy's print options": Setting(
        lambda: dict(np.get_printoptions()), lambda value: np.set_printoptions(**value), "np.get_printoptions()"
    ),
    "the working directory": Setting(_read_folder, _write_folder, "os.getcwd()"),
    "os.environ": Setting(lambda: dict(os.environ), _write_environ, "dict(os.environ)"),
    "sys.path": Setting(lambda: list(sys.path), None, "list(sys.path)"),
    "the recursion limit": Setting(
        sys.getrecursionlimit, lambda value: sys.setrecursionlimit(value), "sys.getrecursionlimit()"
    ),
    "the signal handlers": Setting(
        lambda: {number: signal.getsignal(number) for number in SIGNALS},
        _write_handlers,
        "[signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]",
    ),
    "sys.excepthook": _attribute("excepthook"),
    "sys.stdout": _attribute("stdout"),
    "sys.stderr": _attribute("stderr"),
    "the warning filters": Setting(lambda: list(warnings.filters), _write_filters, "warnings.filters[:]"),
    "the level of the root logger": Setting(
        lambda: logging.getLogger().level,
        lambda value: logging.getLogger().setLevel(value),
        "logging.getLogger().level",
    ),
    "the handlers of the root logger": Setting(
        lambda: list(logging.getLogger().handlers), _write_root_handlers, "logging.getLogger().handlers[:]"
    ),
    "the locale": Setting(
        lambda: locale.setlocale(locale.LC_ALL),
        lambda value: locale.setlocale(locale.LC_ALL, value),
        "locale.setlocale(locale.LC_ALL)",
    ),
    "the alarm clock": Setting(_alarm, _write_alarm, "signal.getitimer(signal.ITIMER_REAL)[0] > 0"),
    "garbage collection": Setting(gc.isenabled, lambda value: gc.enable() if value else gc.disable(), "gc.isenabled()"),
    "the umask": Setting(_umask, os.umask, "[os.umask(os.umask(0o22))]"),
    "the thread switch interval": Setting(
        sys.getswitchinterval, lambda value: sys.setswitchinterval(value), "sys.getswitchinterval()"
    ),
    "decimal's precision": Setting(lambda: decimal.getcontext().prec, _write_precision, "decimal.getcontext().prec"),
    "the timeout of new sockets": Setting(_socket_timeout, _write_socket_timeout, "socket.getdefaulttimeout()"),
}


def read() -> dict[str, Any]:
    """The value of each setting now."""
    return {what: setting.read() for what, setting in SETTINGS.items()}


def write(values: Mapping[str, Any]) -> None:
    """Puts every setting back that differs and can be put back."""
    for what, setting in SETTINGS.items():
        if setting.write and what in values and setting.read() != values[what]:
            with contextlib.suppress(Exception):  # what cannot be put back stays
                setting.write(values[what])


@contextmanager
def kept() -> Iterator[None]:
    """Afterwards the settings are as they were."""
    values = read()
    try:
        yield
    finally:
        write(values)


@contextmanager
def as_in(values: Mapping[str, Any]) -> Iterator[None]:
    """Meanwhile the settings are as they were at an earlier time, less what may break a library that relies on them."""
    now = dict(os.environ)
    earlier = {name: text for name, text in values.get("os.environ", {}).items() if not name.startswith(LIBRARIES)}
    library = {name: text for name, text in now.items() if name.startswith(LIBRARIES)}
    streams = {name: getattr(sys, name) for name in ("stdout", "stderr")}
    with kept():
        write(
            {**values, "os.environ": {**earlier, **library}, **{f"sys.{name}": each for name, each in streams.items()}}
        )
        yield
