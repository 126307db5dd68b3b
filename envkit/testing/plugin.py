"""The pytest plugin: `pytest --envkit REF` tests an environment's contract, with or without a test file.

    pytest --envkit my_package:MyEnv-v0 --envkit path/to/env.py:Other

The ini option `envkit_envs` names those that are always tested, one a line. Tests of your own play the same ones
through the fixtures `envkit_ref`, `envkit_make` and `envkit_env`, or those that their marker names:

    @pytest.mark.envkit("CartPole-v1", "gridworld")
    def test_the_first_reward_is_small(envkit_env): ...

pytest imports this at every start, wherever envkit is installed: so nothing heavy is imported before it is used, and
nothing happens unless it is asked for. `-p no:envkit` turns it off.
"""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from envkit.testing.profiles import PROFILE, PROFILES, UPDATE

if TYPE_CHECKING:
    import gymnasium

    from envkit.core.ref import EnvRef

KEPT = pytest.StashKey[dict[str, str | None]]()
MARKER = "envkit(*refs): play the fixtures' test with these environments; contract tests carry it too"
NOBODY = "no environment was named: pytest --envkit REF, envkit_envs in the ini file, or @pytest.mark.envkit(REF)"


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("envkit", "environments under test (envkit)")
    group.addoption(
        "--envkit", action="append", default=[], dest="envkit_ref", metavar="REF",
        help="test the contract of this environment, such as CartPole-v1 or my_package:MyEnv; can be repeated",
    )  # fmt: skip
    group.addoption(
        "--envkit-profile", choices=sorted(PROFILES), dest="envkit_profile", metavar="NAME",
        help=f"how much contracts try: {', '.join(PROFILES)}; overrides {PROFILE}",
    )  # fmt: skip
    group.addoption(
        "--envkit-update", action="store_true", dest="envkit_update",
        help="write golden traces and frames anew, instead of comparing with them",
    )  # fmt: skip
    parser.addini("envkit_envs", type="linelist", default=[], help="environments whose contract is tested, one a line")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", MARKER)
    # By the surroundings, so that test functions that were made long before, and child processes, know them too.
    asked = {PROFILE: config.option.envkit_profile, UPDATE: "1" if config.option.envkit_update else None}
    config.stash[KEPT] = {name: os.environ.get(name) for name, value in asked.items() if value}
    os.environ.update({name: value for name, value in asked.items() if value})


def pytest_unconfigure(config: pytest.Config) -> None:
    for name, value in config.stash.get(KEPT, {}).items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value


@pytest.hookimpl(tryfirst=True)  # before -k, -m and --lf choose among the items
def pytest_collection_modifyitems(session: pytest.Session, config: pytest.Config, items: list[pytest.Item]) -> None:
    always = [] if _particular(config) else config.getini("envkit_envs")
    for ref in dict.fromkeys([*config.option.envkit_ref, *always]):
        items.append(ContractItem.from_parent(session, name=ref, nodeid=f"envkit::{ref}"))


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "envkit_ref" not in metafunc.fixturenames:
        return
    marker = metafunc.definition.get_closest_marker("envkit")
    refs = list(dict.fromkeys(marker.args if marker and marker.args else _named(metafunc.config)))
    nobody = [pytest.param(None, marks=pytest.mark.skip(reason=NOBODY), id="nobody")]
    metafunc.parametrize("envkit_ref", refs or nobody, indirect=True, ids=str if refs else None)


@pytest.fixture
def envkit_ref(request: pytest.FixtureRequest) -> "EnvRef":
    """The reference of the environment under test: one after the other of those that were named."""
    from envkit.core.ref import EnvRef

    return EnvRef.of(request.param)


@pytest.fixture
def envkit_make(envkit_ref: "EnvRef") -> "Iterator[Callable[..., gymnasium.Env[Any, Any]]]":
    """Makes instances of the environment under test, and closes them all after the test."""
    made: list[gymnasium.Env[Any, Any]] = []

    def make(**kwargs: Any) -> "gymnasium.Env[Any, Any]":
        made.append(envkit_ref.make(**kwargs))
        return made[-1]

    yield make
    for env in made:
        env.close()


@pytest.fixture
def envkit_env(envkit_make: "Callable[..., gymnasium.Env[Any, Any]]") -> "gymnasium.Env[Any, Any]":
    """A fresh instance of the environment under test, closed after the test."""
    return envkit_make()


class ContractItem(pytest.Item):
    """The contract of one environment; its parent is the session, for it is in no file."""

    def __init__(self, **kwargs: Any):
        super().__init__(**kwargs)
        self.add_marker("envkit")

    def runtest(self) -> None:
        from envkit.testing.contracts import contract

        contract(self.name)()

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """The failure's own text; below it the environment's own lines, where it raised."""
        from envkit.core.errors import EnvkitError
        from envkit.testing.broken import ContractBroken

        error = excinfo.value
        if not isinstance(error, EnvkitError | ContractBroken):
            return super().repr_failure(excinfo, style)
        if error.__cause__ is None:
            return str(error)
        return f"{error}\n{pytest.ExceptionInfo.from_exception(error.__cause__).getrepr(style='short')}"

    def reportinfo(self) -> tuple[Path, None, str]:
        return self.config.rootpath / "envkit", None, f"contract of {self.name}"


def _named(config: pytest.Config) -> list[str]:
    return [*config.option.envkit_ref, *config.getini("envkit_envs")]


def _particular(config: pytest.Config) -> bool:
    """Whether single files or tests were asked for; then only what --envkit names is added to them."""
    return bool(config.args) and all(Path(arg.partition("::")[0]).is_file() for arg in config.args)
