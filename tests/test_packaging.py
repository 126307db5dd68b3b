"""The wheel holds every file of the checkout's three roots, at its place, and nothing else."""

import email
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parents[1]
ROOTS = {"envkit": "envkit", "envs": "envkit/envs", "templates": "envkit/_templates"}


def sources(root: str) -> list[Path]:
    """Every file below, hidden ones included, that a person wrote."""
    files = [path.relative_to(CHECKOUT) for path in (CHECKOUT / root).rglob("*") if path.is_file()]
    return [path for path in files if "__pycache__" not in path.parts and path.suffix != ".pyc"]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    """Built from a copy, so that the checkout is left as it is; the compiled files in it must not go along."""
    copy = tmp_path_factory.mktemp("checkout")
    for root in ROOTS:
        shutil.copytree(CHECKOUT / root, copy / root)
        (copy / root / "__pycache__").mkdir(exist_ok=True)
        (copy / root / "__pycache__" / "stale.cpython-311.pyc").write_bytes(b"stale")
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(CHECKOUT / name, copy)
    (copy / "made").mkdir()
    program = "from setuptools import build_meta; build_meta.build_wheel('made')"  # as pip would, without a download
    done = subprocess.run([sys.executable, "-c", program], cwd=copy, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    (made,) = (copy / "made").glob("*.whl")
    return zipfile.ZipFile(made)


def test_the_wheel_holds_the_checkouts_files_and_no_others(wheel):
    wanted = {f"{there}/{path.relative_to(here).as_posix()}" for here, there in ROOTS.items() for path in sources(here)}
    packed = {name for name in wheel.namelist() if ".dist-info/" not in name}
    assert packed - wanted == set(), "in the wheel only"
    assert wanted - packed == set(), "in the checkout only"


def test_hidden_files_of_templates_are_among_them(wheel):
    hidden = [path for path in sources("templates") if any(part.startswith(".") for part in path.parts)]
    assert hidden
    packed = set(wheel.namelist())
    assert {f"envkit/_templates/{path.relative_to('templates').as_posix()}" for path in hidden} <= packed


def test_the_wheels_files_are_the_checkouts_to_the_byte(wheel):
    for here, there in ROOTS.items():
        for path in sources(here):
            packed = wheel.read(f"{there}/{path.relative_to(here).as_posix()}")
            assert packed == (CHECKOUT / path).read_bytes(), path


def test_nothing_is_installed_at_the_top_but_envkit(wheel):
    assert {name.partition("/")[0] for name in wheel.namelist() if ".dist-info/" not in name} == {"envkit"}


def test_the_wheel_alone_makes_a_project(wheel, tmp_path):
    wheel.extractall(tmp_path / "installed")
    (tmp_path / "empty").mkdir()
    program = "import sys, envkit.cli.main as cli; print(cli.__file__); sys.exit(cli.run(['new', 'frozen-pond']))"
    surroundings = os.environ | {"PYTHONPATH": str(tmp_path / "installed")}
    command = [sys.executable, "-c", program]
    done = subprocess.run(
        command, cwd=tmp_path / "empty", env=surroundings, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(str(tmp_path / "installed"))
    made = tmp_path / "empty" / "frozen-pond"
    assert (made / ".github" / "workflows" / "ci.yml").is_file()
    assert (made / "frozen_pond" / "env.py").is_file()


def test_the_core_needs_no_deep_learning(wheel):
    (metadata,) = (name for name in wheel.namelist() if name.endswith(".dist-info/METADATA"))
    needed = email.message_from_bytes(wheel.read(metadata)).get_all("Requires-Dist") or []
    core = [line for line in needed if "extra ==" not in line]
    assert any(line.startswith("gymnasium") for line in core)
    assert not [line for line in core if line.lower().startswith(("torch", "stable", "sb3", "ray", "ale"))]
