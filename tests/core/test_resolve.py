"""Naming an environment: every form means the same thing everywhere, and a wrong one is answered with the right one."""

import multiprocessing
import pickle
import subprocess
import sys
import threading

import gymnasium
import pytest
from gymnasium.envs.toy_text.frozen_lake import FrozenLakeEnv

import envkit
from envkit.core import catalogue
from envkit.core.errors import (
    BadEnvArguments,
    EnvironmentFailed,
    NotAnEnvironment,
    UnknownEnvironment,
    UsageError,
)
from envkit.core.ref import EnvRef, parse_env_kwargs

POND = """
import gymnasium
from gymnasium import spaces

class Pond(gymnasium.Env):
    observation_space = spaces.Discrete(4)
    action_space = spaces.Discrete(2)

    def __init__(self, size=4, render_mode=None):
        self.size = size

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        return 0, {}

    def step(self, action):
        return int(action), 1.0, True, False, {}

class Puddle(Pond):
    def __init__(self, depth, *, width):
        self.depth, self.width = depth, width

def make_pond(size=7):
    return Pond(size)

def make_nothing():
    return 42

class Duck:
    def reset(self): ...
    def step(self, action): ...

answer = 42
"""


@pytest.fixture
def here(tmp_path, monkeypatch):
    """An empty working directory, as a user's, that leaves no module behind."""
    monkeypatch.chdir(tmp_path)
    for name, module in list(sys.modules.items()):  # another test's modules of the same names
        if str(getattr(module, "__file__", None) or "").startswith(str(tmp_path.parent.parent)):
            del sys.modules[name]
    before, path = set(sys.modules), list(sys.path)
    yield tmp_path
    sys.path[:] = path
    for name in set(sys.modules) - before:
        if str(getattr(sys.modules[name], "__file__", None) or "").startswith(str(tmp_path)):
            del sys.modules[name]


@pytest.fixture
def pond(here):
    (here / "pond.py").write_text(POND)
    return here


@pytest.mark.parametrize(
    "target",
    ["gridworld", "GridWorld", "grid-world", "envkit/GridWorld-v0", "envkit/GridWorld", "envs.gridworld:GridWorld",
     "envkit.envs.gridworld:GridWorld", "envkit.envs:envkit/GridWorld-v0", "envs:envkit/GridWorld-v0"],
)  # fmt: skip
def test_every_name_of_a_bundled_environment_makes_the_same(target, here):
    env = envkit.make(target)
    assert env.spec.id == "envkit/GridWorld-v0"
    assert env.spec.max_episode_steps == 200
    assert type(env.unwrapped).__module__ == "envkit.envs.gridworld"


def test_gymnasium_makes_a_bundled_environment_without_an_import():
    code = "import gymnasium as gym; print(gym.make('envkit.envs:envkit/GridWorld-v0').spec.id)"
    done = subprocess.run([sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "envkit/GridWorld-v0\n"


def test_a_class_in_a_module_of_the_working_directory(pond):
    assert envkit.make("pond:Pond").size == 4
    assert envkit.make("pond:Pond", size=9).size == 9
    assert envkit.make("pond:make_pond").size == 7


def test_a_class_in_a_file(pond):
    assert envkit.make("pond.py:Pond").size == 4
    assert envkit.make(f"{pond}/pond.py:make_pond", size=3).size == 3


def test_two_files_of_one_name_are_two_modules(here):
    for folder, size in (("left", 1), ("right", 2)):
        (here / folder).mkdir()
        (here / folder / "pool.py").write_text(POND.replace("size=4", f"size={size}"))
    assert envkit.make("left/pool.py:Pond").size == 1
    assert envkit.make("right/pool.py:Pond").size == 2
    assert envkit.make("left/pool.py:Pond").size == 1


def test_a_file_of_a_package_is_imported_as_its_module(here):
    (here / "lakes").mkdir()
    (here / "lakes" / "__init__.py").write_text("")
    (here / "lakes" / "sizes.py").write_text("SIZE = 11\n")
    (here / "lakes" / "deep.py").write_text("from .sizes import SIZE\n" + POND.replace("size=4", "size=SIZE"))
    env = envkit.make("lakes/deep.py:Pond")
    assert env.size == 11
    assert type(env).__module__ == "lakes.deep"


def test_a_class_a_factory_and_an_instance_are_references_too(pond):
    env = envkit.make("pond:Pond", size=5)
    assert envkit.make(type(env)).size == 4
    assert envkit.make(lambda: type(env)(6)).size == 6
    twin = envkit.make(env)
    assert twin is not env
    assert twin.size == 5


def test_an_instance_with_a_spec_is_made_again_from_it():
    env = gymnasium.make("FrozenLake-v1", is_slippery=False)
    twin = envkit.make(env)
    assert twin.unwrapped is not env.unwrapped
    assert twin.spec.kwargs["is_slippery"] is False


def test_a_class_with_two_specs_is_made_as_it_is():
    assert type(envkit.make(FrozenLakeEnv)) is FrozenLakeEnv


def test_a_class_with_one_spec_gets_its_limit():
    assert envkit.make("gymnasium.envs.toy_text.taxi:TaxiEnv").spec.max_episode_steps == 200


def test_somebody_elses_envs_folder_does_not_hide_the_bundled_ones(here):
    (here / "envs").mkdir()
    (here / "envs" / "__init__.py").write_text("raise RuntimeError('imported')\n")
    assert envkit.make("envs.gridworld:GridWorld").spec.id == "envkit/GridWorld-v0"


def test_a_module_of_ones_own_envs_folder_comes_first(here):
    (here / "envs").mkdir()
    (here / "envs" / "gridworld.py").write_text(POND)
    code = "import envkit; print(type(envkit.make('envs.gridworld:Pond')).__module__)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "envs.gridworld\n"


def test_holding_a_reference_imports_nothing(here):
    code = "import sys; from envkit.core.ref import EnvRef; EnvRef('no.such:Thing'); print('numpy' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


def size_of(ref, queue):
    queue.put(getattr(ref.make().unwrapped, "size", None))


@pytest.mark.parametrize("method", ["spawn", "forkserver"])
@pytest.mark.parametrize("target", ["pond:Pond", "pond.py:Pond"])
def test_a_reference_means_the_same_in_a_worker_elsewhere(pond, method, target, monkeypatch):
    ref = EnvRef(target, {"size": 13})
    monkeypatch.chdir("/")
    context = multiprocessing.get_context(method)
    queue = context.SimpleQueue()
    worker = context.Process(target=size_of, args=(ref, queue))
    worker.start()
    worker.join(60)
    assert worker.exitcode == 0
    assert queue.get() == 13


def test_a_notebooks_factory_travels_by_value():
    size = 8
    ref = pickle.loads(pickle.dumps(EnvRef(lambda: gymnasium.make("CartPole-v1", max_episode_steps=size))))
    assert ref.make().spec.max_episode_steps == 8


def test_threads_may_make_at_once(pond):
    made, failed = [], []

    def work():
        try:
            made.append(envkit.make("pond:Pond"))
        except Exception as error:
            failed.append(error)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert len({type(env) for env in made}) == 1


@pytest.mark.parametrize(
    ("target", "error", "text"),
    [
        ("gridwrld", UnknownEnvironment, "no environment is called 'gridwrld'; did you mean gridworld"),
        ("FrozenLak-v1", UnknownEnvironment, "did you mean FrozenLake-v1"),
        ("pond:Pnd", UnknownEnvironment, "pond has no 'Pnd'; did you mean pond:Pond?"),
        ("pond:", UnknownEnvironment, "pond is no class: name the one in it, pond:Pond or pond:Puddle"),
        ("pond:answer", UnknownEnvironment, "pond:answer is 42, which is no gymnasium.Env; pond offers Pond, Puddle"),
        ("pond:Duck", NotAnEnvironment, "pond:Duck is the class Duck, which is no gymnasium.Env"),
        ("pond:make_nothing", NotAnEnvironment, "pond:make_nothing returns 42, which is no gymnasium.Env"),
        ("nowhere:Pond", UnknownEnvironment, "no module 'nowhere' is here or installed .* path/to/nowhere.py:Class"),
        ("nowhere.py:Pond", UnknownEnvironment, "no file .*nowhere.py"),
        ("pnd.py:Pond", UnknownEnvironment, "did you mean pond.py?"),
        ("envs.gridwrld:GridWorld", UnknownEnvironment, "envkit.envs has no module 'gridwrld'; did you mean envkit.envs.gridworld?"),
        ("envkit.envs:envkit/Gridwrld-v0", UnknownEnvironment, "importing envkit.envs registers no 'envkit/Gridwrld-v0'"),
        ("pond:Puddle", BadEnvArguments, "pond:Puddle needs the argument 'depth', 'width': --env-kwargs depth=..."),
        ("my pond:Pond", UnknownEnvironment, "'my pond' in 'my pond:Pond' is no module name"),
        (42, UnknownEnvironment, "42 names no environment"),
    ],
)  # fmt: skip
def test_a_wrong_name_is_answered_with_what_to_type(pond, target, error, text):
    with pytest.raises(error, match=text):
        envkit.make(target)


def test_a_wrong_keyword_is_answered_with_the_nearest(pond):
    with pytest.raises(BadEnvArguments, match="pond:Pond takes no argument 'sise'; did you mean 'size'\\?; it takes"):
        envkit.make("pond:Pond", sise=3)
    with pytest.raises(BadEnvArguments, match="CartPole-v1 takes no argument 'sutton'"):
        envkit.make("CartPole-v1", sutton=True)


def test_code_for_the_old_gym_is_told_how_to_migrate(here):
    (here / "old.py").write_text("import gym\n")
    with pytest.raises(EnvironmentFailed, match="needs the module 'gym', .*`import gymnasium as gym`"):
        envkit.make("old:Env")


def test_a_class_of_the_old_gym_is_told_how_to_migrate(here):
    (here / "gym.py").write_text("class Env:\n    def reset(self): ...\n    def step(self, action): ...\n")
    (here / "legacy.py").write_text("import gym\nclass Legacy(gym.Env): ...\n")
    with pytest.raises(NotAnEnvironment, match="environment of the old package gym: .*terminated, truncated, info"):
        envkit.make("legacy:Legacy")


def test_a_module_that_raises_is_the_environments_fault(here):
    (here / "broken.py").write_text("1 / 0\n")
    with pytest.raises(EnvironmentFailed, match="importing broken:Env raised ZeroDivisionError: division by zero"):
        envkit.make("broken:Env")


def test_a_missing_package_of_a_well_known_namespace_is_named(monkeypatch):
    monkeypatch.setattr(catalogue.importlib.util, "find_spec", lambda name: None)
    assert "atari" in catalogue.missing_package("ALE/Breakout-v5")
    assert catalogue.missing_package("MiniGrid-Empty-8x8-v0") == "pip install minigrid"
    assert catalogue.missing_package("CartPole-v1") == ""


def test_a_plugin_is_listed_and_a_broken_one_is_a_warning(here, monkeypatch):
    from importlib.metadata import EntryPoint

    from envkit.workflows.listing import listing

    (here / "plug.py").write_text(POND + "\ngymnasium.register('plug/Pond-v0', 'plug:Pond')\n")
    (here / "unplugged.py").write_text("raise OSError('no power')\n")
    monkeypatch.syspath_prepend(str(here))
    points = [EntryPoint("good", "plug", catalogue.GROUP), EntryPoint("bad", "unplugged", catalogue.GROUP)]
    monkeypatch.setattr(catalogue, "entry_points", lambda group: points)
    catalogue.plugins.cache_clear()
    try:
        rows, warnings = listing()
        assert envkit.make("pond").spec.id == "plug/Pond-v0"
    finally:
        catalogue.plugins.cache_clear()
        gymnasium.registry.pop("plug/Pond-v0", None)
    assert {"alias": "pond", "id": "plug/Pond-v0", "package": "", "summary": ""} in rows
    assert warnings == ["the plugin bad (unplugged) is broken: OSError: no power"]


def test_env_kwargs_are_json_where_they_parse_as_json():
    pairs = (
        "size=9",
        "slip=0.2",
        "wet=true",
        "name=pond",
        'map=["S.", ".G"]',
        "none=null",
        "empty=",
        "dry=False",
        "deep=None",
    )
    assert parse_env_kwargs(pairs) == {
        "size": 9, "slip": 0.2, "wet": True, "name": "pond", "map": ["S.", ".G"], "none": None, "empty": "", "dry": False, "deep": None,
    }  # fmt: skip


@pytest.mark.parametrize("pair", ["size", "=3", "a b=3", "--x=1"])
def test_env_kwargs_without_a_key_are_refused(pair):
    with pytest.raises(UsageError, match="--env-kwargs takes key=value, not"):
        parse_env_kwargs((pair,))


def test_the_text_of_a_reference_is_what_one_would_type():
    assert str(EnvRef("gridworld")) == "gridworld"
    assert str(EnvRef(FrozenLakeEnv)) == "gymnasium.envs.toy_text.frozen_lake:FrozenLakeEnv"
    assert str(EnvRef(gymnasium.make("CartPole-v1"))) == "CartPole-v1"


def test_a_registered_id_takes_a_time_limit_and_others_do_not():
    assert EnvRef.of("CartPole-v1", max_episode_steps=7).make().spec.max_episode_steps == 7
    with pytest.raises(BadEnvArguments, match="max_episode_steps"):
        EnvRef.of("envkit.check.lamp:Lamp", max_episode_steps=7).make()


def test_the_directory_of_a_run_is_told_from_an_environment(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "config.json").write_text("{}")
    with pytest.raises(UnknownEnvironment, match="it is the directory of a run, which envkit eval, plot, watch"):
        EnvRef.of("mine").make()
