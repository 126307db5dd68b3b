"""The clock on the wall, turned: what an environment that depends on the time of day does at another time.

What `time` and `datetime` say about now changes; what measures durations goes on as ever. The compiled parts of both
modules cannot be changed, so stand-ins take the places of their names; whoever has imported a name earlier keeps the
real one. `datetime.datetime` and `datetime.date` become classes of which there are no instances: whatever they make is
of the real class, so nothing that was made under a turned clock is odd afterwards.
"""

import datetime
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any


class Clock:
    """A clock to turn.

    Args:
      shift: seconds by which it is ahead; may be changed at any time.
    """

    def __init__(self, shift: float = 0.0):
        self.shift = shift

    @contextmanager
    def turned(self) -> Iterator["Clock"]:
        """Both modules are as before afterwards."""
        functions, classes = _functions(self), _classes(self)
        real = {name: getattr(time, name) for name in functions}
        real_classes = {name: getattr(datetime, name) for name in classes}
        _set(time, functions)
        _set(datetime, classes)
        try:
            yield self
        finally:
            _set(time, real)
            _set(datetime, real_classes)


def _set(module: Any, values: dict[str, Any]) -> None:
    for name, value in values.items():
        setattr(module, name, value)


def _functions(clock: Clock) -> dict[str, Callable[..., Any]]:
    """Of the module time: those that say what time it is, and those that do so unless they are told a time."""
    real_time, real_time_ns, localtime = time.time, time.time_ns, time.localtime
    strftime, asctime = time.strftime, time.asctime

    def now() -> float:
        return real_time() + clock.shift

    def of_now(real: Callable[[float], Any]) -> Callable[..., Any]:
        return lambda seconds=None: real(now() if seconds is None else seconds)

    return {
        "time": now,
        "time_ns": lambda: real_time_ns() + int(clock.shift * 1e9),
        "localtime": of_now(localtime),
        "gmtime": of_now(time.gmtime),
        "ctime": of_now(time.ctime),
        "asctime": lambda parts=None: asctime(localtime(now()) if parts is None else parts),
        "strftime": lambda form, parts=None: strftime(form, localtime(now()) if parts is None else parts),
    }


class _Kind(type):
    """Of a stand-in: an instance of the real class counts as one of it."""

    real: type[Any]

    def __call__(cls, *args: Any, **kwargs: Any) -> Any:
        own = cls if "real" not in vars(cls) else cls.real  # whoever has derived a class from the stand-in gets that
        return type.__call__(own, *args, **kwargs)

    def __instancecheck__(cls, value: object) -> bool:
        return isinstance(value, cls.real) if "real" in vars(cls) else type.__instancecheck__(cls, value)

    def __subclasscheck__(cls, other: type) -> bool:
        return issubclass(other, cls.real) if "real" in vars(cls) else type.__subclasscheck__(cls, other)


def _classes(clock: Clock) -> dict[str, type]:
    """The stand-ins for `datetime.datetime` and `datetime.date`."""
    moment: Any = datetime.datetime
    day: Any = datetime.date

    def ahead() -> datetime.timedelta:
        return datetime.timedelta(seconds=clock.shift)

    class Date(day, metaclass=_Kind):  # type: ignore[misc]
        __slots__ = ()
        real = day

        @classmethod
        def today(cls) -> Any:
            return (moment.now() + ahead()).date()

    class Datetime(moment, metaclass=_Kind):  # type: ignore[misc]
        __slots__ = ()
        real = moment

        @classmethod
        def now(cls, tz: Any = None) -> Any:
            return moment.now(tz) + ahead()

        @classmethod
        def today(cls) -> Any:
            return moment.now() + ahead()

        @classmethod
        def utcnow(cls) -> Any:
            return moment.now(datetime.UTC).replace(tzinfo=None) + ahead()

    return {"date": Date, "datetime": Datetime}
