"""What a terminal shows of an episode that plays by itself: what there is to see, and a line on the last step."""

from typing import Any

from envkit.core.drive import Driver
from envkit.core.errors import EnvironmentFailed
from envkit.core.show import error_line, number, show
from envkit.workflows.playing.names import action_names, in_words
from envkit.workflows.visible import rendering


class Screen:
    """Of one environment.

    Args:
      driver: who plays it.
    """

    def __init__(self, driver: Driver):
        self.driver = driver
        self._names = action_names(driver.env)

    def __str__(self) -> str:
        """The text, and behind it `step 3   action up   reward -1   return -3`. Raises EnvironmentFailed."""
        return f"{view(self.driver, self.driver.observation).rstrip()}\n{self.caption}\n"

    @property
    def caption(self) -> str:
        driver = self.driver
        facts = [f"episode {driver.episode}", f"step {driver.steps}"]
        if driver.steps:
            action = in_words(driver.action, driver.env.action_space, self._names)
            facts += [f"action {action}", f"reward {number(driver.reward)}", f"return {number(driver.paid)}"]
        return "   ".join(facts)


def view(driver: Driver, observation: Any) -> str:
    """What the environment shows now, in the render mode `ansi`; in any other its observation on a line.

    Raises:
      EnvironmentFailed: it cannot.
    """
    if driver.env.render_mode != "ansi":
        return f"observation {show(observation)}"
    try:
        return str(driver.env.render())
    except Exception as error:
        raise EnvironmentFailed(
            f"{rendering(driver)} raised {error_line(error)}", method="render", cause=error
        ) from error
