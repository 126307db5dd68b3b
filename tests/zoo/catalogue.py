"""The zoo's list of inhabitants: every environment with a seeded fault, and every one that must not be rejected.

Nothing is listed by hand. The files beside this one are imported and their docstrings read:

    faults_*.py   classes whose docstring has the fields Level, Hides and Twin: exactly one fault each
    valid_*.py    classes and functions whose docstring says `Odd: yes`: unusual, and without fault
    bases.py      plain environments without fault, on which faults are planted; those of scenes.py are too
    twins         the clean classes that the faults name; most are bases, some stand beside the fault

    from catalogue import faults, valid

    for fault in faults():
        report = envkit.check(fault.ref)
"""

import importlib
import inspect
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import gymnasium

ZOO = Path(__file__).resolve().parent
LEVELS = ("error", "warning")
FIELD = re.compile(r"^(Level|Hides|Twin|Odd):[ ]*(.*(?:\n[ ]+\S.*)*)$", re.MULTILINE)


class Malformed(Exception):
    """A docstring of the zoo that does not keep the form."""


@dataclass(frozen=True)
class Fault:
    """An environment with exactly one fault.

    Args:
      level: error or warning: what a checker has to call it at least.
      hides: where and when the fault shows.
      twin: reference to the same environment without the fault.
      what: the fault, in a sentence.
    """

    name: str
    file: Path
    level: str
    hides: str
    twin: str
    what: str

    @property
    def ref(self) -> str:
        """How `envkit check` and `envkit.make` name it."""
        return f"{self.file}:{self.name}"

    @property
    def family(self) -> str:
        return self.file.stem.partition("_")[2]


@dataclass(frozen=True)
class Valid:
    """An environment without fault; where it is odd, `what` says in which way."""

    name: str
    file: Path
    what: str

    @property
    def ref(self) -> str:
        return f"{self.file}:{self.name}"

    @property
    def family(self) -> str:
        """Of the odd ones the name of their file, such as valid_boxes; else bases or twins."""
        if self.file.stem.startswith("valid_"):
            return self.file.stem
        return "bases" if self.file.stem in ("bases", "scenes") else "twins"


@cache
def faults() -> list[Fault]:
    """By file and place in it.

    Raises:
      Malformed: a field is missing, a level unknown, or a twin is no clean class of that module.
    """
    return [_fault(module, maker) for module in _modules("faults_*.py") for maker in _makers(module, "Level")]


@cache
def valid() -> list[Valid]:
    """The odd ones, the bases, and the twins that are neither; each once."""
    found = [_valid(maker) for module in _modules("valid_*.py") for maker in _makers(module, "Odd")]
    found += [_valid(maker) for module in _modules("bases.py") for maker in _environments(module)]
    twins = {fault.twin for fault in faults()} - {one.ref for one in found}
    found += [_valid(_named(twin)) for twin in sorted(twins)]
    return found


def _fault(module: ModuleType, maker: Callable[..., Any]) -> Fault:
    fields, file = _fields(maker), Path(str(module.__file__))
    place = f"{file.name}:{maker.__name__}"
    lacking = [name for name in ("Level", "Hides", "Twin") if not fields.get(name)]
    if lacking:
        raise Malformed(f"{place} says no {' and no '.join(lacking)} in its docstring")
    if fields["Level"] not in LEVELS:
        raise Malformed(f"the level of {place} is {fields['Level']!r}, not {' or '.join(LEVELS)}")
    twin = getattr(module, fields["Twin"], None)
    if twin is None or "Level" in _fields(twin):
        raise Malformed(f"the twin of {place} is {fields['Twin']!r}, which is no clean class that {file.name} knows")
    return Fault(maker.__name__, file, fields["Level"], fields["Hides"], _valid(twin).ref, _what(maker))


def _valid(maker: Callable[..., Any]) -> Valid:
    return Valid(maker.__name__, Path(inspect.getfile(maker)).resolve(), _what(maker))


def _named(ref: str) -> Callable[..., Any]:
    path, _, name = ref.rpartition(":")
    found: Callable[..., Any] = getattr(_module(Path(path)), name)
    return found


def _what(maker: Callable[..., Any]) -> str:
    """The first paragraph of the docstring, in one line."""
    return " ".join((inspect.getdoc(maker) or "").partition("\n\n")[0].split())


def _fields(maker: Any) -> dict[str, str]:
    """The fields of its own docstring, not of one that it inherits."""
    doc = inspect.cleandoc(maker.__doc__ or "")
    return {name: " ".join(text.split()) for name, text in FIELD.findall(doc)}


def _makers(module: ModuleType, field: str) -> Iterator[Callable[..., Any]]:
    """What the module itself defines whose docstring has the field, in the order of the file."""
    for value in list(vars(module).values()):
        mine = inspect.isclass(value) or inspect.isfunction(value)
        if mine and value.__module__ == module.__name__ and field in _fields(value):
            yield value


def _environments(module: ModuleType) -> Iterator[Callable[..., Any]]:
    for value in list(vars(module).values()):
        mine = inspect.isclass(value) and value.__module__ == module.__name__
        if mine and issubclass(value, gymnasium.Env) and not value.__name__.startswith("_"):
            yield value


def _modules(pattern: str) -> Iterator[ModuleType]:
    for file in sorted(ZOO.glob(pattern)):
        yield _module(file)


def _module(file: Path) -> ModuleType:
    """Imported under its plain name, as the files import each other."""
    sys.path.insert(0, str(ZOO))
    try:
        return importlib.import_module(file.stem)
    finally:
        sys.path.remove(str(ZOO))
