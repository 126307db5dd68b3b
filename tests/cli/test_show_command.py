"""envkit show and envkit advise, by exit code, text and JSON."""

import json
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

import envkit
from envkit.cli.main import run

OWN = """
import gymnasium
import numpy as np
from gymnasium import spaces

class Still(gymnasium.Env):
    observation_space, action_space = spaces.Box(-1, 1, (2,), np.float64), spaces.Discrete(2)
    def __init__(self, first=0.5):
        self.first = first
    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        print("noise")
        return np.full(2, self.first), {}
    def step(self, action):
        return np.zeros(2), 1.0, True, False, {}

class Boom(Still):
    def __init__(self):
        raise RuntimeError("no such device")

class Spaceless(gymnasium.Env):
    pass
"""


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "own.py").write_text(OWN)


def shown(capsys, *args):
    assert run(["show", *args]) == 0
    return capsys.readouterr().out.splitlines()


def test_cart_pole_at_a_glance(capsys):
    lines = shown(capsys, "CartPole-v1")
    assert lines[:2] == ["CartPole-v1", "  gymnasium.envs.classic_control.cartpole:CartPoleEnv"]
    for line in (
        "  limit        500 steps",
        "  solved from  475",
        "  renders      human, rgb_array, 50 frames a second",
        "  [0]  Cart Position            -4.8     4.8       0.0137",
        "  [2]  Pole Angle             -0.4189  0.4189  rad  -0.0459",
        "  1  Push cart to the right",
        "  1. Termination: Pole Angle is greater than ±12°",
        "  returns  14, 24, 17, 36, 18",
        "  ppo                  yes",
        "  envkit solve CartPole-v1 --algo ppo",
    ):
        assert " ".join(line.split()) in [" ".join(one.split()) for one in lines], line
    order = [lines.index(title) for title in ("Reward", "End", "Random play, seed 0", "Algorithms")]
    assert order == sorted(order)


@pytest.mark.parametrize(
    "env", ["Taxi-v4", "Pendulum-v1", "Blackjack-v1", "drone", "bitflip", "courier", "golf", "own.py:Still"]
)
def test_it_is_readable_in_80_columns_and_without_colour(capsys, env):
    for command in ("show", "advise"):
        assert run([command, env]) == 0
        out = capsys.readouterr().out
        assert max(map(len, out.splitlines())) <= 80
        assert "\x1b" not in out
        assert not any(line != line.rstrip() for line in out.splitlines())


def test_an_old_version_names_the_newest(capsys):
    assert "  newer        CartPole-v1" in shown(capsys, "CartPole-v0")
    assert not any(line.split()[:1] == ["newer"] for line in shown(capsys, "CartPole-v1"))


def test_arguments_of_the_registration_and_of_the_call_are_told(capsys):
    lines = shown(capsys, "FrozenLake8x8-v1", "--env-kwargs", "is_slippery=false")
    assert "  made with    map_name='8x8', is_slippery=False" in lines
    assert "Observation  Discrete(64)" in lines
    assert run(["show", "FrozenLake8x8-v1", "--env-kwargs", "is_slippery=false", "--format", "json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["registered_with"] == {"map_name": "'8x8'"}
    assert answer["env_kwargs"] == {"is_slippery": "False"}


def test_the_seed_decides_what_is_played(capsys):
    def played(*args):
        lines = shown(capsys, "CartPole-v1", *args)
        return next(line for line in lines if line.startswith("  returns"))

    assert played("--seed", "1") == played("--seed", "1") != played("--seed", "2")


def test_an_environment_of_ones_own_is_shown_and_what_it_prints_is_not(capsys):
    lines = shown(capsys, "own.py:Still")
    assert "  registered  no" in lines
    assert "Reward" not in lines
    assert "noise" not in " ".join(lines)
    assert run(["advise", "own.py:Still"]) == 0
    assert "noise" not in capsys.readouterr().out


def test_the_documentation_speaks_where_numbers_have_no_names_and_of_the_end(capsys):
    lift, cart_pole = shown(capsys, "lift"), shown(capsys, "CartPole-v1")
    assert "  Discrete(8, start=-2): the floor, from -2 to 5." in lift
    assert "  Terminated: on floor 0. Truncated by the registered limit of 30 steps." in lift
    assert not any("ndarray" in line for line in cart_pole)


def test_a_group_of_algorithms_is_judged_by_those_that_take_it(capsys):
    assert "  planners             yes" in shown(capsys, "CliffWalking-v1")


def test_what_deep_learners_still_need_is_told_with_them(capsys, monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert run(["advise", "CartPole-v1"]) == 0
    lines = capsys.readouterr().out.splitlines()
    told = [line for line in lines if line.split() == ["ppo", "yes", "one", "process"]]
    assert len(told) == 1
    missing = next(line for line in lines if "not installed yet" in line)
    assert missing.startswith("  not installed yet: pip install ")
    assert lines.index(missing) > lines.index(told[0])
    assert sum("not installed yet" in line for line in lines) == 1


def test_a_first_observation_outside_the_space_is_told(capsys):
    lines = shown(capsys, "own.py:Still", "--env-kwargs", "first=7")
    assert "  the first one was not of this space: `envkit check own.py:Still` says more" in lines
    assert not any("7" in line.split() for line in lines)
    assert not any("was not of this space" in line for line in shown(capsys, "own.py:Still"))


def test_json_has_the_same_and_is_strict(capsys):
    assert run(["show", "CartPole-v1", "--format", "json"]) == 0
    answer = json.loads(capsys.readouterr().out, parse_constant=lambda text: pytest.fail(text))
    assert (answer["schema"], answer["id"], answer["version"], answer["newer"]) == (1, "CartPole-v1", 1, None)
    assert (answer["max_episode_steps"], answer["reward_threshold"]) == (500, 475)
    entries = answer["observation"]["entries"]
    assert [entry["name"] for entry in entries][:2] == ["Cart Position", "Cart Velocity"]
    assert (entries[1]["low"], entries[1]["high"]) == (None, None)
    assert answer["random_play"]["returns"] == [14, 24, 17, 36, 18]
    assert answer["advice"]["begin_with"] == "ppo"
    assert answer["picture"] is None


def test_the_picture_is_the_first_frame(capsys, tmp_path):
    lines = shown(capsys, "CartPole-v1", "--png", "g.png", "--dpi", "300", "--seed", "4")
    assert lines[-1] == "g.png: the first frame, 600 x 400 pixels"
    env = envkit.make("CartPole-v1", render_mode="rgb_array")
    env.reset(seed=4)
    with Image.open(tmp_path / "g.png") as image:
        assert np.array_equal(np.asarray(image), env.render())
        assert image.info["dpi"] == pytest.approx((300, 300), abs=0.1)
    assert run(["show", "CartPole-v1", "--png", "g.png", "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["picture"] == {"file": "g.png", "width": 600, "height": 400}


@pytest.mark.parametrize(
    ("args", "code", "text"),
    [
        (["CartPol-v1"], 2, "no environment is called 'CartPol-v1'; did you mean CartPole-v1 "),
        (["own.py:Boom"], 3, "making own.py:Boom raised RuntimeError: no such device"),
        (["own.py:Spaceless"], 3, "observation_space of own.py:Spaceless is None, which is no gymnasium.Space; "),
        (["own.py:Still", "--env-kwargs", "second=1"], 2, "second"),
    ],
)
def test_what_cannot_be_shown_or_judged_is_one_line(capsys, args, code, text):
    for command in ("show", "advise"):
        assert run([command, *args]) == code
        printed = capsys.readouterr()
        assert text in printed.err
        assert printed.err.removeprefix("noise\n").count("\n") == 1
        assert printed.out == ""


@pytest.mark.parametrize(
    ("png", "text"),
    [
        ("no/g.png", "no/g.png cannot be written: there is no folder no"),
        ("g.gif", "g.gif ends with '.gif'; a picture is a .png"),
        ("g", "g has no ending; a picture is a .png"),
    ],
)
def test_a_picture_that_cannot_be_written_is_refused_before_any_work(capsys, png, text):
    assert run(["show", "own.py:Boom", "--png", png]) == 2
    assert capsys.readouterr().err == f"envkit: {text}\n"


def test_a_picture_of_what_has_none_is_refused(capsys, tmp_path):
    assert run(["show", "own.py:Still", "--png", "g.png"]) == 2
    text = "own.py:Still cannot be shown as a picture: it has no render mode 'rgb_array' (its modes: none)"
    assert text in capsys.readouterr().err
    assert not (tmp_path / "g.png").exists()


def test_advice_names_every_algorithm_what_it_needs_and_where_to_begin(capsys):
    assert run(["advise", "Blackjack-v1"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "Blackjack-v1"
    assert lines[1].startswith("  begin with qlearning: there is no finite model to plan on, and a table holds")
    assert "  envkit solve Blackjack-v1 --algo qlearning" in lines
    assert "  value-iteration            --explore  one process" in lines
    assert "  --explore           builds a finite model by playing" in lines
    assert "  qlearning         yes  one process" in lines
    assert run(["advise", "Blackjack-v1", "--format", "json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert (answer["schema"], answer["env"], answer["begin_with"]) == (1, "Blackjack-v1", "qlearning")
    by_name = {row["name"]: row for row in answer["algorithms"]}
    assert by_name["ppo"]["with"] == ["FlattenObservation"]
    assert by_name["ppo"]["takes_it"]


def test_reasons_are_told_once_for_all_or_with_the_names(capsys):
    assert run(["advise", "CartPole-v1"]) == 0
    out = " ".join(capsys.readouterr().out.split())
    assert out.count("there is no finite model") == 1
    assert "no: there is no finite model, and its observation is continuous, a Box of 4 numbers (float32)" in out
    assert run(["advise", "CliffWalking-v1"]) == 0
    assert "backward-induction: there is no time limit" in capsys.readouterr().out


def test_showing_loads_neither_torch_nor_stable_baselines3():
    heavy = ["torch", "stable_baselines3", "numba", "matplotlib", "pygame", "scipy"]
    code = (
        "import sys; from envkit.cli.main import run; run(['show', 'CartPole-v1']); run(['advise', 'Taxi-v4']);"
        f"print([name for name in {heavy} if name in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr == "[]\n"
