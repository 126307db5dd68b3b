"""Training with PPO: repeatable, gone on with bit for bit, guarded, and played without torch."""

import random
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="needs the extra deep")
pytest.importorskip("stable_baselines3", reason="needs the extra deep")

from envkit.core.errors import ArtifactRefused, EnvironmentFailed, UsageError  # noqa: E402 - after the skip
from envkit.core.ref import EnvRef  # noqa: E402 - after the skip
from envkit.core.settings import settled  # noqa: E402 - after the skip
from envkit.deep.learner import Training  # noqa: E402 - after the skip
from envkit.deep.learners.ppo import LEARNER  # noqa: E402 - after the skip
from envkit.deep.policies import NetworkPolicy, TorchPolicy  # noqa: E402 - after the skip

HERE = Path(__file__).parent
GAMES = str(HERE / "training_games.py")


class Log:
    """An overseer that writes down, and stops where it is told to."""

    def __init__(self, stop=None):
        self.stop, self.episodes, self.measured, self.rests = stop, [], [], []

    def ended(self, episode):
        self.episodes.append(episode)

    def logged(self, steps, values):
        self.measured.append((steps, values))

    def noticed(self, text):
        self.measured.append((0, text))

    def stepped(self, learning):
        return self.stop is None or learning.steps < self.stop

    def at_rest(self, learning):
        self.rests.append(learning.steps)
        return True


def game(name, **arguments):
    return EnvRef.of(f"{GAMES}:{name}", **arguments)


def trained(ref, *, steps=512, stop=None, n_envs=2, normalize=(), kept=None, seed=1, **hyper):
    settings = settled(LEARNER.settings, {"n_steps": 64, "batch_size": 32, "n_epochs": 2, **hyper})
    log = Log(stop)
    task = Training(ref, seed, steps, n_envs, settings, "cpu", log, normalize, kept)
    return LEARNER.train(task), log


def test_steps_that_are_fewer_than_a_rollout_has_are_told():
    _, log = trained(game("Corridor"), steps=100)
    assert (0, (
        "a rollout is n_steps=64 in each of 2 environments, 128 steps in all; --set n_steps=N for several within 100"
    )) in log.measured  # fmt: skip
    _, log = trained(game("Corridor"), steps=128)
    assert not any(steps == 0 for steps, _ in log.measured)


def weights(found):
    return {name: value for name, value in found.learning.weights().items() if name not in ("plan", "takes")}


def same(one, other):
    assert one.keys() == other.keys()
    return all(np.array_equal(one[name], other[name]) for name in one)


CASES = [
    (EnvRef.of("CartPole-v1"), ()),
    (EnvRef.of("CartPole-v1"), ("observation", "reward")),
    (EnvRef.of("Pendulum-v1"), ("reward",)),
    (EnvRef.of("FrozenLake-v1"), ()),
    (game("Corridor", sees="parts", acts="two"), ()),
]


@pytest.mark.parametrize(("ref", "normalize"), CASES, ids=lambda value: str(value).rpartition("/")[2])
def test_a_training_that_was_stopped_ends_as_if_it_had_not_been(ref, normalize):
    whole, log = trained(ref, normalize=normalize)
    begun, first = trained(ref, normalize=normalize, stop=300)
    assert begun.stopped
    assert not same(weights(begun), weights(whole))
    state = begun.learning.state()
    assert all(value.dtype != object for value in state.values())
    on, second = trained(ref, normalize=normalize, kept=state)
    assert (on.level, on.notes, on.learning.steps) == ("exact", (), 512)
    assert same(weights(on), weights(whole))
    before = [episode for episode in first.episodes if episode.steps <= begun.learning.resting]
    assert [*before, *second.episodes] == log.episodes


def test_one_that_is_over_can_be_gone_on_with_as_if_it_had_been_longer():
    ref = EnvRef.of("CartPole-v1")
    whole, _ = trained(ref, steps=512)
    half, _ = trained(ref, steps=256)
    on, _ = trained(ref, steps=512, kept=half.learning.state())
    assert same(weights(on), weights(whole))


def test_the_same_seed_gives_the_same_and_another_one_something_else():
    ref = EnvRef.of("CartPole-v1")
    first, second, other = (trained(ref, seed=seed)[0] for seed in (1, 1, 2))
    assert same(weights(first), weights(second))
    assert not same(weights(first), weights(other))


def test_an_environment_that_cannot_be_brought_back_begins_anew_and_the_level_says_so():
    ref = game("Forgetful")
    begun, _ = trained(ref, stop=300)
    on, _ = trained(ref, kept=begun.learning.state())
    assert on.level == "statistical"
    assert "shows something else now than it did then" in on.notes[0]
    assert on.learning.steps == 512


def test_a_state_of_another_network_is_refused():
    begun, _ = trained(EnvRef.of("CartPole-v1"), stop=300)
    with pytest.raises(ArtifactRefused, match="the checkpoint does not fit: RuntimeError"):
        trained(EnvRef.of("Pendulum-v1"), kept=begun.learning.state())
    broken = {name: value for name, value in begun.learning.state().items() if name != "array-3"}
    with pytest.raises(ArtifactRefused, match="the checkpoint is damaged, or not of envkit: KeyError"):
        trained(EnvRef.of("CartPole-v1"), kept=broken)


def test_it_leaves_the_global_generators_and_threads_as_they_were():
    random.seed(5)
    np.random.seed(5)
    torch.manual_seed(5)
    threads = torch.get_num_threads()
    trained(EnvRef.of("CartPole-v1"), steps=128)
    found = random.random(), np.random.random(), torch.rand(1).item()
    random.seed(5)
    np.random.seed(5)
    torch.manual_seed(5)
    assert found == (random.random(), np.random.random(), torch.rand(1).item())
    assert torch.get_num_threads() == threads


@pytest.mark.parametrize("acts", ["one", "two", "bits", "box"])
@pytest.mark.parametrize("sees", ["box", "number", "numbers", "bits", "parts", "image", "mixed"])
def test_numpy_plays_the_network_as_torch_does(sees, acts):
    ref = game("Corridor", sees=sees, acts=acts)
    steps = 128 if sees in ("image", "mixed") else 512
    found, _ = trained(ref, steps=steps, activation="relu" if sees == "box" else "tanh")
    policy = found.learning.policy()
    assert isinstance(policy, NetworkPolicy)
    env = ref.make()
    env.observation_space.seed(0)
    actor, torchs = policy.start(np.random.default_rng(0)), found.learning.model.policy
    for _ in range(50 if steps == 128 else 200):
        observation = env.observation_space.sample()
        theirs, _ = torchs.predict(observation, deterministic=True)
        ours = actor.act(observation, {})
        assert env.action_space.contains(ours)
        np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("acts", ["one", "two", "bits", "box"])
def test_it_draws_actions_as_often_as_torch_does(acts):
    found, _ = trained(game("Corridor", acts=acts), steps=128)
    policy = found.learning.policy()
    torchs, rng = found.learning.model.policy, np.random.default_rng(0)
    actor = NetworkPolicy(policy.network, None, deterministic=False).start(rng)
    observation = np.full((2, 2), 0.5, np.float32)
    batch = np.repeat(observation[None], 4000, axis=0)
    torch.manual_seed(0)
    theirs, _ = torchs.predict(batch, deterministic=False)
    ours = np.array([actor.act(observation, {}) for _ in range(4000)])
    np.testing.assert_allclose(ours.mean(axis=0), theirs.mean(axis=0), atol=0.05)
    np.testing.assert_allclose(ours.std(axis=0), theirs.std(axis=0), atol=0.05)


def test_a_policy_is_made_again_from_its_weights():
    ref = EnvRef.of("CartPole-v1")
    found, _ = trained(ref, normalize=("observation",))
    env = ref.make()
    again = LEARNER.restored(found.learning.weights(), env.observation_space, env.action_space, {})
    ours, theirs = (policy.start(np.random.default_rng(0)) for policy in (found.learning.policy(), again))
    for _ in range(50):
        observation = env.observation_space.sample() % 3
        assert ours.act(observation, {}) == theirs.act(observation, {})
    lake = EnvRef.of("FrozenLake-v1").make()
    with pytest.raises(ArtifactRefused, match="the policy does not fit"):
        LEARNER.restored(found.learning.weights(), lake.observation_space, lake.action_space, {})


def test_a_network_of_ones_own_is_played_by_torch(monkeypatch):
    ref = EnvRef.of("CartPole-v1")
    monkeypatch.syspath_prepend(HERE)
    hyper = {"features": "extractors:Doubled"}
    found, _ = trained(ref, **hyper)
    policy = found.learning.policy()
    assert isinstance(policy, TorchPolicy)
    env = ref.make()
    settings = found.learning.training.settings
    again = LEARNER.restored(found.learning.weights(), env.observation_space, env.action_space, settings)
    ours, theirs = (one.start(np.random.default_rng(0)) for one in (policy, again))
    for _ in range(20):
        observation = env.observation_space.sample() % 3
        assert ours.act(observation, {}) == theirs.act(observation, {})


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        (np.nan, r"step\(.*\) of .*Faulty, episode 2, step 6, returned an observation with nan at \[1, 0\]"),
        (np.inf, r"returned an observation with inf at \[1, 0\], which no network can take"),
        (3e38, r"returned an observation with 3e\+38 at \[1, 0\]"),
        ("nan", "returned the reward nan"),
        ("inf", "returned the reward inf"),
        ("raises", "raised ValueError: the lamp broke"),
    ],
)
def test_what_no_network_can_learn_from_stops_it_at_once(fault, message):
    with pytest.raises(EnvironmentFailed, match=message) as caught:
        trained(game("Faulty", fault=fault), n_envs=1, steps=2000, n_steps=32)
    assert "Faulty" in str(caught.value)


def test_the_environment_that_failed_is_named_where_there_are_several():
    with pytest.raises(EnvironmentFailed, match="environment 1, episode 2, step 6"):
        trained(game("FaultyLater"), n_envs=2, steps=2000)


@pytest.mark.parametrize(
    ("ref", "why"),
    [
        (EnvRef.of("Blackjack-v1"), "observations are Tuple; it takes Box, "),
        (game("Odd", kind="start"), "actions begin at 1, not at 0"),
        (game("Odd", kind="text"), "observations are Text"),
        (game("Odd", kind="nested"), "observations are nested under 'inner'; gymnasium's FlattenObservation"),
        (game("Odd", kind="pair"), "actions are Tuple"),
    ],
)
def test_spaces_that_it_cannot_take_are_refused_with_the_reason(ref, why):
    env = ref.make()
    assert why in LEARNER.refusal(env.observation_space, env.action_space)


def test_it_can_take_what_it_says():
    for ref, _ in CASES:
        env = ref.make()
        assert LEARNER.refusal(env.observation_space, env.action_space) == ""


def test_settings_that_do_not_fit_together_are_the_users_mistake():
    with pytest.raises(UsageError, match="ppo cannot be made for CartPole-v1: AssertionError"):
        trained(EnvRef.of("CartPole-v1"), n_envs=1, n_steps=1)


def test_a_device_that_is_not_there_is_named():
    settings = settled(LEARNER.settings, {})
    with pytest.raises(UsageError, match="--device cuda: torch sees no CUDA device here"):
        LEARNER.train(Training(EnvRef.of("CartPole-v1"), 0, 100, 1, settings, "cuda", Log()))


def test_it_measures_itself_and_rests_between_rollouts():
    _, log = trained(EnvRef.of("CartPole-v1"))
    assert log.rests == [0, 128, 256, 384]
    assert {"train/loss", "train/approx_kl", "rollout/ep_rew_mean", "train/learning_rate"} <= set(log.measured[-1][1])


def test_schedules_go_by_the_share_of_the_training():
    _, log = trained(EnvRef.of("CartPole-v1"), steps=1024, learning_rate="linear(0.001, 0, 100%)")
    rates = [values["train/learning_rate"] for _, values in log.measured if "train/learning_rate" in values]
    np.testing.assert_allclose(rates, [0.001 * (1 - done / 1024) for done in range(128, 1024, 128)])
