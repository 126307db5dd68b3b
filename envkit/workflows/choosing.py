"""Which planner to begin with, where there is a finite model."""

from envkit.core.model import ESTIMATED, Model
from envkit.tabular.infinite import LARGE
from envkit.tabular.shortest import uniform


def planner(model: Model) -> tuple[str, str]:
    """A planner's name, and why it."""
    size = f"{model.mdp.num_states:,} states and {model.mdp.num_actions} actions"
    if model.mdp.next_state.size > LARGE and uniform(model.mdp, 1.0):
        return "breadth-first", f"{size}, without chance, all steps pay the same"
    answer = "of what was seen" if model.origin == ESTIMATED else "exact"
    return "value-iteration", f"the model is finite ({size}), so the answer is {answer}"
