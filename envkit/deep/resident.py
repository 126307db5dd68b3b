"""Proximal policy optimisation whose rollouts live where its network does.

Stable-Baselines3 keeps a rollout in NumPy and sends each minibatch to the network's device, four times over in four
epochs, and asks the device five times a minibatch for a number to log, waiting each time until it has caught up. Here a
rollout is sent once, step by step, and the numbers are asked for after the last minibatch. Everything else is done in
the same order with the same draws, so that on a CPU the weights are the same to the bit.
"""

from collections.abc import Generator
from typing import Any

import numpy as np
import torch
from gymnasium import spaces
from stable_baselines3 import PPO
from stable_baselines3.common.buffers import RolloutBuffer
from stable_baselines3.common.preprocessing import is_image_space
from stable_baselines3.common.type_aliases import RolloutBufferSamples
from stable_baselines3.common.utils import explained_variance
from torch.nn import functional


class ResidentRolloutBuffer(RolloutBuffer):  # type: ignore[misc]
    """As Stable-Baselines3's, of tensors on the device; [steps, environments, ...] each."""

    def reset(self) -> None:
        shape = (self.buffer_size, self.n_envs)
        seen = torch.as_tensor(np.zeros(0, self.observation_space.dtype)).dtype
        if not isinstance(getattr(self, "observations", None), torch.Tensor):
            self.observations = torch.zeros((*shape, *self.obs_shape), dtype=seen, device=self.device)
            self.actions = torch.zeros((*shape, self.action_dim), dtype=torch.float32, device=self.device)
            for name in ("rewards", "returns", "episode_starts", "values", "log_probs", "advantages"):
                setattr(self, name, torch.zeros(shape, dtype=torch.float32, device=self.device))
        self.pos, self.full = 0, False

    def add(self, obs: Any, action: Any, reward: Any, episode_start: Any, value: Any, log_prob: Any) -> None:
        row = self.pos
        self.observations[row] = self._sent(np.reshape(obs, (self.n_envs, *self.obs_shape)))
        self.actions[row] = self._sent(np.reshape(action, (self.n_envs, self.action_dim)))
        self.rewards[row] = self._sent(reward)
        self.episode_starts[row] = self._sent(episode_start)
        self.values[row] = value.flatten()
        self.log_probs[row] = log_prob.flatten()
        self.pos += 1
        self.full = self.pos == self.buffer_size

    def compute_returns_and_advantage(self, last_values: torch.Tensor, dones: Any) -> None:
        """Generalised advantage estimation (Schulman and others, 2016, arXiv:1506.02438), and returns to it."""
        going_on = 1.0 - self.episode_starts
        values_after, goes_on = last_values.flatten(), 1.0 - self._sent(dones.astype(np.float32))
        advantage: Any = 0.0
        for step in reversed(range(self.buffer_size)):
            delta = self.rewards[step] + self.gamma * values_after * goes_on - self.values[step]
            advantage = delta + self.gamma * self.gae_lambda * goes_on * advantage
            self.advantages[step] = advantage
            values_after, goes_on = self.values[step], going_on[step]
        self.returns = self.advantages + self.values

    def get(self, batch_size: int | None = None) -> Generator[RolloutBufferSamples, None, None]:
        """Minibatches of one epoch, in an order that NumPy draws."""
        total = self.buffer_size * self.n_envs
        size = batch_size or total
        order = self._sent(np.random.permutation(total))
        steps, envs = order % self.buffer_size, torch.div(order, self.buffer_size, rounding_mode="floor")
        for begin in range(0, total, size):
            rows = steps[begin : begin + size], envs[begin : begin + size]
            parts = (self.observations, self.actions, self.values, self.log_probs, self.advantages, self.returns)
            yield RolloutBufferSamples(*(part[rows] for part in parts))

    def _sent(self, values: Any) -> torch.Tensor:
        return torch.as_tensor(values, device=self.device)


class ResidentPPO(PPO):  # type: ignore[misc]
    """As Stable-Baselines3's. Rollouts of a few numbers stay in NumPy on a CPU, which is quicker with them."""

    def _setup_model(self) -> None:
        plain = not isinstance(self.observation_space, spaces.Dict)
        if plain and (self.device.type != "cpu" or is_image_space(self.observation_space)):
            self.rollout_buffer_class = ResidentRolloutBuffer
        super()._setup_model()
        if self.device.type == "cuda":
            _quicken(self.policy.optimizer)

    def train(self) -> None:
        self.policy.set_training_mode(True)
        self._update_learning_rate(self.policy.optimizer)
        clip = self.clip_range(self._current_progress_remaining)
        clip_values = None if self.clip_range_vf is None else self.clip_range_vf(self._current_progress_remaining)
        epochs: list[list[torch.Tensor]] = []  # what is logged of each minibatch
        while len(epochs) < self.n_epochs:
            epochs.append([])
            moved = self._epoch(clip, clip_values, epochs[-1])
            self._n_updates += 1
            if moved:
                break
        last = len(epochs[-1])
        self._log(torch.stack([row for rows in epochs for row in rows]).cpu().numpy(), last, clip, clip_values)

    def _epoch(self, clip: float, clip_values: float | None, rows: list[torch.Tensor]) -> bool:
        """Once through the rollout; whether the policy has moved as far as it may."""
        for batch in self.rollout_buffer.get(self.batch_size):
            loss, told = self._loss(batch, clip, clip_values)
            rows.append(told)
            if self.target_kl is not None and told[KL].item() > 1.5 * self.target_kl:
                return True
            self.policy.optimizer.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(self.policy.parameters(), self.max_grad_norm)
            self.policy.optimizer.step()
        return False

    def _loss(self, batch: Any, clip: float, clip_values: float | None) -> tuple[torch.Tensor, torch.Tensor]:
        """(what is to be made smaller, what is logged of it)."""
        actions = batch.actions.long().flatten() if isinstance(self.action_space, spaces.Discrete) else batch.actions
        values, log_prob, entropy = self.policy.evaluate_actions(batch.observations, actions)
        values, advantages = values.flatten(), batch.advantages
        if self.normalize_advantage and len(advantages) > 1:
            advantages = (advantages - advantages.mean()) / (advantages.std() + 1e-8)
        log_ratio = log_prob - batch.old_log_prob
        ratio = torch.exp(log_ratio)
        clipped = advantages * torch.clamp(ratio, 1 - clip, 1 + clip)
        policy_loss = -torch.min(advantages * ratio, clipped).mean()
        if clip_values is not None:
            values = batch.old_values + torch.clamp(values - batch.old_values, -clip_values, clip_values)
        value_loss = functional.mse_loss(batch.returns, values)
        entropy_loss = -torch.mean(-log_prob if entropy is None else entropy)
        loss = policy_loss + self.ent_coef * entropy_loss + self.vf_coef * value_loss
        with torch.no_grad():
            kl = torch.mean((ratio - 1) - log_ratio)
            outside = torch.mean((torch.abs(ratio - 1) > clip).float())
            told = torch.stack([policy_loss, value_loss, entropy_loss, kl, outside, loss]).detach()
        return loss, told

    def _log(self, rows: Any, last: int, clip: float, clip_values: float | None) -> None:
        """Under the names of Stable-Baselines3; how far the policy has moved is told of the `last` rows, an epoch."""
        means, buffer = rows.mean(axis=0), self.rollout_buffer
        means[KL] = rows[-last:, KL].mean()
        for name, value in zip(LOGGED, means[: len(LOGGED)].tolist(), strict=True):
            self.logger.record(f"train/{name}", value)
        self.logger.record("train/loss", float(rows[-1, len(LOGGED)]))
        seen, got = (torch.as_tensor(part).cpu().numpy().flatten() for part in (buffer.values, buffer.returns))
        self.logger.record("train/explained_variance", explained_variance(seen, got))
        if hasattr(self.policy, "log_std"):
            self.logger.record("train/std", torch.exp(self.policy.log_std).mean().item())
        self.logger.record("train/n_updates", self._n_updates, exclude="tensorboard")
        self.logger.record("train/clip_range", clip)
        if clip_values is not None:
            self.logger.record("train/clip_range_vf", clip_values)


def _quicken(optimizer: Any) -> None:
    """One kernel for all weights where the optimiser has one; TensorFloat32, of 10 bits' mantissa, in products."""
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = True
    for group in optimizer.param_groups:
        if "fused" in group:
            group["foreach"], group["fused"] = False, True


LOGGED = ("policy_gradient_loss", "value_loss", "entropy_loss", "approx_kl", "clip_fraction")
KL = LOGGED.index("approx_kl")
