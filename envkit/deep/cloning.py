"""Behavioural cloning, to be read from top to bottom: a policy that makes what was shown the likeliest thing to do.

Source: Pomerleau (1991), Efficient training of artificial neural networks for autonomous navigation, Neural Computation
3; with some entropy, as Hussein and others (2017), Imitation learning: a survey of learning methods.
"""

from typing import Any

import numpy as np
import torch

from envkit.deep.demonstrations import Demonstrations, rows_of
from envkit.deep.imitating import as_seen
from envkit.deep.policy_gradient import PolicyGradient


class Cloning(PolicyGradient):
    """Takes no step itself: its steps are those of the demonstrations that it has looked at, drawn at random."""

    def __init__(
        self, policy: Any, env: Any, learning_rate: Any, *, batch_size: int, ent_coef: float, max_grad_norm: float,
        demonstrations: Demonstrations | None = None, **kwargs: Any,
    ):  # fmt: skip
        """
        Args:
          batch_size: steps of a gradient step.
          ent_coef: what it is worth to stay undecided.
          demonstrations: of the environments' own spaces; None where it is not to learn any more.
        """
        self.batch_size = batch_size
        super().__init__(
            policy, env, learning_rate, gamma=1.0, ent_coef=ent_coef, vf_coef=0.0, max_grad_norm=max_grad_norm, **kwargs
        )

        if demonstrations is not None:
            self.shown, self.done = as_seen(self.env, demonstrations.observations), demonstrations.actions

    def play(self, callback: Any) -> bool:
        self.rows = np.random.randint(len(self.done), size=self.batch_size)
        self.num_timesteps += self.batch_size
        return bool(callback.on_step())

    def improve(self) -> None:
        self.policy.set_training_mode(True)
        seen = self._tensor(rows_of(self.shown, self.rows))
        done = torch.as_tensor(self.done[self.rows], device=self.device)
        _, chances, entropy = self.policy.evaluate_actions(seen, done)
        chance = (-chances if entropy is None else entropy).mean()
        loss = -chances.mean() - self.ent_coef * chance
        self.descend(loss)
        self.logger.record("train/loss", loss.item())
        self.logger.record("train/entropy_loss", -chance.item())

    def _excluded_save_params(self) -> list[str]:
        return [*super()._excluded_save_params(), "shown", "done"]
