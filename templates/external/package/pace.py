"""Real time: so many steps a second, for devices and for simulators that run by the clock."""

import time


class Pace:
    """Lets steps through at even intervals. A late step is not made up for by a hurried one.

    Args:
      rate: steps a second; None for as fast as it goes.
    """

    def __init__(self, rate: float | None):
        if rate is not None and not 0 < rate < float("inf"):
            raise ValueError(f"pace is {rate!r}, not a number of steps a second; None is for as fast as it goes")
        self.rate = rate
        self.due: float | None = None  # on the monotonic clock

    def restart(self) -> None:
        """The next step may come after a whole interval from now."""
        self.due = None if self.rate is None else time.monotonic() + 1 / self.rate

    def wait(self) -> float:
        """Sleeps until the step is due; returns how many seconds late it is, 0.0 if it is not."""
        if self.rate is None or self.due is None:
            return 0.0
        now = time.monotonic()
        if now <= self.due:
            time.sleep(self.due - now)
            self.due += 1 / self.rate
            return 0.0
        late, self.due = now - self.due, now + 1 / self.rate
        return late
