"""Searching hyper-parameters: what is searched, what is kept, and what becomes of it when something goes wrong."""

import csv
import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

pytest.importorskip("torch", reason="needs the extra deep")
pytest.importorskip("stable_baselines3", reason="needs the extra deep")
pytest.importorskip("optuna", reason="needs the extra tune")

import envkit
from envkit.cli.main import run
from envkit.core.errors import ArtifactRefused, EnvironmentFailed, Interrupted, MissingExtra, StorageFailed, UsageError
from envkit.runs.lock import locked
from envkit.workflows.algorithms import learners
from envkit.workflows.solve import solve
from envkit.workflows.tune import go_on, tune
from envkit.workflows.tuning import store
from envkit.workflows.tuning.attempt import State
from envkit.workflows.tuning.dimensions import dimension
from envkit.workflows.tuning.space import known

HERE = Path(__file__).parent
TARGET, TOLD = f"{HERE / 'tuning_games.py'}:Target", f"{HERE / 'tuning_games.py'}:told"
CORRIDOR = f"{HERE / 'training_games.py'}:Corridor"
HEIGHT = {"height": "0:1", "curve": "straight,bent"}
QUICK = {"search": HEIGHT, "steps": 1, "eval_episodes": 5}
SHORT = {"steps": 400, "n_envs": 2, "eval_episodes": 5}
LEARNT = {  # the faster the better: what hardly moves is given up
    "search": {"learning_rate": "1e-6:0.1:log"}, "steps": 160, "n_steps": 16, "batch_size": 16, "n_epochs": 4,
    "net_arch": "8", "activation": "tanh", "gamma": 0.9, "gae_lambda": 0.9, "clip_range": 0.2, "ent_coef": 0.0,
    "max_grad_norm": 1.0, "eval_episodes": 5, "trials": 14,
}  # fmt: skip


@pytest.fixture(autouse=True)
def _in_an_empty_directory(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def quick(trials=8, **arguments):
    """A search of milliseconds."""
    return tune(TARGET, TOLD, trials=trials, **QUICK | arguments)


def found(tuned):
    """What does not depend on the clock."""
    return [(one.number, one.state, one.value, one.returns, dict(one.settings)) for one in tuned.attempts]


def table(path):
    with path.open() as file:
        return list(csv.DictReader(file))


def test_it_finds_what_does_best_and_says_how_much_is_gained():
    tuned = quick(30)
    assert tuned.mean_return > 0.97
    assert (tuned.default.settings, tuned.default.value) == ({"height": 0.1, "curve": "straight"}, pytest.approx(0.4))
    assert tuned.gained == tuned.mean_return - tuned.default.value
    assert tuned.run_dir == Path("tunes") / f"{tuned.run_dir.name}"
    assert tuned.importances["height"] > 0.5
    assert sum(tuned.importances.values()) == pytest.approx(1)
    text = str(tuned)
    assert f"gained: {round(tuned.gained, 2)}" in text
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
    assert all(3 * 16 <= one.steps < 160 for one in pruned)  # not before its third evaluation
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


@pytest.mark.parametrize("jobs", [1, 2])
def test_an_environment_that_fails_ends_it_and_what_was_found_is_kept(jobs):
    with pytest.raises(EnvironmentFailed, match=r"the bow broke.*; \d+ trials? of 50 (is|are) kept: envkit tune --res"):
        quick(50, env_kwargs={"fails_after": 30 + jobs}, tune_dir="t", jobs=jobs)
    assert 1 <= len(table(Path("t/trials.csv"))) < 50
    assert Path("t/preset.toml").is_file()


def test_an_environment_that_fails_at_once_leaves_nothing_behind():
    with pytest.raises(EnvironmentFailed, match="not one trial had ended, so nothing is kept"):
        quick(env_kwargs={"fails_after": 1})
    assert not Path("tunes").exists()


def stopping(number, after=2):
    """A reporter that sends a signal after so many improvements."""
    seen = []

    def report(progress):
        if progress.notice and "trial" in progress.notice:
            seen.append(progress.notice)
            if len(seen) == after:
                os.kill(os.getpid(), number)

    return report


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_ends_it_cleanly_and_it_goes_on_as_if_nothing_had_been(number, code):
    whole = quick(14)
    with pytest.raises(Interrupted, match=r"stopped; \d+ trials of 14 are kept: envkit tune --resume t$") as caught:
        quick(14, tune_dir="t", report=stopping(number))
    assert caught.value.exit_code == code
    assert not Path("t/result.json").exists()
    assert found(go_on("t")) == found(whole)


def test_a_training_under_way_is_stopped_too():
    def report(progress):
        if progress.steps > 200:
            os.kill(os.getpid(), signal.SIGINT)

    with pytest.raises(Interrupted, match="stopped; not one trial had ended, so nothing is kept"):
        tune(CORRIDOR, "a2c", trials=3, steps=1_000_000, report=report)
    assert not Path("tunes").exists()


def test_a_search_that_is_killed_loses_no_more_than_the_trial_under_way():
    whole = quick(14, pause=0.1)
    command = [sys.executable, "-m", "envkit", "tune", TARGET, "--algo", TOLD, "--trials", "14", "--steps", "1"]
    command += [
        "--search",
        "height=0:1",
        "--search",
        "curve=straight,bent",
        "--set",
        "pause=0.1",
        "--eval-episodes",
        "5",
    ]
    process = subprocess.Popen([*command, "--tune-dir", "t", "--no-plots"], stderr=subprocess.DEVNULL)
    patience = time.monotonic() + 120
    while len(table(Path("t/trials.csv")) if Path("t/trials.csv").exists() else ()) < 3:
        assert process.poll() is None
        assert time.monotonic() < patience
        time.sleep(0.02)
    process.kill()
    process.wait()
    before = len(table(Path("t/trials.csv")))
    assert before < 14
    tuned = go_on("t")
    assert found(tuned) == found(whole)
    with sqlite3.connect("t/study.db") as database:
        states = [row[0] for row in database.execute("SELECT state FROM trials")]
    assert len(states) <= 15
    assert "RUNNING" not in states


def test_one_that_is_over_goes_on_for_more_trials():
    whole = quick(14)
    quick(6, tune_dir="t")
    with pytest.raises(UsageError, match=r"t is complete: --trials \+N makes N more trials"):
        go_on("t")
    assert found(go_on("t", trials=8)) == found(whole)


def test_when_the_time_is_up_what_there_is_counts():
    tuned = quick(10_000, timeout=3.0, tune_dir="t")
    assert 1 <= len(tuned.attempts) < 10_000
    assert tuned.why == "the time is up"
    assert len(go_on("t", timeout=2.0).attempts) > len(tuned.attempts)
    with pytest.raises(UsageError, match="not one trial was over when the time is up"):
        tune(CORRIDOR, "a2c", steps=10**6, timeout=0.5)


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


@pytest.fixture
def _impatient(monkeypatch):
    monkeypatch.setattr(store, "PATIENCE", 0.2)


@pytest.mark.usefixtures("_impatient")
def test_a_store_that_another_process_has_locked_is_told_and_left_alone(capsys):
    quick(3, tune_dir="t")
    before = Path("t/study.db").read_bytes()
    other = sqlite3.connect("t/study.db", isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    assert run(["tune", "--resume", "t", "--trials", "+3"]) == 5
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert "t/study.db is locked by another process; when that has ended, go on with envkit tune --resume t" in error
    other.close()
    assert Path("t/study.db").read_bytes() == before
    assert len(go_on("t", trials=3).attempts) == 6


@pytest.mark.usefixtures("_impatient")
def test_a_lock_in_the_midst_of_it_loses_nothing_that_was_kept():
    whole = quick(14)
    other = None

    def report(progress):
        nonlocal other
        if progress.notice and other is None and "best so far" in progress.notice:
            other = sqlite3.connect("t/study.db", isolation_level=None)
            other.execute("BEGIN EXCLUSIVE")

    with pytest.raises(StorageFailed, match="t/study.db is locked by another process"):
        quick(14, tune_dir="t", report=report)
    other.close()
    assert found(go_on("t")) == found(whole)


def test_two_processes_do_not_search_in_one_directory():
    quick(3, tune_dir="t")
    with locked(Path("t")), pytest.raises(UsageError, match=r"process \d+ of .* is at work in t"):
        go_on("t", trials=1)


def _other_database(path):
    path.unlink()
    with sqlite3.connect(path) as database:
        database.execute("CREATE TABLE songs (title TEXT)")
    database.close()


def _other_study(path):
    path.write_bytes((quick(2, seed=5).run_dir / "study.db").read_bytes())


def _scribbled(path):
    data = bytearray(path.read_bytes())
    for begin in range(8192, len(data) - 100, 4096):
        data[begin : begin + 64] = b"\xff" * 64
    path.write_bytes(data)


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda path: path.unlink(), "study.db cannot be read: No such file"),
        (lambda path: path.write_bytes(b""), "study.db is no SQLite file"),
        (lambda path: path.write_text("trial,height\n"), "study.db is no SQLite file"),
        (lambda path: path.write_bytes(path.read_bytes()[:6000]), "study.db is damaged: "),
        (lambda path: path.write_bytes(path.read_bytes()[:-5000]), "study.db is damaged: "),
        (lambda path: path.write_bytes(b"SQLite format 3\0" + b"\7" * 5000), "study.db is damaged: "),
        (_scribbled, "study.db is damaged: "),
        (_other_database, "study.db is a database of something else: it has no table studies"),
        (_other_study, "study.db is of another study: "),
    ],
)
def test_a_store_that_is_damaged_or_foreign_is_refused_and_left_alone(capsys, damage, message):
    quick(3, tune_dir="t")
    damage(Path("t/study.db"))
    before = {path.name: path.read_bytes() for path in Path("t").iterdir()}
    assert run(["tune", "--resume", "t", "--trials", "+1"]) == 4
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert error.startswith(f"envkit: t/{message}")
    assert {path.name: path.read_bytes() for path in Path("t").iterdir()} == before


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "t/config.json is damaged"),
        ("[]", "is not the configuration of a run: it has no schema"),
        (
            '{"schema": 1, "family": "deep"}',
            "is not the configuration of a search, but of a run: envkit solve --resume",
        ),
        ('{"schema": 1, "family": "tune"}', "is not the configuration of a search: KeyError: 'request'"),
    ],
)
def test_a_configuration_that_is_none_is_refused(text, message):
    quick(2, tune_dir="t")
    Path("t/config.json").write_text(text)
    with pytest.raises(ArtifactRefused) as caught:
        go_on("t")
    assert message in str(caught.value)


def test_what_is_no_search_is_not_gone_on_with():
    Path("empty").mkdir()
    with pytest.raises(UsageError, match=r"empty is not the directory of a search: it has no config.json"):
        go_on("empty")


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ("gamma", "--search takes name=range, not 'gamma'; for example --search gamma=0.9:0.999"),
        ("gama=0.9:0.99", "hyper-parameter 'gama': did you mean 'gamma'?"),
        ("gamma=0.99:0.9", "the search gamma=0.99:0.9 cannot be: 0.99 is not below 0.9"),
        ("gamma=0.9:1.5", "the search gamma=0.9:1.5 cannot be: gamma is 1.5, not a number from 0 to 1"),
        ("gamma=0.9:0.99:lin", "a range ends with :log or :towards-1, not with :lin"),
        ("gamma=0:0.99:log", "with :log all is above 0, and 0 is not"),
        ("gamma=0.9:1:towards-1", "with :towards-1 all is below 1, and 1 is not"),
        ("gamma=0.9", "there is one value only, so --set fixes it; a search is LOW:HIGH"),
        ("gamma=0.9,", "gamma is ''"),
        ("net_arch=64,64", "there is one value only, so --set fixes it"),
        ("net_arch=64,64|wide", "net_arch is 'wide'; sizes of the hidden layers"),
        ("activation=1:2", "activation is no number (tanh, relu"),
        ("activation=tanh,tan", "activation 'tan': did you mean 'tanh'?"),
        ("n_steps=8.5:16", "n_steps is 8.5, not a whole number"),
        ("learning_rate=linear(0.1:0.2, 0)", "has 2 arguments; write linear(from, to, how long)"),
    ],
)
def test_a_search_that_is_none_is_told_in_one_line(capsys, typed, message):
    assert run(["tune", "CartPole-v1", "--algo", "ppo", "--search", typed]) == 2
    error = capsys.readouterr().err
    assert message in error
    assert error.count("\n") == 1
    assert not Path("tunes").exists()


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


@pytest.mark.parametrize("learner", learners().values(), ids=lambda one: one.name)
def test_what_is_searched_of_a_learner_fits_it(learner):
    by_name = {one.name: one for one in learner.settings}
    space = {name: dimension(by_name[name], typed) for name, typed in known(learner).items()}
    assert {"learning_rate", "gamma", "net_arch", "activation"} <= set(space) | ({"gamma"} - set(by_name))
    for name, one in space.items():
        assert dimension(by_name[name], one.typed) == one  # as config.json keeps it


def test_a_text_may_hold_ranges():
    dqn = {one.name: one for one in learners()["dqn"].settings}
    one = dimension(dqn["epsilon"], "linear(1, 0.01:0.2:log, 5:50%)")
    assert one.value({"epsilon.0": 0.0312345, "epsilon.1": 20.0}, "epsilon") == "linear(1, 0.0312, 20%)"
    assert one.params("linear(1, 0.05, 10%)", "epsilon") == {"epsilon.0": 0.05, "epsilon.1": 10.0}
    assert one.params("linear(1, 0.005, 10%)", "epsilon") == {}


def test_a_minibatch_is_never_larger_than_a_rollout():
    search = {"batch_size": "16,512", "n_steps": "8,16"}
    tuned = tune(CORRIDOR, "ppo", trials=4, search=search, n_epochs=1, net_arch="8", **SHORT)
    assert all(one.settings["batch_size"] <= 2 * one.settings["n_steps"] for one in tuned.attempts[1:])


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
