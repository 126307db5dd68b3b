"""Policy gradients to be read from top to bottom: REINFORCE, and a one- or n-step actor-critic.

Both act by Stable-Baselines3's actor-critic policies, for any kind of observation and action, and are algorithms of
Stable-Baselines3 as far as saving, loading, callbacks and the logger go. How they learn stands here.

Source: Sutton and Barto, Reinforcement Learning (2018), sections 13.3 to 13.5; Williams (1992), Machine Learning 8.
"""

from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
import torch
from gymnasium import spaces
from stable_baselines3.common.base_class import BaseAlgorithm
from stable_baselines3.common.policies import (
    ActorCriticCnnPolicy,
    ActorCriticPolicy,
    MultiInputActorCriticPolicy,
)
from torch import nn
from torch.nn import functional

Floats = npt.NDArray[np.floating[Any]]
POLICIES: dict[str, Any] = {
    "MlpPolicy": ActorCriticPolicy, "CnnPolicy": ActorCriticCnnPolicy, "MultiInputPolicy": MultiInputActorCriticPolicy,
}  # fmt: skip


def discounted(rewards: Sequence[float] | Floats, discount: float) -> Floats:
    """The discounted return from each step on: [10, 0, -50] at 0.8 gives [-22, -40, -50]."""
    returns = np.array(rewards, float)
    for step in reversed(range(len(returns) - 1)):
        returns[step] += discount * returns[step + 1]
    return returns


def normalized(episodes: Sequence[Floats]) -> list[Floats]:
    """The same of mean 0 and deviation 1 over all steps of all episodes; all 0 where they do not differ."""
    every = np.concatenate([np.ravel(episode) for episode in episodes])
    deviation = every.std()
    return [(np.asarray(episode) - every.mean()) / (deviation if deviation > 0 else 1.0) for episode in episodes]


class PolicyGradient(BaseAlgorithm):  # type: ignore[misc]
    """What both have in common: how they act, and one gradient step."""

    policy_aliases: ClassVar[dict[str, Any]] = POLICIES
    _last_obs: Any

    def __init__(
        self, policy: Any, env: Any, learning_rate: Any, *, gamma: float, ent_coef: float, vf_coef: float,
        max_grad_norm: float, **kwargs: Any,
    ):  # fmt: skip
        super().__init__(policy, env, learning_rate, support_multi_env=True, **kwargs)
        self.gamma, self.ent_coef, self.vf_coef, self.max_grad_norm = gamma, ent_coef, vf_coef, max_grad_norm
        self._setup_model()

    def _setup_model(self) -> None:
        self._setup_lr_schedule()
        self.set_random_seed(self.seed)
        made = self.policy_class(self.observation_space, self.action_space, self.lr_schedule, **self.policy_kwargs)
        self.policy = made.to(self.device)

    def learn(
        self, total_timesteps: int, callback: Any = None, log_interval: int = 1, tb_log_name: str = "run",
        reset_num_timesteps: bool = True, progress_bar: bool = False,
    ) -> Any:  # fmt: skip
        """Plays and learns by turns, until so many steps were taken or the callback has had enough."""
        total, callback = self._setup_learn(total_timesteps, callback, reset_num_timesteps, tb_log_name, progress_bar)
        callback.on_training_start(locals(), globals())
        turn = 0
        while self.num_timesteps < total:
            callback.on_rollout_start()
            if not self.play(callback):
                break
            callback.on_rollout_end()
            turn += 1
            self._update_current_progress_remaining(self.num_timesteps, total)
            self._update_learning_rate(self.policy.optimizer)
            self.improve()
            self._n_updates += 1
            self.logger.record("train/n_updates", self._n_updates)
            if turn % log_interval == 0:
                self.logger.dump(self.num_timesteps)
        callback.on_training_end()
        return self

    def play(self, callback: Any) -> bool:
        """Collects experience; False where the callback has had enough."""
        raise NotImplementedError

    def improve(self) -> None:
        """Takes a gradient step on what was collected."""
        raise NotImplementedError

    def act(self, callback: Any) -> tuple[Any, Any, Any, Any, Any] | None:
        """One step of all environments: (observations, actions, rewards, ends, infos), or None for enough.

        Observations are those before the step. Actions are as they were drawn; the environment gets them cut to bounds.
        """
        self.policy.set_training_mode(False)
        seen = self._last_obs
        with torch.no_grad():
            drawn = self.policy(self._tensor(seen))[0].cpu().numpy()
        done = np.clip(drawn, self.action_space.low, self.action_space.high) if self._is_continuous else drawn
        after, rewards, ends, infos = self.env.step(done)
        self.num_timesteps += self.env.num_envs
        callback.update_locals(locals())
        if not callback.on_step():
            return None
        self._update_info_buffer(infos, ends)
        self._last_obs, self._last_episode_starts = after, ends
        return seen, drawn, rewards, ends, infos

    def reinforce(self, observations: Any, actions: Any, advantages: Any, targets: Any) -> None:
        """A gradient step that makes actions likelier by their advantage, and values more like their targets.

        Args:
          observations, actions: of n steps.
          advantages, targets: [n].
        """
        self.policy.set_training_mode(True)
        taken = torch.as_tensor(actions, device=self.device)
        values, chances, entropy = self.policy.evaluate_actions(self._tensor(observations), taken)
        gains, wanted = (torch.as_tensor(one, dtype=torch.float32, device=self.device) for one in (advantages, targets))
        actor = -(gains * chances).mean()
        critic = functional.mse_loss(values.flatten(), wanted)
        chance = (-chances if entropy is None else entropy).mean()
        loss = actor + self.vf_coef * critic - self.ent_coef * chance
        self.descend(loss)
        told = {"policy_loss": actor, "value_loss": critic, "entropy_loss": -chance, "loss": loss}
        for name, value in told.items():
            self.logger.record(f"train/{name}", value.item())

    def descend(self, loss: Any) -> None:
        """The step itself."""
        self.policy.optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(self.policy.parameters(), self.max_grad_norm)
        self.policy.optimizer.step()

    def value(self, observations: Any) -> Floats:
        """[n]: what the critic says of them."""
        with torch.no_grad():
            told: Floats = self.policy.predict_values(self._tensor(observations)).flatten().cpu().numpy()
        return told

    @property
    def _is_continuous(self) -> bool:
        return isinstance(self.action_space, spaces.Box)

    def _tensor(self, observations: Any) -> Any:
        return self.policy.obs_to_tensor(observations)[0]

    def _get_torch_save_params(self) -> tuple[list[str], list[str]]:
        return ["policy", "policy.optimizer"], []


class Reinforce(PolicyGradient):
    """Plays whole episodes, then makes each action likelier by the discounted return that followed it.

    Every environment plays as many episodes from their beginning, so that short ones do not count more than they
    should; one that is done before the others plays on, and what it plays is left out.
    """

    def __init__(self, *args: Any, n_episodes: int = 10, baseline: bool = True, normalize: bool = True, **kwargs: Any):
        """
        Args:
          n_episodes: between two gradient steps; rounded up to a multiple of the environments.
          baseline: take off what the critic has expected, which changes no mean and much of the noise.
          normalize: scale the returns of all episodes together to mean 0 and deviation 1.
        """
        self.n_episodes, self.baseline, self.normalize = n_episodes, baseline, normalize
        super().__init__(*args, **kwargs)

    def play(self, callback: Any) -> bool:
        count = self.env.num_envs
        each = -(-self.n_episodes // count)
        self._last_obs = self.env.reset()
        self._last_episode_starts = np.ones(count, np.bool_)
        left = np.full(count, each)
        open_: list[list[tuple[Any, Any, float]]] = [[] for _ in range(count)]
        self.episodes: list[list[tuple[Any, Any, float]]] = []
        while left.any():
            step = self.act(callback)
            if step is None:
                return False
            seen, drawn, rewards, ends, _ = step
            for number in np.flatnonzero(left).tolist():
                open_[number].append((_row(seen, number), drawn[number], float(rewards[number])))
                if ends[number]:
                    self.episodes.append(open_[number])
                    open_[number] = []
                    left[number] -= 1
        return True

    def improve(self) -> None:
        returns = [discounted([reward for *_, reward in episode], self.gamma) for episode in self.episodes]
        steps = [step for episode in self.episodes for step in episode]
        observations = _stacked([seen for seen, *_ in steps])
        actions = np.stack([action for _, action, _ in steps])
        target = np.concatenate(returns)
        if self.baseline:
            advantage = target - self.value(observations)
            returns = [advantage]
        if self.normalize:
            returns = normalized(returns)
        self.reinforce(observations, actions, np.concatenate(returns), target)


class ActorCritic(PolicyGradient):
    """Takes a few steps, then makes each action likelier by how much better it went than the critic had expected."""

    def __init__(self, *args: Any, n_steps: int = 1, **kwargs: Any):
        """
        Args:
          n_steps: of each environment between two gradient steps; 1 is the one-step actor-critic.
        """
        self.n_steps = n_steps
        super().__init__(*args, **kwargs)

    def play(self, callback: Any) -> bool:
        self.steps: list[Any] = []
        for _ in range(self.n_steps):
            step = self.act(callback)
            if step is None:
                return False
            self.steps.append(step)
        return True

    def improve(self) -> None:
        count = self.env.num_envs
        ahead = self.value(self._last_obs)  # [count]: what comes after the step that is looked at
        targets = np.zeros((len(self.steps), count), np.float32)
        for number in reversed(range(len(self.steps))):
            *_, rewards, ends, infos = self.steps[number]
            ahead = np.where(ends, self._cut_off(ends, infos), ahead)
            targets[number] = ahead = rewards + self.gamma * ahead
        observations = _stacked([_row(step[0], place) for step in self.steps for place in range(count)])
        actions = np.concatenate([step[1] for step in self.steps])
        target = targets.ravel()
        self.reinforce(observations, actions, target - self.value(observations), target)

    def _cut_off(self, ends: Any, infos: Sequence[dict[str, Any]]) -> Floats:
        """[count]: what an episode that a time limit has ended might still have earned; 0 where it was over."""
        found = np.zeros(len(ends), np.float32)
        for number in np.flatnonzero(ends).tolist():
            if infos[number].get("TimeLimit.truncated"):
                found[number] = self.value(_stacked([infos[number]["terminal_observation"]]))[0]
        return found


def _row(observations: Any, number: int) -> Any:
    """The observation of one environment, out of those of all."""
    if isinstance(observations, dict):
        return {name: part[number] for name, part in observations.items()}
    return observations[number]


def _stacked(observations: Sequence[Any]) -> Any:
    if isinstance(observations[0], dict):
        return {name: np.stack([one[name] for one in observations]) for name in observations[0]}
    return np.stack(observations)
