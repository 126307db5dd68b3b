"""Saving and restoring an environment: `get_state()` and `set_state(state)`.

An optional protocol. `get_state` returns everything on which the rest of an episode depends, the random generator
included, in objects that the environment keeps no hold of; `set_state` brings any instance that was made with the same
arguments back there, as often as wanted. Then the same actions lead to the same answers. Commands use it where an
environment has both methods: to undo a move, to try every action of a state, to resume.

Wrappers have states of their own, such as the clock of a time limit, which these two methods know nothing of.
"""

import copy
from typing import Any, ClassVar

import numpy as np
from gymnasium.utils import seeding

from envkit.core.show import show

GENERATOR = "np_random"  # the key of the random generator's state; None where nothing has been drawn yet
# What no episode changes, and what belongs to the screen.
NEVER = {"observation_space", "action_space", "metadata", "spec", "render_mode", "_np_random", "_np_random_seed"}
NEVER |= {"_background", "_window", "_collected"}


def check_number(env: Any, number: Any, num_states: int) -> None:
    """Refuses what is no state's number, in what `set_state` of an environment with finitely many states was given.

    Raises:
      ValueError: it is none.
    """
    if not (isinstance(number, int | np.integer) and not isinstance(number, bool) and 0 <= number < num_states):
        raise ValueError(
            f"set_state of {type(env).__name__} was given state number {show(number)}, not one from 0 to "
            f"{num_states - 1}; give it what get_state returned"
        )


class Restorable:
    """Writes both methods for a `gymnasium.Env`.

    `STATE` names the attributes that change in an episode. Where it is not set these are all attributes but spaces,
    generator and window: that is always complete, and slow where some of them are large and never change.
    """

    STATE: ClassVar[tuple[str, ...] | None] = None
    _np_random: Any

    def get_state(self) -> dict[str, Any]:
        """{attribute: value}, in copies."""
        names = [name for name in vars(self) if name not in NEVER] if self.STATE is None else self.STATE
        generator = None if self._np_random is None else self._np_random.bit_generator.state
        return copy.deepcopy({**{name: getattr(self, name) for name in names}, GENERATOR: generator})

    def set_state(self, state: dict[str, Any]) -> None:
        """Goes back to a state of `get_state`, of this instance or of one like it.

        Raises:
          ValueError: it is none.
        """
        expected = None if self.STATE is None else {*self.STATE, GENERATOR}
        if not isinstance(state, dict) or GENERATOR not in state or (expected and set(state) != expected):
            keys = f" with the keys {', '.join(sorted(expected))}" if expected else ""
            raise ValueError(
                f"set_state of {type(self).__name__} was given {show(state)}, not a dictionary{keys}; "
                "give it what get_state returned"
            )
        attributes = copy.deepcopy(state)
        generator = attributes.pop(GENERATOR)
        if self.STATE is None:
            for name in [name for name in vars(self) if name not in NEVER and name not in attributes]:
                delattr(self, name)  # came up later in the episode
        for name, value in attributes.items():
            setattr(self, name, value)
        if generator is None:
            self._np_random = None
            return
        if self._np_random is None:
            self._np_random, _ = seeding.np_random()
        self._np_random.bit_generator.state = generator
