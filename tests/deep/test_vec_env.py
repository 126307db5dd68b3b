"""A batch as Stable-Baselines3's VecEnv: the same as DummyVecEnv gives, and refused where it cannot be the same."""

import warnings

import gymnasium
import numpy as np
import pytest
from gymnasium import spaces
from gymnasium.envs.classic_control.cartpole import CartPoleVectorEnv
from gymnasium.vector import AsyncVectorEnv, AutoresetMode, SyncVectorEnv

sb3 = pytest.importorskip("stable_baselines3", reason="needs the extra deep")

from stable_baselines3.common.monitor import Monitor  # noqa: E402 - after the skip
from stable_baselines3.common.vec_env import DummyVecEnv, VecFrameStack, VecNormalize  # noqa: E402 - after the skip
from vector_games import Doors, MaskedBatch, SameStepCartPole  # noqa: E402 - after the skip

import envkit.envs  # noqa: E402, F401 - registers them, after the skip
from envkit.deep import BatchVecEnv  # noqa: E402 - after the skip

MODES = list(AutoresetMode)
STEPS = 120


def cart_pole(**kwargs):
    return gymnasium.make("CartPole-v1", max_episode_steps=25, **kwargs)


def batch_of(make, count, mode=AutoresetMode.SAME_STEP):
    return BatchVecEnv(SyncVectorEnv([make] * count, autoreset_mode=mode))


def dummy_of(make, count):
    return DummyVecEnv([lambda: Monitor(make())] * count)


def without_time(infos):
    told = [{**info, "episode": {**info["episode"], "t": 0}} if "episode" in info else info for info in infos]
    return [
        {key: np.asarray(value).tolist() if key != "episode" else value for key, value in info.items()} for info in told
    ]


def played(env, seed, actions):
    """Everything that an environment answered, from the first reset on."""
    env.seed(seed)
    answers = [env.reset()]
    for action in actions:
        observations, rewards, dones, infos = env.step(action)
        answers.append((observations, rewards.tolist(), dones.tolist(), without_time(infos)))
    env.close()
    return answers


def assert_same(one, other):
    assert len(one) == len(other)
    for left, right in zip(one[1:], other[1:], strict=True):
        np.testing.assert_equal(left, right)
    np.testing.assert_equal(one[0], other[0])


@pytest.mark.parametrize("mode", MODES, ids=lambda mode: mode.name)
def test_in_each_autoreset_mode_it_plays_the_episodes_that_dummy_vec_env_plays(mode):
    actions = np.random.default_rng(0).integers(2, size=(STEPS, 3))
    ours, theirs = played(batch_of(cart_pole, 3, mode), 5, actions), played(dummy_of(cart_pole, 3), 5, actions)
    assert_same(ours, theirs)
    infos = [info for answer in ours[1:] for info in answer[3]]
    assert {info["TimeLimit.truncated"] for info in infos if "episode" in info} == {False, True}


def test_worker_processes_play_the_same_episodes_too():
    actions = np.random.default_rng(1).integers(2, size=(40, 2))
    for mode in (AutoresetMode.SAME_STEP, AutoresetMode.NEXT_STEP):
        ours = BatchVecEnv(AsyncVectorEnv([cart_pole] * 2, autoreset_mode=mode))
        assert_same(played(ours, 3, actions), played(dummy_of(cart_pole, 2), 3, actions))


def test_the_types_are_those_of_dummy_vec_env():
    ours, theirs = batch_of(cart_pole, 2), dummy_of(cart_pole, 2)
    for env in (ours, theirs):
        env.seed(0)
    assert ours.reset().dtype == theirs.reset().dtype
    for mine, other in zip(ours.step(np.ones(2, int))[:3], theirs.step(np.ones(2, int))[:3], strict=True):
        assert (mine.dtype, mine.shape) == (other.dtype, other.shape)


def test_a_native_batch_pays_what_its_monitor_says_and_keeps_the_last_observation():
    env = BatchVecEnv(SameStepCartPole(num_envs=16, max_episode_steps=30))
    env.seed(2)
    env.reset()
    returns, ended = np.zeros(16), 0
    for action in np.random.default_rng(2).integers(2, size=(200, 16)):
        observations, rewards, dones, infos = env.step(action)
        returns += rewards
        for place in np.flatnonzero(dones):
            last = infos[place]["terminal_observation"]
            assert infos[place]["episode"]["r"] == returns[place] == infos[place]["episode"]["l"]
            assert infos[place]["TimeLimit.truncated"] == (abs(last[2]) < 0.2094 and abs(last[0]) < 2.4)
            assert np.abs(observations[place]).max() <= 0.05
            assert np.abs(last).max() > 0.05
            ended += 1
        returns[dones] = 0
    assert ended > 50


def test_the_same_seed_gives_the_same_start_and_later_resets_go_on():
    env = BatchVecEnv(SameStepCartPole(num_envs=4))
    env.seed(7)
    first, second = env.reset(), env.reset()
    env.seed(7)
    np.testing.assert_array_equal(env.reset(), first)
    assert not np.array_equal(first, second)


def test_a_native_batch_that_resets_in_the_next_step_is_refused_with_what_to_type():
    with pytest.raises(
        ValueError, match=r"CartPoleVectorEnv resets .* \(NEXT_STEP\).*autoreset_mode=AutoresetMode.SAME_STEP"
    ):
        BatchVecEnv(CartPoleVectorEnv(num_envs=3))


def test_one_environment_alone_may_reset_in_the_next_step_for_a_whole_reset_is_its_own():
    env = BatchVecEnv(CartPoleVectorEnv(num_envs=1))
    env.seed(0)
    env.reset()
    for _ in range(30):
        observations, _, dones, infos = env.step(np.ones(1, int))
        if dones[0]:
            assert np.abs(observations).max() <= 0.05 < np.abs(infos[0]["terminal_observation"]).max()
            return
    pytest.fail("no episode ended")


def test_a_native_batch_whose_masked_reset_works_may_reset_in_the_next_step():
    class Masked(CartPoleVectorEnv):
        def reset(self, *, seed=None, options=None):
            mask = (options or {}).pop("reset_mask", None)
            if mask is None:
                return super().reset(seed=seed)
            self.state[:, mask] = self.np_random.uniform(-0.05, 0.05, (4, mask.sum()))
            self.steps[mask] = 0
            self.prev_done[mask] = False
            return self.state.T.astype(np.float32), {}

    ours, theirs = BatchVecEnv(Masked(num_envs=4)), BatchVecEnv(SameStepCartPole(num_envs=4))
    actions = np.random.default_rng(0).integers(2, size=(STEPS, 4))
    assert_same(played(ours, 1, actions), played(theirs, 1, actions))


def test_workers_without_shared_memory_are_refused_in_the_next_step_mode_since_they_would_reset_twice():
    batch = AsyncVectorEnv([cart_pole] * 2, shared_memory=False)
    try:
        with pytest.raises(ValueError, match="AsyncVectorEnv resets an environment in the step after"):
            BatchVecEnv(batch)
    finally:
        batch.close()


def test_a_batch_without_final_observations_is_told_so_at_the_first_end():
    class Forgetful(SameStepCartPole):
        def step(self, action):
            return *super().step(action)[:4], {}

    env = BatchVecEnv(Forgetful(num_envs=2))
    env.reset()
    with pytest.raises(ValueError, match="ended an episode of environment [01] .* its info has no 'final_obs'"):
        for _ in range(30):
            env.step(np.ones(2, int))


@pytest.mark.parametrize("mode", MODES, ids=lambda mode: mode.name)
def test_dicts_of_observations_and_infos_are_those_of_dummy_vec_env(mode):
    rng = np.random.default_rng(4)
    ours, theirs = batch_of(Doors, 3, mode), dummy_of(Doors, 3)
    for env in (ours, theirs):
        env.seed(9)
    np.testing.assert_equal(ours.reset(), theirs.reset())
    np.testing.assert_equal(ours.reset_infos, theirs.reset_infos)
    for _ in range(60):
        masks = np.stack(theirs.env_method("action_masks"))
        np.testing.assert_array_equal(np.stack(ours.env_method("action_masks")), masks)
        actions = np.array([rng.choice(np.flatnonzero(mask)) for mask in masks])
        mine, other = ours.step(actions), theirs.step(actions)
        for left, right in zip(mine[:3], other[:3], strict=True):
            np.testing.assert_equal(left, right)
        for left, right in zip(mine[3], other[3], strict=True):
            left.get("episode", {}).pop("t", 0), right.get("episode", {}).pop("t", 0)
            np.testing.assert_equal(left, right)
        np.testing.assert_equal(ours.reset_infos, theirs.reset_infos)


@pytest.mark.parametrize("mode", MODES, ids=lambda mode: mode.name)
@pytest.mark.parametrize("id", ["envkit/GridWorld-v0", "envkit/Shower-v0"])
def test_a_bundled_batch_plays_the_episodes_of_its_single_environments_in_dummy_vec_env(id, mode):
    batch = gymnasium.make_vec(
        id, 3, vectorization_mode="vector_entry_point", autoreset_mode=mode, max_episode_steps=20
    )
    single = dummy_of(lambda: gymnasium.make(id, max_episode_steps=20), 3)
    space = gymnasium.vector.utils.batch_space(single.action_space, 3)
    space.seed(1)
    actions = [space.sample() for _ in range(STEPS)]
    ours, theirs = played(BatchVecEnv(batch), 6, actions), played(single, 6, actions)
    assert_same(ours, theirs)
    assert any("episode" in info for answer in ours[1:] for info in answer[3])


def test_infos_belong_to_whoever_got_them():
    """HER keeps each one, VecFrameStack and callbacks write into them."""
    env = batch_of(cart_pole, 3)
    env.reset()
    kept = [env.step(np.ones(3, int))[3] for _ in range(2)]
    kept[0][0]["mine"] = 1
    assert len({id(info) for infos in kept for info in infos}) == 6
    later = env.step(np.ones(3, int))[3]
    assert not any("mine" in info for infos in (kept[1], later, kept[0][1:]) for info in infos)


def test_observations_and_masks_stay_as_they_were_when_the_batch_goes_on_with_its_arrays():
    env = BatchVecEnv(MaskedBatch(2))
    first = env.reset()
    masks = env.env_method("action_masks")
    second = env.step(np.ones(2, int))[0]
    env.step(np.ones(2, int))
    assert first.tolist() == [[0], [0]]
    assert second.tolist() == [[1], [1]]
    masks[0][:] = False
    assert env.env_method("action_masks", indices=0)[0].tolist() == [True, True]


def test_the_last_info_of_an_episode_is_its_own_and_that_of_the_reset_goes_to_reset_infos():
    env = BatchVecEnv(MaskedBatch(2))
    env.reset()
    for _ in range(3):
        _, _, dones, infos = env.step(np.ones(2, int))
    assert dones.all()
    assert [info["level"] for info in infos] == [10, 11]
    assert [info["terminal_observation"].tolist() for info in infos] == [[3], [3]]
    assert [info["level"] for info in env.reset_infos] == [0, 1]


def test_only_the_infos_that_are_asked_for_are_handed_out():
    env = BatchVecEnv(MaskedBatch(2), info_keys=("level",))
    env.reset()
    assert env.step(np.ones(2, int))[3] == [{"TimeLimit.truncated": False, "level": place} for place in (0, 1)]
    env = BatchVecEnv(MaskedBatch(2), info_keys=())
    env.reset()
    assert env.step(np.ones(2, int))[3] == [{"TimeLimit.truncated": False}] * 2
    assert env.env_method("action_masks")[1].tolist() == [False, True]


def test_masked_ppo_learns_without_ever_taking_a_forbidden_action():
    contrib = pytest.importorskip("sb3_contrib", reason="needs sb3-contrib, of the extra deep")
    contrib.MaskablePPO("MlpPolicy", BatchVecEnv(MaskedBatch(4)), n_steps=16, batch_size=32, device="cpu").learn(200)
    told = batch_of(lambda: Doors(told=False), 2)  # no mask in the info: the environments' own method is asked
    contrib.MaskablePPO("MultiInputPolicy", told, n_steps=16, batch_size=16, device="cpu").learn(100)


@pytest.mark.parametrize("name", ["PPO", "DQN"])
def test_algorithms_learn_on_it_and_log_the_episodes_of_its_monitor(name):
    env = BatchVecEnv(SameStepCartPole(num_envs=4))
    settings = {"PPO": {"n_steps": 32, "batch_size": 64}, "DQN": {"learning_starts": 50, "buffer_size": 500}}[name]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model = getattr(sb3, name)("MlpPolicy", env, device="cpu", seed=0, **settings).learn(400)
    assert len(model.ep_info_buffer) > 5
    assert all(episode["r"] == episode["l"] >= 8 for episode in model.ep_info_buffer)


def test_wrappers_of_sb3_treat_terminal_observations_as_they_do_those_of_dummy_vec_env():
    actions = np.random.default_rng(0).integers(2, size=(STEPS, 2))
    for wrap in (lambda env: VecFrameStack(env, 3), VecNormalize):
        ours, theirs = wrap(batch_of(cart_pole, 2)), wrap(dummy_of(cart_pole, 2))
        assert_same(played(ours, 5, actions), played(theirs, 5, actions))


def test_evaluating_takes_it_for_monitored():
    from stable_baselines3.common.evaluation import evaluate_policy

    env = batch_of(cart_pole, 2)
    model = sb3.PPO("MlpPolicy", env, device="cpu", seed=0)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        paid, lengths = evaluate_policy(model, env, n_eval_episodes=4, return_episode_rewards=True)
    assert paid == lengths
    assert max(lengths) <= 25


def test_single_environments_are_reached_one_by_one():
    env = batch_of(Doors, 3)
    env.reset()
    env.set_attr("bell", 5, indices=[1])
    assert env.get_attr("bell") == [0, 5, 0]
    assert env.env_method("ring", 2, indices=(0, 1)) == [2, 7]
    assert env.env_is_wrapped(gymnasium.wrappers.TimeLimit) == [False] * 3
    assert batch_of(cart_pole, 2).env_is_wrapped(gymnasium.wrappers.TimeLimit, indices=1) == [True]
    with pytest.raises(AttributeError, match="SyncVectorEnv and its environments have no 'bells'"):
        env.get_attr("bells")


def test_a_question_that_workers_cannot_answer_leaves_them_alive():
    env = BatchVecEnv(AsyncVectorEnv([Doors] * 2, autoreset_mode=AutoresetMode.SAME_STEP))
    env.reset()
    assert not env.has_attr("bells")
    assert env.get_attr("bell") == [0, 0]
    assert env.env_method("ring") == [1, 1]
    with pytest.raises(ValueError, match=r"cannot call 'ring' of environments \[1\] alone"):
        env.env_method("ring", indices=1)
    env.set_attr("bell", 3)
    assert env.get_attr("bell", indices=1) == [3]
    assert env.env_method("action_masks", indices=1)[0].shape == (3,)
    env.close()


def test_what_belongs_to_the_batch_is_everybodys_and_is_set_for_all_of_them():
    env = BatchVecEnv(MaskedBatch(3))
    assert env.get_attr("pace", indices=[0, 2]) == [1, 1]
    env.set_attr("pace", 3)
    env.reset()
    assert env.step(np.ones(3, int))[2].all()
    with pytest.raises(ValueError, match=r"cannot set 'pace' of environments \[0\] alone: the batch MaskedBatch"):
        env.set_attr("pace", 1, indices=0)
    assert [mask.tolist() for mask in env.env_method("action_masks", indices=[1])] == [[False, True]]


def test_frames_are_tiled_as_those_of_dummy_vec_env():
    ours = batch_of(lambda: Doors(render_mode="rgb_array"), 3)
    ours.set_options({"locked": 1})
    ours.reset()
    assert [frame.max() for frame in ours.get_images()] == [1, 1, 1]
    assert ours.render().shape == (8, 8, 3)


def test_options_reach_all_environments_once_and_must_be_the_same_for_all():
    env = batch_of(Doors, 2)
    env.set_options({"locked": 1})
    assert env.reset()["locked"].tolist() == [1, 1]
    env.set_options([{"locked": 1}, {"locked": 0}])
    with pytest.raises(ValueError, match="the same options for all its environments; give set_options one dict"):
        env.reset()


def test_what_is_no_batch_and_what_sb3_cannot_see_are_refused():
    class Texts(gymnasium.Env):
        observation_space, action_space = spaces.Text(3), spaces.Discrete(2)

    with pytest.raises(ValueError, match="takes a gymnasium.vector.VectorEnv, not TimeLimit"):
        BatchVecEnv(cart_pole())
    with pytest.raises(ValueError, match="observation_space is Text, but Stable-Baselines3 takes Box"):
        BatchVecEnv(SyncVectorEnv([Texts]))


def test_it_can_be_closed_twice():
    env = batch_of(cart_pole, 2)
    env.close()
    env.close()
    assert env.env.closed
