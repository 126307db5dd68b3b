import gymnasium
import numpy as np
import pytest
from tabular_models import build, teleport_grid

from envkit.core.mdp import MDP
from envkit.core.model import Model, model_of
from envkit.tabular.grid import Grid, grid_of
from envkit.tabular.infinite import total_optimum


class Fake:
    """An environment of which only the attributes matter."""

    def __init__(self, **attributes):
        self.__dict__.update(attributes)
        self.unwrapped = self


def test_a_frozen_lake_is_drawn_with_its_holes_and_its_goal():
    env = gymnasium.make("FrozenLake-v1")
    grid = grid_of(env, model_of(env))
    assert grid.draw([0, 3, 3, 3] * 4) == ["← ↑ ↑ ↑", "← H ↑ H", "← ↑ ↑ H", "H ↑ ↑ G", "", "H hole, G goal"]


def test_the_cliff_is_drawn_though_its_actions_are_in_another_order():
    env = gymnasium.make("CliffWalking-v1")
    model = model_of(env)
    lines = grid_of(env, model).draw(total_optimum(model.mdp).action)
    assert lines[2] == "→ → → → → → → → → → → ↓"
    assert lines[3] == "↑ ■ ■ ■ ■ ■ ■ ■ ■ ■ ■ G"
    assert lines[5] == "■ never entered, G goal"


def test_a_terminal_without_arrows_gets_letters():
    env = gymnasium.make("CliffWalking-v1")
    lines = grid_of(env, model_of(env)).draw([1] * 48, ascii_only=True)
    assert lines[3] == "> # # # # # # # # # # G"
    assert "".join(lines).isascii()


def test_teleporters_are_drawn_with_their_exits():
    grid = Grid((2, 2), ("↑", "→", "↓", "←"), ("S", "a", "A", "G"))
    assert grid.draw([1, 0, 1, 0]) == ["→  a", "→A G", "", "G goal, a teleports to A"]


def test_the_layout_of_an_environment_tells_its_marks():
    marks = [*"S" + "." * 17, "a", *"." * 35, "A", *"." * 25, "G"]
    layout = Fake(rows=9, columns=9, marks=lambda: marks)
    grid = grid_of(Fake(layout=layout), Model(teleport_grid()))
    assert grid.arrows == ("↑", "→", "↓", "←")
    assert grid.marks == tuple(marks)


def test_without_marks_cells_are_told_by_the_model():
    grid = grid_of(Fake(shape=(9, 9)), Model(teleport_grid()))
    assert (grid.marks[0], grid.marks[18], grid.marks[63], grid.marks[80]) == (".", "■", "■", "G")


def test_staying_at_an_end_for_nothing_does_not_make_it_a_goal():
    ends = {2: 1.0, 8: -1.0}  # of 3 x 3 cells, the goal and the hole

    def row(cell, action):
        down, right = ((-1, 0), (0, 1), (1, 0), (0, -1))[action]
        to = min(max(cell // 3 + down, 0), 2) * 3 + min(max(cell % 3 + right, 0), 2)
        return [(1.0, cell, 0.0, True)] if cell in ends else [(1.0, to, ends.get(to, 0.0), to in ends)]

    table = {cell: {action: row(cell, action) for action in range(4)} for cell in range(9)}
    grid = grid_of(Fake(shape=(3, 3)), Model(MDP.from_table(table, np.eye(9)[0])))
    assert "".join(grid.marks) == "..G.....H"


@pytest.mark.parametrize(
    "attributes", [{}, {"shape": (3, 3)}, {"shape": (81,)}, {"rows": 9}], ids=["none", "wrong", "flat", "half"]
)
def test_what_is_no_grid_is_not_drawn(attributes):
    assert grid_of(Fake(**attributes), Model(teleport_grid())) is None


def test_four_actions_that_lead_nowhere_in_particular_are_not_drawn():
    mdp = build({cell: {action: [(1.0, (cell + 1) % 4, 0.0, False)] for action in range(4)} for cell in range(4)}, 4)
    assert grid_of(Fake(shape=(2, 2)), Model(mdp)) is None


def test_a_grid_too_large_for_a_terminal_is_not_drawn():
    mdp = build(
        {cell: {action: [(1.0, cell, 0.0, False)] for action in range(4)} for cell in range(50)}, 4, states=range(50)
    )
    assert grid_of(Fake(shape=(50, 1)), Model(mdp)) is None


def test_a_policy_of_numpy_actions_is_drawn_like_one_of_ints():
    grid = Grid((1, 2), ("↑", "→", "↓", "←"), (".", "G"))
    assert grid.draw(np.array([1, 0], np.uint8))[0] == "→ G"
