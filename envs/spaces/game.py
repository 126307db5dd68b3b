"""What the games of the tour have in common: the order of a step, and the promises that every game keeps.

A game says how an episode begins (`deal`), what a move does (`play`) and what the player sees (`observe`). This class
refuses an action outside the space, keeps an episode over once it is over, and hands out fresh, plain results.
"""

from abc import abstractmethod
from typing import Any, ClassVar, TypeVar

from gymnasium.error import InvalidAction, ResetNeeded

from envkit.authoring.canvas import Frame
from envkit.authoring.drawn import DrawnEnv
from envkit.authoring.state import Restorable
from envkit.core.show import show

Observation = TypeVar("Observation")
Action = TypeVar("Action")

PICTURE = {"render_modes": ["human", "rgb_array"], "render_fps": 2}
PICTURE_AND_TEXT = {"render_modes": ["human", "rgb_array", "ansi"], "render_fps": 2}


class Game(Restorable, DrawnEnv[Observation, Action]):
    """A small game with a known answer.

    `SHOWS` is the kind of space it is in the tour for. `BEST_RETURN` is the largest expected return that any policy
    reaches within the registered limit, and `best_action` is a policy that reaches it.
    """

    SHOWS: ClassVar[str]
    BEST_RETURN: ClassVar[float]
    metadata = PICTURE
    canvas_size = (480, 320)
    over: bool | None = None  # None before the first reset

    @abstractmethod
    def deal(self) -> None:
        """Begins an episode; every draw comes from `self.np_random`."""

    @abstractmethod
    def play(self, action: Action) -> tuple[float, bool]:
        """Makes a move: its reward, and whether the game has ended."""

    @abstractmethod
    def observe(self) -> Observation:
        """What the player sees now, in objects that nobody else holds."""

    @abstractmethod
    def best_action(self, observation: Observation) -> Action:
        """What a perfect player does, knowing this observation only."""

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Observation, dict[str, Any]]:
        super().reset(seed=seed, options=options)
        self.deal()
        self.over = False
        self.show()
        return self.observe(), {}

    def step(self, action: Action) -> tuple[Observation, float, bool, bool, dict[str, Any]]:
        self._need_reset("step")
        if not self.action_space.contains(action):
            raise InvalidAction(
                f"step({show(action)}) of {type(self).__name__}: the action is not in {self.action_space}; "
                "env.action_space.sample() shows one that is"
            )
        reward, self.over = (0.0, True) if self.over else self.play(action)
        self.show()
        return self.observe(), float(reward), self.over, False, {}

    def render(self) -> Frame | str | list[Any] | None:
        self._need_reset("render")
        return super().render()

    def _need_reset(self, method: str) -> None:
        if self.over is None:
            raise ResetNeeded(f"{type(self).__name__}.{method} was called before reset: call env.reset(seed=0) first")
