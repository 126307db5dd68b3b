"""The gate and the verdicts, with made-up numbers: a regression is caught, noise is not."""

import json
import re

import numpy as np
import pytest

from envkit.core.errors import ArtifactRefused, StorageFailed, UsageError
from envkit.workflows.benching import files
from envkit.workflows.benching.advice import advice
from envkit.workflows.benching.clock import Lap, disturbed, works
from envkit.workflows.benching.compare import compare
from envkit.workflows.benching.result import Bench, Row, Spread
from envkit.workflows.benching.shares import shares
from envkit.workflows.benching.slope import slope
from envkit.workflows.benching.text import regression_line, text
from envkit.workflows.benching.trend import judged

ROUNDS = 15


def row(name, seconds, *, noise=0.05, yardstick=0.005, num_envs=None, unit="step", seed=0, waits=0, load=1.0, **more):
    """A row that takes so long on a machine whose yardstick takes so long, with noise on each round."""
    rng = np.random.default_rng([seed, len(name)])
    factor = np.exp(rng.normal(0, noise, ROUNDS))
    laps = tuple(Lap(load * seconds * each, seconds * each, waits) for each in factor)
    return Row(name, num_envs, unit, laps, (Lap(load * yardstick, yardstick, 0),) * ROUNDS, **more)


def found(*rows, env="Game-v0", env_kwargs=None, cores=2, alone=40e6, each=1e6):
    memory = {"alone": (alone,) * 3, "each": (each,) * 3}
    machine = {"cores": cores, "python": "3.11", "gymnasium": "1.4", "numpy": "2.4"}
    steady = judged([1.0] * 20, [10**6] * 20, list(range(1, 21))).to_json()
    return Bench(env, env_kwargs or {}, 0, machine, rows, {}, memory, tuple(shares(rows)), (), steady, ())


def saved(bench):
    return files.Saved(json.loads(json.dumps(bench.to_json())))


def test_twice_as_slow_is_a_regression_that_says_which_row_and_by_how_much():
    before, after = found(row("bare", 1e-5), row("reset", 1e-4)), found(row("bare", 2e-5, seed=1), row("reset", 1e-4))
    comparison = compare(saved(before), after, tolerance=0.2)
    (change,) = comparison.regressions
    assert change.row == "bare"
    assert change.low < 2 < change.high or change.ratio == pytest.approx(2, rel=0.05)
    assert regression_line(comparison.regressions).startswith(f"bare takes {change.ratio:.2f} times as long (")
    assert f"{change.ratio:5.2f}" in text(after, comparison)


@pytest.mark.parametrize("seed", range(20))
def test_noise_alone_is_no_regression(seed):
    before = found(*(row(name, 1e-5, noise=0.3, seed=2 * seed) for name in ("bare", "wrapped", "reset")))
    after = found(*(row(name, 1e-5, noise=0.3, seed=2 * seed + 1) for name in ("bare", "wrapped", "reset")))
    assert compare(saved(before), after, tolerance=0.2).regressions == ()


def test_a_machine_half_as_fast_is_no_regression():
    before, after = found(row("bare", 1e-5)), found(row("bare", 2e-5, yardstick=0.01, seed=1))
    assert compare(saved(before), after, tolerance=0.2).regressions == ()


def test_a_busy_machine_is_no_regression_where_the_process_itself_does_the_work():
    before, after = found(row("bare", 1e-5)), found(row("bare", 1e-5, load=3.0, seed=1))
    (change, *_) = compare(saved(before), after, tolerance=0.2).changes
    assert change.verdict == "same"
    assert change.ratio == pytest.approx(1, abs=0.1)


def test_what_waits_is_compared_by_what_passed_and_on_a_busy_machine_not_at_all():
    slept, longer = row("bare", 1e-3, waits=50), row("bare", 2e-3, waits=50, seed=1)
    assert compare(saved(found(slept)), found(longer), tolerance=0.2).regressions[0].row == "bare"
    busy = row("bare", 2e-3, waits=50, load=2.0)
    comparison = compare(saved(found(slept, row("reset", 1e-5))), found(busy, row("reset", 1e-5)), tolerance=0.2)
    assert comparison.uncompared == {"bare": "it waits for others, and the machine was busy now"}


def test_a_regression_within_the_tolerance_passes_and_the_tolerance_decides():
    before, after = found(row("bare", 1e-5, noise=0.01)), found(row("bare", 1.3e-5, noise=0.01, seed=1))
    assert compare(saved(before), after, tolerance=0.5).regressions == ()
    assert compare(saved(before), after, tolerance=0.1).regressions


def test_what_became_quicker_is_better_and_no_regression():
    comparison = compare(saved(found(row("bare", 2e-5))), found(row("bare", 1e-5)), tolerance=0.2)
    assert (comparison.changes[0].verdict, comparison.regressions) == ("better", ())


def test_memory_that_doubled_is_a_regression_and_some_pages_are_none():
    before = saved(found(row("bare", 1e-5), each=4e6))
    (change,) = compare(before, found(row("bare", 1e-5), each=8e6), tolerance=0.2).regressions
    assert (change.row, change.of, change.ratio) == ("memory, each", "memory", 2)
    little = saved(found(row("bare", 1e-5), each=4096))
    assert compare(little, found(row("bare", 1e-5), each=40960), tolerance=0.2).regressions == ()


def test_rows_of_one_side_only_are_named_and_worker_processes_need_the_same_cores():
    both = row("bare", 1e-5)
    workers = row("AsyncVectorEnv", 1e-4, num_envs=8)
    comparison = compare(
        saved(found(both, row("wrapped", 1e-5), workers)),
        found(both, row("reset", 1e-5), workers, cores=8),
        tolerance=0.2,
    )
    assert comparison.uncompared == {
        "AsyncVectorEnv x 8": "2 cores then, 8 now",
        "reset": "was not measured then",
        "wrapped": "is not measured now",
    }


def test_another_environment_or_other_arguments_are_not_compared():
    for other in (found(row("bare", 1e-5), env="Other-v0"), found(row("bare", 1e-5), env_kwargs={"size": 9})):
        with pytest.raises(UsageError, match="the file is of Game-v0, and this is (Other-v0|Game-v0 with size=9)"):
            compare(saved(found(row("bare", 1e-5))), other, tolerance=0.2)
    with pytest.raises(UsageError, match="no row of the file is measured now; give the same --num-envs"):
        compare(saved(found(row("bare", 1e-5))), found(row("reset", 1e-5)), tolerance=0.2)


def test_a_file_that_was_saved_is_read_again(tmp_path):
    bench = found(row("bare", 1e-5), row("SyncVectorEnv", 1e-5, num_envs=8))
    files.save(bench, tmp_path / "bench.json")
    back = files.load(tmp_path / "bench.json")
    assert (back.env, back.rows, back.cores) == ("Game-v0", bench.rows, 2)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("no json", "is damaged: Expecting value"),
        ("[]", "is no benchmark of envkit"),
        ('{"schema": 1, "solver": "sarsa"}', "is no benchmark of envkit"),
        ('{"kind": "envkit-bench", "schema": 99}', "has schema 99, and this envkit reads 1: save it anew"),
        ('{"kind": "envkit-bench", "schema": 1, "env": "x"}', "is damaged: KeyError"),
    ],
)
def test_a_file_of_another_kind_or_schema_is_refused(tmp_path, content, said):
    (tmp_path / "f.json").write_text(content)
    with pytest.raises(ArtifactRefused, match=said):
        files.load(tmp_path / "f.json")


def test_a_file_that_is_not_there_and_a_place_that_is_none_are_told_before_measuring(tmp_path):
    with pytest.raises(UsageError, match="there is no file .*b.json to compare with; `envkit bench ENV --save"):
        files.load(tmp_path / "b.json")
    with pytest.raises(StorageFailed, match="has no directory .*nowhere; name a file"):
        files.expect_folder(tmp_path / "nowhere" / "b.json")
    with pytest.raises(StorageFailed, match="is a directory"):
        files.expect_folder(tmp_path)


def test_a_slope_is_the_one_that_was_put_in_and_one_outlier_does_not_move_it():
    x = np.arange(40)
    y = 5 + 0.5 * x + np.random.default_rng(0).normal(0, 0.1, 40)
    assert slope(y).growth == pytest.approx(0.5 * 39, rel=0.02)
    y[17] = 1000
    again = slope(y, x)
    assert again.low <= again.growth <= again.high
    assert again.growth == pytest.approx(0.5 * 39, rel=0.02)


@pytest.mark.parametrize("seed", range(20))
def test_noise_has_no_trend(seed):
    rng = np.random.default_rng(seed)
    times = np.exp(rng.normal(0, 0.2, 60)).tolist()
    held = (10**7 + rng.integers(0, 3, 60) * 4096).tolist()
    seen = judged(times, held, list(range(10, 610, 10)))
    assert (seen.slows, seen.grows) == (False, False)


def test_a_third_more_time_is_a_trend_and_a_step_of_memory_is_none():
    rng = np.random.default_rng(0)
    times = (np.linspace(1, 1.5, 60) * np.exp(rng.normal(0, 0.05, 60))).tolist()
    once = [10**7] * 30 + [2 * 10**7] * 30  # an allocator took one more arena, and that was all
    seen = judged(times, once, list(range(1, 61)))
    assert seen.slows
    assert seen.time.growth == pytest.approx(0.47, abs=0.15)
    assert not seen.grows


def test_what_every_episode_keeps_is_told_in_bytes():
    seen = judged(
        [1.0] * 60, [10**7 + 5000 * block * 10 for block in range(60)], [10 * block for block in range(1, 61)]
    )
    assert seen.grows
    assert seen.memory.growth == pytest.approx(5000)


def test_too_few_blocks_say_nothing():
    seen = judged([1.0] * 3, [1] * 3, [1, 2, 3])
    assert (seen.episodes, seen.time, seen.slows, seen.grows) == (3, None, False, False)


def test_a_process_that_never_waited_works_however_often_it_was_preempted():
    assert works([Lap(5.0, 1.0, 0)] * 3)
    assert works([Lap(1.0, 1.0, 0)] * 2 + [Lap(1.0, 0.9, 4)])
    assert not works([Lap(1.0, 0.9, 4)] * 2 + [Lap(1.0, 1.0, 0)])
    assert not works([Lap(1.0, 2.0, 0)] * 3)
    assert not works([])
    assert disturbed([Lap(2.0, 1.0, 0)] * 3)
    assert not disturbed([Lap(1.01, 1.0, 0)] * 3)


def shared(**seconds):
    rows = [row("bare", seconds["bare"], noise=0), row("wrapped", seconds["wrapped"], noise=0, about="Checker")]
    rows += [row("within Checker", seconds["inner"], noise=0, about="TimeLimit", inner=True)]
    rows += [row("rendered, ansi", seconds["rendered"], noise=0, unit="frame")]
    return rows, {(share.what, share.of): share.part.median for share in shares(rows)}


def test_the_shares_of_a_step_are_differences_of_rows():
    rows, parts = shared(bare=6e-6, inner=7e-6, wrapped=10e-6, rendered=40e-6)
    assert parts == pytest.approx(
        {
            ("the environment's own step", "wrapped"): 0.6,
            ("wrappers", "wrapped"): 0.4,
            ("Checker", "wrapped"): 0.3,
            ("TimeLimit", "wrapped"): 0.1,
            ("rendering", "rendered, ansi"): 0.75,
        }
    )
    told = advice(rows, shares(rows), {})
    assert told[0] == "wrappers take 40% of a step: Checker 30%, TimeLimit 10%"
    assert told[1] == "rendering: ansi takes 0.03 ms, 75% of its step"


def vectorised(sync, workers):
    rows = [row("SyncVectorEnv", took, num_envs=count) for count, took in sync.items()]
    return [*rows, *(row("AsyncVectorEnv", took, num_envs=count) for count, took in workers.items())]


def test_advice_says_from_how_many_environments_on_workers_pay():
    pays = vectorised({1: 1e-3, 8: 1e-3}, {1: 2e-3, 8: 2.5e-4})
    assert re.match(
        r"AsyncVectorEnv pays from 8 environments on: [34]\.\d times SyncVectorEnv at 8", advice(pays, [], {})[0]
    )
    once = vectorised({1: 1e-3, 8: 1e-3}, {1: 2.5e-4, 8: 2e-3})
    assert advice(once, [], {}) == []
    never = vectorised({1: 1e-5, 8: 1e-5}, {1: 1e-4, 8: 2e-4})
    assert advice(never, [], {})[0].startswith("AsyncVectorEnv does not pay up to 8 environments: SyncVectorEnv is ")
    alike = vectorised({8: 1e-5}, {8: 1.02e-5})
    assert advice(alike, [], {}) == []


def test_advice_says_so_where_the_machine_was_busy():
    swinging = row("bare", 1e-5)
    yardsticks = tuple(Lap(0.005 * (1 + number % 2), 0.005, 0) for number in range(ROUNDS))
    busy = Row("bare", None, "step", swinging.laps, yardsticks)
    assert "the machine was busy" in advice([busy], [], {})[-1]
    assert advice([swinging], [], {}) == []


def test_the_middle_half_is_what_is_shown():
    assert Spread.of([1, 2, 3, 4, 100]) == Spread(3, 2, 4)
