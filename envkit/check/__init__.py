"""The checker: probes drive an environment and record, rules judge the record, reporters tell.

`envkit.check(target)` and this package share one name, so the package itself can be called: see `api.check`.
"""

import sys
from types import ModuleType
from typing import Any


class _CallablePackage(ModuleType):
    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        from envkit.check.api import check

        return check(*args, **kwargs)


sys.modules[__name__].__class__ = _CallablePackage
