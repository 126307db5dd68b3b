"""Property tests for environments, in your own pytest suite.

    import envkit.testing

    test_contract = envkit.testing.contract("my_package:MyEnv-v0")

A failure is the shortest program of resets and steps that shows it, to paste into a Python prompt. `from_space` is the
strategy behind it, for property tests of your own:

    @given(envkit.testing.from_space(MyEnv().action_space))
    def test_pushing_never_moves_the_wall(action): ...

`overwrite` spoils what an environment has handed out or was given, to see whether it goes on using it.
`assert_mended` plays what once showed a fault, and fails as long as it does; `envkit check --write-test` writes it.
"""

from typing import TYPE_CHECKING, Any

from envkit.check.probes.tampering import overwrite
from envkit.testing.broken import ContractBroken
from envkit.testing.contracts import contract, run_contract
from envkit.testing.mended import assert_mended

if TYPE_CHECKING:
    from envkit.check.strategies import from_space

__all__ = ["ContractBroken", "assert_mended", "contract", "from_space", "overwrite", "run_contract"]


def __getattr__(name: str) -> Any:
    if name != "from_space":
        raise AttributeError(f"module 'envkit.testing' has no attribute {name!r}; it offers {', '.join(__all__)}")
    from envkit.check.strategies import from_space  # late: it imports hypothesis

    return from_space
