"""The two architecture tests: imports go down, and `import envkit` stays light."""

import ast
import pathlib
import subprocess
import sys

import pytest

import envkit

ROOT = pathlib.Path(__file__).parents[1]
PACKAGE = ROOT / "envkit"
KERNEL = {"isolate", "runs"}
LOWER = KERNEL | {"check", "testing", "tabular", "deep", "authoring"}
UPPER = {"scaffold", "workflows", "report", "sweep", "publish"}
MAY_USE: dict[str, set[str]] = {  # beyond core, which all may use; a folder that is not here fails the test
    "core": set(),
    "isolate": set(),
    "runs": set(),
    "authoring": KERNEL,
    "check": KERNEL,
    "tabular": KERNEL,
    "deep": KERNEL,
    "testing": KERNEL | {"check"},
    "scaffold": LOWER,
    "workflows": LOWER,
    "report": LOWER,
    "sweep": LOWER,
    "publish": LOWER,
    "cli": LOWER | UPPER,
}
FACE = {"__main__.py", "__init__.py"}  # the public face names what it hands out, lazily
HEAVY = [
    "torch",
    "stable_baselines3",
    "ale_py",
    "ray",
    "pygame",
    "matplotlib",
    "numba",
    "hypothesis",
    "pytest",
    "gymnasium",
    "numpy",
]


def imports(file: pathlib.Path):
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


def kit_folders(file: pathlib.Path) -> set[str]:
    parts = [name.split(".") for name in imports(file) if name.startswith("envkit.")]
    return {part[1] for part in parts if (PACKAGE / part[1]).is_dir() or part[1] == "envs"}


FILES = [file for file in sorted(PACKAGE.rglob("*.py")) if str(file.relative_to(PACKAGE)) not in FACE]


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(PACKAGE)))
def test_imports_go_down(file):
    folder = file.relative_to(PACKAGE).parts[0]
    assert kit_folders(file) <= MAY_USE[folder] | {folder, "core"}


@pytest.mark.parametrize("file", sorted((ROOT / "envs").rglob("*.py")), ids=lambda file: file.name)
def test_environments_use_authoring_and_core_only(file):
    assert kit_folders(file) <= {"authoring", "core", "envs"}


def test_the_table_knows_exactly_the_folders_there_are_or_will_be():
    folders = {path.name for path in PACKAGE.iterdir() if path.is_dir() and any(path.glob("*.py"))}
    assert folders <= set(MAY_USE)


def test_importing_envkit_loads_nothing_heavy():
    probe = f"import sys, envkit; print([m for m in {HEAVY} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_the_public_names_are_sorted_and_all_arrive():
    assert envkit.__dir__() == sorted(envkit.__all__)
    for name in envkit.__all__:
        assert getattr(envkit, name) is not None


def test_an_unknown_public_name_is_answered_with_the_known_ones():
    with pytest.raises(AttributeError, match="no attribute 'chekc'; it offers EnvRef, MDP, MarkovChain, check"):
        envkit.chekc  # noqa: B018


def test_check_is_a_function_and_a_package_under_one_name():
    import envkit.check.engine as engine

    assert callable(envkit.check)
    assert engine.all_rules()
