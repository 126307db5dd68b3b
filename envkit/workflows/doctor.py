"""What is installed here, what is not, and what is wrong: the table behind `envkit doctor`.

Nothing heavy is imported: packages are judged by their metadata, which is there even where importing them would fail.
What may be missing is `absent`, with the line that gets it; only what will make something fail is an `error`.
"""

import contextlib
import importlib
import importlib.util
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from enum import StrEnum
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Any

import envkit
from envkit.core.optional import editable_checkout, remedy
from envkit.core.show import error_line
from envkit.workflows.requirements import PURPOSES, Requirement, requirements, version, within

SCHEMA = 1
PYGAME_CURE = "pip uninstall -y pygame pygame-ce && pip install pygame-ce"


class State(StrEnum):
    OK = "ok"
    ABSENT = "absent"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True)
class Item:
    """One thing that was looked at.

    Args:
      group: under which heading it stands.
      name: of the package, extra or device.
      state: absent is no fault.
      text: what was found.
      cure: what to type, or empty where there is nothing to cure.
    """

    group: str
    name: str
    state: State
    text: str
    cure: str = ""


def diagnose(*, gpu: bool = False) -> list[Item]:
    """Looks at everything, in the order of the table.

    Args:
      gpu: ask torch and the driver about the devices, which takes seconds.
    """
    return [*_here(), *_needed(), *_extras(), *_tools(), *_drawing(), *_hardware(gpu), *_plugins()]


def healthy(items: list[Item]) -> bool:
    return all(item.state is not State.ERROR for item in items)


def to_json(items: list[Item]) -> dict[str, Any]:
    return {"schema": SCHEMA, "healthy": healthy(items), "items": [asdict(item) for item in items]}


def to_text(items: list[Item]) -> str:
    """A table with a heading for each group; a cure stands on the line below its problem."""
    width = max(len(item.name) for item in items)
    lines, group = [], ""
    for item in items:
        if item.group != group:
            lines += ["", item.group] if group else [item.group]
            group = item.group
        lines.append(f"  {item.name:{width}}  {item.state.value:7}  {item.text}".rstrip())
        if item.cure:
            lines.append(f"  {'':{width}}           {item.cure}")
    return "\n".join([*lines, "", _verdict(items)])


def _verdict(items: list[Item]) -> str:
    wrong, warned = ([item.name for item in items if item.state is state] for state in (State.ERROR, State.WARNING))
    said = [f"wrong: {', '.join(wrong)}"] if wrong else []
    if warned:
        said.append(f"{len(warned)} warning{'' if len(warned) == 1 else 's'}: {', '.join(warned)}")
    return "; ".join(said) or "nothing is wrong"


def _here() -> Iterator[Item]:
    group = "here"
    yield Item(group, "Python", State.OK, f"{platform.python_version()}, {sys.executable}")
    yield Item(group, "platform", State.OK, f"{platform.platform()}, {os.cpu_count()} cores")
    folder = Path(envkit.__file__).parent
    try:
        found = distribution("envkit")
    except PackageNotFoundError:
        cure = f"pip install -e {folder.parent}"
        yield Item(group, "envkit", State.WARNING, f"{envkit.__version__}, not installed, run from {folder}", cure)
        return
    checkout = editable_checkout()
    how = f"editable, from {folder.parent}" if checkout else f"installed in {folder.parent}"
    if found.version == envkit.__version__:
        yield Item(group, "envkit", State.OK, f"{envkit.__version__}, {how}")
    else:
        text = f"{envkit.__version__}, {how}, but its metadata are those of {found.version}"
        yield Item(group, "envkit", State.WARNING, text, f"pip install -e {checkout or 'envkit'}")


def _needed() -> Iterator[Item]:
    for requirement in requirements():
        if requirement.name == "pygame-ce":
            yield _pygame()
        elif not requirement.extra:
            state, text = _installed(requirement)
            cure = "" if state is State.OK else f"pip install '{requirement.name}{requirement.bounds}'"
            yield Item("needed", requirement.name, State.OK if state is State.OK else State.ERROR, text, cure)


def _pygame() -> Item:
    """The two distributions overwrite each other's files, and removing one of them breaks the other."""
    found = {name: version(name) for name in ("pygame-ce", "pygame") if version(name)}
    module = importlib.util.find_spec("pygame")
    versions = " and ".join(f"{name} {number}" for name, number in found.items())
    if len(found) == 2:
        return Item("needed", "pygame", State.ERROR, f"{versions} are installed over each other", PYGAME_CURE)
    if not found:
        return Item("needed", "pygame", State.ERROR, "not installed", "pip install pygame-ce")
    if module is None or module.origin is None:
        return Item("needed", "pygame", State.ERROR, f"files of {versions} are missing", PYGAME_CURE)
    if "pygame" in found:
        text = f"{versions}, which works, but Gymnasium and envkit are made for pygame-ce"
        return Item("needed", "pygame", State.WARNING, text, PYGAME_CURE)
    return Item("needed", "pygame", State.OK, versions)


def _extras() -> Iterator[Item]:
    """Each extra that the installed metadata name; one that only gathers others is no news."""
    members: dict[str, list[Requirement]] = {}
    for requirement in requirements():
        if requirement.extra and not requirement.name.startswith("envkit["):
            members.setdefault(requirement.extra, []).append(requirement)
    for extra, needed in members.items():
        found = [(requirement, *_installed(requirement)) for requirement in needed]
        purpose = f"{PURPOSES[extra]}: " if extra in PURPOSES else ""
        missing = [requirement.name for requirement, state, _ in found if state is State.ABSENT]
        unfit = [f"{requirement.name} {text}" for requirement, state, text in found if state is State.WARNING]
        there = [f"{requirement.name} {text}" for requirement, state, text in found if state is State.OK]
        if unfit:
            yield Item("extras", extra, State.WARNING, purpose + ", ".join(unfit), remedy(extra))
        elif missing:
            yield Item("extras", extra, State.ABSENT, f"{purpose}without {', '.join(missing)}", remedy(extra))
        else:
            yield Item("extras", extra, State.OK, purpose + ", ".join(there))


def _tools() -> Iterator[Item]:
    if version("Box2D"):
        yield Item("tools", "Box2D", State.OK, f"{version('Box2D')}: LunarLander, BipedalWalker, CarRacing")
    else:
        cure = f"{remedy('box2d')}   (where pip has to compile it: apt install swig g++, or conda install swig)"
        yield Item("tools", "Box2D", State.ABSENT, "LunarLander, BipedalWalker and CarRacing need it", cure)
    ffmpeg = shutil.which("ffmpeg") or (version("imageio-ffmpeg") and f"imageio-ffmpeg {version('imageio-ffmpeg')}")
    if ffmpeg:
        yield Item("tools", "ffmpeg", State.OK, ffmpeg)
    else:
        cure = f"{remedy('video')}   (or: apt install ffmpeg, or conda install ffmpeg)"
        yield Item("tools", "ffmpeg", State.ABSENT, "MP4 videos need it; GIFs do not", cure)
    from envkit.tabular.compiled import cache_problem

    problem = cache_problem()
    state = State.WARNING if problem else State.OK
    text = "cannot be kept, so every run compiles again" if problem else "is kept for the next run"
    yield Item("tools", "compiled code", state, text, problem)


def _drawing() -> Iterator[Item]:
    driver = os.environ.get("SDL_VIDEODRIVER", "")
    shown = next((f"{name}={os.environ[name]}" for name in ("WAYLAND_DISPLAY", "DISPLAY") if os.environ.get(name)), "")
    if driver in ("dummy", "offscreen"):
        text = f"SDL_VIDEODRIVER={driver}: windows open in memory, and nobody sees them"
        yield Item("drawing", "display", State.OK, text)
    elif shown or os.name == "nt" or sys.platform == "darwin":
        yield Item("drawing", "display", State.OK, shown or "of the desktop")
    else:
        text = 'only render_mode="human" needs one; rgb_array, videos, tests and training do not'
        yield Item("drawing", "display", State.ABSENT, text, "xvfb-run -a COMMAND, or SDL_VIDEODRIVER=dummy COMMAND")


def _hardware(ask: bool) -> Iterator[Item]:
    driver, torch = shutil.which("nvidia-smi"), version("torch")
    if driver:
        text = _answer([driver, "-L"]) if ask else f"{driver} is there; envkit doctor --gpu asks it"
        yield Item("hardware", "NVIDIA GPU", State.OK, text)
    else:
        yield Item("hardware", "NVIDIA GPU", State.ABSENT, "no driver was found; everything works without one")
    if not torch:
        yield Item("hardware", "torch", State.ABSENT, "deep learners need it; tabular ones do not", remedy("deep"))
        return
    cuda = _cuda() if ask else ""
    if driver and (torch.endswith("+cpu") or cuda == "uses no GPU"):
        cure = "choose a build for CUDA at https://pytorch.org/get-started/locally"
        yield Item("hardware", "torch", State.WARNING, f"{torch} is a build that uses no GPU, but there is one", cure)
    else:
        yield Item("hardware", "torch", State.OK, f"{torch}, {cuda}" if cuda else torch)


def _plugins() -> Iterator[Item]:
    """Every package that announces environments, loaded. What a plugin prints must not get into a JSON answer."""
    with contextlib.redirect_stdout(sys.stderr):
        try:
            from envkit.core.catalogue import plugins

            found = plugins()
        except Exception as error:  # noqa: BLE001 - whatever is broken here, the rest of the table is still wanted
            text = f"cannot be loaded: {error_line(error)}"
            yield Item("plugins", "envkit", State.ERROR, text, "pip install --force-reinstall gymnasium numpy")
            return
    for plugin in found:
        if plugin.failure:
            cure = f"pip install --force-reinstall {plugin.package}, or pip uninstall {plugin.package}"
            text = f"{plugin.value} of {plugin.package} is broken: {plugin.failure}"
            yield Item("plugins", plugin.name, State.ERROR, text, cure)
        else:
            count = f"{len(plugin.ids)} environment{'' if len(plugin.ids) == 1 else 's'}"
            yield Item("plugins", plugin.name, State.OK, f"{count}, from {plugin.value}")


def _installed(requirement: Requirement) -> tuple[State, str]:
    """(ok, version), (absent, ...), or (warning, ...) where the version is outside the bounds."""
    found = version(requirement.name)
    if not found:
        return State.ABSENT, "not installed"
    if not within(found, requirement.bounds):
        return State.WARNING, f"{found} is installed, but it has to be {requirement.bounds}"
    return State.OK, found


def _cuda() -> str:
    try:
        torch = importlib.import_module("torch")
    except Exception as error:  # noqa: BLE001 - a broken torch is news, not the end of the table
        return f"which cannot be imported: {error_line(error)}"
    if not torch.cuda.is_available():
        return "uses no GPU"
    return f"uses {torch.cuda.device_count()} x {torch.cuda.get_device_name(0)}"


def _answer(command: list[str]) -> str:
    """The first line that a program says; a driver that is stuck may never answer."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=10, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"does not answer: {error_line(error)}"
    return (done.stdout or done.stderr).strip().partition("\n")[0]
