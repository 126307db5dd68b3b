"""PPO whose rollouts live where its network does: the same weights as Stable-Baselines3's, to the bit on a CPU."""

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch", reason="needs the extra deep")
pytest.importorskip("stable_baselines3", reason="needs the extra deep")

import torch
from stable_baselines3 import PPO
from stable_baselines3.common.logger import KVWriter, Logger
from stable_baselines3.common.monitor import Monitor
from stable_baselines3.common.vec_env import DummyVecEnv

from envkit.core.errors import DeviceFull
from envkit.deep.resident import ResidentPPO, ResidentRolloutBuffer
from envkit.workflows.solve import resume, solve


@pytest.fixture(autouse=True)
def _games(monkeypatch):
    monkeypatch.syspath_prepend(Path(__file__).parent)


class Kept(KVWriter):
    def __init__(self):
        self.rows = []

    def write(self, key_values, key_excluded, step=0):
        self.rows.append({name: value for name, value in key_values.items() if name.startswith("train/")})

    def close(self):
        pass


def trained(kind, sees, acts, *, resident=True, **settings):
    """(the model, what it has logged)"""
    from training_games import Corridor

    policy = {"image": "CnnPolicy", "mixed": "MultiInputPolicy", "parts": "MultiInputPolicy"}.get(sees, "MlpPolicy")
    vec = DummyVecEnv([lambda: Monitor(Corridor(sees, acts))] * 2)
    given = {"n_steps": 32, "batch_size": 16, "n_epochs": 3, "seed": 5, "device": "cpu"} | settings
    model = kind(policy, vec, **given)
    kept = Kept()
    model.set_logger(Logger(None, [kept]))
    model.learn(192)
    return model, kept.rows


@pytest.mark.parametrize("sees", ["image", "box", "mixed", "number"])
@pytest.mark.parametrize(
    ("acts", "settings"),
    [
        ("one", {}),
        ("box", {"use_sde": True, "clip_range_vf": 0.1, "normalize_advantage": False}),
        ("two", {"ent_coef": 0.01, "target_kl": 0.003, "learning_rate": 0.01}),
    ],
)
def test_the_weights_are_the_same_to_the_bit_and_so_is_what_is_logged(sees, acts, settings):
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        (ours, told), (theirs, said) = (trained(kind, sees, acts, **settings) for kind in (ResidentPPO, PPO))
    finally:
        torch.set_num_threads(threads)
    assert isinstance(ours.rollout_buffer, ResidentRolloutBuffer) == (sees == "image")
    pairs = zip(ours.policy.state_dict().values(), theirs.policy.state_dict().values(), strict=True)
    assert all(torch.equal(one, other) for one, other in pairs)
    assert ours._n_updates == theirs._n_updates
    for mine, its in zip(told, said, strict=True):
        assert mine.keys() == its.keys()
        for name, value in its.items():
            assert np.isclose(mine[name], value, rtol=1e-4, atol=1e-6), name


def test_a_model_is_saved_and_goes_on_as_any_other(tmp_path):
    model, _ = trained(ResidentPPO, "image", "one")
    model.save(tmp_path / "model.zip")
    again = PPO.load(tmp_path / "model.zip", device="cpu")
    picture = model.observation_space.sample()
    assert model.predict(picture, deterministic=True)[0] == again.predict(picture, deterministic=True)[0]
    on = ResidentPPO.load(tmp_path / "model.zip", env=model.get_env(), device="cpu")
    on.learn(64, reset_num_timesteps=False)
    assert on.num_timesteps == model.num_timesteps + 64


def test_a_device_without_memory_is_told_with_what_takes_less_and_what_was_learnt_is_kept(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    train, calls = ResidentPPO.train, []

    def full(self):
        calls.append(self.num_timesteps)
        if len(calls) == 3:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB.")
        train(self)

    monkeypatch.setattr(ResidentPPO, "train", full)
    with pytest.raises(DeviceFull) as failed:
        solve("shower", "ppo", steps=1024, n_envs=2, n_steps=64, batch_size=64, eval_every=0, run_dir="run")
    said = str(failed.value)
    assert "no memory left: OutOfMemoryError: CUDA out of memory" in said
    assert "--set batch_size=32 or --n-envs 1 or --device cpu takes less" in said
    assert "all until step 256 is kept: envkit solve --resume run" in said
    monkeypatch.setattr(ResidentPPO, "train", train)
    assert resume("run").steps == 1024
