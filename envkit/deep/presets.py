"""Settings that are known to do well, by algorithm and environment: `presets.toml`, which is data and nothing else."""

import tomllib
from functools import cache
from importlib import resources
from typing import Any

COMMON = ("steps", "n_envs", "normalize")  # beside the hyper-parameters


@cache
def _all() -> dict[str, dict[str, dict[str, Any]]]:
    return tomllib.loads((resources.files("envkit.deep") / "presets.toml").read_text("utf-8"))


def preset(algorithm: str, env: str) -> dict[str, Any]:
    """What is known to do well for an environment's id; empty where nothing is."""
    return dict(_all().get(algorithm, {}).get(env, {}))
