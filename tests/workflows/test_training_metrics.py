"""The pages on metrics: complete against Stable-Baselines3 and the kit's own curves, and fit to be read."""

import importlib.util
import re
from pathlib import Path

import pytest

import envkit
from envkit.core.schedule import schedule
from envkit.workflows.metrics import GROUPS, Metric, find, metrics

RECORDED = re.compile(r"logger\.record\(\s*\"([^\"]+)\"")
ALGORITHMS = ("ppo", "a2c", "dqn", "sac", "td3")


def recorded(files):
    return {name for file in files for name in RECORDED.findall(file.read_text())}


@pytest.fixture
def stable_baselines3():
    spec = importlib.util.find_spec("stable_baselines3")  # its source is read, and nothing of it imported
    if spec is None:
        pytest.skip("stable_baselines3 is not installed")
    return Path(spec.origin).parent


def test_the_list_has_exactly_what_stable_baselines3_records(stable_baselines3):
    contrib = stable_baselines3.parent / "sb3_contrib"
    families = [*stable_baselines3.rglob("*.py"), *(file for file in contrib.rglob("*.py") if file.stem != "ars")]
    theirs = recorded(families)
    assert {one.name for one in metrics() if one.group != "curve"} == theirs
    assert len(theirs) > 25


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_whoever_records_a_metric_is_named(stable_baselines3, algorithm):
    for name in recorded([stable_baselines3 / algorithm / f"{algorithm}.py"]):
        assert algorithm.upper() in find(name)[0].by, name


def test_the_list_has_exactly_the_columns_of_the_kits_curves():
    columns = set()
    for knob in ({"epsilon": 0.1}, {"temperature": 1.0}, {"bonus": 1.0}):
        solved = envkit.solve("FrozenLake-v1", "qlearning", episodes=20, eval_episodes=1, run_dir=False, **knob)
        columns |= set(solved.result.curve.columns)
    assert {one.plain for one in metrics() if one.group == "curve"} == columns


def test_a_name_is_found_with_and_without_its_group_and_as_people_type_it():
    for one in metrics():
        assert find(one.name) == [one]
        assert one in find(one.plain)
    assert [one.name for one in find("Explained Variance")] == ["train/explained_variance"]
    assert [one.name for one in find("ep-rew-mean")] == ["rollout/ep_rew_mean"]
    assert find("variance") == []


@pytest.mark.parametrize("metric", metrics(), ids=lambda metric: metric.name)
def test_every_page_is_whole(metric):
    assert metric.group in GROUPS
    for text in (metric.what, metric.good, metric.otherwise):
        assert re.match(r"[A-Z0-9]|\w+_\w+|total_timesteps", text)
        assert text.endswith(".")
        assert "  " not in text
    assert len(metric.summary) <= 90


@pytest.mark.parametrize("metric", metrics(), ids=lambda metric: metric.name)
def test_what_a_page_says_to_type_and_to_look_at_exists(metric):
    whole = f"{metric.what} {metric.good} {metric.otherwise}"
    for command in re.findall(r"`envkit (\w+)", whole):
        assert importlib.util.find_spec(f"envkit.cli.commands.{command}"), command
    for other in re.findall(r"(?:see|As of) ([a-z_/]+)(?: and ([a-z_/]+))?[.;]", whole):
        assert all(find(name) for name in other if name), other
    for text in re.findall(r'"((?:linear|exponential|power|1/)[^"]*)"', whole):
        schedule(text)


def test_the_summary_is_how_the_text_begins():
    assert Metric("a/b", "X", "How far: a distance. In metres.", "", "").summary == "How far."
    assert Metric("a/b", "X", "The share (0.2 by default), nothing else.", "", "").summary.endswith("nothing else.")
