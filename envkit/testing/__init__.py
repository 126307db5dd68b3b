"""Property tests for environments, in your own pytest suite.

    import envkit.testing

    test_contract = envkit.testing.contract("my_package:MyEnv-v0")

A failure is the shortest sequence of resets and steps that shows it, as a test to paste into a file. The same without a
file: `pytest --envkit REF`. `vector_contract` is that of vector environments; `golden` and `golden_frame` hold an
environment to what it once did and looked like. `from_space` is the strategy behind it all, for tests of your own:

    @given(envkit.testing.from_space(MyEnv().action_space))
    def test_pushing_never_moves_the_wall(action): ...

`overwrite` spoils what an environment has handed out or was given, to see whether it goes on using it.
`assert_mended` plays what once showed a fault, and fails as long as it does; `envkit check --write-test` writes it.
`first_difference` and `why_outside` say in words where two values differ, and why a value is in no space; `digest` is
what a golden trace keeps of a large observation.

The names arrive on first use: pytest imports this package at every start, for the sake of its plugin.
"""

from typing import TYPE_CHECKING, Any

_LAZY = {
    "ContractBroken": "envkit.testing.broken",
    "assert_mended": "envkit.testing.mended",
    "contract": "envkit.testing.contracts",
    "digest": "envkit.core.digest",
    "first_difference": "envkit.core.compare",
    "from_space": "envkit.check.strategies",
    "golden": "envkit.testing.goldens",
    "golden_frame": "envkit.testing.frames",
    "overwrite": "envkit.check.probes.tampering",
    "run_contract": "envkit.testing.contracts",
    "run_golden": "envkit.testing.goldens",
    "run_vector_contract": "envkit.testing.vectors",
    "vector_contract": "envkit.testing.vectors",
    "why_outside": "envkit.check.judging.membership",
}

__all__ = [
    "ContractBroken",
    "assert_mended",
    "contract",
    "digest",
    "first_difference",
    "from_space",
    "golden",
    "golden_frame",
    "overwrite",
    "run_contract",
    "run_golden",
    "run_vector_contract",
    "vector_contract",
    "why_outside",
]

if TYPE_CHECKING:
    from envkit.check.judging.membership import why_outside
    from envkit.check.probes.tampering import overwrite
    from envkit.check.strategies import from_space
    from envkit.core.compare import first_difference
    from envkit.core.digest import digest
    from envkit.testing.broken import ContractBroken
    from envkit.testing.contracts import contract, run_contract
    from envkit.testing.frames import golden_frame
    from envkit.testing.goldens import golden, run_golden
    from envkit.testing.mended import assert_mended
    from envkit.testing.vectors import run_vector_contract, vector_contract


def __getattr__(name: str) -> Any:
    if name not in _LAZY:
        raise AttributeError(f"module 'envkit.testing' has no attribute {name!r}; it offers {', '.join(__all__)}")
    import importlib

    value = getattr(importlib.import_module(_LAZY[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
