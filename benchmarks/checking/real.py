"""The environments of real packages: those that are installed, by the ids in Gymnasium's registry."""

import importlib
import importlib.util
import re
import tomllib
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import gymnasium

DEFECTS = Path(__file__).parents[1] / "real_defects.toml"


@dataclass(frozen=True)
class Package:
    """Args:
    entry: how the entry points of its environments begin.
    needs: the modules without which they cannot be made.
    registers: the module that has to be imported to have them registered, if any.
    only: some of them, where all would take hours and are alike.
    """

    name: str
    entry: str
    needs: tuple[str, ...] = ()
    registers: str = ""
    only: tuple[str, ...] = ()


PACKAGES = (
    Package("classic control", "gymnasium.envs.classic_control"),
    Package("toy text", "gymnasium.envs.toy_text"),
    Package("Box2D", "gymnasium.envs.box2d", ("Box2D",)),
    Package("MuJoCo", "gymnasium.envs.mujoco", ("mujoco", "imageio")),
    Package("minigrid", "minigrid.", ("minigrid",), "minigrid"),
    Package("highway-env", "highway_env.", ("highway_env",), "highway_env"),
    Package(
        "ALE", "ale_py", ("ale_py",), "ale_py",
        tuple(f"ALE/{game}-v5" for game in ("Breakout", "MontezumaRevenge", "MsPacman", "Pong", "Seaquest")),
    ),
    Package(
        "MO-Gymnasium", "mo_gymnasium.", ("mo_gymnasium",), "mo_gymnasium",
        (
            "deep-sea-treasure-v0", "fruit-tree-v0", "minecart-v0", "minecart-rgb-v0", "mo-lunar-lander-v3",
            "mo-mountaincar-v0", "resource-gathering-v0", "water-reservoir-v0",
        ),
    ),
)  # fmt: skip


@dataclass(frozen=True)
class Real:
    """A registered environment; `ref` is what `envkit check` and `gymnasium.make` take."""

    package: str
    ref: str

    @property
    def id(self) -> str:
        return self.ref.partition(":")[2] or self.ref


@dataclass(frozen=True)
class Defect:
    """A breach of the contract in a real environment, which has been seen.

    Args:
      id: the registered id.
      rule: the name of the rule that finds it.
      program: shows it; has been run.
      why: it is true, in a sentence.
    """

    id: str
    rule: str
    program: str
    why: str


def real_environments() -> tuple[list[Real], list[str]]:
    """The environments, and for each package that is left out, what is not installed."""
    found, lacking = [], []
    for package in PACKAGES:
        missing = [module for module in package.needs if importlib.util.find_spec(module) is None]
        if missing:
            lacking.append(f"{package.name} ({', '.join(missing)})")
            continue
        if package.registers:
            importlib.import_module(package.registers)
        prefix = f"{package.registers}:" if package.registers else ""
        found += [Real(package.name, prefix + name) for name in _ids(package)]
    return found, lacking


def _ids(package: Package) -> list[str]:
    """In the order of the registry; of Gymnasium's own only the newest: old versions need packages of long ago."""
    ids = [spec.id for spec in gymnasium.registry.values() if str(spec.entry_point).startswith(package.entry)]
    if package.only:
        return [name for name in ids if name in package.only]
    if package.entry.startswith("gymnasium."):
        newest = {re.sub(r"-v\d+$", "", name): name for name in sorted(ids, key=_version)}
        ids = [name for name in ids if name in newest.values()]
    return ids


def _version(name: str) -> int:
    found = re.search(r"-v(\d+)$", name)
    return int(found[1]) if found else 0


def known_defects(file: Path = DEFECTS) -> list[Defect]:
    """Raises ValueError where an entry lacks something or says it twice."""
    entries = tomllib.loads(file.read_text()).get("defect", [])
    fields = set(Defect.__annotations__)
    for number, entry in enumerate(entries, 1):
        given = {name for name, text in entry.items() if isinstance(text, str) and text.strip()}
        if given != fields:
            wrong, needed = ", ".join(sorted(given ^ fields)), ", ".join(sorted(fields))
            raise ValueError(f"defect {number} of {file.name} needs the texts {needed}; wrong: {wrong}")
    defects = [Defect(**entry) for entry in entries]
    said = Counter(f"{defect.id} {defect.rule}" for defect in defects)
    twice = [name for name, times in said.items() if times > 1]
    if twice:
        raise ValueError(f"{file.name} has more than one entry for {', '.join(twice)}")
    return defects
