"""Several copies at once: vector environments, workers, buffers, threads, and infos side by side."""

import multiprocessing
import subprocess
import sys

import numpy as np
import pytest
from gymnasium import spaces
from gymnasium.vector import AutoresetMode, SyncVectorEnv

from envkit.check.acting import apart
from envkit.check.acting.batches import Plan, all_arrays, as_batched, batched, driven, parts, play_on, supported
from envkit.check.acting.buffers import Buffers
from envkit.check.api import check
from envkit.check.judging.pairs import parting
from envkit.check.lamp import Lamp
from envkit.check.probes import vector
from envkit.check.subject import Subject
from envkit.core.ref import EnvRef
from envkit.core.trace import literal

PRELUDE = """
import concurrent.futures, multiprocessing, os, subprocess, sys, threading
import gymnasium as gym
import numpy as np
from gymnasium import spaces
from envkit.check.lamp import Lamp

"""

FAULTS = {
    "options are taken for granted": ("EK850", "error", """
class Env(Lamp):
    def reset(self, *, seed=None, options=None):
        if options == {}:
            raise KeyError("level")
        return super().reset(seed=seed, options=options)
"""),
    "an info that cannot be written to": ("EK850", "error", """
class Frozen(dict):
    def __setitem__(self, key, value):
        raise TypeError("this info is read-only")
class Env(Lamp):
    def step(self, action):
        *rest, info = super().step(action)
        return *rest, Frozen(info)
"""),
    "a worker dies": ("EK852", "error", """
class Env(Lamp):
    def step(self, action):
        if multiprocessing.parent_process() and self.steps == 3:
            os._exit(1)
        return super().step(action)
"""),
    "a worker raises what cannot be pickled": ("EK852", "error", """
class Env(Lamp):
    def step(self, action):
        class Local(Exception):
            pass
        if multiprocessing.parent_process() and self.steps == 3:
            raise Local("no")
        return super().step(action)
"""),
    "a pool of processes": ("EK852", "warning", """
class Env(Lamp):
    def reset(self, **arguments):
        child = multiprocessing.get_context("fork").Process(target=os.getpid)
        child.start()
        child.join()
        return super().reset(**arguments)
"""),
    "a worker plays another game": ("EK853", "error", """
class Env(Lamp):
    def observe(self):
        observation = super().observe()
        if "Worker" in multiprocessing.current_process().name:
            observation[1] /= 2
        return observation
"""),
    "a lambda in the last info": ("EK854", "error", """
class Env(Lamp):
    def step(self, action):
        *rest, info = super().step(action)
        return *rest, info | ({"later": {"do": [lambda: 1]}} if rest[2] else {})
"""),
    "the environment itself in the info, with a lock": ("EK854", "error", """
class Env(Lamp):
    lock = None
    def reset(self, **arguments):
        observation, info = super().reset(**arguments)
        return observation, info | {"lock": threading.Lock()}
"""),
    "nothing, and then a number": ("EK855", "error", """
class Env(Lamp):
    def step(self, action):
        *rest, info = super().step(action)
        return *rest, info | {"game": {"winner": 3 if rest[2] else None}}
"""),
    "a number, and then a dictionary": ("EK855", "error", """
class Env(Lamp):
    def step(self, action):
        *rest, info = super().step(action)
        return *rest, info | {"game": {"won": True} if rest[2] else 0}
"""),
    "a whole number, and then a fraction": ("EK856", "advice", """
class Env(Lamp):
    def reset(self, **arguments):
        observation, info = super().reset(**arguments)
        return observation, info | {"distance": 0}
    def step(self, action):
        *rest, info = super().step(action)
        return *rest, info | {"distance": self.bright}
"""),
    "a tuple as a key": ("EK857", "warning", """
class Env(Lamp):
    def step(self, action):
        *rest, info = super().step(action)
        return *rest, info | ({(1, 2): 3} if rest[2] else {})
"""),
    "close breaks the neighbour": ("EK858", "error", """
class Env(Lamp):
    shared = {"engine": 1}
    def reset(self, **arguments):
        self.shared["engine"] = 1
        return super().reset(**arguments)
    def reward(self, burnt_out):
        return super().reward(burnt_out) * self.shared["engine"]
    def close(self):
        self.shared["engine"] = 0
"""),
    "an event loop of the main thread": ("EK859", "warning", """
import asyncio
class Env(Lamp):
    def reset(self, **arguments):
        if threading.current_thread() is not threading.main_thread():
            asyncio.get_event_loop()
        return super().reset(**arguments)
"""),
}  # fmt: skip

FAULTLESS = {
    "plain infos of all kinds": """
class Env(Lamp):
    def step(self, action):
        *rest, info = super().step(action)
        info |= {"n": self.steps, "x": self.bright, "on": True, "name": "lamp", "list": [1] * self.steps}
        info |= {"array": np.zeros(3), "inner": {"a": 1, "b": np.float32(2)}, "none": None}
        return *rest, info | ({"only at the end": 1.5} if rest[2] else {})
""",
    "a child with subprocess": """
class Env(Lamp):
    made = False
    def reset(self, **arguments):
        if not self.made:
            self.made = bool(subprocess.run(["true"]))
        return super().reset(**arguments)
""",
    "a nested space": """
class Env(Lamp):
    def __init__(self, render_mode=None):
        super().__init__(render_mode)
        box = self.observation_space
        self.observation_space = spaces.Dict(
            {"lamp": spaces.Tuple((box, spaces.Text(9))), "rest": spaces.Sequence(box), "way": spaces.OneOf((box, box))}
        )
    def observe(self):
        one = super().observe()
        return {"lamp": (one, "on"), "rest": (one,) * (self.steps % 3), "way": (np.int64(1), one)}
""",
    "a space of its own": """
class Words(gym.Space):
    def __init__(self):
        super().__init__(None, None)
    def sample(self, mask=None, probability=None):
        return "word"
    def contains(self, x):
        return isinstance(x, str)
class Env(Lamp):
    def __init__(self, render_mode=None):
        super().__init__(render_mode)
        self.observation_space = Words()
    def observe(self):
        return f"{self.bright:.3f}"
""",
    "prints in a worker": """
class Env(Lamp):
    def reset(self, **arguments):
        if multiprocessing.parent_process():
            print("a worker speaks", file=sys.stderr, flush=True)
            os.write(1, b"a worker speaks")
        return super().reset(**arguments)
""",
}
MINE = ["EK85"]


@pytest.fixture
def judged(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def run(source, **options):
        (tmp_path / "lamps.py").write_text(PRELUDE + source)
        return check("lamps.py:Env", **options)

    return run


@pytest.mark.parametrize(("code", "level", "source"), FAULTS.values(), ids=FAULTS)
def test_what_breaks_only_among_several_copies_is_found(judged, code, level, source):
    findings = judged(source, select=[*MINE, "EK204"], isolation=False).findings
    assert {(finding.code, finding.severity.label) for finding in findings} == {(code, level)}


@pytest.mark.parametrize("source", FAULTLESS.values(), ids=FAULTLESS)
def test_what_works_among_several_copies_is_no_fault(judged, source):
    assert judged(source, select=[*MINE, "EK2"]).findings == ()


def test_nothing_that_a_worker_prints_reaches_the_terminal(judged, capfd):
    judged(FAULTLESS["prints in a worker"], select=MINE, isolation=False)
    assert capfd.readouterr() == ("", "")


def test_a_worker_that_hangs_is_an_error_and_leaves_no_process(judged, monkeypatch):
    monkeypatch.setattr("envkit.check.acting.apart.SECONDS", 1.0)
    source = """
POOL = None
class Env(Lamp):
    def step(self, action):
        global POOL
        POOL = POOL or concurrent.futures.ThreadPoolExecutor(1)
        return POOL.submit(super().step, action).result()
"""
    report = judged(source, select=MINE, isolation=False)
    assert {finding.code for finding in report.findings} == {"EK852"}
    assert "no answer within 1 s" in report.findings[0].message
    assert multiprocessing.active_children() == []


@pytest.mark.parametrize("name", ["options are taken for granted", "nothing, and then a number"])
def test_the_program_raises_what_the_finding_says(judged, tmp_path, name):
    code, _, source = FAULTS[name]
    (finding,) = judged(source, select=MINE, isolation=False).findings
    ran = subprocess.run([sys.executable, "-c", finding.program], capture_output=True, text=True, cwd=tmp_path)
    assert finding.code == code
    assert ran.returncode == 1
    raised = ran.stderr.strip().splitlines()[-1].removeprefix("KeyError: ").removeprefix("TypeError: ")
    assert raised in finding.message


def test_the_program_of_a_worker_that_differs_prints_two_results(judged, tmp_path):
    (finding,) = judged(FAULTS["a worker plays another game"][2], select=MINE, isolation=False).findings
    (tmp_path / "program.py").write_text(finding.program)
    ran = subprocess.run([sys.executable, "program.py"], capture_output=True, text=True, cwd=tmp_path, check=True)
    *batch, alone = ran.stdout.strip().splitlines()
    assert "0.5 " in " ".join(batch) or "0.5]" in " ".join(batch)  # the share of the evening that is left: a half
    assert "1.  " in alone or "1. ]" in alone


def test_an_observation_overwritten_by_the_reset_is_seen_in_every_way_that_resets_at_once():
    class Env(Lamp):
        def __init__(self, render_mode=None):
            super().__init__(render_mode)
            self.view = np.zeros(2, np.float32)

        def observe(self):
            self.view[:] = super().observe()
            return self.view

    parted = {run.way.mode for run in _runs(Env) if any(_parts(run))}
    assert parted == {AutoresetMode.SAME_STEP}


def test_copies_of_a_faultless_environment_do_what_instances_alone_do():
    runs = _runs(Lamp)
    assert {run.way.name for run in runs} == {
        "SyncVectorEnv", "AsyncVectorEnv", "a loop like that of stable-baselines3",
    }  # fmt: skip
    for run in runs:
        assert run.outcome.kind == ""
        assert not any(_parts(run))
        seen = [run.seen(copy) for copy in range(len(run.plan.seeds))]
        assert all(sum(call.method == "reset" for call in calls) > 1 for calls in seen)


def _runs(env):
    subject = Subject(EnvRef.of(env))
    lamp = env()
    subject.action_space, subject.observation_space = lamp.action_space, lamp.observation_space
    return vector.run(subject).runs


def _parts(run):
    return [parting(run.alone[copy], run.seen(copy)) for copy in range(len(run.plan.seeds))]


def test_a_loop_of_buffers_does_what_the_vector_environment_does_that_resets_at_once():
    lamp, count = Lamp(), 3
    rng = np.random.default_rng(0)
    scripts = tuple(tuple(np.int64(a) for a in rng.integers(2, size=60)) for _ in range(count))
    plan = Plan((1, 2, 3), scripts, 60, lamp.action_space, lamp.observation_space)
    told = [
        [seen for _, seen in driven(made, AutoresetMode.SAME_STEP, plan)]
        for made in (Buffers([Lamp] * count), SyncVectorEnv([Lamp] * count, autoreset_mode=AutoresetMode.SAME_STEP))
    ]
    for one, other in zip(*told, strict=True):
        assert [number for number, _ in one] == [number for number, _ in other]
        assert parting([call for _, call in one], [call for _, call in other]) is None


def test_an_instance_alone_is_told_as_one_of_several():
    driver = Subject(EnvRef.of(Lamp)).open("alone")
    assert len(play_on(driver, 3, [np.int64(1)] * 25)) == 25
    calls = as_batched(driver.calls[1:], Lamp().observation_space)
    assert [call.method for call in calls].count("reset") > 1
    assert all(call.copy[-1] == {} for call in calls)


BOX = spaces.Box(0, 1, (2,), np.float32)


@pytest.mark.parametrize(
    "space",
    [BOX, spaces.Discrete(3, start=2), spaces.MultiBinary(4), spaces.Tuple((BOX, spaces.Discrete(2))),
     spaces.Dict(a=BOX, b=spaces.Dict(c=spaces.MultiDiscrete([2, 3]))), spaces.Text(5), spaces.Sequence(BOX)],
    ids=str,
)  # fmt: skip
def test_values_come_back_from_a_batch_as_they_were(space):
    space.seed(1)
    values = [space.sample() for _ in range(3)]
    back = parts(space, batched(space, values), 3)
    assert supported(space)
    assert [literal(value) for value in back] == [literal(value) for value in values]


def test_only_arrays_go_through_shared_memory():
    assert all_arrays(spaces.Dict(a=BOX, b=spaces.Tuple((BOX,))))
    assert not all_arrays(spaces.Dict(a=BOX, b=spaces.Text(3)))


def test_a_story_that_raises_is_told_up_to_there():
    def story():
        yield "reset()", []
        raise ValueError("no more")

    found = apart.told(story)
    assert (found.asked, found.kind, found.failure) == ("reset()", "raised", "ValueError: no more")


def test_a_story_whose_process_ends_is_told_up_to_there():
    def story():
        yield "reset()", []
        __import__("os")._exit(3)

    found = apart.told(story)
    assert (found.asked, found.kind) == ("reset()", "died")


def test_the_real_dummy_vector_environment_is_only_tried_at_the_thorough_budget():
    subject = Subject(EnvRef.of(Lamp))
    subject.observation_space, subject.action_space = Lamp().observation_space, Lamp().action_space
    assert not any("DummyVecEnv" in way.name for way in vector._ways(subject, 3))
    assert "torch" not in sys.modules
