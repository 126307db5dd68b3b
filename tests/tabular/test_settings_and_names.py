import pytest

from envkit.core.errors import UsageError
from envkit.core.schedule import constant
from envkit.core.settings import Setting, settled
from envkit.tabular.learner import SETTINGS
from envkit.tabular.solver import Solver
from envkit.workflows.algorithms import find, solvers


def test_every_solver_of_the_kit_is_found():
    assert {"double-qlearning", "policy-iteration", "qlearning", "sarsa", "value-iteration", "td0"} <= set(solvers())
    assert all(name == solver.name for name, solver in solvers().items())


@pytest.mark.parametrize("typed", ["double-qlearning", "Double_QLearning", "doubleqlearning", "DOUBLE-Q-LEARNING"])
def test_case_hyphens_and_underscores_of_a_name_do_not_matter(typed):
    assert find(typed).name == "double-qlearning"


def test_an_unknown_algorithm_is_answered_with_the_nearest():
    with pytest.raises(UsageError, match=r"algorithm 'sarse': did you mean 'sarsa'\? It is not one of "):
        find("sarse")


def test_hindsight_is_told_to_be_a_replay_memory():
    with pytest.raises(
        UsageError, match=r"no algorithm is called 'HER': hindsight is .* --set replay=hindsight with dqn"
    ):
        find("HER")


def test_every_solver_says_what_it_is_and_each_setting_what_it_means():
    for solver in solvers().values():
        assert solver.summary.partition(":")[2].strip()
        assert all(setting.about for setting in solver.settings)


def announce(monkeypatch, load):
    class Point:
        name, value = "random-search", "elsewhere:SOLVER"

    Point.load = staticmethod(load)
    monkeypatch.setattr("importlib.metadata.entry_points", lambda group: [Point] if group == "envkit.solvers" else [])


def test_a_solver_of_another_package_is_found_by_its_entry_point(monkeypatch):
    theirs = Solver("random-search", "random search: tries", needs_model=False, settings=(), solve=lambda problem: None)
    announce(monkeypatch, lambda: theirs)
    assert find("RandomSearch") is theirs


def test_a_broken_solver_of_another_package_is_named(monkeypatch):
    def load():
        raise ImportError("no module named elsewhere")

    announce(monkeypatch, load)
    with pytest.raises(
        UsageError, match=r"the algorithm random-search \(elsewhere:SOLVER\) is broken: ImportError: no mod"
    ):
        find("random-search")


def test_an_entry_point_that_is_no_solver_is_named(monkeypatch):
    announce(monkeypatch, lambda: 3)
    with pytest.raises(
        UsageError, match=r"the algorithm random-search \(elsewhere:SOLVER\) is 3, not an envkit.tabular.solver.Solver"
    ):
        find("random-search")


def test_aliases_and_hyphens_name_the_same_setting():
    assert settled(SETTINGS, {"gamma": 0.5, "Alpha": 0.25, "initial-value": 0})["discount"] == 0.5
    assert settled(SETTINGS, {"alpha": 0.25})["step_size"] == constant(0.25)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"epsilom": 1}, r"hyper-parameter 'epsilom': did you mean 'epsilon'\? It is not one of alpha, .*, discount, "),
        ({"epsilon": 2}, r"epsilon is 2, not a number from 0 to 1; the chance of exploring"),
        ({"alpha": 0}, r"step_size is 0, not a number above 0 up to 1"),
        ({"alpha": -0.1}, r"step_size is -0.1, not a number above 0 up to 1"),
        ({"discount": float("nan")}, r"discount is nan, not a number from 0 to 1"),
        ({"initial_value": float("inf")}, r"initial_value is inf, not a number;"),
        ({"discount": True}, r"discount is True, not a number from 0 to 1"),
        ({"discount": "high"}, r"discount is 'high', not a number from 0 to 1"),
        ({"ties": "second"}, r"ties 'second' is not one of first, random"),
        ({"gamma": 1, "discount": 1}, r"hyper-parameter 'discount' is given twice, once as 'gamma'"),
        ({"alpha": 0.1, "step_size": 0.2}, r"hyper-parameter 'step_size' is given twice, once as 'alpha'"),
        ({"step_size": 0.2, "alpha": 0.1}, r"hyper-parameter 'step_size' is given twice, once as 'alpha'"),
    ],
)
def test_a_mistake_is_answered_with_what_was_expected(given, message):
    with pytest.raises(UsageError, match=message):
        settled(SETTINGS, given)


@pytest.mark.parametrize("value", [0, 2.5])
def test_a_whole_number_is_asked_for_where_one_is_meant(value):
    with pytest.raises(UsageError, match=r"max_sweeps is .*, not a whole number of at least 1"):
        settled([Setting("max_sweeps", 5, "sweeps", 1, whole=True)], {"max_sweeps": value})
