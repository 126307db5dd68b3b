"""One process at a time in a run's directory."""

import json
import os
import platform
import signal
import subprocess
import sys

import pytest

from envkit.core.errors import UsageError
from envkit.runs.directory import CHECKPOINT, CONFIG, RunDirectory
from envkit.runs.lock import LOCK, locked

HOLDING = """
import sys, time
from pathlib import Path
from envkit.runs.lock import locked
with locked(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def holder(tmp_path):
    """A process that holds the lock, until it is killed."""
    with subprocess.Popen([sys.executable, "-c", HOLDING, tmp_path], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


def test_a_second_process_is_refused_and_told_who_holds_it(tmp_path, holder):
    with (
        pytest.raises(UsageError, match=f"process {holder.pid} of {platform.node()} is at work in {tmp_path}"),
        locked(tmp_path),
    ):
        pass


def test_when_the_holder_was_killed_the_next_one_takes_over(tmp_path, holder):
    os.kill(holder.pid, signal.SIGKILL)
    holder.wait()
    assert (tmp_path / LOCK).exists()
    with locked(tmp_path):
        assert json.loads((tmp_path / LOCK).read_text())["pid"] == os.getpid()
    assert not (tmp_path / LOCK).exists()


def test_what_another_machine_has_left_is_for_a_person_to_judge(tmp_path):
    (tmp_path / LOCK).write_text('{"pid": 7, "host": "elsewhere"}')
    with (
        pytest.raises(UsageError, match=f"process 7 of elsewhere was at work.*: rm {tmp_path / LOCK}"),
        locked(tmp_path),
    ):
        pass
    assert (tmp_path / LOCK).exists()


@pytest.mark.parametrize("left", [b"", b"\0\0\0", b"[1]", b"{}", b'{"pid": "x", "host": 1}'])
def test_what_no_process_has_written_holds_nobody_up(tmp_path, left):
    (tmp_path / LOCK).write_bytes(left)
    with locked(tmp_path):
        assert json.loads((tmp_path / LOCK).read_text()) == {"pid": os.getpid(), "host": platform.node()}
    assert not (tmp_path / LOCK).exists()


def test_of_many_processes_one_works_at_a_time(tmp_path):
    """Each adds one to a number in a file, slowly, when it has the lock; not one of them is lost."""
    (tmp_path / "number").write_text("0")
    adding = (
        "import sys, time\nfrom pathlib import Path\nfrom envkit.core.errors import UsageError\n"
        "from envkit.runs.lock import locked\nfolder = Path(sys.argv[1])\ndone = 0\nwhile done < 20:\n"
        "    try:\n        with locked(folder):\n            number = int((folder / 'number').read_text())\n"
        "            time.sleep(0.001)\n            (folder / 'number').write_text(str(number + 1))\n            done += 1\n"
        "    except UsageError:\n        time.sleep(0.0005)\n"
    )
    processes = [subprocess.Popen([sys.executable, "-c", adding, tmp_path]) for _ in range(4)]
    assert [process.wait(timeout=60) for process in processes] == [0] * 4
    assert (tmp_path / "number").read_text() == "80"


def test_a_run_at_work_cannot_be_gone_on_with(tmp_path):
    with RunDirectory.claimed(tmp_path / "run", "x") as directory:
        directory.write_json(CONFIG, {})
        directory.keep({})
        with (
            pytest.raises(UsageError, match=f"process {os.getpid()} of .* is at work in"),
            RunDirectory.again(directory.path),
        ):
            pass
    with RunDirectory.again(tmp_path / "run"):
        pass
    assert sorted(file.name for file in (tmp_path / "run").iterdir()) == [CHECKPOINT, CONFIG]


def test_a_failing_run_leaves_no_lock_behind(tmp_path):
    with pytest.raises(ValueError, match="no"), RunDirectory.claimed(tmp_path / "a" / "run", "x"):
        raise ValueError("no")
    assert list(tmp_path.iterdir()) == []
