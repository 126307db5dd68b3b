"""An algorithm of one's own: a function named by the command line, or announced by an installed package."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import envkit
from envkit.cli.main import run as command_line
from envkit.core.errors import ArtifactRefused, EnvironmentFailed, UsageError
from envkit.workflows.evaluate import evaluate
from envkit.workflows.solve import configuration, resume, solve

PAGE = Path(__file__).parents[2] / "docs" / "own-algorithms.md"
EXAMPLE = re.search(r"```python\n(# climb.py\n.*?)```", PAGE.read_text(), re.S).group(1)


@pytest.fixture(autouse=True)
def _beside_the_example(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("climb.py").write_text(EXAMPLE)


def climbed(**arguments):
    asked = {"steps": 3000, "noise": 0.3, "eval_episodes": 10} | arguments
    return solve("CartPole-v1", "climb.py:climb", **asked)


def test_the_example_is_short_and_learns():
    lines = [line for line in EXAMPLE.splitlines() if line.strip()]
    assert len(lines) <= 40
    run = climbed()
    assert run.mean_return > 2 * run.random_return
    assert run.steps == 3000
    episodes = run.notebook.episodes
    assert len(episodes) > 10
    assert sum(row[4] for row in episodes) <= 3000


def test_its_run_is_evaluated_loaded_and_drawn(capsys):
    run = climbed()
    assert command_line(["eval", str(run.run_dir), "--episodes", "5", "--format", "json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["algo"] == "climb.py:climb"
    policy = envkit.load(run.run_dir)
    again = evaluate(policy, policy.ref, episodes=10, seed=4)
    np.testing.assert_array_equal(again.returns, evaluate(run.policy, policy.ref, episodes=10, seed=4).returns)
    pytest.importorskip("matplotlib")
    assert command_line(["plot", str(run.run_dir), "--kind", "svg"]) == 0
    assert (run.run_dir / "curve.svg").stat().st_size > 1000


def test_the_same_seed_gives_the_same_run():
    one, two, other = climbed(run_dir="one"), climbed(run_dir="two"), climbed(run_dir="other", seed=1)
    assert (one.run_dir / "episodes.csv").read_text() == (two.run_dir / "episodes.csv").read_text()
    assert (one.run_dir / "episodes.csv").read_text() != (other.run_dir / "episodes.csv").read_text()


def test_an_installed_package_announces_it(tmp_path):
    site = tmp_path / "site"
    (site / "climbing-1.0.dist-info").mkdir(parents=True)
    (site / "climbing.py").write_text(EXAMPLE)
    (site / "climbing-1.0.dist-info" / "METADATA").write_text("Metadata-Version: 2.1\nName: climbing\nVersion: 1.0\n")
    entry = "[envkit.solvers]\nhill-climbing = climbing:climb\n"
    (site / "climbing-1.0.dist-info" / "entry_points.txt").write_text(entry)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()

    def command(*argv):
        return subprocess.run(
            [sys.executable, "-m", "envkit", *argv], cwd=elsewhere, capture_output=True, text=True, timeout=120,
            env={**os.environ, "PYTHONPATH": os.pathsep.join([str(site), *filter(None, [os.environ.get("PYTHONPATH")])])},
        )  # fmt: skip

    solved = command(
        "solve", "CartPole-v1", "--algo", "HillClimbing", "--steps", "500", "--run-dir", "run", "--no-plots"
    )
    assert solved.returncode == 0, solved.stderr
    assert "CartPole-v1  hill-climbing  seed 0: 500 steps" in solved.stdout
    evaluated = command("eval", "run", "--episodes", "5")
    assert evaluated.returncode == 0, evaluated.stderr
    assert "(hill-climbing)" in evaluated.stdout
    misspelt = command("solve", "CartPole-v1", "--algo", "hill-climbin")
    assert misspelt.returncode == 2
    assert "did you mean 'hill-climbing'?" in misspelt.stderr


def write(body, head="make, seed, steps"):
    Path("own.py").write_text(f"import numpy as np\ndef algo({head}):\n    env = make()\n    {body}\n")


def own(**arguments):
    return solve("CartPole-v1", "own.py:algo", **{"steps": 100, "eval_episodes": 5} | arguments)


def test_a_policy_without_arrays_is_judged_but_not_kept():
    write("env.reset(seed=seed); env.step(0); return lambda observation: 0")
    run = own()
    assert run.mean_return < 12
    assert any("the policy cannot be kept" in note for note in run.notes)
    with pytest.raises(ArtifactRefused, match="cannot be read: it has no method arrays"):
        envkit.load(run.run_dir)


def test_hyper_parameters_follow_from_the_keyword_arguments():
    write("return lambda observation: 0", "make, seed, steps, *, rate=0.5, layers=2, kind='a', fast=False")
    asked = {"rate": 2, "layers": 3, "kind": "b", "fast": "true"}
    found = configuration("CartPole-v1", "own.py:algo", **asked)["hyper_parameters"]
    assert found == {"rate": 2.0, "layers": 3, "kind": "b", "fast": True}
    with pytest.raises(UsageError, match="layers is 2.5, not a whole number"):
        own(layers=2.5)
    with pytest.raises(UsageError, match="hyper-parameter 'rates': did you mean 'rate'"):
        own(rates=2)


@pytest.mark.parametrize(
    ("head", "body", "asked", "error", "why"),
    [
        ("make, seed", "pass", {}, UsageError, r"takes \(make, seed\); it is to take \(make, seed, steps\)"),
        ("make, seed, steps, *, x=None", "pass", {}, UsageError, "x has the default None, no number, text or bool"),
        ("make, seed, steps", "return 3", {}, UsageError, "returned 3, not a policy"),
        ("make, seed, steps", "return", {}, UsageError, "returned None, not a policy"),
        ("make, seed, steps", "raise ValueError('oh')", {}, EnvironmentFailed, "own.py:algo raised ValueError: oh, at .*own.py:4"),
        ("make, seed, steps", "np.ones(2).reshape(3)", {}, EnvironmentFailed, "cannot reshape .*, at .*own.py:4$"),
        ("make, seed, steps", "return len", {"n_envs": 2}, UsageError, "makes its environments itself, so n_envs"),
        ("make, seed, steps", "return len", {"normalize": ("reward",)}, UsageError, "so normalize is not for it"),
        ("make, seed, steps", "return len", {"episodes": 5}, UsageError, "so episodes cannot end it; steps can"),
        ("make, seed, steps", "return len", {"target_return": 5}, UsageError, "so target cannot end it; steps can"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_it_is_said_in_a_line(head, body, asked, error, why):
    write(body, head)
    with pytest.raises(error, match=why):
        own(**asked)
    assert not Path("runs").exists()


def test_a_name_that_leads_nowhere_is_told():
    Path("own.py").write_text("algo = 3\n")
    with pytest.raises(UsageError, match="algorithm 'own.py:algo': own.py has 3 there, not a function of"):
        own()
    with pytest.raises(UsageError, match="own.py has no 'other'"):
        solve("CartPole-v1", "own.py:other")


def test_it_cannot_be_gone_on_with():
    run = climbed()
    with pytest.raises(UsageError, match="climb.py:climb cannot be gone on with: only it knows how"):
        resume(run.run_dir, steps=100)
    assert (run.run_dir / "result.json").exists()


def test_ctrl_c_ends_it_and_leaves_nothing():
    code = "from envkit.cli.main import main; main()"
    Path("own.py").write_text(
        "import time\ndef algo(make, seed, steps):\n    env = make()\n    env.reset()\n    open('begun', 'w').close()\n"
        "    while True:\n        try:\n            env.step(0); env.reset(); time.sleep(0.001)\n"
        "        except Exception:\n            pass\n"
    )
    argv = ["solve", "CartPole-v1", "--algo", "own.py:algo", "--quiet"]
    with subprocess.Popen([sys.executable, "-c", code, *argv], stderr=subprocess.PIPE, text=True) as process:
        while not Path("begun").exists() and process.poll() is None:
            pass
        process.terminate()
        _, err = process.communicate(timeout=30)
    assert process.returncode == 143
    assert err == "envkit: stopped; nothing is kept, for own.py:algo has a policy only at its end\n"
    assert not Path("runs").exists()
