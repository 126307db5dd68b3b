"""Batches: the promises of Gymnasium's vector environments, and the same episodes as single environments."""

import copy

import gymnasium
import numpy as np
import pytest
from gymnasium import spaces
from gymnasium.error import InvalidAction, ResetNeeded
from gymnasium.vector import AutoresetMode, SyncVectorEnv

import envkit.envs  # noqa: F401 - registers the environments
from envkit.authoring.batch import BatchEnv
from envkit.authoring.dice import Dice
from envkit.core.compare import first_difference

NEXT, SAME, DISABLED = AutoresetMode.NEXT_STEP, AutoresetMode.SAME_STEP, AutoresetMode.DISABLED
KINDS = [
    ("envkit/GridWorld-v0", {}),
    ("envkit/GridWorld-v0", {"slip": 0.3, "rows": 4, "columns": 4}),
    ("envkit/GridWorld-v0", {"slip": 1.0, "map": "S.a/.../A.G"}),
    ("envkit/Drone-v0", {}),
    *[
        ("envkit/Shower-v0", {"noise": noise, "tap": tap, "length": 20})
        for noise in ("none", "after", "before")
        for tap in ("buttons", "continuous")
    ],
]


class Walkers(BatchEnv):
    """Three steps to the right end an episode; the first place is a matter of chance."""

    fields = {"place": np.int64, "trail": np.dtype((float, 2))}  # noqa: RUF012

    def __init__(self, num_envs=1, **options):
        super().__init__(spaces.Box(-9, 9, (2,), np.float32), spaces.Discrete(2, start=1), num_envs, **options)

    def begin(self, rows):
        self.place[rows] = self.dice.integers(0, 3, rows)
        self.trail[rows] = 0

    def advance(self, actions):
        self.place += actions - 1
        self.trail[:, 0] = self.place
        return self.place.astype(float), self.place >= 4

    def observe(self):
        return np.stack([self.place, self.trail[:, 0]], axis=1).astype(np.float32)

    def info(self):
        return {"place": self.place.copy()}


def walkers(num_envs=3, **options):
    envs = Walkers(num_envs, **options)
    return envs, envs.reset(seed=5)[0]


@pytest.mark.parametrize("mode", [NEXT, SAME], ids=["next-step", "same-step"])
@pytest.mark.parametrize(
    ("id", "arguments"), KINDS, ids=[f"{id[7:-3]}-{'-'.join(map(str, kw.values()))}" for id, kw in KINDS]
)
def test_a_batch_answers_as_single_environments_with_the_same_seeds_do(id, arguments, mode):
    batch = gymnasium.make_vec(id, 5, vectorization_mode="vector_entry_point", autoreset_mode=mode, **arguments)
    singles = SyncVectorEnv([lambda: gymnasium.make(id, **arguments)] * 5, autoreset_mode=mode)
    assert (batch.observation_space, batch.action_space) == (singles.observation_space, singles.action_space)
    assert first_difference(batch.reset(seed=3), singles.reset(seed=3)) is None
    batch.action_space.seed(1)
    ends = 0
    for _ in range(450):
        actions = batch.action_space.sample()
        mine, theirs = batch.step(actions), singles.step(actions)
        assert first_difference(comparable(mine), comparable(theirs)) is None
        ends += int((mine[2] | mine[3]).sum())
    assert ends > 9  # so that the streams after many resets were compared as well


def comparable(answer):
    """Final observations that are plain numbers may be Python's or NumPy's; what is not told of a row does not count."""
    *parts, infos = answer
    infos = dict(infos)
    if "final_obs" in infos:
        infos["final_obs"] = [None if one is None else np.asarray(one).tolist() for one in infos["final_obs"]]
        told = infos["_final_info"]
        infos["final_info"] = {key: np.where(told, array, 0) for key, array in infos["final_info"].items()}
    return [*parts, infos]


def test_seeds_may_be_given_row_by_row_and_without_one_the_streams_go_on():
    envs, first = walkers()
    assert np.array_equal(Walkers(3).reset(seed=[5, 6, 7])[0], first)
    assert np.array_equal(Walkers(3).reset(seed=np.int64(5))[0], first)
    on = [envs.reset()[0] for _ in range(6)]
    again, _ = walkers()
    assert all(np.array_equal(again.reset()[0], observations) for observations in on)
    assert any(not np.array_equal(observations, first) for observations in on)
    assert len({Walkers(64).reset()[0].tobytes() for _ in range(2)}) == 2  # unseeded ones differ
    with pytest.raises(ValueError, match="2 seeds for 3 environments"):
        envs.reset(seed=[1, 2])


def test_at_the_next_step_a_row_that_is_over_begins_anew_and_its_action_does_not_count():
    envs, first = walkers(autoreset_mode="NextStep")
    start = envs.place.copy()
    while not (ended := envs.step(np.full(3, 2))[2]).any():
        pass
    over = int(ended.argmax())
    actions = np.full(3, 1)
    actions[over] = 77  # no action at all
    observations, rewards, terminated, truncated, infos = envs.step(actions)
    assert (rewards[over], terminated[over], truncated[over]) == (0.0, False, False)
    assert infos["place"][over] == observations[over, 0] in (0, 1, 2)
    assert envs.steps[over] == 0
    assert envs.steps.max() > 0
    assert start.max() <= 2
    assert first.shape == (3, 2)


def test_in_the_same_step_the_last_observation_is_told_beside_the_first_one():
    envs, _ = walkers(autoreset_mode=SAME)
    for _ in range(9):
        observations, _, terminated, _, infos = envs.step(np.full(3, 2))
        if not terminated.any():
            assert "final_obs" not in infos
            continue
        assert np.array_equal(infos["_final_obs"], terminated)
        assert np.array_equal(infos["_final_info"], terminated)
        for row in range(3):
            if terminated[row]:
                assert infos["final_obs"][row].tolist() == [4.0, 4.0]
                assert infos["final_info"]["place"][row] == 4
                assert observations[row, 0] < 4
            else:
                assert infos["final_obs"][row] is None


def test_without_autoreset_a_row_that_is_over_is_reset_by_a_mask_alone():
    envs, _ = walkers(autoreset_mode=DISABLED)
    while not (ended := envs.step(np.full(3, 2))[2]).any():
        pass
    with pytest.raises(ResetNeeded, match=f"row {int(ended.argmax())} is over.*reset_mask"):
        envs.step(np.full(3, 1))
    before = envs.place.copy()
    observations, infos = envs.reset(options={"reset_mask": ended})
    assert np.array_equal(infos["_place"], ended)
    assert np.array_equal(observations[~ended, 0], before[~ended])
    envs.step(np.full(3, 1))


@pytest.mark.parametrize("mask", [[True, False, False], np.array([1, 0, 0]), np.zeros(3, bool), np.ones(2, bool)])
def test_a_mask_that_is_none_is_refused(mask):
    envs, _ = walkers()
    with pytest.raises(ValueError, match=r"reset_mask.*not an array of 3 booleans"):
        envs.reset(options={"reset_mask": mask})


def test_the_first_reset_is_one_of_all_rows():
    with pytest.raises(ResetNeeded, match="leave reset_mask out"):
        Walkers(2).reset(options={"reset_mask": np.array([True, False])})
    with pytest.raises(ResetNeeded, match="before reset"):
        Walkers(2).step(np.array([1, 1]))


def test_the_time_limit_truncates_each_row_on_its_own_clock():
    envs, _ = walkers(max_episode_steps=2, autoreset_mode=SAME)
    still = np.full(3, 1)
    assert [envs.step(still)[3].tolist() for _ in range(4)] == [[False] * 3, [True] * 3] * 2


def test_nothing_that_was_handed_out_changes_or_changes_anything():
    envs, first = walkers(autoreset_mode=SAME)
    shadow, _ = walkers(autoreset_mode=SAME)
    answers, copies = [], []
    for number in range(12):
        actions = np.array([1 + number % 2, 2, 1])
        answer = envs.step(actions)
        answers.append(answer)
        copies.append(copy.deepcopy(answer))
        actions[:] = 1  # the caller's, to do with as it likes
        assert first_difference(answer, shadow.step(np.array([1 + number % 2, 2, 1]))) is None
    assert first_difference(answers, copies) is None
    for answer in answers:  # written to, and the batch does not notice
        for part in (*answer[:4], *answer[4].values()):
            if isinstance(part, np.ndarray):
                part[...] = 0
    assert first_difference(envs.step(np.full(3, 1)), shadow.step(np.full(3, 1))) is None
    assert first.dtype == np.float32


@pytest.mark.parametrize(
    ("actions", "said"),
    [
        (np.array([1, 2, 3]), "the action of row 2 is .*3.*Discrete"),
        (np.array([1.0, 2.0, 1.0]), "the action of row 0 is"),
        (np.array([1, 2]), "takes an array of 3 actions"),
        ("up", "takes an array of 3 actions"),
        (None, "takes an array of 3 actions"),
    ],
)
def test_what_is_no_action_is_refused_and_named(actions, said):
    envs, _ = walkers()
    before = envs.place.copy()
    with pytest.raises(InvalidAction, match=said):
        envs.step(actions)
    assert np.array_equal(envs.place, before)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"num_envs": 0}, "num_envs is 0"),
        ({"max_episode_steps": 0}, "max_episode_steps is 0"),
        ({"render_mode": "human"}, "render_mode 'human' is not one that Walkers offers"),
        ({"autoreset_mode": "never"}, "autoreset_mode is 'never', not one of 'NextStep', 'SameStep', 'Disabled'"),
    ],
)
def test_arguments_that_mean_nothing_are_refused(options, said):
    with pytest.raises(ValueError, match=said):
        Walkers(**{"num_envs": 2, **options})


@pytest.mark.parametrize("id", ["envkit/GridWorld-v0", "envkit/Shower-v0", "envkit/Drone-v0"])
def test_bundled_batches_refuse_a_limit_that_is_none(id):
    for limit in (0, -1, "5"):
        with pytest.raises(ValueError, match=f"max_episode_steps is {limit!r}"):
            gymnasium.make_vec(id, 2, vectorization_mode="vector_entry_point", max_episode_steps=limit)


@pytest.mark.parametrize("id", ["envkit/Shower-v0", "envkit/Drone-v0"])
@pytest.mark.parametrize(("length", "limit"), [(5, 3), (3, 5), (3, None)])
def test_the_sooner_of_two_limits_counts(id, length, limit):
    envs = gymnasium.make_vec(id, 2, vectorization_mode="vector_entry_point", length=length, max_episode_steps=limit)
    envs.reset(seed=0)
    actions = np.zeros(envs.action_space.shape, envs.action_space.dtype)
    assert [bool(envs.step(actions)[3].all()) for _ in range(3)] == [False, False, True]


@pytest.mark.parametrize("id", ["envkit/GridWorld-v0", "envkit/Shower-v0", "envkit/Drone-v0"])
def test_a_rows_picture_is_that_of_a_single_environment(id):
    batch = gymnasium.make_vec(id, 2, vectorization_mode="vector_entry_point", render_mode="rgb_array")
    singles = [gymnasium.make(id, render_mode="rgb_array") for _ in range(2)]
    batch.reset(seed=8)
    for row, single in enumerate(singles):
        single.reset(seed=8 + row)
    batch.action_space.seed(2)
    for _ in range(9):
        actions = batch.action_space.sample()
        batch.step(actions)
        for single, action in zip(singles, actions, strict=True):
            single.step(action)
    frames = batch.render()
    assert frames[0].any()
    for frame, single in zip(frames, singles, strict=True):
        assert np.array_equal(frame, single.render())
    batch.close()
    batch.close()


def test_a_batch_without_a_render_mode_says_so():
    envs, _ = walkers()
    with pytest.warns(UserWarning, match="made with render_mode=None"):
        assert envs.render() is None


def test_dice_give_each_row_the_numbers_of_its_own_generator():
    dice = Dice(3, block=4)
    for row in range(3):
        dice.seed(row, 10 + row)
    own = [np.random.Generator(np.random.PCG64(np.random.SeedSequence(10 + row))) for row in range(3)]
    rng = np.random.default_rng(0)
    for _ in range(60):
        rows = np.flatnonzero(rng.random(3) < 0.6)
        assert dice.roll(rows).tolist() == [own[row].random() for row in rows]
        dice.resting = rng.random(3) < 0.3
        expected = [0.0 if rests else generator.random() for rests, generator in zip(dice.resting, own, strict=True)]
        assert dice.roll().tolist() == expected
        dice.resting = None
        assert dice.roll().tolist() == [generator.random() for generator in own]
    assert dice.uniform(2, 4).tolist() == [generator.uniform(2, 4) for generator in own]


@pytest.mark.parametrize("mode", [NEXT, SAME], ids=["next-step", "same-step"])
@pytest.mark.parametrize("id", ["envkit/GridWorld-v0", "envkit/Drone-v0", "envkit/Shower-v0"])
def test_a_state_brings_another_batch_to_the_same_place_as_often_as_wanted(id, mode):
    batch, other = (
        gymnasium.make_vec(id, 4, vectorization_mode="vector_entry_point", autoreset_mode=mode) for _ in range(2)
    )
    batch.reset(seed=7)
    batch.action_space.seed(1)
    for _ in range(70):
        batch.step(batch.action_space.sample())
    state = batch.unwrapped.get_state()
    kept = copy.deepcopy(state)
    actions = [batch.action_space.sample() for _ in range(200)]
    expected = [comparable(batch.step(one)) for one in actions]
    for _ in range(2):
        other.unwrapped.set_state(state)
        assert [
            first_difference(comparable(other.step(one)), due) for one, due in zip(actions, expected, strict=True)
        ] == [None] * 200
    assert first_difference(state, kept) is None


def test_a_state_holds_the_dice_within_a_block_and_before_the_first_roll():
    dice, other = Dice(2, block=4), Dice(2, block=4)
    for row in range(2):
        dice.seed(row, row)
    for rolls in (0, 1, 3, 1, 4):
        for _ in range(rolls):
            dice.roll(np.array([1]))
        other.set_state(dice.get_state())
        assert other.roll().tolist() == dice.roll().tolist()
    assert [other.roll().tolist() for _ in range(9)] == [dice.roll().tolist() for _ in range(9)]


def test_what_is_no_state_of_the_batch_is_refused():
    batch, _ = walkers(2)
    state = batch.get_state()
    for wrong in (walkers(3)[0].get_state(), None, {}, {"rows": {}, "dice": state["dice"]}):
        with pytest.raises(ValueError, match="set_state of Walkers was given .* no state of 2 rows like its own"):
            batch.set_state(wrong)
