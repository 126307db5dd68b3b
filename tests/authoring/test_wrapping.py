"""Wrappers by name: what each does, computed by hand; and that nothing else changes."""

import multiprocessing
import pickle
import warnings

import gymnasium
import numpy as np
import pytest
from gymnasium import spaces
from gymnasium.utils.env_checker import check_env

from envkit.authoring.wrapping import parse, split_training, wrap_ref, wrapped, wrappings
from envkit.core.errors import BadEnvArguments, NoFiniteModel, UnknownEnvironment, UsageError
from envkit.core.explore import explore
from envkit.core.model import hidden_model_text, model_of
from envkit.core.ref import EnvRef
from envkit.core.resolve import make
from envkit.core.shaping import OwnReturn, own_return

HERE = __name__
PICTURE = np.arange(4 * 6 * 3, dtype=np.uint8).reshape(4, 6, 3)


class Told(gymnasium.Env):
    """Shows, pays and ends as the class attributes of its kinds say; an episode is `length` steps."""

    action_space = spaces.Discrete(3)
    length, terminates, lives = 5, True, (3,)

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.time, self.actions = 0, []
        return self.shown(), self.info()

    def step(self, action):
        self.time += 1
        self.actions.append(int(action))
        over = self.time >= self.length
        return self.shown(), 1.0, over and self.terminates, over and not self.terminates, self.info()

    def info(self):
        return {"lives": self.lives[min(self.time, len(self.lives) - 1)]}


class Picture(Told):
    observation_space = spaces.Box(0, 255, PICTURE.shape, np.uint8)

    def shown(self):
        return PICTURE + np.uint8(self.time)


class Vector(Told):
    observation_space = spaces.Box(np.array([0, -9, -1, 0], np.float32), np.array([9, 9, 1, 1], np.float32))

    def shown(self):
        return np.array([self.time, -self.time, 0.5, 1], np.float32)


class Named(Told):
    observation_space = spaces.Dict(
        {"place": spaces.Discrete(9), "speed": spaces.Box(-1, 1), "time": spaces.Discrete(9)}
    )

    def shown(self):
        return {"place": 4, "speed": np.zeros(1, np.float32), "time": self.time}


class Parts(Told):
    observation_space = spaces.MultiDiscrete([3, 4, 9])

    def shown(self):
        return np.array([1, 2, self.time])


class Truncated(Vector):
    terminates = False


class Mortal(Vector):
    lives = (3, 2, 2, 0, 0, 0)


class Masked(Vector):
    action_space = spaces.Discrete(3, start=5)

    def info(self):
        return {"action_mask": np.array([1, 0, 1], np.int8)}


class Doubled(gymnasium.RewardWrapper):
    """Somebody's own."""

    def __init__(self, env, by=2):
        super().__init__(env)
        self.by = by

    def reward(self, reward):
        return self.by * reward


def made(kind, *texts):
    return wrap_ref(EnvRef.of(f"{HERE}:{kind.__name__}"), texts).make()


def played(env, actions=None, seed=0):
    """(observations, rewards, terminated, truncated) of an episode."""
    observations, rewards, over, step = [env.reset(seed=seed)[0]], [], False, 0
    while not over:
        action = env.action_space.start if actions is None else actions[step]
        observation, reward, terminated, truncated, _ = env.step(action)
        observations.append(observation)
        rewards.append(reward)
        over, step = terminated or truncated, step + 1
    return observations, rewards, terminated, truncated


def test_crop_takes_rows_and_columns():
    env = made(Picture, "crop=1:3,2:6")
    assert env.observation_space == spaces.Box(0, 255, (2, 4, 3), np.uint8)
    shown = env.reset()[0]
    assert (shown == PICTURE[1:3, 2:6]).all()
    assert shown.base is None
    assert made(Picture, "crop=:2,:").observation_space.shape == (2, 6, 3)


def test_grey_leaves_one_channel():
    env = made(Picture, "grey")
    assert env.observation_space == spaces.Box(0, 255, (4, 6, 1), np.uint8)
    weighed = (PICTURE * [0.2125, 0.7154, 0.0721]).sum(axis=2)
    assert np.abs(env.reset()[0][:, :, 0] - weighed).max() <= 0.5
    gymnasium_s = gymnasium.wrappers.GrayscaleObservation(made(Picture), keep_dim=True)
    assert np.abs(env.reset()[0] - gymnasium_s.reset()[0].astype(int)).max() <= 1  # which rounds down


def test_resize_takes_the_mean_of_what_a_pixel_covers():
    env = made(Picture, "resize=3x2")
    assert env.observation_space == spaces.Box(0, 255, (2, 3, 3), np.uint8)
    blocks = PICTURE.astype(float).reshape(2, 2, 3, 2, 3).mean(axis=(1, 3))
    assert np.abs(env.reset()[0] - blocks).max() <= 0.5
    fourth = made(Picture, "resize=4x4").reset()[0].astype(float)  # each of the 4 columns covers 1.5 of the 6
    assert np.abs(fourth[:, 0] - (PICTURE[:, 0] + PICTURE[:, 1] / 2) / 1.5).max() <= 0.5
    assert made(Picture, "resize=8").reset()[0].shape == (8, 8, 3)
    assert made(Picture, "grey", "resize=2").reset()[0].shape == (2, 2, 1)


class Plain(gymnasium.Env):
    """A picture of one channel."""

    action_space = spaces.Discrete(2)

    def __init__(self, picture):
        self.picture = picture
        self.observation_space = spaces.Box(0, 1, picture.shape, picture.dtype)

    def reset(self, *, seed=None, options=None):
        return self.picture, {}


def test_a_resized_picture_stays_within_its_bounds():
    for side in range(2, 40):
        env = wrappings()["resize"].make(Plain(np.ones((side, side), np.float32)), (side - 1, 1))
        assert env.reset()[0] in env.observation_space
        assert env.reset()[0] == pytest.approx(np.ones((1, side - 1)))


def test_whole_numbers_are_rounded():
    env = wrappings()["resize"].make(Plain(np.array([[0, 1, 1, 1]], np.uint8)), (1, 1))
    assert env.reset()[0].tolist() == [[1]]


def test_stacked_vectors_come_one_after_another_the_newest_last():
    env = made(Vector, "hide=2,3", "stack=3")
    assert env.observation_space.low.tolist() == [0, -9] * 3
    observations, *_ = played(env)
    assert [shown.tolist() for shown in observations[:4]] == [
        [0, 0, 0, 0, 0, 0],
        [0, 0, 0, 0, 1, -1],
        [0, 0, 1, -1, 2, -2],
        [1, -1, 2, -2, 3, -3],
    ]


def test_stacked_images_are_channels():
    env = made(Picture, "stack=2")
    assert env.observation_space == spaces.Box(0, 255, (4, 6, 6), np.uint8)
    observations, *_ = played(env)
    assert (observations[2][:, :, :3] == PICTURE + 1).all()
    assert (observations[2][:, :, 3:] == PICTURE + 2).all()


def test_stacked_numbers_are_a_table_s_memory():
    env = make("FrozenLake-v1 with stack=2", is_slippery=False)
    assert env.observation_space == spaces.MultiDiscrete([16, 16])
    env.reset(seed=0)
    assert env.step(2)[0].tolist() == [0, 1]


def test_repeat_pays_the_sum_and_stops_at_the_end():
    env = made(Vector, "repeat=3")
    observations, rewards, terminated, _ = played(env, [1, 2])
    assert (rewards, terminated) == ([3.0, 2.0], True)
    assert env.unwrapped.actions == [1, 1, 1, 2, 2]
    assert observations[1][0] == 3


def test_actions_are_renumbered_and_so_are_masks():
    env = made(Masked, "actions=6,7")
    assert env.action_space == spaces.Discrete(2)
    assert env.reset()[1]["action_mask"].tolist() == [0, 1]
    assert env.step(np.int64(1))[4]["action_mask"].tolist() == [0, 1]
    env.step(0)
    assert env.unwrapped.actions == [7, 6]


def test_max_steps_truncates():
    _, rewards, terminated, truncated = played(made(Vector, "max-steps=3"))
    assert (len(rewards), terminated, truncated) == (3, False, True)


def test_hide_takes_out_entries_of_whatever_has_some():
    cart = make("CartPole-v1 with hide=1,3")
    bare = gymnasium.make("CartPole-v1")
    assert cart.observation_space == spaces.Box(
        *[bound[[0, 2]] for bound in (bare.observation_space.low, bare.observation_space.high)]
    )
    assert (cart.reset(seed=3)[0] == bare.reset(seed=3)[0][[0, 2]]).all()
    assert list(made(Named, "hide=time,speed").reset()[0]) == ["place"]
    assert made(Parts, "hide=2").reset()[0].tolist() == [1, 2]
    assert made(Parts, "hide=0").observation_space == spaces.MultiDiscrete([4, 9])
    assert make("Blackjack-v1 with hide=2").reset(seed=0)[0] == gymnasium.make("Blackjack-v1").reset(seed=0)[0][:2]


def test_noise_has_its_deviation_and_leaves_the_game_as_it_is():
    actions = np.random.default_rng(0).integers(0, 2, 500)
    plain, rewards, *_ = played(gymnasium.make("CartPole-v1"), actions, seed=5)
    env = make("CartPole-v1 with noise=0.01")
    noisy, paid, *_ = played(env, actions, seed=5)
    assert paid == rewards
    errors = np.array(noisy) - np.array(plain)
    assert 0.007 < errors.std() < 0.013
    assert all(shown in env.observation_space for shown in noisy)
    bare = gymnasium.make("CartPole-v1")
    bare.reset(seed=5)
    for _ in range(3):  # nor do later episodes begin elsewhere, which nobody seeds
        assert (bare.reset()[0] != env.reset()[0]).all()
        assert (bare.unwrapped.state == env.unwrapped.state).all()


def test_noise_comes_from_the_seed_and_is_another_each_time():
    env = make("CartPole-v1 with noise=0.1")
    first, again, other = (env.reset(seed=seed)[0] for seed in (1, 1, 2))
    assert (first == again).all()
    assert (first != other).any()
    assert (env.reset()[0] != env.reset()[0]).all()
    bare = gymnasium.make("CartPole-v1").reset(seed=1)[0]
    assert not np.allclose((first - bare) / 0.1, np.random.default_rng(1).normal(size=4), atol=1e-3)


def test_noise_keeps_to_bounds_and_whole_numbers():
    shown = made(Vector, "noise=100").reset(seed=0)[0]
    assert all(
        shown[place] in (Vector.observation_space.low[place], Vector.observation_space.high[place])
        for place in range(4)
    )
    env = made(Picture, "noise=3")
    pictures = np.array([env.reset(seed=seed)[0] for seed in range(50)])
    assert pictures.dtype == np.uint8
    errors = (pictures.astype(float) - PICTURE)[:, 2:]  # far from the bounds
    assert 2.8 < errors.std() < 3.2
    assert abs(errors.mean()) < 0.2  # rounded, not cut off


@pytest.mark.parametrize(
    ("kind", "text", "rewards"),
    [
        (Vector, "end-penalty=-3", [1, 1, 1, 1, -2]),
        (Truncated, "end-penalty=-3", [1, 1, 1, 1, 1]),
        (Vector, "timeout-penalty=-3", [1, 1, 1, 1, 1]),
        (Truncated, "timeout-penalty=-3", [1, 1, 1, 1, -2]),
        (Mortal, "life-penalty=-3", [-2, 1, -5, 1, 1]),
    ],
)
def test_penalties_are_paid_where_they_are_due(kind, text, rewards):
    env = made(kind, text)
    for _ in range(2):
        assert played(env)[1] == rewards
        assert own_return(env) == 5.0


def test_a_timeout_at_the_very_end_of_the_game_is_none():
    assert played(made(Vector, "max-steps=5", "timeout-penalty=-3"))[1][-1] == 1
    assert played(made(Vector, "max-steps=4", "timeout-penalty=-3"))[1] == [1, 1, 1, -2]
    assert played(made(Vector, "timeout-penalty=-3", "max-steps=4"))[1] == [1, 1, 1, 1]


def test_what_the_environment_pays_is_added_up_once_below_all_that_shapes():
    env = made(Vector, "repeat=2", "end-penalty=-3", f"{HERE}:Doubled", f'{HERE}:Doubled={{"by": 10}}')
    assert played(env)[1] == [40, 40, -40]
    assert own_return(env) == 5.0
    assert str(env).count("OwnReturn") == 1
    assert own_return(made(Vector, "hide=0", "repeat=2")) is None
    env = made(Vector, f"{HERE}:Doubled")
    assert (sum(played(env)[1]), own_return(env)) == (10, 5)


def test_the_order_is_the_one_given_innermost_first():
    assert made(Vector, "stack=2", "hide=0").observation_space.shape == (7,)
    assert made(Vector, "hide=0", "stack=2").observation_space.shape == (6,)


ALL = {
    Picture: ["crop=1:3,2:6", "grey", "resize=8x8", "stack=2", "noise=1"],
    Vector: [
        "hide=0",
        "stack=2",
        "repeat=2",
        "actions=0,2",
        "max-steps=3",
        "noise=0.1",
        "end-penalty=-1",
        "timeout-penalty=1",
    ],
    Mortal: ["life-penalty=-1"],
    Named: ["hide=time"],
    Parts: ["hide=1"],
}


def test_all_wrappers_are_among_those_that_the_checker_judges():
    tried = {text.partition("=")[0] for texts in ALL.values() for text in texts}
    assert tried | {"atari"} == set(wrappings())  # that one needs a game of ale-py: tests/deep/test_atari.py


@pytest.mark.parametrize(("kind", "text"), [(kind, text) for kind, texts in ALL.items() for text in texts])
def test_gymnasium_s_checker_finds_no_fault_and_copies_pickle(kind, text):
    env = made(kind, text)
    without_fault(env)
    if text != "hide=time":  # Gymnasium's own holds a lambda
        twin = pickle.loads(pickle.dumps(env))
        first, again = (one.reset(seed=4)[0] for one in (env, twin))
        assert np.array_equal(_flat(env, first), _flat(env, again))


def without_fault(env, **kwargs):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # that there is a wrapper, or no spec
        check_env(env, **kwargs)


def _flat(env, observation):
    return spaces.flatten(env.observation_space, observation)


@pytest.mark.parametrize(
    "text", ["hide=1,3", "stack=4", "noise=0.1", "end-penalty=-1", "actions=1,0", "repeat=2", "max-steps=9"]
)
def test_metadata_modes_and_spec_are_those_of_the_environment(text):
    env = make(f"CartPole-v1 with {text}", render_mode="rgb_array")
    assert env.render_mode == "rgb_array"
    assert env.metadata == gymnasium.make("CartPole-v1").metadata
    env.reset(seed=0)
    assert env.render().shape == (400, 600, 3)
    without_fault(env)
    env.close()


def test_a_state_is_kept_and_restored_through_the_wrappers():
    env = make("gridworld with actions=0,1,2 stack=2 end-penalty=-1")
    env.reset(seed=0)
    state = env.get_wrapper_attr("get_state")()
    step = env.step(1)
    env.get_wrapper_attr("set_state")(state)
    assert env.get_wrapper_attr("get_state")() == state
    assert env.step(1)[1:3] == step[1:3]


def _answers(ref, put):
    put(played(ref.make(), [0, 1] * 250, seed=3)[1])


@pytest.mark.parametrize("method", ["spawn", "forkserver"])
def test_a_reference_means_the_same_in_another_process(method):
    ref = wrap_ref(EnvRef.of("CartPole-v1", sutton_barto_reward=True), ["noise=0.1", "end-penalty=-7"])
    assert str(ref) == ref.target == "CartPole-v1 with noise=0.1 end-penalty=-7"
    context = multiprocessing.get_context(method)
    answers = context.SimpleQueue()
    child = context.Process(target=_answers, args=(ref, answers.put))
    child.start()
    assert answers.get() == played(ref.make(), [0, 1] * 250, seed=3)[1]
    child.join()


def test_references_add_wrappers_and_keep_folder_arguments_and_label():
    ref = wrap_ref(EnvRef("FrozenLake-v1", {"is_slippery": False}, "/somewhere", "my lake"), ["stack=2"])
    more = wrap_ref(ref, ["max-steps=9"])
    assert (more.target, more.folder, str(more)) == (
        "FrozenLake-v1 with stack=2 max-steps=9",
        "/somewhere",
        "my lake with stack=2 with max-steps=9",
    )
    assert more.make().spec.kwargs == {"is_slippery": False, "map_name": "4x4"}
    assert wrap_ref(ref, []) is ref
    assert wrap_ref(EnvRef.of(Vector), ["stack=2"]).make().observation_space.shape == (8,)
    with pytest.raises(UsageError, match="CartPole-v1 is an instance, which no text names; give its id or its class"):
        wrap_ref(EnvRef.of(gymnasium.make("CartPole-v1")), ["stack=2"])


class Wide(Vector):
    def __init__(self, name, folder, wraps=1):
        self.told = (name, folder, wraps)


def test_arguments_of_any_name_are_the_environment_s():
    ref = wrap_ref(EnvRef.of(f"{HERE}:Wide"), ["stack=2"])
    assert ref.make(name=1, folder=2, wraps=3).unwrapped.told == (1, 2, 3)
    with pytest.raises(BadEnvArguments, match="Wide needs the argument 'name', 'folder'"):
        ref.make()
    with pytest.raises(BadEnvArguments, match="Wide takes no argument 'nam'; did you mean 'name'"):
        ref.make(nam=1)


def test_texts_with_spaces_come_through():
    env = made(Vector, f'{HERE}:Doubled={{"by": 10}}')
    assert env.reset(seed=0)[0][0] == 0
    assert env.step(0)[1] == 10


def test_a_folder_may_be_called_with_with(tmp_path):
    (tmp_path / "played with care").mkdir()
    file = tmp_path / "played with care" / "cart.py"
    file.write_text("import gymnasium\ndef make(): return gymnasium.make('CartPole-v1')\n")
    assert make(f"{file}:make").observation_space.shape == (4,)
    ref = wrap_ref(wrap_ref(EnvRef("played with care/cart.py:make", {}, str(tmp_path)), ["stack=2"]), ["hide=0"])
    assert ref.make().observation_space.shape == (7,)


def test_a_wrapper_in_a_file_is_looked_for_where_the_reference_was_written(tmp_path, monkeypatch):
    (tmp_path / "mine.py").write_text(
        "import gymnasium\nclass Half(gymnasium.RewardWrapper):\n    def reward(self, reward): return reward / 2\n"
    )
    ref = wrap_ref(EnvRef("CartPole-v1", {}, str(tmp_path)), ["mine.py:Half"])
    monkeypatch.chdir("/")
    env = ref.make()
    env.reset(seed=0)
    assert env.step(0)[1] == 0.5


@pytest.mark.parametrize(
    "text", ["stack=2", "repeat=2", "actions=0,1", "end-penalty=-1", "timeout-penalty=-1", f"{HERE}:Doubled"]
)
@pytest.mark.parametrize("name", ["FrozenLake-v1", "gridworld"])
def test_no_wrapper_that_changes_the_game_has_the_model_of_the_game(name, text):
    env = make(f"{name} with {text}")
    assert model_of(env) is None
    assert f"may not hold within {type(env).__name__}" in hidden_model_text(env)


def test_a_limit_is_the_model_s_horizon_whichever_wrapper_sets_it():
    assert model_of(make("FrozenLake-v1 with max-steps=7")).mdp.horizon == 7
    assert model_of(make("FrozenLake-v1 with max-steps=9 max-steps=7")).mdp.horizon == 7
    limited = gymnasium.wrappers.TimeLimit(gymnasium.make("FrozenLake-v1"), 200)
    assert model_of(limited).mdp.horizon == 100  # that within is the sooner one
    assert model_of(gymnasium.wrappers.TimeLimit(gymnasium.make("FrozenLake-v1").unwrapped, 7)).mdp.horizon == 7
    assert model_of(OwnReturn(gymnasium.make("FrozenLake-v1"))).mdp.horizon == 100


@pytest.mark.parametrize(("text", "wrapper"), [("repeat=2", "Repeat"), ("timeout-penalty=-1", "TimeoutPenalty")])
def test_what_makes_more_of_a_limit_is_not_explored(text, wrapper):
    message = f"what {wrapper} makes of the time limit of 100 steps below it is not known; .*--wrap max-steps=N"
    with pytest.raises(NoFiniteModel, match=message):
        explore(make(f"FrozenLake-v1 with {text}", is_slippery=False), "lake")


def test_the_explored_model_is_that_of_the_wrapped_game():
    def explored(name, **kwargs):
        return explore(make(name, is_slippery=False, **kwargs), "lake").model.mdp

    ended = explored("FrozenLake-v1 with end-penalty=-1")
    assert sorted(set(ended.reward[ended.terminated].tolist())) == [-1.0, 0.0]
    assert ended.horizon == 100
    assert explored("FrozenLake-v1 with actions=1,2 max-steps=30").horizon == 30
    assert explored("FrozenLake-v1 with actions=1,2").num_actions == 2
    assert explored("FrozenLake-v1 with repeat=2 max-steps=30", max_episode_steps=-1).horizon == 30


def test_normalize_is_handed_out_separately():
    assert split_training(["stack=4", "normalize"]) == (("stack=4",), (), ("observation", "reward"))
    assert split_training(["normalize=reward"]) == ((), (), ("reward",))
    assert split_training(["normalize=observation,reward"]) == ((), (), ("observation", "reward"))
    assert split_training(["stack=4"]) == (("stack=4",), (), ())
    assert split_training([]) == ((), (), ())
    for texts in (["normalize", "stack=4"], ["normalize", "normalize"]):
        with pytest.raises(UsageError, match="comes once, and as the last --wrap"):
            split_training(texts)
    for text in ("normalize=actions", "normalize=", "normalize=reward,reward"):
        with pytest.raises(UsageError, match="write normalize, normalize=observation or normalize=reward"):
            split_training([text])
    with pytest.raises(UsageError, match="a deep learner does it, as the last --wrap"):
        parse(["normalize"])


def test_views_are_the_trainings_alone_and_come_after_all_wrappers():
    views = ("life-ends", "clip-rewards")
    assert split_training(["stack=4", *views, "normalize"]) == (("stack=4",), views, ("observation", "reward"))
    with pytest.raises(
        UsageError, match="--wrap stack=4 comes after clip-rewards: give life-ends and clip-rewards last"
    ):
        split_training(["clip-rewards", "stack=4"])
    for texts in (["life-ends=1"], ["life-ends", "life-ends"]):
        with pytest.raises(UsageError, match="life-ends takes no argument, and is given once"):
            split_training(texts)
    with pytest.raises(UsageError, match="life-ends is no wrapper of one environment: `envkit solve` takes it"):
        wrap_ref(EnvRef.of("CartPole-v1"), ("life-ends",))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("stak=4", r"wrapper 'stak': did you mean 'stack'\? It is not one of actions, .*module:Class"),
        ("FlattenObservation", "is one of Gymnasium.s: gymnasium.wrappers:FlattenObservation"),
        ("stack", "wrapper 'stack' is to be stack=N, such as stack=4; '' is not a whole number of 1 or more"),
        ("stack=0", "'0' is not a whole number of 1 or more"),
        ("repeat=-1", "'-1' is not a whole number"),
        ("repeat=²", "'²' is not a whole number"),
        ("grey=3", "wrapper 'grey=3' is to be grey; it takes no argument, and '3' is one"),
        ("crop=1:2", "is to be crop=TOP:BOTTOM,LEFT:RIGHT, such as crop=34:194,0:160; '1:2' is not of that form"),
        ("resize=84x", "'' is not a whole number"),
        ("resize=1x2x3", "'1x2x3' has more than two sides"),
        ("actions=0,x", "'0,x' has an entry that is no whole number of 0 or more"),
        ("actions=0,0", "'0,0' has an entry that is empty, or there twice"),
        ("hide=1,", "'1,' has an entry that is empty"),
        ("noise=-1", "-1 is negative"),
        ("noise=nan", "'nan' is not a finite number"),
        ("end-penalty=lots", "'lots' is not a finite number"),
        ("a:B={", 'as JSON, such as module:Class={"size": 3}; JSONDecodeError'),
        ("a:B=[1]", r"not \[1\]"),
    ],
)
def test_what_cannot_be_read_is_named_with_what_to_type(text, message):
    with pytest.raises(UsageError, match=message):
        wrap_ref(EnvRef.of("CartPole-v1"), [text])


@pytest.mark.parametrize(
    ("name", "message"),
    [
        (
            "CartPole-v1 with crop=0:3,:",
            r"crop takes images, a Box of .*, and the observation is Box\(.*; hide takes entries",
        ),
        ("CartPole-v1 with resize=84", "resize takes images"),
        ("CartPole-v1 with grey", "grey takes images"),
        (f"{HERE}:Picture with grey grey", "grey takes images of three channels"),
        (f"{HERE}:Picture with crop=3:2,:", "crop takes rows 3:2 of an image that has 4 of them"),
        (f"{HERE}:Picture with crop=:,0:7", "crop takes columns 0:7 of an image that has 6 of them"),
        (f"{HERE}:Picture with hide=1", "hide takes a vector, a Dict or a Tuple, .*; crop takes a part of an image"),
        ("FrozenLake-v1 with hide=0", r"and the observation is Discrete\(16\)$"),
        ("CartPole-v1 with hide=4", "hide=4: there is no entry '?4'?; the observation has 0 to 3"),
        ("CartPole-v1 with hide=0,1,2,3", "nothing would be left"),
        ("CartPole-v1 with hide=angle", "hide=angle: the entries of this observation have numbers"),
        (f"{HERE}:Named with hide=angle", "there is no entry 'angle'; the observation has place, speed, time"),
        ("FrozenLake-v1 with noise=1", r"noise takes a Box, and the observation is Discrete\(16\)$"),
        (f"{HERE}:Named with noise=1", "--wrap gymnasium.wrappers:FlattenObservation before it"),
        ("Blackjack-v1 with stack=2", "--wrap gymnasium.wrappers:FlattenObservation before it"),
        ("Pendulum-v1 with actions=0", r"and the action is Box\(.*DiscretizeAction"),
        ("CartPole-v1 with actions=0,2", "actions names 2, and the actions are 0 to 1"),
        (f"{HERE}:Masked with actions=0", "actions names 0, and the actions are 5 to 7"),
        ("CartPole-v1 with life-penalty=-1", "life-penalty takes an info with 'lives', and after reset it is {}"),
        ("CartPole-v1 with max-steps=501", "truncated after 500 steps already; .*--env-kwargs max_episode_steps=501"),
        ("CartPole-v1 with gymnasium:Env", "gymnasium has <class 'gymnasium.core.Env'> there, not a class derived"),
        ("CartPole-v1 with gymnasium.wrappers:Nix", "gymnasium.wrappers has no 'Nix', not a class derived"),
        ("CartPole-v1 with gymnasium.wrappers:TimeLimit", r"TimeLimit\(env.*missing a required argument"),
        ("CartPole-v1 with 'stack=4", "the wrappers of CartPole-v1 cannot be read, .*No closing quotation"),
    ],
)
def test_what_does_not_fit_is_refused_with_the_space(name, message):
    with pytest.raises(UsageError, match=message):
        make(name)


def test_what_is_refused_is_closed(monkeypatch):
    closed = []
    monkeypatch.setattr(Told, "close", lambda self: closed.append(self), raising=False)
    with pytest.raises(UsageError):
        made(Vector, "noise=1", "grey")
    assert len(closed) == 1


def test_a_name_that_means_nothing_is_the_inner_one_s():
    with pytest.raises(UnknownEnvironment, match="no environment is called 'CartPol-v1'; did you mean CartPole-v1"):
        make("CartPol-v1 with stack=4")
    with pytest.raises(UnknownEnvironment, match="no module 'nosuch' is here"):
        make("CartPole-v1 with nosuch:Thing")
    assert wrapped("CartPole-v1", "stack=2", ".").observation_space.shape == (8,)
