"""The script of the Atari records: in pieces, killed and gone on with, on another machine too."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

pytest.importorskip("torch", reason="needs the extra deep")
pytest.importorskip("stable_baselines3", reason="needs the extra deep")
pytest.importorskip("cv2", reason="needs the extra atari")
pytest.importorskip("ale_py", reason="needs the extra atari")
pytest.importorskip("matplotlib", reason="needs the extra plots")

ATARI = Path(__file__).parents[2] / "benchmarks" / "atari"
TINY = ["n_envs=2", "n_steps=64", "batch_size=128", "n_epochs=1", "checkpoint_every=128st"]
PATIENCE = 900  # seconds; a machine that does much else needs minutes


def command(folder, *more):
    settings = [part for one in TINY for part in ("--set", one)]
    return [
        sys.executable,
        ATARI / "run.py",
        "breakout",
        "--folder",
        folder,
        "--games",
        "2",
        "--cap",
        "200",
        *settings,
        *more,
    ]


def test_a_record_in_pieces_one_of_them_killed_and_the_last_on_another_machine(tmp_path):
    here, there = tmp_path / "here", tmp_path / "there"
    argv = command(here, "--steps", "640", "--minutes", "9")
    process = subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    end = time.monotonic() + PATIENCE
    while not (here / "breakout" / "checkpoint.npz").is_file():
        assert process.poll() is None, process.stdout.read()
        assert time.monotonic() < end
        time.sleep(0.05)
    os.kill(process.pid, signal.SIGKILL)
    process.wait(PATIENCE)
    process.stdout.close()

    done = subprocess.run(command(here, "--minutes", "0.0001"), capture_output=True, text=True, timeout=PATIENCE)
    assert done.returncode == 75, done.stdout + done.stderr
    parts = sorted(here.glob("breakout.tar.*"))
    assert parts
    assert all(part.stat().st_size < 16 * 2**20 for part in parts)

    there.mkdir()
    for part in [*parts, here / "breakout.pieces.json"]:
        (there / part.name).write_bytes(part.read_bytes())
    done = subprocess.run(command(there, "--minutes", "9"), capture_output=True, text=True, timeout=PATIENCE)
    assert done.returncode == 0, done.stdout + done.stderr
    record = json.loads((there / "breakout.json").read_text())
    assert record["steps"] == 640
    assert record["greedy"]["games"] == record["drawn"]["games"] == 2
    assert "folder" not in record["config"]
    assert (there / "breakout.svg").read_text().startswith("<?xml")
    table = subprocess.run([sys.executable, ATARI / "table.py", "--folder", there], capture_output=True, text=True)
    assert "envkit: ppo" in table.stdout
    assert "Not recorded yet" in table.stdout
    again = subprocess.run(command(there), capture_output=True, text=True, timeout=PATIENCE)
    assert "the record is complete" in again.stdout
