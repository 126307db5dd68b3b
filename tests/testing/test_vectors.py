"""The contract of vector environments: sound ones pass, each planted fault is found and shown in a test to paste."""

from functools import partial

import faulty_vectors as planted
import gymnasium
import numpy as np
import pytest
from faulty_vectors import Drift, Drifts
from gymnasium import spaces
from gymnasium.envs.classic_control.cartpole import CartPoleVectorEnv
from gymnasium.vector import AsyncVectorEnv, AutoresetMode, SyncVectorEnv

import envkit.envs  # noqa: F401 - registers the bundled environments
from envkit.core.catalogue import bundled_ids
from envkit.core.errors import UsageError
from envkit.testing import ContractBroken, run_vector_contract, vector_contract

NEXT, SAME, NEVER = "NextStep", "SameStep", "Disabled"
MODES = (NEXT, SAME, NEVER)


def cart_pole():
    return gymnasium.make("CartPole-v1", max_episode_steps=20)


def one_by_one(num_envs, autoreset_mode=AutoresetMode.NEXT_STEP, single=cart_pole):
    return SyncVectorEnv([single] * num_envs, autoreset_mode=autoreset_mode)


def in_workers(num_envs, autoreset_mode=AutoresetMode.NEXT_STEP):
    return AsyncVectorEnv([cart_pole] * num_envs, autoreset_mode=autoreset_mode)


def native(num_envs):
    return CartPoleVectorEnv(num_envs, max_episode_steps=20)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("make_vec", [one_by_one, in_workers])
def test_gymnasiums_vector_environments_keep_it_and_play_what_one_alone_plays(make_vec, mode):
    run_vector_contract(make_vec, single=cart_pole, modes=[mode], profile="quick")


def test_gymnasiums_native_cart_pole_keeps_it_but_for_seeds_of_each_copy():
    run_vector_contract(native, own_seeds=False, profile="quick")
    with pytest.raises(ContractBroken, match=r"reset\(seed=\[0, 1, 2\]\) raised Error: Seed must be a python integer"):
        run_vector_contract(native, profile="quick")


@pytest.mark.parametrize("mode", MODES)
def test_the_sound_twin_of_the_planted_faults_passes(mode):
    run_vector_contract(Drifts, single=Drift, modes=[mode])


BATCHES = [id for id in bundled_ids() if gymnasium.spec(id).vector_entry_point]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("id", BATCHES)
def test_the_bundled_batch_environments_keep_it(id, mode):
    limit = {"max_episode_steps": 20}

    def make_vec(num_envs, autoreset_mode):
        given = limit | {"autoreset_mode": autoreset_mode}
        return gymnasium.make_vec(id, num_envs=num_envs, vectorization_mode="vector_entry_point", **given)

    run_vector_contract(make_vec, single=partial(gymnasium.make, id, **limit), modes=[mode], profile="quick")


def test_there_are_bundled_batch_environments():
    assert "envkit/GridWorld-v0" in BATCHES


class Tagged(Drift):
    """Its observation is a dictionary, and its actions are numbers and texts."""

    observation_space = spaces.Dict(place=spaces.Box(-2, 2, (2,), np.float32), words=spaces.Text(3))
    action_space = spaces.Tuple((spaces.Discrete(2), spaces.Box(-1, 1, (1,), np.float32)))

    def seen(self):
        return {"place": super().seen(), "words": "up" if self.place > 0 else "low"}

    def step(self, action):
        return super().step(action[0])


@pytest.mark.parametrize("mode", MODES)
def test_composite_spaces_are_judged_too(mode):
    run_vector_contract(partial(one_by_one, single=Tagged), single=Tagged, modes=[mode], profile="quick")


FAULTS = {  # the mode in which it shows, and what is said of it
    "OneSeedForAll": (NEXT, "with the seeds in a list observation[1, 0] is"),
    "ListOfSeedsSummed": (NEXT, "with the seeds in a list observation[0, 0] is"),
    "SeedsOfTheFirst": (NEXT, "copy 1 differs with other seeds and actions for its neighbours: observation[0] is"),
    "OneBuffer": (NEXT, "is the same object as the observation that"),
    "OneRewardBuffer": (NEXT, "the reward that step("),
    "LiveInfo": (NEXT, "is the same object as the info['place'] that"),
    "WideObservation": (NEXT, "observation is float64, but float32 was declared"),
    "ColumnOfRewards": (NEXT, "reward has shape (3, 1), not (3,)"),
    "WholeFlags": (NEXT, "terminated is an array of int64, not of bools"),
    "NoMode": (None, "metadata['autoreset_mode'] is None, not a gymnasium.vector.AutoresetMode"),
    "NarrowSpace": (NEXT, "observation_space is Box(-1.0, 1.0, (3, 2), float32), not 3 of Box(-2.0, 2.0, (2,), float32)"),
    "RewardOfTheReset": (NEXT, "was reset in this step, but reward is -1"),
    "ActionOfTheReset": (NEXT, "with another action for a copy that is being reset, to be ignored, observation["),
    "ClockRunsOn": (NEXT, "differs with other seeds and actions for its neighbours: observation[1] is 0.25 in one"),
    "EndsTogether": (NEXT, "differs with other seeds and actions for its neighbours: truncated is"),
    "NeighbourPushes": (NEXT, "copy 1 differs with other seeds and actions for its neighbours: observation[0] is"),
    "ChangesActions": (NEXT, "step has changed the actions it was given: the actions["),
    "TossesCoins": (NEXT, "does not repeat: with the same seed and the same actions, on a fresh instance"),
    "ClosesOnce": (NEXT, "close() a second time raised RuntimeError: closed already"),
    "MaskTooShort": (NEXT, "info['_place'], the mask of 'place', is array([True, True], bool), not one bool a copy"),
    "ResetsAll": (NEVER, "which was not to be reset, has changed: observation["),
    "FinalIsFirst": (SAME, "is not as an environment alone: observation["),
    "FinalForAll": (SAME, "but info['_final_obs'] is array([True, True, True], bool)"),
    "NoFinalInfo": (SAME, "but info['_final_info'] is missing"),
    "FinalIsView": (SAME, "is a view of the observation, which is that of the next episode"),
    "RoundsReward": (NEXT, "is not as an environment alone: reward is"),
}  # fmt: skip


def broken(name):
    mode, text = FAULTS[name]
    with pytest.raises(ContractBroken) as failed:
        run_vector_contract(getattr(planted, name), single=Drift, modes=[mode] if mode else ())
    assert text in failed.value.fault
    return failed.value


@pytest.mark.parametrize("name", FAULTS)
def test_a_planted_fault_is_found_named_and_shown_in_a_test_to_paste(name):
    found = broken(name)
    pasted = {"single": Drift}
    exec(found.program, pasted)
    with pytest.raises((AssertionError, RuntimeError)):
        pasted["test_vector_contract_is_kept"]()
    if name not in ("MaskTooShort", "NoMode"):  # whose test asks for what the sound one has in another form
        pasted[name] = Drifts
        pasted["test_vector_contract_is_kept"]()
    assert sum(call.method == "step" for call in found.calls) <= (20 if name == "EndsTogether" else 8)


def test_every_planted_fault_has_a_test():
    made = {name for name, value in vars(planted).items() if isinstance(value, type) and issubclass(value, Drifts)}
    assert made - {"Drifts"} == set(FAULTS)


def test_the_test_to_paste_reads_as_a_person_would_write_it():
    assert broken("ResetsAll").program.splitlines()[:8] == [
        "import envkit.testing",
        "import gymnasium",
        "import numpy as np",
        "from faulty_vectors import Drift as single",
        "from faulty_vectors import ResetsAll",
        "",
        "",
        "def test_vector_contract_is_kept():",
    ]
    assert (
        "    env = ResetsAll(3, autoreset_mode=gymnasium.vector.AutoresetMode.DISABLED)" in broken("ResetsAll").program
    )


def test_a_mode_that_is_not_the_one_asked_for_is_told():
    def stubborn(num_envs, autoreset_mode):
        return Drifts(num_envs)

    with pytest.raises(ContractBroken, match="autoreset_mode=AutoresetMode.SAME_STEP was asked for, but metadata"):
        run_vector_contract(stubborn, modes=[SAME])


def test_what_could_not_be_judged_is_no_pass():
    class Endless(Drift):
        def step(self, action):
            observation, reward, _, _, info = super().step(action)
            self.place = np.clip(self.place, -1, 1)
            self.steps = 0
            return observation, reward, False, False, info

    make_vec = partial(one_by_one, single=Endless)
    with pytest.raises(UsageError, match="no episode ended in 60 steps, so what happens then was not judged"):
        run_vector_contract(make_vec, steps=60)
    run_vector_contract(make_vec, steps=60, endless=True)


def test_an_unknown_mode_is_answered_with_the_known_ones():
    with pytest.raises(UsageError, match="autoreset mode 'SameStap' is not one of NextStep, SameStep, Disabled"):
        run_vector_contract(Drifts, modes=["SameStap"])


def test_it_is_one_line_in_a_test_file():
    test = vector_contract(Drifts, single=Drift, modes=MODES, profile="quick")
    assert test.__name__ == "test_vector_contract"
    assert test.__doc__ == "Drifts keeps the contract of vector environments."
    test()
    with pytest.raises(ContractBroken):
        vector_contract(planted.OneBuffer, profile="quick")()
