"""From the one word that a user types to every name a project needs; and which words cannot be one.

    typed          package        class           id
    frozen-pond    frozen_pond    FrozenPondEnv   frozen_pond/FrozenPond-v0
    FrozenPond     frozen_pond    FrozenPondEnv   frozen_pond/FrozenPond-v0
    myenv          myenv          MyEnv           myenv/MyEnv-v0

A name that is accepted can be a folder on every system, a distribution on an index and a module beside all that are
installed. One that is not is refused with a name that is.

Source: https://packaging.python.org/en/latest/specifications/name-normalization/
"""

import builtins
import keyword
import re
import sys
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from envkit.core.errors import UsageError
from envkit.core.show import show

LONGEST = 30  # so that the lines of a project keep to the length that its linter allows
SHAPE = re.compile(r"[A-Za-z][A-Za-z0-9]*([-_][A-Za-z0-9]+)*")
DEVICES = {"con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(10))}
RESERVED = {
    "envkit": "the kit's own",
    "gymnasium": "Gymnasium's own",
    "gym": "the name of Gymnasium's predecessor",
    "env": "what every program calls its environment",
    "envs": "the name of another package, and of many a folder of environments",
    **dict.fromkeys(["test", "tests"], "the folder of the project's tests"),
    **dict.fromkeys(["build", "dist", "runs"], "a folder that the project's tools write and git ignores"),
    **dict.fromkeys(["src", "docs", "examples", "scripts", "conftest", "setup"], "a name with a meaning to tools"),
}


@dataclass(frozen=True)
class Names:
    """Every name of a project.

    Args:
      folder: as it was typed.
      project: of the distribution, normalised.
      package: what is imported.
      class_name: of the environment's class.
      env_id: under which it is registered.
    """

    folder: str
    project: str
    package: str
    class_name: str
    env_id: str

    @classmethod
    def of(cls, typed: str) -> "Names":
        """Raises UsageError, with a name that works, where the typed one does not."""
        problem = _problem(typed)
        if problem:
            raise UsageError(f"{problem}; try: envkit new {suggestion(typed)}")
        return _derived(typed)


def suggestion(typed: str) -> str:
    """The nearest name that is accepted."""
    return next(name for name in _candidates(typed) if not _problem(name))


def _derived(typed: str) -> Names:
    words = _words(typed)
    package = "_".join(words).lower()
    *others, last = words
    if last.lower().endswith("env") and last.lower() != "env":  # myenv means my env
        words = [*others, last[:-3], "env"]
    stem = "".join(word[0].upper() + word[1:] for word in words)
    class_name = stem if stem.endswith("Env") else f"{stem}Env"
    return Names(typed, package.replace("_", "-"), package, class_name, f"{package}/{stem}-v0")


def _words(typed: str) -> list[str]:
    """`frozen-pond`, `frozen_pond` and `FrozenPond` are two words, `HTTPPond` is HTTP and Pond, `Pong3D` is one."""
    return re.split(r"[-_]|(?<=[a-z])(?=[A-Z])|(?<=[A-Z0-9])(?=[A-Z][a-z])", typed)


def _problem(typed: str) -> str:
    """Why the name cannot be used; an empty text if it can."""
    return _problem_of_shape(typed) or _problem_of_clash(_derived(typed))


def _problem_of_shape(typed: str) -> str:
    if not typed.strip():
        return "a project needs a name"
    if "/" in typed or "\\" in typed:
        return f"{show(typed)} is a path; a project's name is one word, and --directory says where it goes"
    strange = next((letter for letter in typed if not re.fullmatch(r"[A-Za-z0-9_-]", letter)), None)
    if strange is not None:
        what = unicodedata.name(strange, "a character without a name").lower()
        return f"{show(typed)} has {strange!r} in it ({what}); a name is made of a to z, 0 to 9, - and _"
    if not SHAPE.fullmatch(typed):
        return f"{show(typed)} is no name: one begins with a letter, and - and _ stand singly between its words"
    length = len("-".join(_words(typed)))
    if length > LONGEST:
        return f"{show(typed, most=50)} has {length} characters; a name has at most {LONGEST}"
    return ""


def _problem_of_clash(names: Names) -> str:
    package = names.package
    for word in (names.folder.lower(), package):
        if word in DEVICES:
            return f"{word!r} is a device on Windows, where no folder can have that name"
        if word in RESERVED:
            return f"{word!r} is {RESERVED[word]}"
    if keyword.iskeyword(package) or package in keyword.softkwlist:
        return f"{package!r} is a word of Python's grammar"
    if package in sys.stdlib_module_names:
        return f"{package!r} is a module of Python's own library"
    if package in dir(builtins):
        return f"{package!r} is a function of Python's own, which importing the package would hide"
    return _installed(names)


def _installed(names: Names) -> str:
    from importlib.metadata import PackageNotFoundError, distribution
    from importlib.util import find_spec

    try:
        found = distribution(names.project)
    except PackageNotFoundError:
        pass
    else:
        return f"{names.project!r} is installed here already, in version {found.version}"
    try:
        spec = find_spec(names.package)
    except (ImportError, ValueError):
        return ""
    # A folder without __init__ is a package only where packages are installed, and elsewhere just a folder.
    folders = list(spec.submodule_search_locations or ()) if spec else []
    shared = [folder for folder in folders if Path(folder).parent.name in ("site-packages", "dist-packages")]
    where = spec.origin if spec and spec.origin else next(iter(shared), "")
    return f"{names.package!r} is a package that is installed here already, in {where}" if where else ""


def _candidates(typed: str) -> Iterator[str]:
    ascii_only = unicodedata.normalize("NFKD", typed.replace("ß", "ss")).encode("ascii", "ignore").decode()
    last_part = re.split(r"[/\\]", ascii_only.rstrip("/\\. "))[-1]
    plain = "-".join(re.findall(r"[A-Za-z0-9]+", last_part))[: LONGEST - 8].strip("-")
    if plain[:1].isdigit():
        plain = f"game-{plain}"
    if plain:
        yield from (plain, f"my-{plain}" if "env" in plain.lower() else f"{plain}-env")
    yield "myenv"
    yield from (f"myenv-{number}" for number in count(2))
