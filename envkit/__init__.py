"""envkit: the kit for the whole life of a Gymnasium environment.

`import envkit` is free: it loads neither gymnasium nor numpy. The public functions arrive on first use.
"""

from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

# name -> the module that defines it; a name of a sub-package too means that the package itself can be called
_LAZY = {
    "EnvRef": "envkit.core.ref",
    "MDP": "envkit.core.mdp",
    "MarkovChain": "envkit.tabular.markov",
    "check": "envkit.check",
    "evaluate": "envkit.workflows.evaluating",
    "evaluate_policy": "envkit.tabular.evaluation",
    "film": "envkit.workflows.film",
    "load": "envkit.workflows.loaded",
    "make": "envkit.core.resolve",
    "mdp": "envkit.core.model",
    "optimum": "envkit.tabular.infinite",
    "plot": "envkit.workflows.plot",
    "solve": "envkit.workflows.solve",
    "solve_seeds": "envkit.workflows.seeds",
    "tune": "envkit.workflows.tune",
}

__all__ = [
    "MDP", "EnvRef", "MarkovChain", "__version__", "check", "evaluate", "evaluate_policy", "film", "load", "make",
    "mdp", "optimum", "plot", "solve", "solve_seeds", "tune",
]  # fmt: skip

if TYPE_CHECKING:
    from envkit.check.api import check
    from envkit.core.mdp import MDP
    from envkit.core.model import mdp
    from envkit.core.ref import EnvRef
    from envkit.core.resolve import make
    from envkit.tabular.evaluation import evaluate_policy
    from envkit.tabular.infinite import optimum
    from envkit.tabular.markov import MarkovChain
    from envkit.workflows.evaluating import evaluate
    from envkit.workflows.film import film
    from envkit.workflows.loaded import load
    from envkit.workflows.plot import plot
    from envkit.workflows.seeds import solve_seeds
    from envkit.workflows.solve import solve
    from envkit.workflows.tune import tune


def __getattr__(name: str) -> Any:
    if name not in _LAZY:
        raise AttributeError(f"module 'envkit' has no attribute {name!r}; it offers {', '.join(sorted(_LAZY))}")
    import importlib

    module = importlib.import_module(_LAZY[name])
    value = module if name == "check" else getattr(module, name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
