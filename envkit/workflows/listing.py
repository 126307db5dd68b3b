"""The table behind `envkit list`."""

import importlib
from typing import Any

from gymnasium.envs.registration import registry

from envkit.core import catalogue

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
        except Exception:  # noqa: BLE001 - a listing shows what it can
            return ""
        docs = [getattr(loaded, name, loaded).__doc__, loaded.__doc__]
        text = docs[1] if module.startswith(BUNDLED) else docs[0] or docs[1]
    line = (text or "").strip().partition("\n")[0]
    said, colon, rest = line.partition(": ")
    beside = {name, registry[id].name}  # of the class, and in the id
    return rest[:1].upper() + rest[1:] if colon and said in beside else line
