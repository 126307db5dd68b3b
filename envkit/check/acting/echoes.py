"""Other processes that play the same episodes, so that what depends on the process shows.

They are started before the environment's code runs, and import what they need while the check goes on beside them.
"""

import contextlib
import os
import pickle
import subprocess
import sys
from collections.abc import Sequence
from typing import Any

from envkit.check.acting.echo import Episodes, Script, Turn
from envkit.core.ref import EnvRef
from envkit.core.show import error_line

SECONDS = 30.0  # for one answer; what takes longer is not judged
USUAL_SEED = 0  # of hashes
OTHER_SEEDS = (1, 2)


class EchoFailed(Exception):
    """Another process did not bring its records; the message says why."""


class Echo:
    """One process that waits for a request, answers it, and ends."""

    def __init__(self, hash_seed: int):
        self.hash_seed = hash_seed
        environment = {**os.environ, "PYTHONHASHSEED": str(hash_seed), "PYTHONWARNINGS": "ignore"}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "envkit.check.acting.echo"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment,
        )  # fmt: skip

    def ask(self, ref: bytes, turn: Turn, scripts: list[Script]) -> None:
        """Sends the request; the answer is worked out while the caller does other things. Raises EchoFailed."""
        arguments = {"ref": ref, "turn": turn, "scripts": scripts}
        request = {"seconds": SECONDS, "arguments": arguments}
        assert self.process.stdin is not None
        try:
            data = pickle.dumps(list(sys.path)) + pickle.dumps(request)
        except Exception as error:
            raise EchoFailed(f"the actions cannot be sent to another process: {error_line(error)}") from error
        with contextlib.suppress(OSError):  # it is gone, and the answer will be missing
            self.process.stdin.write(data)
            self.process.stdin.flush()

    def answer(self) -> list[Episodes]:
        """The episodes on each instance, as `envkit.check.acting.echo.rounds` says. Raises EchoFailed without them."""
        try:
            data, _ = self.process.communicate(timeout=SECONDS + 5)
            answer = pickle.loads(data)  # from our own child; the environment has no hold of the pipe
        except subprocess.TimeoutExpired:
            raise EchoFailed(f"another process did not answer within {SECONDS:g} s") from None
        except Exception as error:
            raise EchoFailed("another process ended before it had played the episodes") from error
        finally:
            self.end()
        if "failed" in answer:
            raise EchoFailed(f"in another process the environment raised {answer['failed']}")
        found: list[Episodes] = answer["rounds"]
        return found

    def end(self) -> None:
        """Leaves no process and no open pipe behind."""
        self.process.kill()
        with contextlib.suppress(OSError):
            self.process.communicate()


class Echoes:
    """The processes of one check.

    Args:
      ref: the environment, sent as it is now: classes that were made in this process carry their state with them.
    """

    def __init__(self, ref: EnvRef):
        self.waiting: list[Echo] = []
        self.reason = ""
        try:
            self.ref = pickle.dumps(ref)
        except Exception as error:  # noqa: BLE001 - whatever a foreign object's pickling raises
            self.ref = b""
            self.reason = f"the environment cannot be sent to another process: {error_line(error)}"
            return
        self.waiting = [Echo(seed) for seed in OTHER_SEEDS]

    def __enter__(self) -> "Echoes":
        return self

    def __exit__(self, *_: Any) -> None:
        for echo in self.waiting:
            echo.end()

    def first(self, turns: Sequence[Turn], scripts: list[Script]) -> list[list[Episodes]]:
        """What the waiting processes say, each with another hash seed and under its own turn. Raises EchoFailed."""
        echoes, self.waiting = self.waiting, []
        return self._answers(echoes, turns, scripts)

    def more(self, seeds: Sequence[int], count: int, scripts: list[Script]) -> list[list[Episodes]]:
        """What new processes with these hash seeds say, on so many instances each. Raises EchoFailed."""
        return self._answers([Echo(seed) for seed in seeds], [Turn((0.0,) * count)] * len(seeds), scripts)

    def later(self, turns: Sequence[Turn], scripts: list[Script]) -> list[list[Episodes]]:
        """What new processes say, each under its own turn of the clock. Raises EchoFailed."""
        return self._answers([Echo(USUAL_SEED) for _ in turns], turns, scripts)

    def _answers(self, echoes: list[Echo], turns: Sequence[Turn], scripts: list[Script]) -> list[list[Episodes]]:
        try:
            for echo, turn in zip(echoes, turns, strict=True):
                echo.ask(self.ref, turn, scripts)
            return [echo.answer() for echo in echoes]
        finally:
            for echo in echoes:
                echo.end()
