"""The same episodes in other processes: what depends on the hash seed, the clock, the process or the instance."""

import datetime
import os
import re
import subprocess
import sys
import time

import pytest

from envkit.check.acting.clock import Clock
from envkit.check.acting.echo import Turn, plain
from envkit.check.acting.echoes import Echoes, EchoFailed
from envkit.check.api import check
from envkit.check.probes.processes import DAY, LEAST, SHIFTS, turned
from envkit.core.ref import EnvRef

PRELUDE = "import datetime, os, random, threading, time\nimport numpy as np\nfrom envkit.check.lamp import Lamp\n\n"
SEEDING = ["EK2"]
ACROSS = {"EK209", "EK210", "EK212", "EK213"}

FAULTS = {
    "hash of a text": ("EK209", """
class Env(Lamp):
    def reward(self, burnt_out):
        return super().reward(burnt_out) + hash("lamp") % 97 / 1000
"""),
    "order of a set in the module": ("EK209", """
COLOURS = list({"red", "green", "blue", "white", "amber", "violet", "teal", "pink", "grey"})
class Env(Lamp):
    def observe(self):
        observation = super().observe()
        observation[0] *= 1 - COLOURS.index("red") / 100
        return observation
"""),
    "the hour, late in the episode": ("EK210", """
class Env(Lamp):
    def reward(self, burnt_out):
        late = self.steps > 3 and datetime.datetime.now().hour < 12
        return super().reward(burnt_out) + late
"""),
    "the hour, bound at import": ("EK210", """
from time import localtime
MORNING = localtime().tm_hour < 12
class Env(Lamp):
    def reward(self, burnt_out):
        return super().reward(burnt_out) + MORNING
"""),
    "the weekday": ("EK210", """
class Env(Lamp):
    def reward(self, burnt_out):
        return super().reward(burnt_out) + datetime.date.today().weekday() / 10
"""),
    "the month as text": ("EK210", """
class Env(Lamp):
    def reward(self, burnt_out):
        return super().reward(burnt_out) + int(time.strftime("%m")) / 10
"""),
    "the number of the process": ("EK213", """
class Env(Lamp):
    def reward(self, burnt_out):
        return super().reward(burnt_out) + os.getpid() % 1009 / 1009
"""),
    "a table drawn at import": ("EK213", """
TABLE = [random.SystemRandom().random() for _ in range(3)]
class Env(Lamp):
    def reward(self, burnt_out):
        return super().reward(burnt_out) + TABLE[self.steps % 3]
"""),
    "every third instance": ("EK212", """
class Env(Lamp):
    made = 0
    def __init__(self, render_mode=None):
        super().__init__(render_mode)
        Env.made += 1
        self.dim = 0.5 if Env.made % 3 == 0 else 1.0
    def reward(self, burnt_out):
        return super().reward(burnt_out) * self.dim
"""),
    "a default argument that grows": ("EK212", """
class Env(Lamp):
    def __init__(self, render_mode=None, obstacles=[]):
        super().__init__(render_mode)
        obstacles.append(1)
        self.obstacles = obstacles
    def reward(self, burnt_out):
        return super().reward(burnt_out) / len(self.obstacles)
"""),
}  # fmt: skip

FAULTLESS = {
    "clock in the info": """
class Env(Lamp):
    def step(self, action):
        *rest, info = super().step(action)
        return *rest, info | {"on": datetime.date.today().isoformat(), "pid": os.getpid()}
""",
    "sorted sets": """
class Env(Lamp):
    def reward(self, burnt_out):
        return super().reward(burnt_out) + sorted({"b", "a", "c"}).index("c")
""",
    "measures how long it takes": """
class Env(Lamp):
    def step(self, action):
        self.begun = time.perf_counter(), time.time(), time.monotonic()
        return super().step(action)
""",
    "a counter for names only": """
class Env(Lamp):
    made = 0
    def __init__(self, render_mode=None):
        super().__init__(render_mode)
        Env.made += 1
        self.name = f"lamp {Env.made}"
""",
}


@pytest.fixture
def judged(tmp_path, monkeypatch):
    """The findings about one environment in a file, with and without a child process."""
    monkeypatch.chdir(tmp_path)

    def run(source, **options):
        (tmp_path / "lamps.py").write_text(PRELUDE + source)
        return check("lamps.py:Env", select=SEEDING, **{"isolation": False, "budget": "quick"} | options)

    return run


@pytest.mark.parametrize(("code", "source"), FAULTS.values(), ids=FAULTS)
def test_what_depends_on_the_process_is_an_error_that_names_on_what(judged, code, source):
    assert {finding.code for finding in judged(source).findings} == {code}


@pytest.mark.parametrize("source", FAULTLESS.values(), ids=FAULTLESS)
def test_what_only_tells_of_the_process_is_no_fault(judged, source):
    report = judged(source)
    assert report.findings == ()
    assert not ACROSS & set(report.not_judged)


def test_a_library_that_does_not_bear_a_turned_clock_is_imported_before(judged):
    (finding,) = judged(
        """
if type(datetime.datetime) is not type:
    os._exit(11)  # as compiled code does that was built for the real class
class Env(Lamp):
    def reward(self, burnt_out):
        return super().reward(burnt_out) + datetime.datetime.now().month / 10
""",
        isolation=True,
    ).findings
    assert finding.code == "EK210"


def test_from_a_child_process_of_the_check_the_others_are_asked_too(judged):
    assert {finding.code for finding in judged(FAULTS["hash of a text"][1], isolation=True).findings} == {"EK209"}


def test_a_class_of_this_process_is_judged_too():
    from envkit.check.lamp import Lamp

    class Env(Lamp):
        def reward(self, burnt_out):
            return super().reward(burnt_out) + (hash("lamp") % 97) / 1000

    assert {finding.code for finding in check(Env, select=SEEDING, isolation=False).findings} == {"EK209"}


def test_the_program_shows_the_fault_when_it_is_run_with_both_hash_seeds(judged, tmp_path):
    (finding,) = judged(FAULTS["hash of a text"][1]).findings
    told = [
        subprocess.run(
            [sys.executable, "-c", finding.program], env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True, text=True, check=True, cwd=tmp_path,
        ).stdout
        for seed in ("0", "1")
    ]  # fmt: skip
    assert "PYTHONHASHSEED=1" in finding.program
    assert told[0] != told[1]


def test_the_program_turns_the_clock_and_prints_two_results(judged, tmp_path):
    (finding,) = judged(FAULTS["the month as text"][1]).findings
    ran = subprocess.run(
        [sys.executable, "-c", finding.program], capture_output=True, text=True, check=True, cwd=tmp_path
    )
    one, other = ran.stdout.splitlines()
    assert one != other


def test_the_program_of_what_is_bound_at_import_shows_it_when_it_is_run_at_both_times(judged, tmp_path):
    (finding,) = judged(FAULTS["the hour, bound at import"][1]).findings
    shift = re.search(r"with 0 and with (\d+)", finding.program).group(1)
    told = [
        subprocess.run(
            [sys.executable, "-c", finding.program, ahead], capture_output=True, text=True, check=True, cwd=tmp_path
        ).stdout
        for ahead in ("0", shift)
    ]
    assert told[0] != told[1]


@pytest.mark.parametrize("budget", [SHIFTS, SHIFTS[:LEAST]], ids=["all", "frugal"])
def test_whenever_a_module_is_imported_one_process_imports_it_in_the_other_half_of_the_day(budget):
    for minute in range(0, DAY, 60):
        mornings = {(minute + turn.shifts[0]) % DAY < DAY / 2 for turn in turned(budget)}
        assert (minute >= DAY / 2) in mornings


def test_an_environment_that_does_not_repeat_itself_is_not_judged_across_processes(judged):
    report = judged("""
class Env(Lamp):
    def reward(self, burnt_out):
        return super().reward(burnt_out) + np.random.default_rng().random()
""")
    assert {finding.code for finding in report.findings} == {"EK202"}
    assert {"EK209", "EK210", "EK213"} <= set(report.not_judged)


@pytest.mark.parametrize("fault", ["os._exit(3)", "time.sleep(3600)", "raise OSError('the port is taken')"])
def test_another_process_that_fails_or_hangs_is_a_reason_and_no_finding(judged, monkeypatch, fault):
    monkeypatch.setattr("envkit.check.acting.echoes.SECONDS", 2.0)
    report = judged(
        f"""
import sys
class Env(Lamp):
    def reset(self, **arguments):
        if "envkit.check.acting.echo" == getattr(sys.modules["__main__"].__spec__, "name", ""):
            {fault}
        return super().reset(**arguments)
""",
        isolation=False,
    )
    assert report.findings == ()
    assert set(report.not_judged) == {"EK209", "EK210", "EK212", "EK213"}


def test_what_cannot_be_sent_to_another_process_is_a_reason():
    from envkit.check.lamp import Lamp

    lock = __import__("threading").Lock()

    class Env(Lamp):
        def reset(self, **arguments):
            with lock:
                return super().reset(**arguments)

    report = check(Env, select=SEEDING, isolation=False)
    assert report.findings == ()
    assert all("cannot be sent to another process" in report.not_judged[code] for code in ACROSS)


def test_a_waiting_process_ends_with_the_check_that_did_not_need_it():
    with Echoes(EnvRef.of("CartPole-v1")) as echoes:
        processes = [echo.process for echo in echoes.waiting]
        assert all(process.poll() is None for process in processes)
    assert all(process.poll() is not None for process in processes)


def test_another_process_says_why_it_has_no_records():
    with Echoes(EnvRef.of("no.such.module:Env")) as echoes, pytest.raises(EchoFailed, match="no module 'no' is here"):
        echoes.first([Turn((0.0,))] * 2, [(0, [])])


def test_a_reset_without_a_seed_that_draws_from_the_system_is_an_error(judged):
    report = judged("""
class Env(Lamp):
    def reset(self, *, seed=None, options=None):
        if seed is None:
            self._np_random = None
        return super().reset(seed=seed, options=options)
""")
    assert {finding.code for finding in report.findings} == {"EK211"}
    assert "env.reset()" in report.findings[0].program


def test_a_turned_clock_says_the_same_in_every_way_and_is_real_afterwards():
    real = time.time, datetime.datetime, datetime.date
    with Clock(86400.0 * 40).turned() as clock:
        ahead = time.time() - real[0]()
        days = {
            datetime.date.today(), datetime.datetime.now().date(), datetime.datetime.today().date(),
            datetime.date(*time.localtime()[:3]), datetime.date.fromtimestamp(time.time()),
            datetime.date.fromisoformat(time.strftime("%Y-%m-%d")),
        }  # fmt: skip
        made = datetime.datetime(2020, 1, 2)
        assert type(made) is real[1]
        assert isinstance(made, datetime.datetime)
        assert isinstance(datetime.date.today(), datetime.date)
        assert time.time_ns() / 1e9 == pytest.approx(time.time(), abs=1)
        clock.shift = 0.0
        assert time.time() == pytest.approx(real[0](), abs=1)
    assert ahead == pytest.approx(86400 * 40, abs=1)
    assert len(days) == 1
    assert (time.time, datetime.datetime, datetime.date) == real


def test_a_class_derived_under_a_turned_clock_makes_instances_of_its_own():
    with Clock(10.0).turned():

        class Stamp(datetime.datetime):
            pass

        assert type(Stamp(2020, 1, 1)) is Stamp


def test_plain_values_carry_no_classes_of_the_environment():
    class Thing:
        pass

    assert plain({"a": (Thing(), [1, {2}])}) == {"a": (f"<{Thing.__qualname__}>", [1, frozenset({2})])}
