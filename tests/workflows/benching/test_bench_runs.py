"""Real benchmarks of small environments, with small budgets: what is measured, seen and refused. Nothing is timed."""

import json
import re

import gymnasium
import numpy as np
import planted
import pytest

from envkit.core.errors import EnvironmentFailed, UnknownEnvironment, UsageError
from envkit.core.ref import EnvRef
from envkit.workflows.benching.bench import bench
from envkit.workflows.benching.native import native
from envkit.workflows.benching.players import Batch, Single
from envkit.workflows.benching.result import Row
from envkit.workflows.benching.subject import Subject
from envkit.workflows.benching.text import text

SECONDS = 0.03
CALM = "planted:planted/Calm-v0"


@pytest.fixture(scope="module")
def calm():
    return bench(CALM, num_envs=(1, 3), seconds=SECONDS)


def test_every_way_to_step_it_is_a_row_with_several_rounds(calm):
    rows = {row.key: row for row in calm.rows if not row.inner}
    ways = ("SyncVectorEnv", "AsyncVectorEnv", "vector_entry_point")
    wanted = {"bare", "wrapped", "rendered, rgb_array", "rendered, ansi", "reset", "make and close"}
    wanted |= {f"{way} x {count}" for way in ways for count in (1, 3)}
    assert wanted <= rows.keys() | calm.missing.keys()
    assert wanted - rows.keys() == set()
    assert all(3 <= len(row.laps) == len(row.yardsticks) for row in rows.values())
    assert all(lap.passed > 0 for row in rows.values() for lap in row.laps)


def test_rows_of_stable_baselines3_are_measured_or_missed_with_a_reason(calm):
    rows = {row.key for row in calm.rows}
    for key in ("DummyVecEnv x 3", "BatchVecEnv x 3"):
        assert (key in rows) != (key in calm.missing)
    if "DummyVecEnv x 3" in calm.missing:
        assert "needs stable_baselines3: pip install" in calm.missing["DummyVecEnv x 3"]


def test_its_json_comes_back_as_it_was(calm):
    data = json.loads(json.dumps(calm.to_json(), allow_nan=False))
    assert (data["schema"], data["kind"], data["env"]) == (1, "envkit-bench", CALM)
    assert tuple(Row.from_json(row) for row in data["rows"]) == calm.rows


def test_the_report_has_a_median_with_its_quartiles_for_each_row(calm):
    told = text(calm)
    lines = {line.split("  ")[1]: line for line in told.splitlines() if line.startswith("  ")}
    for key in ("bare", "wrapped", "rendered, ansi", "SyncVectorEnv x 3", "reset", "make and close"):
        assert " to " in lines[key], lines[key]
    assert "by cProfile" in told
    assert "the environment's own step, of a step wrapped" in told


def test_it_takes_its_own_step_for_most_of_the_time_where_it_works_much():
    found = bench("planted:Calm", num_envs=(1,), seconds=SECONDS, work=20_000)
    assert found.env_kwargs == {"work": 20_000}
    assert "genexpr" in " ".join(row["function"] for row in found.hot)
    batching = next(share for share in found.shares if share.what == "batching")
    assert batching.part.median < 0.5
    own = next(share for share in found.shares if share.what == "the environment's own step")
    assert own.part.median > 0.5


def test_slowing_from_episode_to_episode_is_seen():
    found = bench("planted:Slowing", num_envs=(1,), seconds=0.1)
    assert found.trend["slows"]
    assert "time of a step  slower" in text(found)
    assert any("slows from episode to episode" in line for line in found.advice)


def test_growing_from_episode_to_episode_is_seen():
    found = bench("planted:Leaking", num_envs=(1,), seconds=0.1)
    assert found.trend["grows"]
    assert found.trend["memory"]["low"] > 2_000
    assert any("grows from episode to episode" in line for line in found.advice)


def test_an_environment_that_does_neither_is_steady(calm):
    assert (calm.trend["slows"], calm.trend["grows"]) == (False, False)


def test_what_an_environment_holds_is_weighed():
    found = bench("planted:Large", num_envs=(1,), seconds=SECONDS)
    assert np.median(found.memory["each"]) == pytest.approx(2**22, rel=0.2)
    assert np.median(found.memory["alone"]) > 2**22


def test_time_spent_waiting_counts():
    found = bench("planted:Sleepy", num_envs=(1,), seconds=SECONDS)
    row = found.row("bare")
    assert not row.works
    assert row.seconds.median >= 0.002
    assert 3 <= len(row.laps) < 15


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Crashing", r"planted:Crashing: killed by SIGABRT, while measuring '.*': play \(File .*planted.py"),
        ("Hanging", r"planted:Hanging: no answer within 2 s, while measuring '.*': play \(File .*planted.py"),
        ("Raising", "bare: RuntimeError: the valve is stuck"),
    ],
)
def test_a_crash_a_hang_and_an_exception_are_one_line(name, said):
    with pytest.raises(EnvironmentFailed) as caught:
        bench(f"planted:{name}", num_envs=(1,), seconds=SECONDS, timeout=2)
    assert re.match(said, str(caught.value))
    assert "\n" not in str(caught.value)


def test_a_mode_that_cannot_be_drawn_loses_its_row_only():
    found = bench("planted:Blind", num_envs=(1,), seconds=SECONDS)
    assert found.missing["rendered, rgb_array"] == "NotImplementedError: no picture yet"
    assert found.row("rendered, ansi")
    assert "not measured: rendered, rgb_array: NotImplementedError: no picture yet" in text(found)


def test_what_names_nothing_is_the_users_mistake():
    with pytest.raises((UnknownEnvironment, UsageError), match="no environment is called 'CartPol-v1'"):
        bench("CartPol-v1")
    with pytest.raises(UsageError, match=r"numbers of environments are 0, but each is from 1"):
        bench(CALM, num_envs=(0,))


def test_bare_episodes_end_where_the_registered_limit_ends_them():
    resets = []

    class Counting(planted.Endless):
        def reset(self, *, seed=None, options=None):
            resets.append(seed)
            return super().reset(seed=seed, options=options)

    limit = Subject(EnvRef.of("planted:planted/Endless-v0"), (1,), 0).limit
    player = Single(Counting(), [0], seed=4, limit=limit)
    player.play(10)
    player.play(11)
    assert limit == 7
    assert resets == [4, None, None, None]


def test_a_step_in_which_a_batch_only_resets_does_not_count():
    subject = Subject(EnvRef.of(CALM), (4,), 0)
    batch = Batch(native(subject, 4), [np.zeros(4, int)], seed=0)
    batch.play(22)
    assert batch.counted() == 4 * 20


def test_actions_are_drawn_by_the_seed_and_leave_the_spaces_generator_alone():
    space = gymnasium.spaces.Discrete(1000, seed=5)
    one, other = (Subject(EnvRef.of(CALM), (1,), seed).drawn(space, 20) for seed in (0, 1))
    assert one != other
    assert one == Subject(EnvRef.of(CALM), (1,), 0).drawn(space, 20)
    assert space.sample() == gymnasium.spaces.Discrete(1000, seed=5).sample()
