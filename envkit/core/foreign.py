"""Names of environments that stand in files from elsewhere: what a file may make this process import, and what not."""

import sys
from typing import Any

from envkit.core.errors import ArtifactRefused
from envkit.core.show import show


def environment_named(name: Any) -> str:
    """The name, if it can be that of an environment.

    Raises:
      ArtifactRefused: it is no text, or names what is in Python's own modules.
    """
    if not isinstance(name, str) or not name.strip() or "\0" in name:
        raise ArtifactRefused(f"`env` is {show(name)}, not the name of an environment")
    module = name.partition(":")[0].partition(".")[0]
    if ":" in name and ".py:" not in name and module in sys.stdlib_module_names:
        raise ArtifactRefused(f"`env` is {show(name)}, and Python's own modules hold no environments")
    return name
