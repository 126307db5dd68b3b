"""The table behind `envkit list`."""

import importlib
from typing import Any

from gymnasium.envs.registration import registry

from envkit.core import catalogue


def listing() -> tuple[list[dict[str, Any]], list[str]]:
    """Rows (alias, id, package, summary) of all announced environments, and a warning for each broken plugin."""
    by_id = {id: alias for alias, id in catalogue.aliases().items()}
    rows, warnings = [], []
    for plugin in catalogue.plugins():
        if plugin.failure:
            source = f" of {plugin.package}" if plugin.package else ""
            warnings.append(f"the plugin {plugin.name} ({plugin.value}){source} is broken: {plugin.failure}")
        for id in plugin.ids:
            rows.append({"alias": by_id.get(id, ""), "id": id, "package": plugin.package, "summary": _summary(id)})
    return rows, warnings


def _summary(id: str) -> str:
    """The first line of the docstring of the module or class, whichever there is."""
    source: Any = registry[id].entry_point
    if isinstance(source, str):
        module, _, name = source.partition(":")
        try:
            loaded = importlib.import_module(module)
        except Exception:  # noqa: BLE001 - a listing shows what it can
            return ""
        source = getattr(loaded, name, loaded)
        text = source.__doc__ or loaded.__doc__
    else:
        text = source.__doc__
    return (text or "").strip().partition("\n")[0]
