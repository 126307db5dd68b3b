"""The error of a broken contract."""

from envkit.core.trace import Call


class ContractBroken(AssertionError):
    """The environment broke what it promises.

    Args:
      fault: what was wrong, in one line.
      program: Python source of a pytest function, the shortest found, that fails as long as the fault is there.
      calls: the resets and steps in it.
    """

    def __init__(self, fault: str, program: str, calls: tuple[Call, ...] = ()):
        super().__init__(fault, program)
        self.fault = fault
        self.program = program
        self.calls = calls

    def __str__(self) -> str:
        indented = "\n".join(f"    {line}".rstrip() for line in self.program.splitlines())
        return f"{self.fault}\n\n{indented}\n"
