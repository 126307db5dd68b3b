"""Exporting the policy of a run: files that need NumPy alone, or an ONNX runtime, and were seen to act as it does."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gymnasium
import numpy as np
from gymnasium import spaces

from envkit.core.errors import UsageError
from envkit.core.policy import TablePolicy
from envkit.core.ref import EnvRef
from envkit.deep.policies import NetworkPolicy
from envkit.runs.arrays import packed
from envkit.runs.atomic import atomic_write
from envkit.workflows.exporting import runner
from envkit.workflows.exporting.runner import SEVERAL, NotSayable
from envkit.workflows.saved import Saved, load

FORMATS = ("numpy", "onnx")
COMPARED = 1_000  # observations on which what was exported has to act as the policy does
SAME = 1e-4  # of continuous actions


@dataclass(frozen=True)
class Exported:
    """What was written.

    Args:
      files: the policy, and the program that plays it.
      lines: of the program.
      compared: observations on which both acted alike.
    """

    files: tuple[Path, ...]
    lines: int
    compared: int


def export(
    run_dir: str | Path, *, env: EnvRef | None = None, format: str = "numpy", out: Path | None = None
) -> Exported:
    """Writes the policy of a run, or of a model that Stable-Baselines3 has saved, as files that need no envkit.

    Args:
      env: what a model plays, which it does not say itself; of a run what it was learnt from.
      format: numpy or onnx.
      out: a folder, which is made; by default one of the format's name in the run's directory, or beside the model.

    Raises:
      UsageError: where the policy cannot be said in this format; nothing is written.
      ArtifactRefused: where the run's files are damaged.
      MissingExtra: without onnx.
      StorageFailed: when a file cannot be written.
    """
    if format not in FORMATS:
        raise UsageError(f"the format is {format!r}, not one of {', '.join(FORMATS)}")
    saved = load(run_dir, env=env)
    made = (env or saved.ref).make()
    try:
        files = _table(saved, made, format) if isinstance(saved.policy, TablePolicy) else _network(saved, made, format)
        compared = _compare(files, saved, made)
    except NotSayable as error:
        raise UsageError(f"{run_dir} cannot be exported as {format}: {error}") from error
    finally:
        made.close()
    folder = out or (saved.path if saved.path.is_dir() else saved.path.with_suffix("")) / format
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in files.items():
        atomic_write(folder / name, data)
    return Exported(tuple(folder / name for name in files), files["policy.py"].count(b"\n"), compared)


def _title(saved: Saved) -> str:
    return f"The policy of {saved.ref}, by {saved.algo}"


def _table(saved: Saved, env: gymnasium.Env[Any, Any], format: str) -> dict[str, bytes]:
    policy = saved.policy
    assert isinstance(policy, TablePolicy)
    numbered = policy.state_of is None and policy.decode is None
    if format != "numpy" or not numbered or not isinstance(env.action_space, spaces.Discrete):
        told = "its observations are no numbers of states, which its table needs; envkit.load plays it from Python"
        raise NotSayable(told if not numbered else "a table is exported as numpy")
    program = runner.of_table(_title(saved), start=int(env.action_space.start))
    return {"policy.npz": packed({"action": policy.action}), "policy.py": program.encode()}


def _network(saved: Saved, env: gymnasium.Env[Any, Any], format: str) -> dict[str, bytes]:
    policy = saved.policy
    if not isinstance(policy, NetworkPolicy):
        own = ":" in saved.algo
        raise NotSayable(
            "an algorithm of your own has found it" if own else "its network has parts that only torch has"
        )
    plan, arrays = policy.network.plan, dict(policy.network.arrays)
    if plan["head"].get("masked"):
        raise NotSayable("it has to be told which actions are available")
    scaler = {} if policy.normalizer is None else policy.normalizer.arrays()
    scaled = [] if policy.normalizer is None else list(policy.normalizer.mean)
    used = {name: value for name, value in {**arrays, **scaler}.items() if _is_used(name, plan)}
    if format == "numpy":
        program = runner.of_network(plan, _title(saved), scaled=scaled)
        return {"policy.npz": packed(used), "policy.py": program.encode()}
    from envkit.workflows.exporting import graph

    space = env.observation_space
    if isinstance(space, spaces.Dict):
        raise NotSayable(SEVERAL)
    discrete = isinstance(env.action_space, spaces.Discrete)
    program = graph.RUNNER.format(title=_title(saved), turned="", back="int(action)" if discrete else "action")
    return {
        "policy.onnx": graph.model(plan, used, space.shape or (), env.action_space.shape or (), scaled=bool(scaled)),
        "policy.py": program.encode(),
    }


def _is_used(name: str, plan: Any) -> bool:
    """Whether the program reads an array: those of the critic stay behind."""
    if name.startswith(("normalizer/mean", "normalizer/variance")) or name in ("low", "high"):
        return True
    return json.dumps(name.rpartition(".")[0]) in json.dumps(plan)


def _compare(files: dict[str, bytes], saved: Saved, env: gymnasium.Env[Any, Any]) -> int:
    """Plays the files beside the policy, on what the environment shows to somebody who acts at random half of the time.

    Raises:
      NotSayable: where they act otherwise.
    """
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        for name, data in files.items():
            (Path(folder) / name).write_bytes(data)
        names: dict[str, Any] = {"__file__": str(Path(folder) / "policy.py"), "__name__": "policy"}
        exec(compile(files["policy.py"], "policy.py", "exec"), names)  # our own program, as it was just written
        exported = names["Policy"]()
        rng = np.random.default_rng(0)
        env.action_space.seed(0)
        done, compared = True, 0
        while compared < COMPARED:
            if done:
                observation, info = env.reset(seed=0 if compared == 0 else None)
                exported.reset()
                actor, done = saved.policy.start(rng), False
                continue
            ours, theirs = actor.act(observation, info), exported(observation)
            if not np.allclose(ours, theirs, atol=SAME) or not env.action_space.contains(_like(theirs, ours)):
                raise NotSayable(f"what was exported acts {theirs!r} where the policy acts {ours!r}")
            compared += 1
            action = ours if rng.random() < 0.5 else env.action_space.sample()
            observation, _, terminated, truncated, info = env.step(action)
            done = terminated or truncated
        return compared


def _like(action: Any, model: Any) -> Any:
    """The action in the other one's type: onnxruntime gives arrays of no dimension."""
    return np.asarray(action, np.asarray(model).dtype) if isinstance(model, np.ndarray) else int(action)
