"""Every deep learner, on every kind of space that it takes: trains, plays by NumPy as by torch, goes on bit for bit."""

import os
import re
import signal
from pathlib import Path

import gymnasium
import numpy as np
import pytest

pytest.importorskip("torch", reason="needs the extra deep")
pytest.importorskip("sb3_contrib", reason="needs the extra deep")

import torch

from envkit.cli.main import run as command_line
from envkit.core.errors import Interrupted, UsageError
from envkit.core.ref import EnvRef
from envkit.deep import replay
from envkit.deep.policies import NetworkPolicy, TorchPolicy
from envkit.runs.arrays import unpacked
from envkit.workflows.algorithms import learners
from envkit.workflows.saved import load
from envkit.workflows.solve import configuration, resume, solve

GAMES = str(Path(__file__).parent / "training_games.py")
ROLLOUT = {"n_steps": 16}
MEMORY = {"buffer_size": 2000, "learning_starts": 40, "batch_size": 16}
SMALL = {
    "ppo": {**ROLLOUT, "batch_size": 16, "n_epochs": 2},
    "maskable-ppo": {**ROLLOUT, "batch_size": 16, "n_epochs": 2},
    "recurrent-ppo": {**ROLLOUT, "batch_size": 16, "n_epochs": 2, "lstm_hidden_size": 8},
    "a2c": {},
    "trpo": {**ROLLOUT, "batch_size": 16},
    "reinforce": {"n_episodes": 3},
    "actor-critic": {"n_steps": 5},
    "dqn": {**MEMORY, "target_update_interval": 50, "train_freq": 4},
    "double-dqn": {**MEMORY, "target_update_interval": 50},
    "dueling-dqn": {**MEMORY, "target_update_interval": 50, "replay": "prioritized"},
    "double-dueling-dqn": {**MEMORY, "target_update_interval": 50, "net_arch": "16,8"},
    "qr-dqn": {**MEMORY, "target_update_interval": 50, "n_quantiles": 7},
    "ddpg": {**MEMORY, "noise": 0.1, "noise_kind": "ou"},
    "td3": {**MEMORY, "noise": 0.1},
    "sac": MEMORY,
    "tqc": {**MEMORY, "n_quantiles": 5},
    "crossq": MEMORY,
    "ars": {"n_delta": 2, "delta_std": 0.3},
    "cloning": {"demos": "random,episodes=4", "batch_size": 16},
}
ACTS = {name: "box" if name in ("ddpg", "td3", "sac", "tqc", "crossq") else "one" for name in SMALL}
BY_TORCH = ("recurrent-ppo", "crossq")  # of parts that NumPy has no plan for


@pytest.fixture(autouse=True)
def _in_an_empty_directory(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def short(name, *, sees="box", acts=None, **more):
    asked = {"steps": 240, "n_envs": 2, "eval_episodes": 5, "eval_every": 0, "net_arch": "16"}
    return solve(
        f"{GAMES}:Corridor", name, env_kwargs={"sees": sees, "acts": acts or ACTS[name]},
        **asked | SMALL[name] | more,
    )  # fmt: skip


def test_all_of_them_are_tried_here():
    assert set(SMALL) == set(learners())


def interrupted(name, after, **more):
    def report(progress):
        if progress.steps >= after and signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
            os.kill(os.getpid(), signal.SIGINT)

    with pytest.raises(Interrupted, match="all is saved") as caught:
        short(name, report=report, **more)
    return Path(str(caught.value).rpartition(" ")[2])


@pytest.mark.parametrize("name", SMALL)
def test_it_goes_on_bit_for_bit(name, monkeypatch):
    monkeypatch.setattr("envkit.workflows.training.caretaker.REPORTED", 0.0)
    whole = short(name, run_dir="whole")
    path = interrupted(name, 117)
    found = resume(path)
    assert "gone on with: exact" in found.notes
    ours, theirs = (unpacked(one / "policy.npz") for one in (path, whole.run_dir))
    assert ours.keys() == theirs.keys()
    assert all(np.array_equal(ours[key], theirs[key]) for key in theirs)
    for table in ("episodes.csv", "curve.csv"):
        assert (path / table).read_text() == (whole.run_dir / table).read_text()


@pytest.mark.parametrize("sees", ["box", "number", "numbers", "bits", "parts", "image", "mixed"])
@pytest.mark.parametrize(
    "name", ["double-dueling-dqn", "qr-dqn", "td3", "sac", "maskable-ppo", "reinforce", "cloning", "ars"]
)
def test_numpy_acts_as_torch_does(name, sees):
    if name == "ars" and sees in ("parts", "mixed"):
        pytest.skip("it takes no dictionaries")
    run = short(name, sees=sees, steps=64)
    saved = load(run.run_dir)
    assert isinstance(saved.policy, NetworkPolicy)
    arrays = unpacked(run.run_dir / "policy.npz")
    without_plan = {key: value for key, value in arrays.items() if key != "plan"}
    env = saved.ref.make()
    by_torch = run.request.learner.restored(without_plan, env.observation_space, env.action_space, run.request.settings)
    assert isinstance(by_torch, TorchPolicy)
    env.observation_space.seed(3)
    for _ in range(30):
        observation = env.observation_space.sample()
        ours, theirs = (one.start(np.random.default_rng(0)).act(observation, {}) for one in (saved.policy, by_torch))
        np.testing.assert_allclose(ours, theirs, atol=1e-5)


@pytest.mark.parametrize("name", BY_TORCH)
def test_others_are_played_by_torch(name):
    run = short(name)
    assert isinstance(load(run.run_dir).policy, TorchPolicy)


@pytest.mark.parametrize("name", ["sac", "tqc"])
def test_draws_are_spread_as_torch_spreads_them(name):
    from dataclasses import replace

    run = short(name, steps=300)
    saved = load(run.run_dir)
    arrays = {key: value for key, value in unpacked(run.run_dir / "policy.npz").items() if key != "plan"}
    env = saved.ref.make()
    by_torch = run.request.learner.restored(arrays, env.observation_space, env.action_space, run.request.settings)
    observation = np.array([[0.5, 1], [0, 0.3]], np.float32)
    drawn = []
    for policy in (saved.policy, by_torch):
        actor = replace(policy, deterministic=False).start(np.random.default_rng(0))
        drawn.append(np.array([actor.act(observation, {}) for _ in range(1500)]))
    for part in (np.mean, np.std):
        np.testing.assert_allclose(part(drawn[0], axis=0), part(drawn[1], axis=0), atol=0.12)


def test_the_memory_goes_on_with_another_number_of_environments():
    run = short("dqn", run_dir="run")
    on = resume("run", steps=40, n_envs=3)
    assert not any("replay memory" in note for note in on.notes)
    assert on.steps >= run.steps + 40
    hindsight = solve(
        "bitflip", "dqn", run_dir="goals", steps=300, n_envs=2, replay="hindsight", eval_episodes=3, eval_every=0,
        **SMALL["dqn"] | {"learning_starts": 150},
    )  # fmt: skip
    on = resume(hindsight.run_dir, steps=200, n_envs=1)
    assert any("the replay memory is filled anew: its steps belong together" in note for note in on.notes)


def test_a_memory_that_is_too_large_is_not_kept(monkeypatch):
    monkeypatch.setattr("envkit.deep.replay.LARGEST", 1000)
    run = short("dqn")
    on = resume(run.run_dir, steps=120)
    assert {"the replay memory is filled anew: it was too large to be kept", "gone on with: statistical"} <= set(
        on.notes
    )


def test_a_large_memory_is_stated_before_it_is_made(monkeypatch, capsys):
    monkeypatch.setattr(replay, "WORTH_TELLING", 1)
    made = ["solve", "Pendulum-v1", "--algo", "td3", "--steps", "10", "--set", "buffer_size=1000"]
    assert command_line([*made, "--eval-episodes", "1"]) == 0
    stated = r"envkit: the replay memory of 1,000 steps takes 0 MiB of \d.* GiB free\n"
    assert re.match(stated, capsys.readouterr().err)


def test_a_memory_that_the_machine_has_not_got_is_refused_before_anything_is_made():
    with pytest.raises(
        UsageError, match=r"a replay memory of 10,\d+,\d+,\d+ steps takes .* GiB, and .* are free: --set"
    ):
        short("dqn", buffer_size=10_000_000_000, n_envs=1)
    assert not Path("runs").exists()


@pytest.mark.parametrize(
    ("env", "name", "why"),
    [
        ("CartPole-v1", "ppo", "no table can hold what is learnt"),
        ("Pendulum-v1", "sac", "actions are numbers"),
        (f"{__file__}:Masked", "maskable-ppo", "infos say which actions are available"),
    ],
)
def test_without_a_name_one_is_picked_that_suits_the_spaces(env, name, why):
    quick = SMALL[name] if name != "ppo" else {}
    run = solve(EnvRef.of(env), steps=64, n_envs=1, eval_episodes=2, eval_every=0, run_dir=False, **quick)
    assert run.algo == name
    assert run.notes[0].startswith(f"{name} was picked: {why}")


def test_hindsight_needs_goals():
    with pytest.raises(UsageError, match="replay=hindsight needs goals: observations of .* are to be a Dict of"):
        short("dqn", replay="hindsight")


def test_hindsight_needs_a_whole_episode():
    asked = SMALL["dqn"] | {"learning_starts": 1, "train_freq": 1}
    with pytest.raises(UsageError, match="none was over when it began to learn: --set learning_starts=N"):
        solve("bitflip", "dqn", steps=300, replay="hindsight", **asked)


@pytest.mark.parametrize(
    ("name", "acts", "why"),
    [
        ("dqn", "box", "dqn cannot take .*: actions are Box; it takes Discrete"),
        ("sac", "one", "sac cannot take .*: actions are Discrete; it takes Box"),
        ("maskable-ppo", "box", "actions are Box, of which none can be masked"),
    ],
)
def test_actions_that_it_cannot_take_are_refused(name, acts, why):
    with pytest.raises(UsageError, match=why):
        short(name, acts=acts)


def test_epsilon_follows_any_schedule():
    run = short("dqn", epsilon="linear(1, 0.2, 50%) then 0.7", steps=400, eval_every=0)
    rates = [(steps, values["rollout/exploration_rate"]) for steps, values in run.notebook.measured]
    early = [(steps, rate) for steps, rate in rates if steps <= 200]
    assert early
    for steps, rate in early:
        assert rate == pytest.approx(1 - 0.8 * steps / 200, abs=0.02)
    assert rates[-1][1] == pytest.approx(0.7)


def test_what_surprised_most_is_drawn_most_and_weighs_least():
    from envkit.deep.q_learning import PrioritizedReplayBuffer

    box, few = gymnasium.spaces.Box(0, 9, (1,), np.float32), gymnasium.spaces.Discrete(2)
    memory = PrioritizedReplayBuffer(10, box, few, n_envs=2, exponent=1.0, correction=1.0)
    for step in range(3):  # of five; the others hold nothing yet
        seen = np.full((2, 1), step, np.float32) + np.array([[0], [0.5]], np.float32)
        memory.add(seen, seen, np.zeros((2, 1)), np.zeros(2), np.zeros(2), [{}, {}])
    errors = {0.0: 1.0, 0.5: 2.0, 1.0: 0.0, 1.5: 4.0, 2.0: 1.0, 2.5: 2.0}
    np.random.seed(0)
    for _ in range(20):
        batch = memory.sample(8)
        memory.surprised(torch.tensor([errors[float(seen)] for seen in batch.observations.ravel()]))
    drawn = [float(seen) for _ in range(500) for seen in memory.sample(4).observations.ravel()]
    shares = {seen: drawn.count(seen) / len(drawn) for seen in errors}
    for seen, error in errors.items():
        assert shares[seen] == pytest.approx(error / 10, abs=0.03)
    batch = memory.sample(64)
    weights = dict(zip(batch.observations.ravel().tolist(), memory.weights.ravel().tolist(), strict=True))
    assert weights[0.0] == pytest.approx(4 * weights[1.5], rel=1e-3)
    assert max(weights.values()) == 1


def test_the_double_learner_asks_one_network_what_to_do_and_the_other_what_it_is_worth():
    from envkit.deep.q_learning import DoubleDQN, QLearning

    class Fixed:
        def __init__(self, values):
            self.values = torch.tensor([values])

        def __call__(self, observations):
            return self.values

    worth = {}
    for kind in (QLearning, DoubleDQN):
        for separate in (True, False):
            model = kind("MlpPolicy", "CartPole-v1", buffer_size=10, separate_target=separate)
            model.q_net, model.q_net_target = Fixed([1.0, 2.0]), Fixed([7.0, 5.0])
            worth[kind, separate] = model.next_value(None).item()
    assert worth == {(QLearning, True): 7.0, (DoubleDQN, True): 5.0, (QLearning, False): 2.0, (DoubleDQN, False): 2.0}


@pytest.mark.parametrize(("loss", "runs_away"), [("huber", True), ("squared", False)])
def test_without_a_separate_target_the_ends_of_episodes_hold_values_down_only_if_their_errors_count(loss, runs_away):
    from envkit.deep.q_learning import QLearning

    model = QLearning(
        "MlpPolicy", "CartPole-v1", separate_target=False, loss=loss, learning_rate=1e-3, gamma=0.98, train_freq=1,
        learning_starts=500, buffer_size=20_000, exploration_fraction=1.0, seed=0,
    )  # fmt: skip
    model.learn(1500)
    with torch.no_grad():
        mean = model.q_net(model.replay_buffer.sample(256).observations).mean().item()
    assert (mean > 2 / (1 - 0.98)) == runs_away  # no state is worth more than half of that


@pytest.mark.parametrize(("preset", "moved"), [("hard-copies", [0.0, 1.0]), ("soft-updates", [0.05, 0.0975])])
def test_the_presets_of_targets_follow_in_their_ways(preset, moved):
    """How far the target network has come after half of, and after all the time between two copies; or two updates."""
    from stable_baselines3.common.logger import Logger

    from envkit.deep.presets import preset as known
    from envkit.deep.q_learning import QLearning

    values = known("dqn", (), preset)
    arguments = {name: values[name] for name in ("tau", "target_update_interval") if name in values}
    model = QLearning("MlpPolicy", "CartPole-v1", buffer_size=10, **arguments)
    model.set_logger(Logger(None, []))
    for network, value in ((model.q_net, 1.0), (model.q_net_target, 0.0)):
        for part in network.parameters():
            part.data.fill_(value)
    seen = []
    for _ in range(2):
        for _ in range(256 if preset == "hard-copies" else 16):
            model._on_step()
        seen.append(next(model.q_net_target.parameters()).flatten()[0].item())
    assert seen == pytest.approx(moved)


def test_the_preset_without_a_target_has_none():
    config = configuration("CartPole-v1", "dqn", preset="no-target")["hyper_parameters"]
    assert (config["separate_target"], config["loss"]) == (False, "squared")


def test_a_dueling_learner_is_saved_and_loaded_as_any_of_stable_baselines3(tmp_path):
    from envkit.deep.q_learning import DoubleDuelingDQN

    model = DoubleDuelingDQN("MlpPolicy", "CartPole-v1", buffer_size=100, learning_starts=10, seed=0)
    model.learn(60)
    model.save(tmp_path / "model.zip")
    again = DoubleDuelingDQN.load(tmp_path / "model.zip")
    for observation in np.random.default_rng(0).normal(size=(20, 4)).astype(np.float32):
        assert model.predict(observation, deterministic=True)[0] == again.predict(observation, deterministic=True)[0]
    net, observations = model.q_net, torch.randn(5, 4)
    advantage = net.advantage(net.q_net(observations))
    told = net(observations).mean(dim=1) - net.value(net.q_net(observations)).ravel()
    np.testing.assert_allclose(told.detach(), np.zeros(5), atol=1e-6)  # the mean over actions is the state's value
    spread = net(observations).argmax(dim=1) == advantage.argmax(dim=1)
    assert spread.all()


def test_priorities_are_of_single_steps():
    with pytest.raises(UsageError, match="replay=prioritized draws single steps, and n_steps sums up several"):
        short("dqn", replay="prioritized", n_steps=3)
    with pytest.raises(UsageError, match="and observations are a Dict; replay=uniform takes them"):
        short("dqn", sees="parts", replay="prioritized")


class Masked(gymnasium.Env):
    """Of five actions two are available; the others end the episode without pay."""

    observation_space = gymnasium.spaces.Box(0, 1, (2,), np.float32)
    action_space = gymnasium.spaces.Discrete(5)

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.steps = 0
        return self._seen()

    def _seen(self):
        self.open = self.np_random.permutation(5)[:2]
        mask = np.zeros(5, np.int8)
        mask[self.open] = 1
        return self.np_random.random(2, np.float32), {"action_mask": mask}

    def step(self, action):
        assert action in self.open, "it took what is not available"
        self.steps += 1
        observation, info = self._seen()
        return observation, 1.0, False, self.steps >= 20, info


def test_maskable_ppo_never_takes_what_is_not_available():
    run = solve(
        EnvRef.of(f"{__file__}:Masked"), "maskable-ppo", steps=200, eval_episodes=10, **SMALL["maskable-ppo"]
    )  # fmt: skip
    assert run.mean_return == 20
    assert {row[4] for row in run.notebook.episodes} == {20}


def test_recurrent_ppo_remembers_within_an_episode_and_forgets_after_it():
    run = short("recurrent-ppo")
    actor = run.policy.start(np.random.default_rng(0))
    one = np.zeros((2, 2), np.float32)
    actor.act(one, {})
    first = [part.copy() for part in actor.memory]
    actor.act(one, {})
    assert any((before != after).any() for before, after in zip(first, actor.memory, strict=True))
    fresh = run.policy.start(np.random.default_rng(0))
    fresh.act(one, {})
    assert all((before == after).all() for before, after in zip(first, fresh.memory, strict=True))
