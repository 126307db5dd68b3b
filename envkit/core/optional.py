"""Optional packages: imported where they are used, and a missing one is answered with the line to type."""

import importlib
from types import ModuleType

from envkit.core.errors import MissingExtra


def need(package: str, *, extra: str, purpose: str) -> ModuleType:
    """Imports `package`, or raises MissingExtra with the command that installs it."""
    try:
        return importlib.import_module(package)
    except ModuleNotFoundError as error:
        if error.name != package.partition(".")[0]:
            raise  # the package is there and is itself broken: let its own error speak
        raise MissingExtra(f"{purpose} needs {package}: {remedy(extra)}") from error


def remedy(extra: str) -> str:
    """The command that adds the extra to this very installation of envkit."""
    checkout = editable_checkout()
    if checkout:
        return f"pip install -e '{checkout}[{extra}]'"
    return f"pip install 'envkit[{extra}]'"


def editable_checkout() -> str:
    """The folder envkit was installed from with `pip install -e`, or an empty text."""
    import json
    from importlib.metadata import distributions
    from pathlib import Path
    from urllib.parse import unquote, urlparse

    # In the checkout itself its build's leavings are found too, which have no such record.
    records = [found.read_text("direct_url.json") for found in distributions(name="envkit")]
    for source in (json.loads(record) for record in records if record):
        if source.get("dir_info", {}).get("editable"):
            folder = Path(unquote(urlparse(source["url"]).path))
            return "." if folder == Path.cwd() else str(folder)
    return ""
