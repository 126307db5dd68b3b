"""With which algorithm to begin: a planner where there is a finite model, a deep learner where no table will do."""

from typing import Any

from gymnasium import spaces

from envkit.core.model import ESTIMATED, Model
from envkit.tabular.infinite import LARGE
from envkit.tabular.shortest import uniform
from envkit.workflows.algorithms import learners


def planner(model: Model) -> tuple[str, str]:
    """A planner's name, and why it."""
    size = f"{model.mdp.num_states:,} states and {model.mdp.num_actions} actions"
    if model.mdp.next_state.size > LARGE and uniform(model.mdp, 1.0):
        return "breadth-first", f"{size}, without chance, all steps pay the same"
    answer = "of what was seen" if model.origin == ESTIMATED else "exact"
    return "value-iteration", f"the model is finite ({size}), so the answer is {answer}"


def learner(
    observation_space: spaces.Space[Any], action_space: spaces.Space[Any], *, masked: bool = False
) -> tuple[str, str] | None:
    """A deep learner's name, and why it; None where none takes the spaces.

    Args:
      masked: whether infos say which actions are available.
    """
    reasons = (
        ("maskable-ppo", masked, "infos say which actions are available"),
        ("sac", isinstance(action_space, spaces.Box), "actions are numbers, and it learns them in few steps"),
        ("ppo", True, "no table can hold what is learnt, and it is hard to break"),
    )
    known = learners()
    fitting = (
        (name, why)
        for name, wanted, why in reasons
        if wanted and name in known and not known[name].refusal(observation_space, action_space)
    )
    return next(fitting, None)
