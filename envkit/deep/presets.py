"""Settings that are known to do well, by algorithm and environment, as data and nothing else.

`presets.toml` has the kit's own, some under names that are no environment's, to be asked for; a file of one's own, such
as `envkit tune` writes, is of the same format.
"""

import json
import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from envkit.core.errors import ArtifactRefused, UsageError, unknown_option
from envkit.core.settings import check_count
from envkit.core.show import show

COMMON = ("steps", "n_envs", "wrap", "views", "normalize", "batch")  # beside the hyper-parameters
NAMED = {"normalize": ("observation", "reward"), "views": ("life-ends", "clip-rewards")}  # what they may name
NONE = "none"  # no preset at all

Preset = dict[str, Any]


@cache
def _all() -> dict[str, dict[str, Preset]]:
    return tomllib.loads((resources.files("envkit.deep") / "presets.toml").read_text("utf-8"))


def preset(algorithm: str, envs: Sequence[str], source: str | None = None) -> Preset:
    """What is known to do well for an environment; empty where nothing is.

    Args:
      envs: the names of the environment; the first one with a preset counts.
      source: the name of one of the kit's own, which may be another environment's; or a file of one's own, which has to
        have one; `none` for no preset; None for the kit's own.

    Raises:
      UsageError: there is no such name or file, or the file has no such preset.
      ArtifactRefused: it is something else.
    """
    if source == NONE:
        return {}
    own = _all().get(algorithm, {})
    if source in own:
        return dict(own[source])
    if source is not None and not Path(source).suffix and not Path(source).exists():
        raise unknown_option(f"preset of {algorithm}", source, [*own, "none", "a file"])
    known = own if source is None else _read(Path(source)).get(algorithm, {})
    found = next((known[env] for env in envs if env in known), None)
    if found is None and source is not None:
        raise UsageError(f"{source} has no preset of {algorithm} for {envs[0]}; it has {_contents(Path(source))}")
    return dict(found or {})


def _read(path: Path) -> dict[str, dict[str, Preset]]:
    try:
        found = tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise UsageError(
            f"--preset takes a name, a file or none; {path} cannot be read: {error.strerror or error}"
        ) from error
    except ValueError as error:  # no UTF-8, or no TOML
        raise ArtifactRefused(f"{path} is no file of presets: {' '.join(str(error).split())}") from error
    for algorithm, presets in found.items():
        if not isinstance(presets, dict) or not all(isinstance(one, dict) for one in presets.values()):
            raise ArtifactRefused(f'{path} is no file of presets: {algorithm} is no [{algorithm}."ENVIRONMENT"]')
        for one in presets.values():
            _check_common(one, path)
    return found


def _check_common(found: Preset, path: Path) -> None:
    """Refuses what stands beside the hyper-parameters, where it cannot be."""
    for name in ("steps", "n_envs"):
        try:
            check_count(name, found.get(name, 1), 1)
        except UsageError as error:
            raise ArtifactRefused(f"{path}: {error}") from error
    if not isinstance(found.get("batch", False), bool):
        raise ArtifactRefused(f"{path}: batch is {show(found['batch'])}, not true or false")
    for name, known in NAMED.items():
        given = found.get(name, [])
        if not isinstance(given, list) or not all(one in known for one in given):
            raise ArtifactRefused(f"{path}: {name} is {show(given)}, not a list of {' and '.join(known)}")
    wraps = found.get("wrap", [])
    if not isinstance(wraps, list) or not all(isinstance(one, str) for one in wraps):
        raise ArtifactRefused(f"{path}: wrap is {show(wraps)}, not a list of wrappers")


def _contents(path: Path) -> str:
    """`ppo for CartPole-v1`, and so on."""
    found = [f"{algorithm} for {env}" for algorithm, presets in _read(path).items() for env in presets]
    return ", ".join(found[:5]) or "none at all"


def written(algorithm: str, env: str, values: Mapping[str, Any]) -> str:
    """A preset as a file of them has it."""
    lines = [f"{name} = {_value(value)}" for name, value in values.items()]
    return "\n".join([f"[{_key(algorithm)}.{json.dumps(env, ensure_ascii=False)}]", *lines, ""])


def _key(name: str) -> str:
    """Without quotes where TOML wants none."""
    plain = name.replace("-", "").replace("_", "")
    return name if plain.isalnum() and plain.isascii() else json.dumps(name, ensure_ascii=False)


def _value(value: Any) -> str:
    """A value as TOML has it; none as a text, which settings understand."""
    if value is None:
        return '"none"'
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_value, value))}]"
    return json.dumps(value, ensure_ascii=False)
