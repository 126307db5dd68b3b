"""A batch of environments, a `gymnasium.vector.VectorEnv`, as the `VecEnv` that Stable-Baselines3 trains on.

    env = gymnasium.make_vec("CartPole-v1", 64, vectorization_mode="sync")
    model = PPO("MlpPolicy", BatchVecEnv(env))

For the same seeds and actions it gives the same observations, rewards, ends and infos as `DummyVecEnv` does over the
single environments in a `Monitor`: `terminal_observation`, `TimeLimit.truncated`, and `episode` with return, length and
time. Whatever it returns is the caller's own: SB3's buffers keep infos, its wrappers write into them, and the last
observation is read after the next step.

Ends of episodes follow the batch's autoreset mode. SAME_STEP is what SB3 means. In the other modes the ended
environments are reset at once by a masked reset, which gives the same episodes; a batch that cannot do that is refused,
for its first observation of an episode would come a step too late (`envkit.deep.resets`).

Source: https://stable-baselines3.readthedocs.io/en/master/guide/vec_envs.html
"""

import time
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from gymnasium import spaces
from gymnasium.vector import AutoresetMode, VectorEnv

from envkit.core.optional import need
from envkit.deep import inside
from envkit.deep.infos import scatter
from envkit.deep.resets import autoreset_mode, resets_one_by_one

sb3: Any = need("stable_baselines3", extra="deep", purpose="BatchVecEnv")

# What sb3-contrib's MaskablePPO asks for; Gymnasium's environments have it as info["action_mask"].
MASKS = "action_masks"
TRUNCATED = "TimeLimit.truncated"

Array = npt.NDArray[Any]
Indices = int | Iterable[int] | None


class BatchVecEnv(sb3.common.vec_env.VecEnv):  # type: ignore[misc]
    """The batch as a `VecEnv`, with the statistics of a `Monitor`."""

    def __init__(self, env: VectorEnv[Any, Any, Any], *, info_keys: Iterable[str] | None = None):
        """
        Args:
          env: any batch; it is closed with this one.
          info_keys: which of the batch's infos each environment's dict gets; by default all of them. Thousands of
            dicts take longer to fill than a batch takes to step, so name what is read, or nothing: ().

        Raises:
          ValueError: SB3 does not know such observations, or the first observation of an episode cannot be had in time.
        """
        if not isinstance(env, VectorEnv):
            raise ValueError(f"BatchVecEnv takes a gymnasium.vector.VectorEnv, not {type(env).__name__}")
        self.env = env
        self.info_keys = None if info_keys is None else frozenset(info_keys)
        self.keys = _keys(env.single_observation_space)
        self.dtypes = {key: _part(env.single_observation_space, key).dtype for key in self.keys}
        self.same_step = autoreset_mode(env) == AutoresetMode.SAME_STEP
        if not self.same_step and not resets_one_by_one(env):
            raise ValueError(
                f"{type(env.unwrapped).__name__} resets an environment in the step after its end (NEXT_STEP), and "
                "cannot reset it by itself, but Stable-Baselines3 wants the next first observation at once: make it "
                "with autoreset_mode=AutoresetMode.SAME_STEP, or gymnasium.make_vec(..., vectorization_mode='sync')"
            )
        self.fresh = bool(getattr(env, "hands_out_copies", False))  # else nobody knows
        self._began = time.time()
        self._returns = np.zeros(env.num_envs)  # [N], of the episodes that are being played
        self._lengths = np.zeros(env.num_envs, np.int64)  # [N]
        self._blank: list[dict[str, Any]] = [{TRUNCATED: False}] * env.num_envs
        self._masks: Array | None = None  # [N, A]
        self._actions: Any = None
        super().__init__(env.num_envs, env.single_observation_space, env.single_action_space)

    def reset(self) -> Any:
        observations, infos = self.env.reset(seed=self._seed(), options=self._one_options())
        self._reset_seeds()
        self._reset_options()
        self._returns[:] = 0
        self._lengths[:] = 0
        self._masks = None
        self.reset_infos: list[dict[str, Any]] = [{} for _ in range(self.num_envs)]
        self._tell(infos, self.reset_infos)
        return self._own(observations)

    def step_async(self, actions: Array) -> None:
        self._actions = actions

    def step_wait(self) -> tuple[Any, Array, Array, list[dict[str, Any]]]:
        observations, rewards, terminated, truncated, infos = self.env.step(self._actions)
        dones = np.logical_or(terminated, truncated)
        self._returns += rewards
        self._lengths += 1
        told: list[dict[str, Any]] = list(map(dict.copy, self._blank))
        if infos:
            self._tell(infos, told)
        if dones.any():
            observations = self._end(dones, observations, truncated & ~terminated, infos, told)
        return self._own(observations), np.array(rewards, np.float32), dones, told

    def _end(
        self, dones: Array, observations: Any, cut: Array, infos: dict[str, Any], told: list[dict[str, Any]]
    ) -> Any:
        """Completes the infos of the ended episodes; returns the observations with those that begin the next ones."""
        ended = np.flatnonzero(dones).tolist()
        if self.same_step:
            last = self._last_of_same_step(infos, ended)
            self._swap_infos(infos, ended, told)
        else:
            last = self._rows(observations, ended)
            observations, begun = self.env.reset(options={"reset_mask": dones.copy()})
            fresh: list[dict[str, Any]] = [{} for _ in range(self.num_envs)]
            self._tell(begun, fresh)
            for place in ended:
                self.reset_infos[place] = fresh[place]
        now = round(time.time() - self._began, 6)
        rows = zip(
            ended, last, self._returns[dones].tolist(), self._lengths[dones].tolist(), cut[dones].tolist(), strict=True
        )
        for place, observation, paid, length, by_clock in rows:
            info = told[place]
            info[TRUNCATED] = by_clock
            info["terminal_observation"] = observation
            info["episode"] = self._episode(paid, length, now)
        self._returns[dones] = 0
        self._lengths[dones] = 0
        return observations

    def _episode(self, paid: float, length: int, seconds: float) -> dict[str, Any]:
        """What is told of an episode that has ended, as a `Monitor` does."""
        return {"r": round(paid, 6), "l": length, "t": seconds}

    def _last_of_same_step(self, infos: dict[str, Any], ended: list[int]) -> list[Any]:
        """The last observations of the ended episodes, the environments being at the next ones already."""
        final = infos.get("final_obs")
        if final is None:
            raise ValueError(
                f"{type(self.env.unwrapped).__name__} ended an episode of environment {ended[0]} and says that it "
                "resets in the same step, but its info has no 'final_obs', which Stable-Baselines3 needs; see "
                "https://farama.org/Vector-Autoreset-Mode"
            )
        return self._rows(final, ended)

    def _swap_infos(self, infos: dict[str, Any], ended: list[int], told: list[dict[str, Any]]) -> None:
        """What was told of ended environments is of their reset already; their last infos are in `final_info`."""
        if not infos.keys() - {"final_obs", "_final_obs"}:
            for place in ended:
                self.reset_infos[place] = {}
            return
        final: list[dict[str, Any]] = [{} for _ in range(self.num_envs)]
        scatter(self._chosen(infos.get("final_info", {})), final)
        for place in ended:
            told[place].pop(TRUNCATED)
            self.reset_infos[place] = told[place]
            told[place] = final[place]

    def _tell(self, infos: dict[str, Any], into: list[dict[str, Any]]) -> None:
        """Spreads the infos, and keeps the newest action masks."""
        masks = infos.get("action_mask")
        if isinstance(masks, np.ndarray) and masks.shape[:1] == (self.num_envs,):
            known = infos.get("_action_mask", np.ones(self.num_envs, bool))
            if self._masks is None:
                self._masks = np.ones(masks.shape, bool)
            self._masks[known] = masks[known].astype(bool)
        scatter(self._chosen(infos), into)

    def _chosen(self, infos: dict[str, Any]) -> dict[str, Any]:
        if self.info_keys is None:
            return infos
        return {
            key: value
            for key, value in infos.items()
            if key in self.info_keys or (key[:1] == "_" and key[1:] in self.info_keys)
        }

    def _own(self, observations: Any) -> Any:
        """A copy of the observations, of the declared types: the batch may go on using its arrays."""
        if self.fresh:
            return observations
        if None in self.dtypes:
            return np.array(observations, self.dtypes[None])
        return {key: np.array(observations[key], dtype) for key, dtype in self.dtypes.items()}

    def _rows(self, observations: Any, places: list[int]) -> list[Any]:
        """Copies of the observations of some environments; an array of objects holds each environment's own."""
        if isinstance(observations, dict):
            parts = {key: np.array(observations[key][places], dtype) for key, dtype in self.dtypes.items()}
            return [{key: part[row] for key, part in parts.items()} for row in range(len(places))]
        if observations.dtype != object:
            return list(np.array(observations[places], self.dtypes[None]))
        return [self._own(observations[place]) for place in places]

    def _seed(self) -> Any:
        """The seeds of all environments in the form that every batch takes: the first, where the others follow it."""
        first = self._seeds[0]
        if first is None or self._seeds != list(range(first, first + self.num_envs)):
            return None if not any(seed is not None for seed in self._seeds) else list(self._seeds)
        return int(first)

    def _one_options(self) -> dict[str, Any] | None:
        if any(options != self._options[0] for options in self._options):
            raise ValueError(
                "a batch is reset with the same options for all its environments; give set_options one dict"
            )
        return self._options[0] or None

    def close(self) -> None:
        self.env.close()

    def get_images(self) -> Sequence[Array | None]:
        frames: Any = self.env.render()
        return [None] * self.num_envs if frames is None else list(frames)

    def has_attr(self, attr_name: str) -> bool:
        return (attr_name == MASKS and self._masks is not None) or inside.has(self.env, attr_name)

    def get_attr(self, attr_name: str, indices: Indices = None) -> list[Any]:
        """The attribute of each environment; what belongs to the batch as a whole is the same for all of them."""
        places = list(self._get_indices(indices))
        if attr_name == "render_mode":
            return [self.env.render_mode] * len(places)
        return inside.get(self.env, attr_name, places)

    def set_attr(self, attr_name: str, value: Any, indices: Indices = None) -> None:
        """Sets it on each environment; on a batch that is one object, for all of them only."""
        inside.put(self.env, attr_name, value, list(self._get_indices(indices)))

    def env_method(
        self, method_name: str, *method_args: Any, indices: Indices = None, **method_kwargs: Any
    ) -> list[Any]:
        """Calls it on each environment; on a batch that is one object, once, and splits what it returns."""
        places = list(self._get_indices(indices))
        if method_name == MASKS and self._masks is not None:
            return [self._masks[place].copy() for place in places]
        return inside.call(self.env, method_name, places, method_args, method_kwargs)

    def env_is_wrapped(self, wrapper_class: type, indices: Indices = None) -> list[bool]:
        """Whether each environment is in such a wrapper; all are as if in a `Monitor`."""
        places = list(self._get_indices(indices))
        return [
            wrapper_class is sb3.common.monitor.Monitor or inside.wrapped(self.env, wrapper_class, place)
            for place in places
        ]


def _keys(space: spaces.Space[Any]) -> tuple[str | None, ...]:
    """The keys of a Dict, or None alone for a space whose batch is one array."""
    parts = space.spaces if isinstance(space, spaces.Dict) else {None: space}
    taken = (spaces.Box, spaces.Discrete, spaces.MultiDiscrete, spaces.MultiBinary)
    for key, part in parts.items():
        if not isinstance(part, taken):
            at = "" if key is None else f"[{key!r}]"
            raise ValueError(
                f"observation_space{at} is {type(part).__name__}, but Stable-Baselines3 takes Box, Discrete, "
                "MultiDiscrete, MultiBinary, and a Dict of them; gymnasium.wrappers.FlattenObservation makes a Box of "
                "most spaces"
            )
    return tuple(parts)


def _part(space: spaces.Space[Any], key: str | None) -> spaces.Space[Any]:
    return space.spaces[key] if isinstance(space, spaces.Dict) and key is not None else space
