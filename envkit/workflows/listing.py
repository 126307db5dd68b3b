"""The tables behind `envkit list`."""

import importlib
from collections.abc import Collection
from itertools import groupby
from typing import Any

from gymnasium.envs.registration import EnvSpec, registry

from envkit.core import catalogue
from envkit.core.errors import FOREIGN
from envkit.core.show import count, number

BUNDLED = f"{catalogue.BUNDLED}."


def listing() -> tuple[list[dict[str, Any]], list[str]]:
    """Rows (alias, id, package, summary) of all announced environments, and a warning for each broken plugin."""
    by_id = {id: alias for alias, id in catalogue.aliases().items()}
    rows, warnings = [], []
    for plugin in catalogue.plugins():
        if plugin.failure:
            source = f" of {plugin.package}" if plugin.package else ""
            warnings.append(f"the plugin {plugin.name} ({plugin.value}){source} is broken: {plugin.failure}")
        for id in plugin.ids:
            rows.append({"alias": by_id.get(id, ""), "id": id, "package": plugin.package, "summary": summary(id)})
    return rows, warnings


def table(rows: list[dict[str, Any]], *, width: int | None = None) -> list[str]:
    """The lines of the table.

    Args:
      rows: of `listing`.
      width: of the terminal in characters, where a longer line ends in an ellipsis; None leaves all as they are.
    """
    alias_width, id_width = (max((len(row[key]) for row in rows), default=0) for key in ("alias", "id"))
    lines = [f"{row['alias']:{alias_width}}  {row['id']:{id_width}}  {row['summary']}".rstrip() for row in rows]
    return [line if width is None or len(line) <= width else f"{line[: width - 1].rstrip()}…" for line in lines]


def registered(*, but: Collection[str]) -> list[dict[str, Any]]:
    """Rows of all other ids in Gymnasium's registry, package by package, from their specs: nothing is imported.

    Args:
      but: ids to leave out.
    """
    newest = {spec.id for spec in catalogue.newest().values()}
    rows = [
        {
            "id": id,
            "package": _package(spec),
            "entry_point": _name(spec.entry_point or spec.vector_entry_point),
            "max_episode_steps": spec.max_episode_steps,
            "reward_threshold": spec.reward_threshold,
            "newest": id in newest,
        }
        for id, spec in registry.items()
        if id not in but
    ]
    packages = list(dict.fromkeys(row["package"] for row in rows))  # in their order of registration
    return sorted(rows, key=lambda row: (packages.index(row["package"]), row["id"]))


def registered_table(rows: list[dict[str, Any]]) -> list[str]:
    """The lines of a table of the newest versions, under the names of their packages.

    Args:
      rows: of `registered`.
    """
    newest = [row for row in rows if row["newest"]]
    width = max((len(row["id"]) for row in newest), default=0)
    lines = []
    for package, members in groupby(newest, key=lambda row: row["package"]):
        lines += ["", package]
        for row in members:
            limit, threshold = row["max_episode_steps"], row["reward_threshold"]
            steps = "" if limit is None else count(limit, "step")
            solved = "" if threshold is None else f"solved from {number(float(threshold))}"
            lines.append(f"  {row['id']:{width}}  {steps:>11}  {solved}".rstrip())
    older = len(rows) - len(newest)
    return lines + (["", f"{count(older, 'older version')} left out: --format json has all"] if older else [])


def _package(spec: EnvSpec) -> str:
    """Where its code is: the package of the module, or of a function that is registered itself, its module."""
    source = spec.entry_point or spec.vector_entry_point
    module = _name(source).partition(":")[0]
    return module.rpartition(".")[0] or module if isinstance(source, str) else module


def _name(source: Any) -> str:
    """`module:name` of an entry point."""
    return source if isinstance(source, str) else f"{source.__module__}:{getattr(source, '__qualname__', source)}"


def summary(id: str) -> str:
    """One line on an environment, from the docstring of its class or module, without the name that stands beside it.

    The card of a bundled environment is its module's, as on the page that is made of them.
    """
    source: Any = registry[id].entry_point
    name = getattr(source, "__name__", "")
    text = getattr(source, "__doc__", None)
    if isinstance(source, str):
        module, _, name = source.partition(":")
        try:
            loaded = importlib.import_module(module)
        except FOREIGN:
            return ""
        docs = [getattr(loaded, name, loaded).__doc__, loaded.__doc__]
        text = docs[1] if module.startswith(BUNDLED) else docs[0] or docs[1]
    line = (text or "").strip().partition("\n")[0]
    said, colon, rest = line.partition(": ")
    beside = {name, registry[id].name}  # of the class, and in the id
    return rest[:1].upper() + rest[1:] if colon and said in beside else line
