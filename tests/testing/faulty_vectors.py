"""A small sound vector environment in NumPy, and ones with one planted fault each."""

from typing import Any

import gymnasium
import numpy as np
from gymnasium import spaces
from gymnasium.utils import seeding
from gymnasium.vector import AutoresetMode, VectorEnv
from gymnasium.vector.utils import batch_space

LIMIT = 4


class Drift(gymnasium.Env[Any, Any]):
    """A point that starts at random, and is pushed up and down; out of bounds it ends, after four steps it is cut."""

    observation_space = spaces.Box(-2, 2, (2,), np.float32)
    action_space = spaces.Discrete(2)

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> Any:
        super().reset(seed=seed)
        self.place, self.steps = self.np_random.uniform(-0.5, 0.5), 0
        return self.seen(), {"place": self.place}

    def step(self, action: Any) -> Any:
        self.steps += 1
        self.place += 0.5 if action == 1 else -0.5
        return self.seen(), -abs(self.place), bool(abs(self.place) > 1), self.steps >= LIMIT, {"place": self.place}

    def seen(self) -> Any:
        return np.array([self.place, self.steps / LIMIT], np.float32)


class Drifts(VectorEnv[Any, Any, Any]):
    """The same for many at once, in every autoreset mode."""

    def __init__(self, num_envs: int, autoreset_mode: AutoresetMode = AutoresetMode.NEXT_STEP):
        self.num_envs = num_envs
        self.single_observation_space, self.single_action_space = Drift.observation_space, Drift.action_space
        self.observation_space = batch_space(self.single_observation_space, num_envs)
        self.action_space = batch_space(self.single_action_space, num_envs)
        self.metadata = {"autoreset_mode": autoreset_mode}
        self.mode = autoreset_mode
        self.generators = [seeding.np_random(None)[0] for _ in range(num_envs)]
        self.place, self.steps = np.zeros(num_envs), np.zeros(num_envs, int)
        self.over = np.zeros(num_envs, bool)

    def reset(self, *, seed: Any = None, options: dict[str, Any] | None = None) -> Any:
        for i, own in enumerate(self.seeds(seed)):
            if own is not None:
                self.generators[i] = seeding.np_random(own)[0]
        self.begin((options or {}).get("reset_mask", np.ones(self.num_envs, bool)))
        return self.seen(), self.told(np.ones(self.num_envs, bool))

    def step(self, actions: Any) -> Any:
        again = self.over if self.mode is AutoresetMode.NEXT_STEP else np.zeros(self.num_envs, bool)
        self.steps += 1
        self.place += np.where(actions == 1, 0.5, -0.5)
        reward = -abs(self.place)
        terminated, truncated = abs(self.place) > 1, self.steps >= LIMIT
        self.begin(again)
        reward[again], terminated[again], truncated[again] = 0, False, False
        self.over = terminated | truncated
        info = self.told(np.ones(self.num_envs, bool))
        if self.mode is AutoresetMode.SAME_STEP and self.over.any():
            info = info | self.finals(info)
            self.begin(self.over)
        return self.seen(), reward, terminated, truncated, info

    def begin(self, which: Any) -> None:
        for i in np.flatnonzero(which):
            self.place[i] = self.generators[i].uniform(-0.5, 0.5)
        self.steps[which] = 0
        self.over = self.over & ~which

    def finals(self, info: dict[str, Any]) -> dict[str, Any]:
        last = np.full(self.num_envs, None, object)
        seen = self.seen()
        for i in np.flatnonzero(self.over):
            last[i] = seen[i].copy()
        return {"final_obs": last, "_final_obs": self.over.copy(), "final_info": info, "_final_info": self.over.copy()}

    def seeds(self, seed: Any) -> Any:
        if seed is None:
            return [None] * self.num_envs
        return [seed + i for i in range(self.num_envs)] if isinstance(seed, int) else seed

    def seen(self) -> Any:
        return np.stack([self.place, self.steps / LIMIT], axis=1).astype(np.float32)

    def told(self, which: Any) -> dict[str, Any]:
        return {"place": self.place.copy(), "_place": which.copy()}


class OneSeedForAll(Drifts):
    def seeds(self, seed: Any) -> Any:
        return [seed] * self.num_envs if isinstance(seed, int) else super().seeds(seed)


class ListOfSeedsSummed(Drifts):
    def seeds(self, seed: Any) -> Any:
        given = super().seeds(seed)
        return [sum(given) + i for i in range(self.num_envs)] if isinstance(seed, list) else given


class SeedsOfTheFirst(Drifts):
    """Counts up from the first one's seed, whatever the list says of the others."""

    def seeds(self, seed: Any) -> Any:
        return super().seeds(seed[0] if isinstance(seed, list) else seed)


class OneBuffer(Drifts):
    def __init__(self, num_envs: int, **kwargs: Any):
        super().__init__(num_envs, **kwargs)
        self.buffer = np.zeros((num_envs, 2), np.float32)

    def seen(self) -> Any:
        self.buffer[:] = super().seen()
        return self.buffer


class OneRewardBuffer(Drifts):
    def __init__(self, num_envs: int, **kwargs: Any):
        super().__init__(num_envs, **kwargs)
        self.rewards = np.zeros(num_envs)

    def step(self, actions: Any) -> Any:
        observation, self.rewards[:], *rest = super().step(actions)
        return observation, self.rewards, *rest


class LiveInfo(Drifts):
    """The info holds the places themselves, which the next step moves."""

    def told(self, which: Any) -> dict[str, Any]:
        return {"place": self.place, "_place": which.copy()}


class WideObservation(Drifts):
    def seen(self) -> Any:
        return super().seen().astype(np.float64)


class ColumnOfRewards(Drifts):
    def step(self, actions: Any) -> Any:
        observation, reward, *rest = super().step(actions)
        return observation, reward[:, None], *rest


class WholeFlags(Drifts):
    def step(self, actions: Any) -> Any:
        observation, reward, terminated, *rest = super().step(actions)
        return observation, reward, terminated.astype(int), *rest


class NoMode(Drifts):
    def __init__(self, num_envs: int, **kwargs: Any):
        super().__init__(num_envs, **kwargs)
        self.metadata = {}


class NarrowSpace(Drifts):
    def __init__(self, num_envs: int, **kwargs: Any):
        super().__init__(num_envs, **kwargs)
        self.observation_space = spaces.Box(-1, 1, (num_envs, 2), np.float32)


class RewardOfTheReset(Drifts):
    """Pays for the step in which a copy is reset."""

    def step(self, actions: Any) -> Any:
        observation, reward, *rest = super().step(actions)
        return observation, np.where(reward == 0, -1.0, reward), *rest


class ActionOfTheReset(Drifts):
    """Plays the action that comes with the reset."""

    def begin(self, which: Any) -> None:
        super().begin(which)
        if self.moved is not None:
            self.place[which] += np.where(self.moved == 1, 0.1, -0.1)[which]

    def step(self, actions: Any) -> Any:
        self.moved = actions
        answer = super().step(actions)
        self.moved = None
        return answer

    moved: Any = None


class ClockRunsOn(Drifts):
    """After an automatic reset the episode's clock is not set back."""

    def begin(self, which: Any) -> None:
        steps = self.steps.copy()
        super().begin(which)
        if not which.all():
            self.steps[which] = np.minimum(steps, 1)[which]


class EndsTogether(Drifts):
    """When one episode ends, all do."""

    def step(self, actions: Any) -> Any:
        before = self.over
        observation, reward, terminated, truncated, info = super().step(actions)
        if truncated.any():
            truncated = ~before
            self.over = self.over | truncated
        return observation, reward, terminated, truncated, info


class NeighbourPushes(Drifts):
    def step(self, actions: Any) -> Any:
        self.place += 1e-3 * np.roll(actions, 1)
        return super().step(actions)


class ChangesActions(Drifts):
    def step(self, actions: Any) -> Any:
        answer = super().step(actions)
        actions[:] = 0
        return answer


class TossesCoins(Drifts):
    def step(self, actions: Any) -> Any:
        self.place += 1e-3 * np.random.default_rng().random(self.num_envs)
        return super().step(actions)


class ClosesOnce(Drifts):
    gone = False

    def close(self, **kwargs: Any) -> None:
        if self.gone:
            raise RuntimeError("closed already")
        self.gone = True


class MaskTooShort(Drifts):
    def told(self, which: Any) -> dict[str, Any]:
        return super().told(which) | {"_place": which[:-1].copy()}


class ResetsAll(Drifts):
    """Where only some were to be reset."""

    def reset(self, *, seed: Any = None, options: dict[str, Any] | None = None) -> Any:
        return super().reset(seed=seed)


class FinalIsFirst(Drifts):
    """final_obs is the first observation of the next episode."""

    def finals(self, info: dict[str, Any]) -> dict[str, Any]:
        kept = super().finals(info)
        for i in np.flatnonzero(self.over):
            kept["final_obs"][i] = np.array([0, 0], np.float32)
        return kept


class FinalForAll(Drifts):
    def finals(self, info: dict[str, Any]) -> dict[str, Any]:
        everyone = np.ones(self.num_envs, bool)
        return super().finals(info) | {"_final_obs": everyone}


class NoFinalInfo(Drifts):
    def finals(self, info: dict[str, Any]) -> dict[str, Any]:
        kept = super().finals(info)
        del kept["final_info"], kept["_final_info"]
        return kept


class FinalIsView(Drifts):
    def seen(self) -> Any:
        self.last = super().seen()
        return self.last

    def step(self, actions: Any) -> Any:
        *answer, info = super().step(actions)
        for i in np.flatnonzero(info.get("_final_obs", [])):
            info["final_obs"][i] = answer[0][i]
        return *answer, info


class RoundsReward(Drifts):
    def step(self, actions: Any) -> Any:
        observation, reward, *rest = super().step(actions)
        return observation, reward.astype(np.float16).astype(float), *rest
