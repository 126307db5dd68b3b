"""What a run leaves behind: its policy and its curve as files, and the policy again from them.

Nothing in the files is ever executed: arrays, JSON, and the name of the environment, which whoever loads it must have.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gymnasium
import numpy as np
import numpy.typing as npt

from envkit.core.errors import ArtifactRefused, UsageError
from envkit.core.finite import MOST_ACTIONS, decode_of, key_of, size
from envkit.core.model import Model, model_of
from envkit.core.policy import MixedPolicy, Policy, TablePolicy
from envkit.core.ref import EnvRef
from envkit.core.result import Curve, Result
from envkit.core.show import error_line
from envkit.deep.foreign.reading import is_model
from envkit.runs.arrays import unpacked
from envkit.runs.directory import CONFIG, CURVE, FRAMES, PLANNING, POLICY, SEEDS, RunDirectory, way_on
from envkit.tabular.keeping import frozen
from envkit.tabular.live import Lookup
from envkit.workflows.asking import Asking

Table = TablePolicy | MixedPolicy
FAMILY = "deep"
ARRAYS = Path(POLICY).suffix


def save(directory: RunDirectory, result: Result, planning: Curve | None) -> None:
    """Writes the policy, the curve, and where there are such things the frames and what planning found meanwhile."""
    policy = result.policy
    if isinstance(policy, Table):
        table = {"action": policy.action} if isinstance(policy, TablePolicy) else {"chances": policy.chances}
        learnt = {"values": result.values, "q": result.q, "visits": result.visits}
        arrays: dict[str, Any] = table | {name: value for name, value in learnt.items() if value is not None}
        if isinstance(policy.state_of, Lookup):
            arrays["observations"] = np.array(json.dumps(list(policy.state_of.numbers)))
        directory.write_arrays(POLICY, arrays)
    directory.write_table(CURVE, result.curve.columns, result.curve.rows)
    if result.frames:
        directory.write_arrays(FRAMES, result.frames.arrays())
    if planning:
        directory.write_table(PLANNING, planning.columns, planning.rows)


@dataclass(frozen=True)
class Saved:
    """A policy that was kept: that of a run, or a model of Stable-Baselines3.

    Args:
      path: its directory, or the file of a model that Stable-Baselines3 has saved.
      ref: the environment from which it was learnt.
      algo: the algorithm's name.
      discount: under which it was found.
      policy: what it found.
      arrays: all that stands beside the policy, of a table: `values`, `q`, `visits`.
      asked: what was asked of it, where it has a table; None for a network.
    """

    path: Path
    ref: EnvRef
    algo: str
    discount: float
    policy: Policy
    arrays: Mapping[str, npt.NDArray[Any]]
    asked: Asking | None = None

    def model(self, env: gymnasium.Env[Any, Any]) -> Model | None:
        """That on which the policy was found, explored anew if it was found so; of a network the environment's own."""
        return self.asked.model(env)[0] if self.asked else model_of(env)

    def fits(self, model: Model) -> bool:
        """Whether the model numbers its states as the policy does."""
        if not isinstance(self.policy, Table):
            return False
        own, its = self.policy.state_of, model.state_of
        if isinstance(own, Lookup):
            return isinstance(its, Lookup) and own.numbers == its.numbers
        return True


def load(run_dir: str | Path, *, env: EnvRef | None = None, trust: bool = False) -> Saved:
    """The policy of a run, and what it was asked; or a model of Stable-Baselines3.

    Args:
      run_dir: its directory, or its policy's file; or the .zip of a model.
      env: which environment it is to play; by default the one from which it was learnt, which a model does not name.
      trust: load a model with Stable-Baselines3's own loader, which executes what is in the file.

    Raises:
      UsageError: where there is no run.
      ArtifactRefused: where its files are damaged or foreign, or its policy does not fit the environment.
    """
    path = Path(run_dir)
    if is_model(path):
        return _model(path, env, trust)
    path = _run_of(path) if path.suffix == ARRAYS and path.is_file() else path
    if (path / SEEDS).is_file():
        raise UsageError(f"{path} is the directory of many seeds; name one of them, such as {path / 'seed-0'}")
    if not (path / CONFIG).is_file():
        raise UsageError(f"{path} is not the directory of a run: it has no {CONFIG}")
    if not (path / POLICY).is_file():
        raise UsageError(f"{path} has no {POLICY}: {way_on(path)}")
    config = RunDirectory(path, made=()).read_json(CONFIG)
    arrays = unpacked(path / POLICY)
    if family(path) == FAMILY:
        return _network(config, arrays, path, env)
    asked = Asking.of_json(config, path / CONFIG)
    made = (env or asked.ref).make()
    try:
        policy = _policy(arrays, made, path / POLICY)
        discount = float(asked.settings.get("discount", 1.0))
        return Saved(path, asked.ref, asked.solver.name, discount, policy, arrays, asked)
    finally:
        made.close()


def _run_of(file: Path) -> Path:
    """The directory of the run whose policy the file is. Raises UsageError or ArtifactRefused, as of `load`."""
    if file.name == POLICY and (file.parent / CONFIG).is_file():
        return file.parent
    unpacked(file)
    if (file.parent / CONFIG).is_file():
        raise UsageError(f"{file} is not the policy of its run, which is {file.parent / POLICY}")
    raise UsageError(
        f"{file} holds numbers, and no run is around it: environment, wrappers and algorithm stand in its {CONFIG}; "
        "name the directory of the run, or copy that as a whole"
    )


def family(path: Path) -> str | None:
    """Of which family of algorithms a run is: "deep", or None for tables."""
    if not (path / CONFIG).is_file():
        return None
    config = RunDirectory(path, made=()).read_json(CONFIG)
    return config.get("family") if isinstance(config, Mapping) else None


def _network(config: Any, arrays: Mapping[str, npt.NDArray[Any]], path: Path, env: EnvRef | None) -> Saved:
    from envkit.workflows.training.request import Request
    from envkit.workflows.training.train import restored

    request = Request.of_json(config, path / CONFIG)
    try:
        policy = restored(request, arrays, env)
    except ArtifactRefused as error:
        raise ArtifactRefused(f"{path / POLICY}: {error}") from error
    discount = float(request.settings.get("gamma", 1.0))
    return Saved(path, request.ref, request.learner.name, discount, policy, {})


def _model(path: Path, env: EnvRef | None, trust: bool) -> Saved:
    from envkit.deep.foreign.model import foreign_policy

    if env is None:
        raise UsageError(f"{path} does not name its environment, as runs do: --env ENV, or ENV --policy {path}")
    made = env.make()
    made.close()
    policy, algo, discount = foreign_policy(path, made.observation_space, made.action_space, str(env), trust=trust)
    return Saved(path, env, algo, discount, policy, {})


def _policy(arrays: Mapping[str, npt.NDArray[Any]], env: gymnasium.Env[Any, Any], path: Path) -> Table:
    """The policy that a file holds, for this environment."""
    states, state_of, decode = _meeting(arrays, env, path)
    actions = size(env.action_space) or 0
    policy = _table(arrays, (states, actions), state_of, decode, env, path)
    for name, shape in (("q", (states, actions)), ("values", (states,))):
        if name in arrays and (arrays[name].shape[-len(shape) :] != shape or np.isnan(arrays[name]).any()):
            raise ArtifactRefused(f"{path} does not fit: its {name} should be numbers for {states} states")
    return policy


def _table(
    arrays: Mapping[str, npt.NDArray[Any]], shape: tuple[int, int], state_of: Any, decode: Any,
    env: gymnasium.Env[Any, Any], path: Path,
) -> Table:  # fmt: skip
    states, actions = shape
    if "chances" in arrays:
        chances = arrays["chances"]
        if chances.shape != (states, actions) or chances.dtype.kind != "f" or not _are_chances(chances):
            raise ArtifactRefused(f"{path} does not fit: it should hold chances of {states} states x {actions} actions")
        return MixedPolicy(chances, state_of, decode)
    action = arrays.get("action", np.zeros(0))
    fits = action.ndim in (1, 2) and action.shape[-1] == states and action.dtype.kind in "iu" and action.size
    if not fits or action.min() < 0 or action.max() >= actions:
        raise ArtifactRefused(
            f"{path} does not fit: it should hold one of {actions} actions for each of {states} states of "
            f"{type(env.unwrapped).__name__}"
        )
    return TablePolicy(action, state_of, decode)


def _are_chances(chances: npt.NDArray[Any]) -> bool:
    return bool((chances >= 0).all() and np.allclose(chances.sum(axis=1), 1))


def _meeting(arrays: Mapping[str, npt.NDArray[Any]], env: gymnasium.Env[Any, Any], path: Path) -> tuple[int, Any, Any]:
    """(how many states, observation -> state, action number -> action)."""
    if "observations" not in arrays:
        model = model_of(env)
        if model is None:
            raise ArtifactRefused(f"{path} numbers the states of a finite model, and the environment offers none")
        return model.mdp.num_states, model.state_of, model.decode
    key, count = key_of(env.observation_space), size(env.action_space)
    if key is None or count is None or count > MOST_ACTIONS:
        raise ArtifactRefused(f"{path} is a table, and no table can hold what the environment shows or takes")
    try:
        met = [frozen(one) for one in json.loads(str(arrays["observations"]))]
        numbers = {one: number for number, one in enumerate(met)}
    except (ValueError, TypeError) as error:
        raise ArtifactRefused(f"{path} is damaged: {error_line(error)}") from error
    return len(numbers), Lookup(key, numbers), decode_of(env.action_space)
