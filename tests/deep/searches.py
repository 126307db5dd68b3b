"""Searches that several tests make; whoever imports it is skipped where one cannot be made."""

import csv
from pathlib import Path

import pytest

pytest.importorskip("torch", reason="needs the extra deep")
pytest.importorskip("stable_baselines3", reason="needs the extra deep")
pytest.importorskip("optuna", reason="needs the extra tune")

from envkit.workflows.tune import tune

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


def quick(trials=8, **arguments):
    """A search of milliseconds."""
    return tune(TARGET, TOLD, trials=trials, **QUICK | arguments)


def found(tuned):
    """What does not depend on the clock."""
    return [(one.number, one.state, one.value, one.returns, dict(one.settings)) for one in tuned.attempts]


def table(path):
    with path.open() as file:
        return list(csv.DictReader(file))
