"""What deep Q-learning has gained since 2015, as subclasses of Stable-Baselines3's DQN, and a memory to go with them.

* Double (van Hasselt and others, 2016, arXiv:1509.06461): the network that learns picks the next action, the target
  network values it. One maximum over the errors of one network is always too high.
* Dueling (Wang and others, 2016, arXiv:1511.06581): the last layers say the state's value and each action's advantage
  apart, so that what all actions have in common is learnt from each of them.
* Prioritised replay (Schaul and others, 2016, arXiv:1511.05952): steps that surprised are learnt from more often, and
  weigh less each time, so that the mean stays true.

Saving, loading, callbacks and the logger are Stable-Baselines3's, and go on working.
"""

from typing import Any, ClassVar

import numpy as np
import torch
from stable_baselines3 import DQN
from stable_baselines3.common.buffers import ReplayBuffer
from stable_baselines3.common.torch_layers import create_mlp
from stable_baselines3.dqn.policies import CnnPolicy, DQNPolicy, MultiInputPolicy, QNetwork
from torch import nn
from torch.nn import functional


class PrioritizedReplayBuffer(ReplayBuffer):  # type: ignore[misc]
    """Draws steps in proportion to how much they surprised.

    Priorities are the leaves of a binary tree of their sums, so that drawing and changing take log(size) each.

    Attributes:
      weights: [batch, 1], of the last draw: what each step counts in the loss.
    """

    def __init__(self, *args: Any, exponent: float = 0.6, correction: float = 0.4, **kwargs: Any):
        """
        Args:
          exponent: how much surprise matters; 0 draws uniformly.
          correction: how much the weights make up for that; 1 does so wholly.
        """
        super().__init__(*args, **kwargs)
        self.exponent, self.correction = exponent, correction
        self.leaves = 1 << (self.buffer_size * self.n_envs - 1).bit_length()
        self.tree = np.zeros(2 * self.leaves)  # the sum of all stands at 1, of i's children at 2 i and 2 i + 1
        self.largest = 1.0  # what is new has surprised as much as anything so far
        self.weights: Any = None
        self._drawn = np.zeros(0, np.int64)

    def add(self, *args: Any, **kwargs: Any) -> None:
        first = self.pos * self.n_envs
        super().add(*args, **kwargs)
        self._set(np.arange(first, first + self.n_envs), np.full(self.n_envs, self.largest))

    def sample(self, batch_size: int, env: Any = None) -> Any:
        total = self.tree[1]
        places = (np.arange(batch_size) + np.random.random_sample(batch_size)) * (total / batch_size)
        self._drawn = self._find(places)
        filled = (self.buffer_size if self.full else self.pos) * self.n_envs
        chances = self.tree[self._drawn + self.leaves] / total
        weights = (filled * chances) ** -self.correction
        self.weights = torch.as_tensor(weights / weights.max(), dtype=torch.float32, device=self.device)[:, None]
        return self._of(self._drawn // self.n_envs, self._drawn % self.n_envs, env)

    def surprised(self, errors: torch.Tensor) -> None:
        """How far the values of the steps that were drawn last were off."""
        priorities = (errors.detach().abs().cpu().numpy().ravel().astype(float) + 1e-6) ** self.exponent
        self.largest = max(self.largest, float(priorities.max()))
        self._set(self._drawn, priorities)

    def _of(self, steps: Any, envs: Any, env: Any) -> Any:
        """The steps at these places, of these environments."""
        data = (
            self._normalize_obs(self.observations[steps, envs], env),
            self.actions[steps, envs],
            self._normalize_obs(self.next_observations[steps, envs], env),
            (self.dones[steps, envs] * (1 - self.timeouts[steps, envs]))[:, None],
            self._normalize_reward(self.rewards[steps, envs][:, None], env),
        )
        from stable_baselines3.common.type_aliases import ReplayBufferSamples

        return ReplayBufferSamples(*map(self.to_torch, data))

    def _set(self, places: Any, priorities: Any) -> None:
        nodes = places + self.leaves
        self.tree[nodes] = priorities
        nodes = np.unique(nodes // 2)
        while nodes[0]:
            self.tree[nodes] = self.tree[2 * nodes] + self.tree[2 * nodes + 1]
            nodes = np.unique(nodes // 2)

    def _find(self, sums: Any) -> Any:
        """The leaves at which the sum of the priorities to the left passes these."""
        nodes = np.ones(len(sums), np.int64)
        while nodes[0] < self.leaves:
            left = self.tree[2 * nodes]
            right = sums > left
            sums = np.where(right, sums - left, sums)
            nodes = 2 * nodes + right
        # A sum that rounding has carried past the last step would find a leaf that holds nothing.
        filled = (self.buffer_size if self.full else self.pos) * self.n_envs
        return np.minimum(nodes - self.leaves, filled - 1)


LOSSES = {"huber": functional.smooth_l1_loss, "squared": functional.mse_loss}


class QLearning(DQN):  # type: ignore[misc]
    """Deep Q-learning, double if it is told so, from either memory."""

    double: ClassVar[bool] = False

    def __init__(self, *args: Any, separate_target: bool = True, loss: str = "huber", **kwargs: Any):
        """
        Args:
          separate_target: whether the next states are valued by a network that stays behind; else by the one that
            learns, which then runs after its own errors.
          loss: huber or squared. Huber's lets no single error count for much; without a separate target that is a
            trap, for the few ends of episodes, which alone hold the values down, are then outvoted by all other steps.
        """
        self.separate_target, self.loss = separate_target, loss
        super().__init__(*args, **kwargs)

    def train(self, gradient_steps: int, batch_size: int = 100) -> None:
        self.policy.set_training_mode(True)
        self._update_learning_rate(self.policy.optimizer)
        losses = []
        for _ in range(gradient_steps):
            batch = self.replay_buffer.sample(batch_size, env=self._vec_normalize_env)
            with torch.no_grad():
                discount = self.gamma if batch.discounts is None else batch.discounts
                target = batch.rewards + (1 - batch.dones) * discount * self.next_value(batch.next_observations)
            value = self.q_net(batch.observations).gather(1, batch.actions.long())
            loss = LOSSES[self.loss](value, target, reduction="none")
            if isinstance(self.replay_buffer, PrioritizedReplayBuffer):
                self.replay_buffer.surprised(target - value)
                loss = loss * self.replay_buffer.weights
            loss = loss.mean()
            self.policy.optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(self.policy.parameters(), self.max_grad_norm)
            self.policy.optimizer.step()
            losses.append(loss.item())
        self._n_updates += gradient_steps
        self.logger.record("train/n_updates", self._n_updates)
        self.logger.record("train/loss", float(np.mean(losses)))

    def next_value(self, observations: Any) -> torch.Tensor:
        """[batch, 1]: what the next states are worth."""
        values: torch.Tensor = (self.q_net_target if self.separate_target else self.q_net)(observations)
        if self.double:
            return values.gather(1, self.q_net(observations).argmax(dim=1, keepdim=True))
        return values.max(dim=1, keepdim=True).values


class DuelingQNetwork(QNetwork):  # type: ignore[misc]
    """Says value and advantages apart, from their last hidden layer on."""

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        *trunk, last = self.net_arch or [0]
        width = trunk[-1] if trunk else self.features_dim
        shared = create_mlp(self.features_dim, -1, trunk, self.activation_fn) if trunk else []
        streams = [last] if last else []
        self.q_net = nn.Sequential(*shared)
        self.value = nn.Sequential(*create_mlp(width, 1, streams, self.activation_fn))
        self.advantage = nn.Sequential(*create_mlp(width, int(self.action_space.n), streams, self.activation_fn))

    def forward(self, obs: Any) -> torch.Tensor:
        """[batch, A]: the mean of the advantages is taken off them, for else value and advantages could drift apart."""
        features = self.q_net(self.extract_features(obs, self.features_extractor))
        advantage = self.advantage(features)
        values: torch.Tensor = self.value(features) + advantage - advantage.mean(dim=1, keepdim=True)
        return values


class _Dueling:
    """Makes a policy's networks dueling ones."""

    def make_q_net(self: Any) -> DuelingQNetwork:
        arguments = self._update_features_extractor(self.net_args, features_extractor=None)
        net: DuelingQNetwork = DuelingQNetwork(**arguments).to(self.device)
        return net


class DuelingPolicy(_Dueling, DQNPolicy):  # type: ignore[misc]
    """For observations that are an array."""


class DuelingCnnPolicy(_Dueling, CnnPolicy):  # type: ignore[misc]
    """For pictures."""


class DuelingMultiInputPolicy(_Dueling, MultiInputPolicy):  # type: ignore[misc]
    """For dictionaries."""


DUELING = {"MlpPolicy": DuelingPolicy, "CnnPolicy": DuelingCnnPolicy, "MultiInputPolicy": DuelingMultiInputPolicy}


class DoubleDQN(QLearning):
    double = True


class DuelingDQN(QLearning):
    policy_aliases: ClassVar[dict[str, Any]] = DUELING


class DoubleDuelingDQN(DuelingDQN):
    double = True
