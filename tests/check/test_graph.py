"""The best actions in a small environment's states, from what each action was seen to do."""

from envkit.check.judging.graph import Graph, Move


def graph(*moves: tuple[int, int, float, int | None]) -> Graph:
    states = 1 + max(state for state, *_ in moves)
    return Graph([(state, 0, ()) for state in range(states)], [Move(*move) for move in moves])


def test_the_way_to_a_reward_is_best_also_where_it_costs_at_first():
    corridor = graph((0, 0, 0.0, 0), (0, 1, -1.0, 1), (1, 0, 0.0, 0), (1, 1, 10.0, None))
    assert corridor.best() == {0: {1}, 1: {1}}


def test_what_comes_after_the_end_is_worth_nothing():
    assert graph((0, 0, 1.0, None), (0, 1, 0.9, 0)).best() == {0: {1}}  # 0.9 / (1 - 0.99) is more than 1


def test_actions_that_are_equally_good_are_all_best():
    assert graph((0, 0, -1.0, None), (0, 1, -1.0, None), (0, 2, -3.0, None)).best() == {0: {0, 1}}


def test_of_a_state_with_an_action_that_was_not_tried_nothing_is_said():
    assert graph((0, 0, 1.0, 1), (0, 1, 0.0, 1), (1, 0, 5.0, None)).best() == {0: {0}}


def test_without_moves_nothing_is_said():
    assert Graph().best() == {}
