"""envkit doctor, by exit code and text; installations are made up of metadata folders."""

import json
import os
import subprocess
import sys
from importlib.metadata import distribution
from pathlib import Path

import pytest

from envkit.cli.main import run
from envkit.workflows import doctor
from envkit.workflows.doctor import Item, State
from envkit.workflows.requirements import PURPOSES, Requirement, within


@pytest.fixture(autouse=True)
def plain_surroundings(monkeypatch):
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "SDL_VIDEODRIVER"):
        monkeypatch.delenv(name, raising=False)


def install(folder: Path, name: str, version: str, *, entry_points: str = "") -> None:
    """What pip leaves of a distribution, without its files."""
    metadata = folder / f"{name.replace('-', '_')}-{version}.dist-info"
    metadata.mkdir(parents=True)
    (metadata / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
    if entry_points:
        (metadata / "entry_points.txt").write_text(entry_points)


def asked(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """envkit doctor in a new process that finds the folder's distributions first."""
    program = "import sys; from envkit.cli.main import main; main(['doctor', *sys.argv[1:]])"
    surroundings = os.environ | {"PYTHONPATH": str(folder)}
    command = [sys.executable, "-c", program, *arguments]
    return subprocess.run(command, cwd=folder, env=surroundings, capture_output=True, text=True, check=False)


def item(name: str) -> Item:
    (found,) = (item for item in doctor.diagnose() if item.name == name)
    return found


def test_a_sound_installation_exits_0_whatever_extras_are_missing(capsys):
    assert run(["doctor"]) == 0
    out = capsys.readouterr().out
    assert out.endswith("\nnothing is wrong\n")
    for heading in ("here", "needed", "extras", "tools", "drawing", "hardware", "plugins"):
        assert f"{heading}\n  " in out


def test_json_is_one_object_with_the_same_items(capsys):
    assert run(["doctor", "--format", "json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert (answer["schema"], answer["healthy"]) == (1, True)
    assert set(answer["items"][0]) == {"group", "name", "state", "text", "cure"}
    assert {"Python", "gymnasium", "pygame", "deep", "Box2D", "ffmpeg", "display", "torch"} <= {
        item["name"] for item in answer["items"]
    }


def test_the_extras_are_those_of_the_metadata():
    wanted = set(distribution("envkit").metadata.get_all("Provides-Extra") or ()) - {"all"}
    assert {item.name for item in doctor.diagnose() if item.group == "extras"} == wanted


def test_every_extra_says_what_it_is_for():
    extras = {item.name: item.text for item in doctor.diagnose() if item.group == "extras"}
    assert extras.keys() == PURPOSES.keys()
    assert {name: text for name, text in extras.items() if not text.startswith(f"{PURPOSES[name]}: ")} == {}


@pytest.mark.parametrize(
    ("states", "last"),
    [
        ("ok absent", "nothing is wrong"),
        ("ok warning", "1 warning: second"),
        ("warning warning", "2 warnings: first, second"),
        ("error warning", "wrong: first; 1 warning: second"),
    ],
)
def test_the_last_line_counts_what_was_found(states, last):
    names = ("first", "second")
    items = [Item("needed", name, State(state), "") for name, state in zip(names, states.split(), strict=True)]
    assert doctor.to_text(items).splitlines()[-1] == last


def test_what_is_absent_or_wrong_comes_with_a_cure():
    items = doctor.diagnose()
    assert [item for item in items if item.state is not State.OK and not item.cure and item.name != "NVIDIA GPU"] == []


def test_the_table_is_aligned_and_a_cure_stands_below_its_problem():
    items = [
        Item("needed", "numpy", State.OK, "2.4.6"),
        Item("needed", "pygame-ce", State.ERROR, "not installed", "pip install pygame-ce"),
    ]
    assert doctor.to_text(items) == (
        "needed\n"
        "  numpy      ok       2.4.6\n"
        "  pygame-ce  error    not installed\n"
        "                      pip install pygame-ce\n"
        "\n"
        "wrong: pygame-ce"
    )


def test_both_pygames_are_an_error_with_the_cure(tmp_path):
    install(tmp_path, "pygame", "2.6.1")
    done = asked(tmp_path)
    assert done.returncode == 1
    assert "error    pygame-ce" in done.stdout
    assert "and pygame 2.6.1 are installed over each other" in done.stdout
    assert "\n                          pip uninstall -y pygame pygame-ce && pip install pygame-ce\n" in done.stdout
    assert done.stdout.endswith("wrong: pygame\n")


def versions(monkeypatch, **known: str) -> None:
    """Makes the doctor see these versions of pygame only."""
    original = doctor.version
    names = {"pygame": known.get("pygame", ""), "pygame-ce": known.get("pygame_ce", "")}
    monkeypatch.setattr(doctor, "version", lambda name: names[name] if name in names else original(name))


def test_classic_pygame_alone_is_a_warning(monkeypatch):
    versions(monkeypatch, pygame="2.6.1")
    found = item("pygame")
    assert (found.state, found.cure) == (State.WARNING, doctor.PYGAME_CURE)
    assert doctor.healthy([found])


def test_no_pygame_at_all_is_an_error(monkeypatch):
    versions(monkeypatch)
    assert item("pygame") == Item("needed", "pygame", State.ERROR, "not installed", "pip install pygame-ce")


def test_a_pygame_whose_files_were_removed_with_the_other_is_an_error(tmp_path):
    (tmp_path / "pygame").mkdir()  # a folder without __init__, as `pip uninstall pygame` leaves it
    program = f"""if True:
        import sys
        sys.path = [{str(tmp_path)!r}] + [p for p in sys.path]
        from importlib.machinery import PathFinder
        from envkit.workflows import doctor
        doctor.importlib.util.find_spec = lambda name: PathFinder.find_spec(name, [{str(tmp_path)!r}])
        print(doctor._pygame().state, doctor._pygame().text)
    """
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("error files of pygame-ce ")
    assert done.stdout.endswith(" are missing\n")


def test_a_broken_plugin_is_an_error_with_its_cause(tmp_path):
    install(tmp_path, "broken-games", "1.0", entry_points="[envkit.envs]\nbroken = broken_games\n")
    (tmp_path / "broken_games.py").write_text("print('hello')\nraise RuntimeError('no licence')\n")
    done = asked(tmp_path, "--format", "json")
    assert done.returncode == 1
    (found,) = (item for item in json.loads(done.stdout)["items"] if item["name"] == "broken")
    assert found["state"] == "error"
    assert found["text"] == "broken_games of broken-games is broken: RuntimeError: no licence"
    assert found["cure"] == "pip install --force-reinstall broken-games, or pip uninstall broken-games"


def test_a_plugin_that_ends_the_process_does_not_end_the_doctor(tmp_path):
    install(tmp_path, "rude-games", "1.0", entry_points="[envkit.envs]\nrude = rude_games\n")
    (tmp_path / "rude_games.py").write_text("raise SystemExit('no display')\n")
    done = asked(tmp_path)
    assert done.returncode == 1
    assert "rude_games of rude-games is broken: SystemExit: no display" in done.stdout


def test_a_plugin_that_works_is_counted(tmp_path):
    install(tmp_path, "good-games", "1.0", entry_points="[envkit.envs]\ngood = good_games:register\n")
    source = (
        "import gymnasium\ndef register():\n    gymnasium.register('good/Game-v0', entry_point='good_games:Game')\n"
    )
    (tmp_path / "good_games.py").write_text(source)
    done = asked(tmp_path)
    assert done.returncode == 0
    assert "good           ok       1 environment, from good_games:register" in done.stdout


def test_a_package_that_is_too_old_is_an_error_with_the_bounds(tmp_path):
    install(tmp_path, "gymnasium", "0.29.1")
    done = asked(tmp_path)
    assert done.returncode == 1
    assert "gymnasium      error    0.29.1 is installed, but it has to be <2,>=1.1" in done.stdout
    assert "pip install 'gymnasium<2,>=1.1'" in done.stdout


def test_it_answers_where_gymnasium_and_numpy_cannot_be_imported(tmp_path):
    for name in ("gymnasium", "numpy"):
        (tmp_path / f"{name}.py").write_text("raise ImportError('a broken file')\n")
    done = asked(tmp_path)
    assert done.returncode == 1
    assert "plugins\n  envkit         error    cannot be loaded: ImportError: a broken file\n" in done.stdout


def test_a_torch_without_cuda_beside_a_gpu_is_a_warning(tmp_path, monkeypatch):
    install(tmp_path / "site", "torch", "2.13.0+cpu")
    (tmp_path / "nvidia-smi").write_text("#!/bin/sh\necho 'GPU 0: Something'\n")
    (tmp_path / "nvidia-smi").chmod(0o755)
    monkeypatch.syspath_prepend(tmp_path / "site")
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    assert item("torch").state is State.WARNING
    assert "2.13.0+cpu is a build that uses no GPU, but there is one" in item("torch").text
    (asked_gpu,) = (item for item in doctor.diagnose(gpu=True) if item.name == "NVIDIA GPU")
    assert asked_gpu.text == "GPU 0: Something"


@pytest.mark.parametrize(
    ("name", "value", "state"),
    [("", "", State.ABSENT), ("DISPLAY", ":0", State.OK), ("SDL_VIDEODRIVER", "dummy", State.OK)],
    ids=["nothing", "X", "dummy"],
)
@pytest.mark.skipif(sys.platform != "linux", reason="other systems always have a display")
def test_the_display_is_told_from_the_surroundings(monkeypatch, name, value, state):
    if name:
        monkeypatch.setenv(name, value)
    assert item("display").state is state


def test_compiled_code_that_cannot_be_kept_is_a_warning(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    found = item("compiled code")
    assert found.state is State.WARNING
    assert "set XDG_CACHE_HOME to a folder that can" in found.cure


@pytest.mark.parametrize(
    ("line", "requirement"),
    [
        ("numpy>=1.26", Requirement("numpy", ">=1.26", "")),
        ("gymnasium<2,>=1.1", Requirement("gymnasium", "<2,>=1.1", "")),
        ('torch>=2.10; extra == "deep"', Requirement("torch", ">=2.10", "deep")),
        ("ray (>=2.52) ; extra == 'ray'", Requirement("ray", ">=2.52", "ray")),
        ('envkit[deep,test]; extra == "all"', Requirement("envkit[deep,test]", "", "all")),
    ],
)
def test_a_line_of_metadata_is_read(line, requirement):
    assert Requirement.parse(line) == requirement


@pytest.mark.parametrize(
    ("version", "bounds", "kept"),
    [
        ("1.4.0", ">=1.1,<2", True),
        ("2.0", ">=1.1,<2", False),
        ("0.29.1", ">=1.1", False),
        ("2.10.0+cpu", ">=2.10", True),
        ("2.9", ">=2.10", False),
        ("1.10", ">=1.9", True),
        ("1.0", ">=1", True),
        ("3.0rc1", "", True),
    ],
)
def test_versions_are_compared_by_their_numbers(version, bounds, kept):
    assert within(version, bounds) is kept
