"""The generated project keeps its promises: its tests, its lint, its README and its extra, as a newcomer tries them."""

import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

from envkit.scaffold import new, templates

ODD_NAMES = [
    "frozen-pond", "x", "FrozenPond", "HTTPPond", "Pong3D", "myenv2", "my-env", "a-1-2", "self_play", "Gymnasium-env",
    "pygame_pond", "testing", "Integer", "none-such", "pond-v2", "numpy-env", "env-env", "core", "cls", "np", "Ab" * 10,
]  # fmt: skip
LONGEST_NAME = "a-" + "long" * 6 + "name"
DISPLAYS = ("SDL_VIDEODRIVER", "SDL_VIDEO_DRIVER", "DISPLAY", "WAYLAND_DISPLAY")
every_template = pytest.mark.parametrize("name", templates())


def python(
    *arguments: str, at: Path, path: Path | None = None, **surroundings: str
) -> subprocess.CompletedProcess[str]:
    """Python in the project's folder, with the project on its path as `pip install -e` would put it there.

    As on a machine without a display, and where nobody has told SDL so.
    """
    found = os.pathsep.join(map(str, [path] if path else [at]))
    kept = {name: value for name, value in os.environ.items() if name not in DISPLAYS}
    env = kept | {"PYTHONPATH": found, "PYTHONWARNINGS": "default"} | surroundings
    return subprocess.run([sys.executable, *arguments], cwd=at, env=env, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def project(projects: dict[str, Path]) -> Path:
    return projects["gymnasium-env"]


@pytest.fixture(scope="module")
def projects(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """{template: a project made from it}."""
    folder = tmp_path_factory.mktemp("new")
    for name in templates():
        (folder / name).mkdir()
    return {name: new("frozen-pond", template=name, directory=folder / name) for name in templates()}


@every_template
def test_its_own_tests_pass(projects, name):  # which check it, look at its pictures, and solve it
    done = python("-m", "pytest", "-q", "-p", "no:cacheprovider", at=projects[name])
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"^\d\d passed in", done.stdout, re.M)
    assert "skipped" not in done.stdout


@pytest.mark.parametrize(
    ("name", "file", "right", "wrong", "seen_by"),
    [
        ("gymnasium-env", "env.py", "THE_WEIR = -1.0, -20.0", "THE_WEIR = -1.0, -10.0", "test_rules.py"),
        ("gymnasium-env", "env.py", "drawn = self.np_random.", "drawn = 0 * self.np_random.", "test_rules.py"),
        ("gymnasium-env", "env.py", "super().reset(seed=seed)", "super().reset(seed=None)", "test_contract.py::test_contract"),
        ("gymnasium-env", "rendering.py", "*_centre(boat))", "*_centre((1, 0)))", "test_rendering.py"),
        ("gymnasium-env", "rendering.py", "*_centre(boat))", "*_centre((1, 0)))", "test_golden.py::test_the_picture_in_the_readme_is_what_is_drawn"),
        ("gymnasium-env", "window.py", "self.close()\n", "pass\n", "test_window.py"),
        ("gymnasium-env", "__init__.py", "if ID not in gymnasium.registry:", "if True:", "test_contract.py::test_registering_again_changes_nothing"),
        ("gymnasium-env", "env.py", "A_MOVE, THE_WEIR = -1.0", "A_MOVE, THE_WEIR = -1.1", "test_solve.py"),
        ("finite", "rules.py", "flames + 2", "flames + 1", "test_solve.py"),
        ("finite", "drawing.py", "_draw_logs(canvas, 356, 322, night.logs)", "_draw_logs(canvas, 356, 322, 2)", "test_rendering.py"),
        ("grid", "env.py", '"L": door("rope")', '"L": item("ledge")', "test_rules.py"),
        ("grid", "env.py", 'reward=20', 'reward=2', "test_solve.py"),
        ("pixels", "cave.py", "self.bat - BODY < above", "False", "test_rules.py"),
        ("pixels", "frames.py", "[max(row - 1, 0) : row + 1", "[max(row - 1, 0) : row", "test_rules.py"),
        ("external", "link.py", "self.sockets[0].settimeout(max(deadline - time.monotonic(), 0.001))", "pass", "test_failures.py"),
        ("external", "simulator.py", "os._exit(0)", "pass", "test_failures.py::test_the_simulator_ends_with_its_input_though_it_is_busy_waiting"),
        ("external", "pace.py", "now + 1 / self.rate", "self.due + 1 / self.rate", "test_pace.py"),
        ("vector", "batch.py", "- ROLLING * self.speed", "", "test_rules.py"),
        ("vector", "batch.py", "array[rows, 1] = self.dice.uniform", "array[:, 1] = self.np_random.uniform", "test_batch.py::test_vector_contract"),
    ],
    ids=lambda part: part if part in templates() else None,
)  # fmt: skip
def test_its_own_tests_see_a_fault(projects, tmp_path, name, file, right, wrong, seen_by):
    broken = shutil.copytree(projects[name], tmp_path / "broken")
    source = broken / "frozen_pond" / file
    assert right in source.read_text()
    source.write_text(source.read_text().replace(right, wrong))
    done = python("-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", f"tests/{seen_by}", at=broken)
    assert done.returncode == 1, done.stdout
    assert "1 failed" in done.stdout


@every_template
def test_every_kind_of_test_is_in_it(projects, name):
    def said(file):
        return (projects[name] / "tests" / file).read_text()

    assert "test_contract = envkit.testing.contract(NAME)" in said("test_contract.py")
    assert "envkit.testing.golden_frame(frame, PICTURE" in said("test_golden.py")
    assert "test_trace = envkit.testing.golden(NAME" in said("test_golden.py")
    assert "def test_" in said("test_solve.py")
    if "vector_entry_point" in (projects[name] / "frozen_pond" / "__init__.py").read_text():
        assert "test_vector_contract = envkit.testing.vector_contract(" in said("test_batch.py")


@pytest.mark.parametrize(
    ("name", "file", "right", "wrong", "first"),
    [
        ("gymnasium-env", "env.py", "A_MOVE, THE_WEIR = -1.0", "A_MOVE, THE_WEIR = -2.0", "step 1, step(1)"),
        ("finite", "rules.py", "warmth = float(flames)", "warmth = 2.0 * flames", "step 3, step(0)"),
        ("grid", "env.py", 'item("tea", reward=20)', 'item("tea", reward=2)', "step 18, step(1)"),
        ("pixels", "cave.py", "CLIMB = 2 ", "CLIMB = 1 ", "step 45, step(1)"),
        ("vector", "batch.py", "SLOPE = 1.5", "SLOPE = 1.6", "step 1, step(array([0.7, 0.5], float32))"),
        ("external", "simulator.py", "WARMING, COOLING = 0.5", "WARMING, COOLING = 0.6", "step 1, step(1)"),
    ],
    ids=lambda part: part if part in templates() else None,
)
def test_its_golden_trace_names_where_the_dynamics_changed_and_how_to_record_anew(
    projects, tmp_path, name, file, right, wrong, first
):
    changed = shutil.copytree(projects[name], tmp_path / "changed")
    source = changed / "frozen_pond" / file
    assert source.read_text().count(right) == 1
    source.write_text(source.read_text().replace(right, wrong))
    trace = ("-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/test_golden.py::test_trace")
    done = python(*trace, at=changed)
    assert done.returncode == 1, done.stdout
    assert f"{first} is no longer as in trace.json: " in done.stdout
    assert "; if that is meant: pytest --envkit-update\n" in done.stdout
    assert python(*trace, "--envkit-update", at=changed).returncode == 0
    assert python(*trace, at=changed).returncode == 0


@every_template
def test_its_golden_files_are_what_recording_them_gives(projects, tmp_path, name):
    fresh = shutil.copytree(projects[name], tmp_path / "fresh")
    done = python("-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/test_golden.py", "--envkit-update", at=fresh)
    assert "2 skipped" in done.stdout
    was, now = ((folder / "tests" / "golden" / "trace.json").read_text() for folder in (projects[name], fresh))
    if name in ("external", "vector"):  # whose last bits may be others on another machine
        assert [line.count(",") for line in was.splitlines()] == [line.count(",") for line in now.splitlines()]
    else:
        assert was == now


@pytest.mark.skipif(importlib.util.find_spec("ruff") is None, reason="ruff is not installed: pip install ruff")
@pytest.mark.parametrize("word", ["x", "frozen-pond", LONGEST_NAME], ids=["short", "usual", "longest"])
@every_template
def test_it_is_clean_and_formatted_whatever_its_name(tmp_path, name, word):
    made = new(word, template=name, directory=tmp_path)
    for command in (["check", "--no-cache"], ["format", "--check", "--no-cache"]):
        done = python("-m", "ruff", *command, at=made)
        assert done.returncode == 0, done.stdout + done.stderr


@every_template
def test_every_accepted_name_makes_a_package_that_plays(tmp_path, name):
    odd = ODD_NAMES if name == "gymnasium-env" else ODD_NAMES[::7]  # names mean the same to all of them
    made = [new(word, template=name, directory=tmp_path) for word in [*odd, LONGEST_NAME]]
    program = """if True:
        import sys, tomllib, pathlib, gymnasium
        for folder in sys.argv[1:]:
            sys.path.insert(0, folder)
            answers = tomllib.loads(pathlib.Path(folder, ".envkit.toml").read_text())["answers"]
            env = gymnasium.make(f"{answers['package']}:{answers['env_id']}", render_mode="rgb_array")
            env.reset(seed=0)
            env.step(env.action_space.sample())
            assert env.render().any()
            env.close()
            assert type(env.unwrapped).__name__ == answers["class_name"]
            assert type(env.unwrapped).__module__ == answers["package"] + ".env"
            sys.path.remove(folder)
            print(answers["package"])
    """
    done = python("-c", program, *map(str, made), at=tmp_path)
    assert done.returncode == 0, done.stderr
    assert len(done.stdout.split()) == len(made)


@pytest.fixture(scope="module")
def installed(project: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """(a copy of the project, a folder of packages into which it was installed as `pip install -e` does)."""
    folder = tmp_path_factory.mktemp("installed")
    copy, packages = shutil.copytree(project, folder / "frozen-pond"), folder / "packages"
    packages.mkdir()
    done = python("-c", "from setuptools import build_meta; build_meta.build_editable('..')", at=copy)
    assert done.returncode == 0, done.stderr
    (wheel,) = folder.glob("*.whl")
    zipfile.ZipFile(wheel).extractall(packages)
    (packages / "sitecustomize.py").write_text(f"import site; site.addsitedir({str(packages)!r})\n")
    return copy, packages


def envkit(command: str, *, at: Path, path: Path) -> subprocess.CompletedProcess[str]:
    program = "import sys; from envkit.cli.main import main; main(sys.argv[1:])"
    return python("-c", program, *command.split(), at=at, path=path)


@every_template
def test_its_readmes_programs_run(projects, name):
    first, *others = re.findall(r"```python\n(.*?)```", (projects[name] / "README.md").read_text(), re.S)
    promised = re.search(r"uint8 \[(\d+), (\d+), 3\]", first)
    assert promised is not None
    shown = first.replace("env.close()", "env.close(); print(*frame.shape[:2], frame.dtype)")
    done = python("-W", "error", "-c", shown, at=projects[name])
    assert (done.returncode, done.stdout.split()) == (0, [*promised.groups(), "uint8"]), done.stderr
    for program in others:
        done = python("-W", "error", "-c", program, at=projects[name])
        assert done.returncode == 0, done.stderr


@every_template
def test_its_readme_shows_the_picture_that_its_tests_look_at(projects, name):
    assert "](picture.png)" in (projects[name] / "README.md").read_text()
    assert (projects[name] / "picture.png").stat().st_size < 60_000


def test_its_readmes_commands_work_once_it_is_installed(installed):
    copy, packages = installed
    commands = re.findall(r"^envkit (.+)$", (copy / "README.md").read_text(), re.M)
    assert {command.split()[0] for command in commands} == {"check", "solve"}
    for command in commands:
        done = envkit(command, at=copy, path=packages)
        assert done.returncode == 0, f"envkit {command}\n{done.stdout}{done.stderr}"


@every_template
def test_its_ci_and_readme_say_how_ci_gets_envkit(projects, name):
    project = projects[name]
    readme = " ".join((project / "README.md").read_text().split())
    comment, value = (project / ".github" / "workflows" / "ci.yml").read_text().split("  ENVKIT: ")
    comment = " ".join(line.strip(" #") for line in comment.splitlines()[-4:])
    assert value.startswith("${{ vars.ENVKIT || 'envkit' }}\n")
    for text in (comment, readme.replace("`", "")):
        assert "Until envkit is on the index, set the repository variable ENVKIT" in text
        assert "to the address of its wheel or repository" in text
        assert "or CI fails" in text


def test_its_exact_optimum_is_the_one_on_its_card(installed):
    copy, packages = installed
    done = envkit("solve frozen_pond/FrozenPond-v0 --algo value-iteration --format json", at=copy, path=packages)
    answer = json.loads(done.stdout)
    assert answer["optimal_return"] == pytest.approx(-8.930624, abs=1e-6)
    assert answer["gap"] == pytest.approx(0, abs=1e-6)
    assert f"{answer['optimal_return']:.2f} on average" in (copy / "frozen_pond" / "env.py").read_text()


def test_installing_it_announces_its_environment(installed, tmp_path):
    done = envkit("list", at=tmp_path, path=installed[1])
    row = next(line for line in done.stdout.splitlines() if "frozen_pond/" in line)
    assert row.split()[:2] == ["frozenpond", "frozen_pond/FrozenPond-v0"]
    assert "ferry" in row


def test_it_is_found_from_above_a_folder_of_the_packages_own_name(installed, tmp_path):
    (tmp_path / "frozen_pond").mkdir()  # as where `envkit new frozen_pond` was typed: for Python, an empty package
    done = envkit("list", at=tmp_path, path=installed[1])
    assert "frozen_pond/FrozenPond-v0" in done.stdout
    done = python("-c", "import frozen_pond; print(frozen_pond.ID)", at=tmp_path, path=installed[1])
    assert done.stdout == "frozen_pond/FrozenPond-v0\n", done.stderr


def test_its_test_extra_takes_the_envkit_that_is_here(project, tmp_path):
    copy = shutil.copytree(project, tmp_path / "copy")
    offline = ["--no-index", "--no-build-isolation", "--no-cache-dir"]
    done = python("-m", "pip", "install", "--dry-run", *offline, "-e", ".[test]", at=copy, PYTHONWARNINGS="ignore")
    assert done.returncode == 0, done.stderr
    assert "Requirement already satisfied: envkit" in done.stdout


@every_template
def test_its_ci_writes_junit_reports_of_tests_and_check(projects, name):
    ci = (projects[name] / ".github" / "workflows" / "ci.yml").read_text()
    assert "python -m pytest --junit-xml=reports/tests.xml\n" in ci
    assert re.search(r"envkit check --strict \S+ --output reports/\w+\.xml\n", ci)


@pytest.mark.parametrize("name", [name for name in templates() if name != "gymnasium-env"])
def test_the_commands_of_its_readme_work(projects, name):
    """Without its installation, so by the longer name; and the check quickly, for its own tests do it whole."""
    readme = (projects[name] / "README.md").read_text()
    commands = re.findall(r"^envkit (check|solve) frozen-pond(.*)$", readme, re.M)
    assert "check" in {command for command, _ in commands}
    for command, options in commands:
        quick = " --budget quick" if command == "check" else " --no-artifacts"
        done = envkit(
            f"{command} frozen_pond:frozen_pond/FrozenPond-v0{options}{quick}", at=projects[name], path=projects[name]
        )
        assert done.returncode == 0, f"envkit {command}\n{done.stdout}{done.stderr}"


@every_template
def test_it_needs_envkit_at_run_time_only_where_it_says_so(projects, name):
    readme, package = (projects[name] / "README.md").read_text(), projects[name] / "frozen_pond"
    users = [path for path in package.glob("*.py") if "envkit" in path.read_text()]
    needed = tomllib.loads((projects[name] / "pyproject.toml").read_text())["project"]["dependencies"]
    says_so = "needs it at run time" in " ".join(readme.split())
    assert bool(users) == says_so == any(need.startswith("envkit") for need in needed)
    assert says_so == (name in ("finite", "grid", "vector"))
