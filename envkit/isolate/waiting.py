"""How long a thread was ready to run but had no processor, which is no fault of what runs in it. Linux; elsewhere 0."""

import time
from pathlib import Path

OWN = Path("/proc/thread-self")


def delayed(task: Path = OWN) -> float | None:
    """Seconds so far, of this thread or the one of that directory; None where the system keeps none.

    Source: https://docs.kernel.org/scheduler/sched-stats.html (the second number of schedstat)
    """
    try:
        return int((task / "schedstat").read_text().split()[1]) / 1e9
    except (OSError, IndexError, ValueError):
        return None


class Allowance:
    """So many seconds for this thread, from now on; what it waits for a busy machine does not count."""

    def __init__(self, seconds: float):
        self.end = time.monotonic() + seconds
        self._delayed = delayed() or 0.0

    @property
    def spent(self) -> bool:
        over = time.monotonic() - self.end
        return over > 0 and over > (delayed() or 0.0) - self._delayed
