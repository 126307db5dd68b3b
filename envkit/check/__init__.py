"""The checker: probes drive an environment and record, rules judge the record, reporters tell.

    envkit.check(target, *, select=(), ignore=(), seed=0, isolation=True, timeout=10.0, **env_kwargs) -> Report

judges the environment that `target` names: an alias, an id, `module:Class`, `file.py:Class`, a class, a factory or an
instance. `print(report)` shows what `envkit check` shows; `report.assert_clean()` serves in a test; `report.findings`
has what was found. The arguments are described at `envkit.check.api.check`.

The function and this package share one name, so the package itself can be called.
"""

import sys
from types import ModuleType
from typing import Any


class _CallablePackage(ModuleType):
    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Judges an environment; see `envkit.check.api.check`."""
        from envkit.check.api import check

        return check(*args, **kwargs)


sys.modules[__name__].__class__ = _CallablePackage
