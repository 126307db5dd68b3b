"""envkit explain: rules, algorithms and metrics by name."""

import pytest

from envkit.cli.main import run


def test_a_rule_is_found_by_code_and_by_name(capsys):
    assert run(["explain", "EK201"]) == 0
    by_code = capsys.readouterr().out
    assert run(["explain", "reset-ignores-seed"]) == 0
    assert capsys.readouterr().out == by_code
    assert "One seed, two different first observations." in by_code


def test_the_beginning_of_a_code_lists_the_family(capsys):
    assert run(["explain", "EK2"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) > 3
    assert all(line.startswith("EK2") for line in lines)


def test_without_a_name_rules_algorithms_and_metrics_are_listed_in_sections(capsys):
    assert run(["explain"]) == 0
    out = capsys.readouterr().out
    rules, algorithms = out.index("Rules of envkit check"), out.index("Algorithms of envkit solve")
    metrics = out.index("Metrics of training")
    assert rules < out.index("EK201  error    reset-ignores-seed ") < algorithms
    assert algorithms < out.index("  qlearning  ") < out.index("  ppo  ") < metrics
    assert metrics < out.index("  train/approx_kl  ") < out.index("  curve/value_error  ")


def test_a_metric_is_shown_with_its_good_range_and_what_to_try(capsys):
    assert run(["explain", "approx_kl"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "train/approx_kl  (PPO)"
    assert "Good       0.003 to 0.02." in lines
    assert any(line.startswith("Otherwise  Above 0.02 to 0.05 for long") for line in lines)
    assert max(map(len, lines)) <= 80


def test_two_metrics_of_one_name_are_both_shown_and_the_group_tells_them_apart(capsys):
    assert run(["explain", "Success-Rate"]) == 0
    both = capsys.readouterr().out
    assert "rollout/success_rate  (" in both
    assert "eval/success_rate  (" in both
    assert run(["explain", "eval/success_rate"]) == 0
    assert capsys.readouterr().out.startswith("eval/success_rate  (EvalCallback)\n")


@pytest.mark.parametrize(
    ("wrong", "meant"),
    [
        ("reset-ignores-sed", "reset-ignores-seed"), ("EK999", "EK"), ("qlerning", "qlearning"),
        ("explained_varience", "explained_variance"), ("train/aprox_kl", "train/approx_kl"),
    ],
)  # fmt: skip
def test_a_mistake_is_answered_with_the_nearest_name_of_whatever_kind(capsys, wrong, meant):
    assert run(["explain", wrong]) == 2
    err = capsys.readouterr().err
    assert err.startswith(f"envkit: no rule, algorithm or metric is called '{wrong}'; did you mean '{meant}")
    assert err.endswith("`envkit explain` lists all\n")
    assert err.count("\n") == 1


def test_what_is_like_nothing_is_answered_without_a_guess(capsys):
    assert run(["explain", "zzzzzzzz"]) == 2
    assert "is called 'zzzzzzzz'; `envkit explain` lists all" in capsys.readouterr().err
