"""What a child can do to itself, to the machine and to its parent: each is told, soon, and nothing of it lives on."""

import json
import os
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from envkit.check.api import check
from envkit.isolate import family, parent
from envkit.isolate.parent import Limits, decode, run

linux = pytest.mark.skipif(sys.platform != "linux", reason="processes are found through /proc")

CHILD = """
import ctypes, json, os, pathlib, resource, signal, subprocess, sys, threading, time

def act(ledger, how, **arguments):
    ledger.start("step(0)")
    answer = globals()[how](**arguments)
    ledger.finish()
    return answer

def daemon(environment):
    # leaves the group, the session and the parent
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            for number in range(3):
                os.close(number)
            os.execve("/bin/sleep", ["sleep", "77"], dict(os.environ) if environment else {})
        os._exit(0)
    time.sleep(0.3)
    return [int(p) for p in pathlib.Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children").read_text().split()]

def crowd():
    for _ in range(600):
        if os.fork() == 0:
            time.sleep(60)
            os._exit(0)
    time.sleep(60)

def threads():
    threading.stack_size(65536)
    while True:
        threading.Thread(target=time.sleep, args=(60,), daemon=True).start()

def helper_swells():
    subprocess.run([sys.executable, "-c", "kept = [bytearray(b'x') * 2**24 for _ in range(64)]; import time; time.sleep(60)"])

def flood(megabytes):
    line = b"x" * 2**20
    for _ in range(megabytes):
        os.write(1, line)
    return "done"

def file_bomb():
    try:
        with open("bomb", "wb") as file:
            while True:
                file.write(bytes(2**20))
    except OSError as error:
        return error.errno

def descriptors():
    kept = []
    try:
        while True:
            kept.append(os.open(os.devnull, os.O_RDONLY))
    except OSError:
        return len(kept)

def descriptors_and_on():
    kept = []
    while True:
        kept.append(os.open(os.devnull, os.O_RDONLY))

def close_all():
    os.closerange(0, 256)
    time.sleep(20)

def bounds():
    return [resource.getrlimit(kind)[0] for kind in (resource.RLIMIT_CORE, resource.RLIMIT_NOFILE)]

def temporary():
    import tempfile
    folder = tempfile.mkdtemp()
    pathlib.Path(folder, "big").write_bytes(bytes(1000))
    return folder

def lie(reply):
    for number in range(3, 40):
        try:
            os.write(number, reply.encode())
        except OSError:
            pass
    os._exit(0)

def wait():
    time.sleep(60)
"""


@pytest.fixture
def child(tmp_path, monkeypatch):
    (tmp_path / "misdeeds.py").write_text(CHILD)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.chdir(tmp_path)

    def play(how, *, limits=None, **arguments):
        return run("misdeeds:act", {"how": how, **arguments}, limits or Limits(call_seconds=20, total_seconds=30))

    return play


def alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


def gone(pids, seconds=2.0):
    deadline = time.monotonic() + seconds
    while any(map(alive, pids)) and time.monotonic() < deadline:
        time.sleep(0.02)
    return not any(map(alive, pids))


def carriers(token=None):
    """Processes of any child that is or was run by this test process or by one with the token."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            names = (entry / "environ").read_bytes().split(b"\0")
        except OSError:
            continue
        wanted = f"{family.TOKEN}={token}".encode() if token else None
        if any(name == wanted or (wanted is None and name.startswith(family.TOKEN.encode())) for name in names):
            found.append(int(entry.name))
    return found


@linux
@pytest.mark.parametrize("environment", [True, False], ids=["with its variables", "without any"])
def test_a_daemon_that_left_group_session_and_parent_is_ended(child, environment):
    pids = child("daemon", environment=environment).answer
    assert pids
    assert gone(pids)


@linux
def test_a_crowd_of_processes_is_ended_and_told(child):
    ending = child("crowd", limits=Limits(call_seconds=30, processes=100))
    assert (ending.kind, ending.how) == ("crowd", "more than 100 processes at once")
    assert ending.in_call


@linux
def test_a_crowd_of_threads_is_ended_and_told(child, monkeypatch):
    monkeypatch.setattr(parent, "THREADS", 200)
    ending = child("threads")
    assert (ending.kind, ending.how) == ("crowd", "more than 200 threads at once")


@linux
def test_the_memory_of_what_it_has_started_counts(child):
    ending = child("helper_swells", limits=Limits(call_seconds=30, memory_bytes=2**29))
    assert ending.kind == "memory"


@linux
def test_a_flood_of_output_costs_the_parent_next_to_nothing(child):
    def resident():
        return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")

    child("flood", megabytes=1)
    before = resident()
    ending = child("flood", megabytes=400)
    assert ending.answer == "done"
    assert len(ending.output) <= parent.OUTPUT_BYTES
    assert resident() - before <= 5 * 2**20


def test_a_file_bomb_ends_in_an_exception(child, tmp_path):
    assert child("file_bomb", limits=Limits(file_bytes=2**24)).answer == 27  # EFBIG
    assert (tmp_path / "bomb").stat().st_size == 2**24


@linux
def test_descriptors_and_core_files_are_limited(child):
    few = Limits(descriptors=100)
    assert child("descriptors", limits=few).answer < 100
    assert child("bounds", limits=few).answer == [0, 100]


def test_a_child_that_has_no_descriptor_left_is_told_so(child):
    ending = child("descriptors_and_on", limits=Limits(descriptors=100))
    assert (ending.kind, ending.how.partition(":")[0]) == ("died", "every descriptor is in use")


@linux
def test_a_child_that_closes_all_descriptors_is_told_so(child):
    begun = time.monotonic()
    ending = child("close_all")
    assert (ending.kind, ending.how.partition(",")[0]) == ("died", "it closed descriptors that are not its own")
    assert ending.calls[-1] == "step(0)"
    assert time.monotonic() - begun < 10


def test_temporary_files_go_with_the_child(child):
    assert not Path(child("temporary").answer).exists()


FORGED = [
    "", "{", "null", "[]", '"answer"', '{"answer": {}}', '{"bug": "x"}', '{"token": 1, "answer": {}}', '{"token": null}',
    '{"answer": {"findings": 7}, "token": "0"}', "[" * 1000, "\x00" * 50,
]  # fmt: skip


@pytest.mark.parametrize("reply", FORGED, ids=range(len(FORGED)))
def test_a_forged_reply_is_a_death_and_nothing_more(child, reply):
    ending = child("lie", reply=reply)
    assert ending.kind == "died"
    assert ending.answer is None


def test_two_thousand_broken_replies_are_refused():
    rng = random.Random(0)
    token = "secret"
    honest = json.dumps({"token": token, "answer": {"findings": [{"message": "x" * 50, "count": 2}]}}).encode()
    assert decode(honest, token) is not None
    assert decode(honest, "another") is None
    for _ in range(2000):
        data = bytearray(honest)
        way = rng.randrange(5)
        if way == 0:
            data = data[: rng.randrange(len(data))]
        elif way == 1:
            data = bytearray(rng.randbytes(rng.randrange(300)))
        elif way == 2:
            data = data * 2
        elif way == 3:
            data = bytearray(json.dumps(_anything(rng, 4)).encode())
        else:
            data = data.replace(token.encode(), rng.randbytes(len(token)))
        assert decode(bytes(data), token) is None
    assert decode(b"[" * 200_000, token) is None


def _anything(rng, depth):
    kind = rng.randrange(6 if depth else 4)
    if kind < 4:
        return [None, rng.random(), "token", True][kind]
    if kind == 4:
        return [_anything(rng, depth - 1) for _ in range(3)]
    return {name: _anything(rng, depth - 1) for name in rng.sample(["token", "answer", "bug", "x"], 2)}


@linux
def test_nobody_outlives_a_parent_that_is_killed(child, tmp_path):
    program = (
        "import sys; sys.path.insert(0, '.')\n"
        "from envkit.isolate.parent import Limits, run\n"
        "import misdeeds, subprocess\n"
        "run('misdeeds:act', {'how': 'daemon_and_wait'}, Limits(call_seconds=60))"
    )
    with (tmp_path / "misdeeds.py").open("a") as file:
        file.write(
            "\ndef daemon_and_wait():\n    daemon(True)\n    pathlib.Path('ready').touch()\n    time.sleep(60)\n"
        )
    process = subprocess.Popen([sys.executable, "-c", program], cwd=tmp_path)
    try:
        deadline = time.monotonic() + 20
        while not (tmp_path / "ready").exists() and time.monotonic() < deadline:
            time.sleep(0.02)
        members = {pid for pid, _ in family.descendants(process.pid)} - {process.pid}
        assert len(members) >= 3  # the child, the one that sweeps up, the daemon
    finally:
        process.kill()
        process.wait()
    assert gone(members, 5)


ENV = """
import ctypes, os, signal, time
from envkit.check.lamp import Lamp
from envkit.check.subject import Subject
from envkit.core.ref import EnvRef

class Local(Exception):
    def __reduce__(self):
        raise TypeError("no pickling")

class Env(Lamp):
    def METHOD(self, *args, **kwargs):
        FAULT
        return super().METHOD(*args, **kwargs)

def live(ledger):
    driver = Subject(EnvRef.of(Env), ledger=ledger).open("here", render_mode="ansi")
    driver.reset(seed=0)
    for _ in range(3):
        driver.step(1)
    driver.render()
    driver.close()
"""
HANGS = {
    "sleeps": "time.sleep(1000)",
    "spins": "while True: pass",
    "holds the interpreter": "ctypes.PyDLL(None).sleep(1000)",
}
DEATHS = {
    "exits": ("os._exit(0)", "the process ended with exit code 0"),
    "kills itself": ("os.kill(os.getpid(), signal.SIGKILL)", "killed by SIGKILL"),
    "aborts": ("os.abort()", "killed by SIGABRT"),
    "crashes": ("ctypes.string_at(0)", "killed by SIGSEGV"),
}
CALLS = {"__init__": "make(", "reset": "reset(seed=0)", "step": "step(1)", "render": "render()", "close": "close()"}


@pytest.fixture
def life(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.chdir(tmp_path)

    def ending(method, fault):
        (tmp_path / "one_life.py").write_text(ENV.replace("METHOD", method).replace("FAULT", fault))
        return run("one_life:live", {}, Limits(call_seconds=0.4, total_seconds=60))

    return ending


@pytest.mark.parametrize("method", CALLS)
@pytest.mark.parametrize("fault", HANGS)
def test_a_hang_is_told_with_its_call_and_its_line(life, method, fault):
    ending = life(method, HANGS[fault])
    assert (ending.kind, ending.how, ending.in_call) == ("hung", "no answer within 0.4 s", True)
    assert ending.calls[-1].split(":", 2)[2].startswith(CALLS[method])
    assert any("one_life.py" in line and method in line for line in ending.stack)


@pytest.mark.parametrize(("method", "fault"), [*zip([*CALLS, *CALLS], [*DEATHS, *DEATHS, *DEATHS], strict=False)])
def test_a_death_is_told_with_its_cause_and_its_call(life, method, fault):
    ending = life(method, DEATHS[fault][0])
    assert (ending.kind, ending.how, ending.in_call) == ("died", DEATHS[fault][1], True)
    assert ending.calls[-1].split(":", 2)[2].startswith(CALLS[method])


@linux
def test_the_last_action_before_a_hundred_deaths_is_known(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(str(tmp_path))
    (tmp_path / "dying.py").write_text(
        "import os\n"
        "def play(ledger, step):\n"
        "    for number in range(step):\n        ledger.start(f'step({number})')\n        ledger.finish()\n"
        "    ledger.start(f'step({step})')\n    os._exit(step % 256)\n"
        "def deaths(ledger, steps):\n"
        "    from envkit.isolate.ledger import Ledger\n    told = []\n"
        "    for step in steps:\n"
        "        own = Ledger.create()\n        pid = os.fork()\n"
        "        if pid == 0:\n            play(Ledger(own.path), step)\n"
        "        os.waitpid(pid, 0)\n        told.append([own.last(1)[0], own.read()[0] - own.read()[1]])\n"
        "        own.remove()\n    return told\n"
    )
    steps = random.Random(1).sample(range(9000), 100)
    told = run("dying:deaths", {"steps": steps}, Limits(total_seconds=60)).answer
    assert told == [[f"step({step})", 1] for step in steps]


@pytest.mark.parametrize(
    "fault",
    [
        "raise Local('here')",
        "raise ExceptionGroup('many', [ValueError(n) for n in range(1000)])",
        "raise BaseException",
    ],
    ids=["cannot be pickled", "a group", "of no usual kind"],
)
def test_an_exception_that_is_hard_to_tell_is_told_shortly(tmp_path, monkeypatch, fault):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "faulty.py").write_text(ENV.replace("METHOD", "reset").replace("FAULT", fault))
    report = check("faulty.py:Env", budget="quick")
    assert "EK404" in {finding.code for finding in report.findings}
    assert len(json.dumps(report.to_json())) < 40_000
    assert len(str(report).encode(errors="replace")) < 20_000
