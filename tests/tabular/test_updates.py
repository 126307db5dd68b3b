"""Each learner's update, by hand: small numbers that can be checked with a pencil."""

import importlib

import numpy as np
import pytest

from envkit.core.schedule import UNITS, constant, schedule
from envkit.tabular import behaviours
from envkit.tabular.course import Scale
from envkit.tabular.loop import Knobs

DISCOUNT, SIZE = 0.5, 0.1
NEXT = 2  # the row of the next state, where there are two actions


class Lesson:
    """The tables of one algorithm, two actions in a state, and a way to teach it steps."""

    def __init__(self, name, q, own=(), *, size=SIZE, draws=(), longest=10):
        module = importlib.import_module(f"envkit.tabular.solvers.{name}")
        self.update = module.update
        self.algorithm = next(
            cell.cell_contents for cell in module.SOLVER.solve.__closure__ if hasattr(cell.cell_contents, "on_policy")
        )
        step_size = schedule(size)
        self.knobs = Knobs(
            DISCOUNT, step_size.rows(None), UNITS[step_size.unit], constant(0.0).rows(None), 0, list(own), False, 6
        )
        self.tables = self.algorithm.tables(np.array(q, float), Scale(own, longest))
        self.draws, self.size = list(draws), step_size.constant or 0.0

    def step(self, place, reward, following, chosen=-1, *, ended=False, exploration=0.0):
        self.tables.visits[place] += 1
        ended = ended or following < 0
        return self.update(
            self.tables, self.knobs, place, reward, following, chosen, ended, 2, self.size, exploration, self.draws, 0
        )

    @property
    def q(self):
        return pytest.approx(self.tables.q.tolist())


def test_qlearning_moves_towards_the_reward_and_the_best_that_may_follow():
    lesson = Lesson("qlearning", [0, 0, 4, 2])
    lesson.step(1, 1.0, NEXT)
    assert lesson.q == [0, SIZE * (1 + DISCOUNT * 4), 4, 2]


def test_sarsa_moves_towards_the_reward_and_what_it_chose_next():
    lesson = Lesson("sarsa", [0, 0, 4, 2])
    lesson.step(1, 1.0, NEXT, 3)
    assert lesson.q == [0, SIZE * (1 + DISCOUNT * 2), 4, 2]


def test_expected_sarsa_moves_towards_the_mean_of_what_it_may_choose():
    lesson = Lesson("expected_sarsa", [0, 0, 4, 2])
    lesson.step(1, 1.0, NEXT, exploration=0.5)
    assert lesson.q == [0, SIZE * (1 + DISCOUNT * (0.75 * 4 + 0.25 * 2)), 4, 2]


@pytest.mark.parametrize(("luck", "target"), [(0.2, 1 + 0.5 * 7), (0.8, 1 + 0.5 * 3)], ids=["first", "second"])
def test_double_qlearning_lets_one_table_choose_and_the_other_judge(luck, target):
    lesson = Lesson("double_qlearning", [0] * 4, draws=[luck])
    lesson.tables.twins[4:] = [5, 7, 3, 8]
    assert lesson.step(1, 1.0, NEXT) == 1
    mine = 0 if luck < 0.5 else 1
    assert lesson.tables.twins[2 + mine] == pytest.approx(SIZE * target)
    assert lesson.tables.twins[3 - mine] == 0.0
    assert lesson.tables.q[1] == pytest.approx(SIZE * target / 2)


@pytest.mark.parametrize(("luck", "target"), [(0.2, 1 + 0.5 * 8), (0.8, 1 + 0.5 * 3)], ids=["first", "second"])
def test_double_sarsa_learns_from_the_other_table(luck, target):
    lesson = Lesson("double_sarsa", [0] * 4, draws=[luck])
    lesson.tables.twins[4:] = [5, 7, 3, 8]
    lesson.step(1, 1.0, NEXT, 3)
    assert lesson.tables.q[1] == pytest.approx(SIZE * target / 2)


def test_n_step_sarsa_waits_for_n_rewards():
    lesson = Lesson("n_step_sarsa", [0, 0, 0, 0, 8, 0], own=[2])
    lesson.step(0, 1.0, 2, 2)
    assert lesson.q == [0, 0, 0, 0, 8, 0]
    lesson.step(2, 2.0, 4, 4)
    assert lesson.q == [SIZE * (1 + 0.5 * 2 + 0.25 * 8), 0, 0, 0, 8, 0]


def test_n_step_sarsa_teaches_the_last_steps_when_the_episode_is_over():
    lesson = Lesson("n_step_sarsa", [0] * 6, own=[3])
    lesson.step(0, 1.0, 2, 2)
    lesson.step(2, 2.0, -1)
    assert lesson.q == [SIZE * (1 + 0.5 * 2), 0, SIZE * 2, 0, 0, 0]
    lesson.step(4, 1.0, -1)  # and the next episode knows nothing of it
    assert lesson.q == [SIZE * 2, 0, SIZE * 2, 0, SIZE * 1, 0]


@pytest.mark.parametrize(("n", "name"), [(1, "sarsa"), (50, "monte_carlo")])
def test_n_step_sarsa_is_sarsa_at_one_end_and_monte_carlo_at_the_other(n, name):
    ours, other = Lesson("n_step_sarsa", [0] * 6, own=[n]), Lesson(name, [0] * 6, own=[1])
    for lesson in (ours, other):
        for place, reward, following, chosen in ((0, 1.0, 2, 3), (3, 2.0, 4, 4), (4, 3.0, -1, -1), (0, 1.0, -1, -1)):
            lesson.step(place, reward, following, chosen)
    assert ours.q == other.tables.q.tolist()


ACCUMULATING, REPLACING, DUTCH = range(3)


def test_sarsa_lambda_gives_credit_to_what_came_before():
    lesson = Lesson("sarsa_lambda", [0] * 6, own=[0.8, REPLACING])
    lesson.step(0, 0.0, 2, 2)
    lesson.step(2, 1.0, 4, 4)
    assert lesson.q == [SIZE * DISCOUNT * 0.8, 0, SIZE, 0, 0, 0]


@pytest.mark.parametrize(
    ("kind", "trace"),
    [(ACCUMULATING, 1 + 0.5 * 0.8), (REPLACING, 1), (DUTCH, 1 + 0.9 * 0.5 * 0.8)],
    ids=["accumulating", "replacing", "dutch"],
)
def test_a_second_visit_raises_a_trace_as_its_kind_says(kind, trace):
    lesson = Lesson("sarsa_lambda", [0] * 4, own=[0.8, kind])
    lesson.step(0, 0.0, 0, 0)
    lesson.step(0, 1.0, 2, 2)
    assert lesson.tables.q[0] == pytest.approx(SIZE * trace)


@pytest.mark.parametrize("name", ["sarsa_lambda", "q_lambda"])
def test_traces_move_each_action_by_its_own_step_size_where_the_visits_count(name):
    """The fourth visit of the first action, the first of the second: steps of 1/4 and 1."""
    lesson = Lesson(name, [0] * 4, own=[1, REPLACING], size="1/n")
    for _ in range(3):
        lesson.step(0, 0.0, -1)
    lesson.step(0, 0.0, NEXT, NEXT)
    lesson.step(NEXT, 1.0, -1)
    assert lesson.q == [DISCOUNT / 4, 0, 1, 0]


@pytest.mark.parametrize("name", ["sarsa_lambda", "q_lambda"])
def test_traces_end_with_the_episode(name):
    lesson = Lesson(name, [0] * 4, own=[1, REPLACING])
    lesson.step(0, 0.0, -1)
    assert not lesson.tables.numbers.any()
    lesson.step(2, 1.0, -1)
    assert lesson.q == [0, 0, SIZE, 0]


@pytest.mark.parametrize(("chosen", "first"), [(2, SIZE * DISCOUNT), (3, 0.0)], ids=["greedy", "exploring"])
def test_watkins_forgets_what_came_before_an_exploring_action(chosen, first):
    lesson = Lesson("q_lambda", [0, 0, 1, 0], own=[1, REPLACING], size=SIZE)
    lesson.tables.q[2:] = [1e-9, 0]
    lesson.step(0, 0.0, 2, chosen)
    lesson.step(chosen, 1.0, -1)
    assert lesson.tables.q[0] == pytest.approx(first, abs=1e-6)


@pytest.mark.parametrize(("visit", "value"), [(0, [1.75]), (1, [1.625])], ids=["first", "every"])
def test_monte_carlo_takes_the_first_visit_or_all(visit, value):
    """Rewards 1, 1, 1 from the same place: returns 1.75, 1.5 and 1, of which the mean is 1.41667."""
    lesson = Lesson("monte_carlo", [0, 0], own=[visit], size="1/n")
    for last in (False, False, True):
        lesson.step(0, 1.0, -1 if last else 0, ended=last)
    assert lesson.tables.q[0] == pytest.approx(value[0] if visit == 0 else (1.75 + 1.5 + 1) / 3)


def test_monte_carlo_goes_on_with_the_best_value_where_the_clock_struck():
    lesson = Lesson("monte_carlo", [0, 0, 4, 2], own=[0])
    lesson.step(0, 1.0, NEXT, ended=True)
    assert lesson.q == [SIZE * (1 + DISCOUNT * 4), 0, 4, 2]


def test_monte_carlo_prediction_keeps_the_mean_return_of_each_state():
    lesson = Lesson("monte_carlo_prediction", [0] * 4, own=[0], size="1/n")
    for reward in (1.0, 3.0):
        lesson.step(1, reward, 2)
        lesson.step(2, 4.0, -1)
    assert lesson.tables.twins[::2].tolist() == [pytest.approx(2 + DISCOUNT * 4), 4.0]


def test_td0_moves_a_state_towards_what_followed():
    lesson = Lesson("td0", [0] * 4)
    lesson.tables.twins[2] = 4.0
    lesson.step(1, 1.0, NEXT)
    assert lesson.tables.twins[0] == pytest.approx(SIZE * (1 + DISCOUNT * 4))
    lesson.step(3, 1.0, -1)
    assert lesson.tables.twins[2] == pytest.approx(4 + SIZE * (1 - 4))


def test_dyna_practises_what_it_remembers():
    lesson = Lesson("dyna_q", [0] * 6, own=[3], draws=[0.0, 0.6, 0.0])
    lesson.knobs = lesson.knobs._replace(own=[0])
    lesson.step(0, 0.0, 2)
    lesson.knobs = lesson.knobs._replace(own=[3])
    assert lesson.step(2, 1.0, -1) == 3
    second = SIZE * 1  # the real lesson; then the first place, the second, and the first again
    first = SIZE * DISCOUNT * second
    second += SIZE * (1 - second)
    first += SIZE * (DISCOUNT * second - first)
    assert lesson.q == [first, 0, second, 0, 0, 0]


def test_prioritized_dyna_follows_a_surprise_backwards():
    """Four states in a row; the reward at the end reaches the beginning within one step."""
    lesson = Lesson("prioritized_dyna", [0] * 8, own=[10, 1e-6], size=1.0)
    for place in (0, 2, 4):
        lesson.step(place, 0.0, place + 2)
    assert lesson.q == [0] * 8
    lesson.step(6, 1.0, -1)
    assert lesson.q == [0.125, 0, 0.25, 0, 0.5, 0, 1, 0]


def test_prioritized_dyna_forgets_a_way_that_no_longer_leads_there():
    lesson = Lesson("prioritized_dyna", [0] * 6, own=[10, 1e-6], size=1.0)
    lesson.step(0, 0.0, 2)
    lesson.step(1, 0.0, 2)
    lesson.step(0, 0.0, 4)  # what led to the second state leads to the third by now
    lesson.step(2, 1.0, -1)
    assert lesson.q == [0, 0.5, 1, 0, 0, 0]


def test_what_is_below_the_threshold_is_not_practised():
    lesson = Lesson("prioritized_dyna", [0] * 2, own=[10, 0.5], size=1.0)
    lesson.step(0, 0.4, -1)
    assert lesson.q == [0, 0]


@pytest.mark.parametrize("name", ["qlearning", "sarsa", "expected_sarsa", "dyna_q"])
def test_nothing_follows_an_ending(name):
    lesson = Lesson(name, [0, 0, 9, 9], own=[0], size=1.0)
    lesson.step(0, 1.0, -1)
    assert lesson.q == [1, 0, 9, 9]


# Behaviours


class World:
    choices = ()


def chosen(name, q, exploration, draws, *, visits=None, ties=False):
    tables = Lesson("qlearning", q).tables
    if visits is not None:
        tables.visits[:] = visits
    choose = behaviours.BEHAVIOURS[name].choose
    return choose(World, tables, 0, len(q), exploration, ties, list(draws), 0)


def test_epsilon_greedy_explores_with_its_chance_and_is_greedy_else():
    assert chosen("epsilon-greedy", [1, 3, 2], 0.3, [0.31]) == (1, 1)
    assert [chosen("epsilon-greedy", [1, 3, 2], 0.3, [luck])[0] for luck in (0.0, 0.15, 0.29)] == [0, 1, 2]


def test_softmax_chooses_in_proportion_to_the_exponential_of_the_values():
    q, temperature = np.array([0.0, 1.0, 2.0, -np.inf]), 0.7
    draws = (np.arange(4000) + 0.5) / 4000
    counts = np.bincount([chosen("softmax", q, temperature, [luck])[0] for luck in draws], minlength=4)
    weights = np.exp((q - 2) / temperature)
    assert counts / 4000 == pytest.approx(weights / weights.sum(), abs=1e-3)


def test_softmax_at_temperature_zero_is_greedy_and_large_values_do_no_harm():
    assert chosen("softmax", [1, 3, 2], 0.0, [0.5]) == (1, 0)
    assert chosen("softmax", [1e9, 2e9], 1.0, [0.999]) == (1, 1)


def test_ucb_tries_everything_first_and_then_what_promises_most():
    q = [1.0, 0.0, -np.inf, 0.5]
    assert chosen("ucb", q, 1.0, [], visits=[5, 0, 0, 5])[0] == 1
    promise = np.array(q) + 1.0 * np.sqrt(np.log(111) / np.array([100, 1, 1, 10]))
    assert chosen("ucb", q, 1.0, [], visits=[100, 1, 0, 10])[0] == promise.argmax() == 1
    assert chosen("ucb", q, 0.0, [], visits=[100, 1, 0, 10])[0] == 0


def test_ucb_breaks_ties_at_random():
    found = {chosen("ucb", [0, 0, -np.inf, 0], 1.0, [luck], ties=True)[0] for luck in (0.1, 0.5, 0.9)}
    assert found == {0, 1, 3}


@pytest.mark.parametrize("name", list(behaviours.BEHAVIOURS))
def test_what_a_state_is_expected_to_be_worth_is_the_mean_of_what_is_chosen(name):
    q, visits, exploration = [0.3, 0.9, 0.9, 0.1], [3, 2, 2, 9], 0.4
    draws = np.random.default_rng(0).random((20_000, 2))
    tables = Lesson("qlearning", q).tables
    tables.visits[:] = visits
    mean = np.mean([q[chosen(name, q, exploration, pair, visits=visits, ties=True)[0]] for pair in draws])
    assert behaviours.BEHAVIOURS[name].expected(tables, 0, 4, exploration) == pytest.approx(mean, abs=0.01)
