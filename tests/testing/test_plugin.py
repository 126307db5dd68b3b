"""The pytest plugin, as a stranger meets it: real pytest processes in folders of their own.

The plugin is loaded by name and all others are left out, so that it does not matter whether the entry point of this
checkout is installed; one test installs a wheel and looks at the entry point.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
HEAVY = ("gymnasium", "hypothesis", "numpy", "pygame", "scipy", "numba", "envkit.core.ref")


@pytest.fixture
def suite(tmp_path):
    """Runs pytest in a folder with the given files; (exit code, output)."""

    def run(*arguments, plugins=("envkit.testing.plugin",), autoload=False, files=(), **surroundings):
        for name, text in dict(files).items():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_text(text)
        env = {name: value for name, value in os.environ.items() if not name.startswith(("ENVKIT_", "PYTEST_"))}
        env |= {"PYTHONPATH": str(HERE), "SDL_VIDEODRIVER": "dummy", "COLUMNS": "120"} | surroundings
        env |= {} if autoload else {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
        loaded = [part for plugin in plugins for part in ("-p", plugin)]
        command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "--rootdir", str(tmp_path)]
        done = subprocess.run(
            [*command, *loaded, *arguments], cwd=tmp_path, env=env, capture_output=True, text=True, check=False
        )
        return done.returncode, done.stdout + done.stderr

    return run


def test_an_environment_is_tested_without_any_test_file(suite):
    code, shown = suite("--envkit", "faulty:Grid", "--envkit", "CartPole-v1", "-v", "--envkit-profile", "quick")
    assert code == 0, shown
    assert "envkit::faulty:Grid PASSED" in shown
    assert "envkit::CartPole-v1 PASSED" in shown


def test_a_failure_is_the_fault_and_a_test_to_paste_and_nothing_else(suite):
    code, shown = suite("--envkit", "faulty:NanAtOneCell")
    assert code == 1
    assert "contract of faulty:NanAtOneCell" in shown
    assert re.search(r"^step\(\d\): the reward is nan, not a finite number$", shown, re.M)
    assert "    def test_contract_is_kept():" in shown
    assert "machine.py" not in shown


def test_where_the_environment_raises_its_own_line_is_shown(suite):
    source = (
        "from faulty import Grid\nclass Stumbles(Grid):\n    def reward(self):\n        raise KeyError('no cell')\n"
    )
    code, shown = suite("--envkit", "stumbles.py:Stumbles", files={"stumbles.py": source})
    assert code == 1
    assert "raise KeyError('no cell')" in shown
    assert "player.py" not in shown


def test_a_wrong_name_fails_with_its_one_line(suite):
    code, shown = suite("--envkit", "gridwrld")
    assert code == 1
    assert "no environment is called 'gridwrld'; did you mean gridworld" in shown
    assert "resolve.py" not in shown


def test_the_ini_file_names_what_is_always_tested_but_not_beside_single_files(suite):
    files = {
        "pytest.ini": "[pytest]\nenvkit_envs =\n    faulty:Grid\n    faulty:NanAfterTwoBoundActions\n",
        "tests/test_one.py": "def test_one(): pass\n",
    }
    _, shown = suite("-q", "--tb=no", files=files, ENVKIT_PROFILE="quick")
    assert "1 failed, 2 passed" in shown, shown
    assert "envkit::faulty:NanAfterTwoBoundActions" in shown
    assert "1 failed, 2 passed" in suite("-q", "--tb=no", "tests", ENVKIT_PROFILE="quick")[1]
    assert "1 passed" in suite("-q", "tests/test_one.py")[1]
    assert "1 passed" in suite("-q", "tests/test_one.py::test_one")[1]
    assert "2 passed" in suite("-q", "tests/test_one.py", "--envkit", "faulty:Grid")[1]


def test_contract_items_are_chosen_by_marker_and_by_name_like_all_others(suite):
    files = {"test_one.py": "def test_one(): pass\n"}
    assert "1 passed, 1 deselected" in suite("-q", "--envkit", "faulty:Grid", "-m", "envkit", files=files)[1]
    assert "1 passed, 1 deselected" in suite("-q", "--envkit", "faulty:Grid", "-m", "not envkit")[1]
    assert "1 passed, 1 deselected" in suite("-q", "--envkit", "faulty:Grid", "-k", "Grid")[1]


FIXTURES = """
import pytest

closed = []

def test_it_starts_where_it_should(envkit_env, envkit_ref):
    observation, _ = envkit_env.reset(seed=0)
    assert observation.tolist() == [0, 0]
    inner, close = envkit_env.unwrapped, envkit_env.unwrapped.close
    inner.close = lambda: (closed.append(type(inner).__name__), close())

def test_the_one_before_was_closed():
    assert closed == EXPECTED

@pytest.mark.envkit("faulty:NanAtOneCell")
def test_the_marker_names_others(envkit_make, envkit_ref):
    assert str(envkit_ref) == "faulty:NanAtOneCell"
    one, other = envkit_make(), envkit_make()
    assert one is not other
    assert type(one.unwrapped).__name__ == "NanAtOneCell"
"""


def test_fixtures_play_each_environment_that_was_named_and_close_it(suite):
    source = FIXTURES.replace("EXPECTED", "['Grid', 'CounterNotReset']")
    code, shown = suite(
        "-v", "--strict-markers", "--envkit", "faulty:Grid", "--envkit", "faulty:CounterNotReset",
        "-k", "test_it and test_", files={"test_it.py": source},
    )  # fmt: skip
    assert code == 0, shown
    assert "test_it_starts_where_it_should[faulty:Grid] PASSED" in shown
    assert "test_it_starts_where_it_should[faulty:CounterNotReset] PASSED" in shown
    assert "test_the_marker_names_others[faulty:NanAtOneCell] PASSED" in shown


def test_where_nobody_named_an_environment_the_skip_says_what_to_type(suite):
    code, shown = suite("-rs", files={"test_it.py": FIXTURES.replace("EXPECTED", "[]")})
    assert code == 0, shown
    assert "2 passed, 1 skipped" in shown
    assert "no environment was named: pytest --envkit REF, envkit_envs in the ini file, or" in shown


def test_the_profile_reaches_contracts_in_files_and_is_refused_when_unknown(suite):
    source = (
        "import os, envkit.testing, envkit.testing.machine as machine\n"
        "machine.search = lambda *_, examples, **__: print('runs', examples)\n"
        "test_it = envkit.testing.contract('faulty:Grid')\n"
        "def test_child_processes_know_it_too(): print('surroundings', os.environ['ENVKIT_PROFILE'])\n"
    )
    shown = suite("-s", "--envkit-profile", "deep", files={"test_it.py": source}, ENVKIT_PROFILE="quick")[1]
    assert "runs 2000" in shown
    assert "surroundings deep" in shown
    assert "runs 25" in suite("-s", ENVKIT_PROFILE="quick")[1]
    code, shown = suite("--envkit-profile", "fast")
    assert code == 4
    assert "invalid choice: 'fast' (choose from" in shown


def test_the_update_flag_records_and_leaves_nothing_behind(suite, tmp_path):
    files = {
        "test_it.py": "import envkit.testing\ntest_trace = envkit.testing.golden('faulty:Grid', 'trace.json', seed=0)\n",
        "twice.py": "import os, sys, pytest\npytest.main(['-q', '-p', 'envkit.testing.plugin', '--envkit-update'])\n"
        "print('left', os.environ.get('ENVKIT_UPDATE'))\n",
    }
    assert "1 failed" in suite("-q", files=files)[1]
    done = subprocess.run(
        [sys.executable, "twice.py"], cwd=tmp_path, capture_output=True, text=True,
        env=os.environ | {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTHONPATH": str(HERE)},
    )  # fmt: skip
    assert "1 skipped" in done.stdout
    assert "left None" in done.stdout
    assert "1 passed" in suite("-q")[1]


def test_it_works_beside_xdist(suite):
    plugins = ("envkit.testing.plugin", "xdist.plugin")
    source = "import envkit.testing\ntest_it = envkit.testing.contract('faulty:Grid')\n"
    code, shown = suite(
        "-q", "-n", "2", "--envkit", "faulty:Grid", "--envkit", "CartPole-v1", "--envkit-profile", "quick",
        plugins=plugins, files={"test_it.py": source},
    )  # fmt: skip
    assert code == 0, shown
    assert "3 passed" in shown


OWN = {
    "conftest.py": "def pytest_addoption(parser):\n    parser.addoption('--env', default='mine')\n"
    "import pytest\n@pytest.fixture\ndef env(request): return request.config.getoption('--env')\n",
    "test_own.py": "import pytest\npytestmark = pytest.mark.own\ndef test_own(env): assert env == 'theirs'\n",
    "pytest.ini": "[pytest]\nmarkers = own: mine\naddopts = --strict-markers --strict-config\nfilterwarnings = error\n",
}


def test_a_suite_with_an_env_option_fixture_and_strictness_of_its_own_is_not_disturbed(suite):
    code, shown = suite("-q", "--env", "theirs", files=OWN)
    assert code == 0, shown
    assert "1 passed" in shown
    code, shown = suite(
        "-q", "--env=theirs", "--envkit", "faulty:Grid", "-p", "no:doctest", "-p", "no:terminalreporter"
    )
    assert code == 0, shown
    assert suite("-q", "--env", "theirs", "-p", "no:envkit.testing.plugin", plugins=())[0] == 0


def test_nothing_heavy_is_imported_before_it_is_used(suite):
    source = f"import sys\ndef test_it(): assert not [name for name in {HEAVY!r} if name in sys.modules]\n"
    code, shown = suite("-q", files={"test_it.py": source})
    assert code == 0, shown
    probe = f"import sys, envkit.testing.plugin; print([name for name in {HEAVY!r} if name in sys.modules])"
    assert subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True).stdout == "[]\n"


def test_loading_it_costs_next_to_nothing_beside_pytest_itself():
    probe = (
        "import time, pytest\nbegun = time.process_time()\nimport envkit.testing.plugin\n"
        "print(time.process_time() - begun)"
    )
    took = [
        float(subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True).stdout)
        for _ in range(5)
    ]
    assert min(took) < 0.05


def test_an_installed_wheel_brings_the_plugin_by_its_entry_point(suite, tmp_path, installed):
    site = f"{installed}{os.pathsep}{HERE}"
    arguments = ("-q", "-p", "no:randomly", "--envkit-profile", "quick", "--envkit", "faulty:Grid")
    code, shown = suite(*arguments, plugins=(), autoload=True, PYTHONPATH=site)
    assert code == 0, shown
    assert "1 passed" in shown
    code, shown = suite("--trace-config", plugins=(), autoload=True, PYTHONPATH=site)
    assert re.search(rf"envkit\s*:\s*{re.escape(str(installed))}/envkit/testing/plugin.py", shown), shown
    code, shown = suite("-q", "-p", "no:envkit", "--envkit", "faulty:Grid", plugins=(), autoload=True, PYTHONPATH=site)
    assert code == 4
    assert "unrecognized arguments: --envkit" in shown


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """A folder of packages with envkit's wheel in it."""
    import shutil
    import zipfile

    checkout, folder = HERE.parents[1], tmp_path_factory.mktemp("wheel")
    copy = folder / "checkout"
    for root in ("envkit", "envs", "templates"):
        shutil.copytree(checkout / root, copy / root, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(checkout / name, copy)
    (copy / "made").mkdir()
    program = "from setuptools import build_meta; build_meta.build_wheel('made')"
    done = subprocess.run([sys.executable, "-c", program], cwd=copy, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    (wheel,) = (copy / "made").glob("*.whl")
    zipfile.ZipFile(wheel).extractall(folder / "packages")
    return folder / "packages"
