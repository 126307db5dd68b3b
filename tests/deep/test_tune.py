"""Searching hyper-parameters: what is found, what is given up, and what is told."""

import json
import sys
from pathlib import Path

import pytest
from searches import CORRIDOR, HERE, LEARNT, SHORT, TARGET, TOLD, found, quick, table

import envkit
from envkit.cli.main import run
from envkit.core.errors import MissingExtra
from envkit.workflows.solve import solve
from envkit.workflows.tune import tune
from envkit.workflows.tuning.attempt import State


@pytest.fixture(autouse=True)
def _in_an_empty_directory(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def test_it_finds_what_does_best_and_says_how_much_is_gained():
    tuned = quick(30)
    assert tuned.mean_return > 0.97
    assert (tuned.default.settings, tuned.default.value) == ({"height": 0.1, "curve": "straight"}, pytest.approx(0.4))
    assert tuned.gained == tuned.mean_return - tuned.default.value
    assert tuned.run_dir == Path("tunes") / f"{tuned.run_dir.name}"
    assert tuned.importances["height"] > 0.5
    assert sum(tuned.importances.values()) == pytest.approx(1)
    text = str(tuned)
    assert "gained: 0." in text
    assert ", from 0.4 to " in text
    assert f"--preset {tuned.preset} --seed 1" in text
    assert "<pre>" in tuned._repr_html_()


def test_all_is_written_down():
    tuned = quick()
    files = {path.name for path in tuned.run_dir.iterdir()}
    assert files == {"config.json", "study.db", "preset.toml", "trials.csv", "result.json"}
    rows = table(tuned.run_dir / "trials.csv")
    assert [int(row["trial"]) for row in rows] == list(range(8))
    assert [float(row["height"]) for row in rows] == [one.settings["height"] for one in tuned.attempts]
    result = json.loads((tuned.run_dir / "result.json").read_text())
    assert result == tuned.to_json()
    assert result["counts"] == {"complete": 8, "pruned": 0, "failed": 0}


def test_the_same_seed_finds_the_same_and_another_one_something_else():
    one, two, other = quick(14), quick(14), quick(14, seed=1)
    assert found(one) == found(two)
    assert (one.run_dir / "preset.toml").read_text() == (two.run_dir / "preset.toml").read_text()
    assert [a.settings for a in one.attempts[1:]] != [a.settings for a in other.attempts[1:]]


def test_what_is_fixed_is_not_searched():
    tuned = tune(CORRIDOR, "a2c", trials=2, gamma=0.9, **SHORT)
    assert "gamma" not in tuned.asked.space
    assert "net_arch" in tuned.asked.space
    assert "gamma = 0.9\n" in tuned.preset.read_text()


def test_several_seeds_count_by_their_mean():
    tuned = tune(CORRIDOR, "a2c", trials=2, seeds=2, **SHORT)
    assert all(len(one.returns) == 2 and one.value == sum(one.returns) / 2 for one in tuned.attempts)
    alone = solve(CORRIDOR, "a2c", seed=1, run_dir=False, **SHORT)
    assert alone.mean_return == tuned.default.returns[1]


def test_solve_with_the_preset_ends_with_what_the_search_has_found():
    tuned = tune(TARGET, "ppo", n_envs=2, **LEARNT | {"trials": 4})
    assert tuned.best.number > 0
    again = solve(TARGET, "ppo", preset=tuned.preset, eval_episodes=5, run_dir="again")
    assert again.mean_return == tuned.mean_return
    used = json.loads(Path("again/config.json").read_text())
    assert {name: used["hyper_parameters"][name] for name in tuned.best.settings} == tuned.best.settings
    assert (used["steps"], used["n_envs"]) == (160, 2)


@pytest.mark.parametrize("jobs", [1, 2])
def test_what_does_worse_than_half_of_the_others_is_given_up(jobs):
    tuned = tune(TARGET, "ppo", jobs=jobs, **LEARNT)
    pruned = [one for one in tuned.attempts if one.state is State.PRUNED]
    assert pruned
    assert all(3 * 16 <= one.steps <= 160 for one in pruned)  # not before its third evaluation
    assert min(one.steps for one in pruned) < 160 or jobs > 1  # with several at once chance has a part
    assert all(one.number >= 5 for one in pruned) or jobs > 1
    assert all(one.value is not None and one.value <= tuned.mean_return for one in pruned)
    assert f"{len(pruned)} pruned" in str(tuned)


def test_nothing_is_given_up_where_that_is_not_wanted():
    assert tune(TARGET, "ppo", prune=False, **LEARNT).counts == {State.COMPLETE: 14}


def test_settings_that_do_not_fit_together_and_those_that_diverge_are_counted_and_passed_over():
    tuned = tune(CORRIDOR, "dqn", trials=6, search={"replay": "uniform,hindsight"}, learning_starts=50, **SHORT)
    failed = [one for one in tuned.attempts if one.state is State.FAILED]
    assert failed
    assert all("replay=hindsight needs goals" in one.why for one in failed)
    assert {one.settings["replay"] for one in tuned.attempts if one.is_complete} == {"uniform"}
    assert f"note: {len(failed)} trial" in str(tuned)

    search = {"learning_rate": "1e25:1e30:log"}
    wild = tune(f"{CORRIDOR}", "ppo", env_kwargs={"acts": "box"}, trials=3, search=search, optimizer="sgd", **SHORT)
    assert [one.state for one in wild.attempts] == [State.COMPLETE, State.FAILED, State.FAILED]
    assert "are no numbers any more" in wild.attempts[1].why
    assert wild.gained == 0
    assert "nothing: the settings to begin with did best" in str(wild)


def test_where_nothing_goes_well_that_is_told_in_one_line(capsys):
    asked = ["tune", CORRIDOR, "--algo", "dqn", "--set", "replay=hindsight", "--trials", "2", "--steps", "200"]
    assert run([*asked, "--tune-dir", "t"]) == 2
    assert "2 trials failed, and none went well; trial 1: replay=hindsight needs goals" in capsys.readouterr().err


def test_several_at_once_make_all_of_them():
    tuned = quick(12, jobs=3)
    assert tuned.counts == {State.COMPLETE: 12}
    assert [one.number for one in tuned.attempts] == list(range(12))
    assert tuned.mean_return > tuned.default.value


def test_a_process_that_dies_costs_its_trial_only():
    deadly = f"{HERE / 'tuning_games.py'}:deadly"
    tuned = tune(TARGET, deadly, trials=8, search={"height": "0:1"}, steps=1, eval_episodes=5, jobs=2)
    failed = [one for one in tuned.attempts if one.state is State.FAILED]
    assert {one.why for one in failed} == {"its process died with exit code 9"}
    assert {one.number for one in failed} == {one.number for one in tuned.attempts if one.settings["height"] > 0.5}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["CartPole-v1"], "name environment and algorithm: envkit tune CartPole-v1 --algo ppo"),
        (["gridworld", "--algo", "qlearning"], "qlearning makes a table, and tune is of deep learners"),
        (["CartPole-v1", "--algo", "sac"], "sac cannot take CartPole-v1: actions are Discrete"),
        (["CartPole-v1", "--algo", "ppo", "--trials", "0"], "--trials takes a whole number of at least 1, not '0'"),
        (["CartPole-v1", "--algo", "ppo", "--timeout", "-1"], "timeout is -1, not a number of seconds above 0"),
        (
            ["CartPole-v1", "--algo", "ppo", "--set", "gamma=0.9", "--search", "gamma=0.8:0.9"],
            "gamma is to be searched and is fixed by --set too",
        ),
        ([TARGET, "--algo", TOLD], "is to be searched: --search NAME=RANGE"),
        (["--resume", "t", "--seed", "3"], "--resume goes on as the search began, so seed cannot be given with it"),
        (["--resume", "t", "--trials", "3"], "--trials 3 with --resume: write +3 for so many trials more"),
        (["--resume", "t", "--trials", "-3"], "--trials -3 with --resume: write +3 for so many trials more"),
        (["CartPole-v1", "--algo", "ppo", "--tune-dir", "full"], "full is not empty; name another --tune-dir DIR"),
    ],
)
def test_what_cannot_be_done_is_told_in_one_line(capsys, arguments, message):
    Path("full").mkdir()
    Path("full/file").touch()
    assert run(["tune", *arguments]) == 2
    error = capsys.readouterr().err
    assert message in error
    assert error.count("\n") == 1


def test_without_optuna_the_line_to_type_is_told(monkeypatch):
    monkeypatch.setitem(sys.modules, "optuna", None)
    with pytest.raises(MissingExtra, match=r"envkit tune needs optuna: pip install .*\[tune\]"):
        quick()


def test_the_command_prints_a_table_or_json_and_draws(capsys):
    pytest.importorskip("matplotlib", reason="needs the extra plots")
    asked = ["tune", TARGET, "--algo", TOLD, "--search", "height=0:1", "--trials", "5", "--steps", "1"]
    assert run([*asked, "--tune-dir", "t"]) == 0
    out, err = capsys.readouterr()
    assert "rank" in out
    assert "gained: " in out
    assert "trial 0 earned 0.4, the settings to begin with" in err
    assert Path("t/history.png").read_bytes().startswith(b"\x89PNG")
    assert run([*asked, "--format", "json", "--quiet", "--no-plots", "--tune-dir", "u"]) == 0
    out, err = capsys.readouterr()
    assert (json.loads(out)["tune_dir"], err) == ("u", "")
    assert not Path("u/history.png").exists()


def test_python_has_it_under_the_kits_name():
    assert envkit.tune is tune
