"""Augmented random search that can be stopped at any step, and gone on with.

Source: Mania, Guy and Recht (2018), Simple random search provides a competitive approach to reinforcement learning,
arXiv:1803.07055; the update is sb3-contrib's.
"""

import copy
from typing import Any

import numpy as np
import torch
from sb3_contrib import ARS


class Enough(Exception):
    """Goes through an update when the callback has had enough: what it has played so far is left out."""


class RandomSearch(ARS):  # type: ignore[misc]
    """Changes all weights a little at random, plays with each change and with its opposite, and follows the better."""

    def learn(
        self, total_timesteps: int, callback: Any = None, log_interval: int = 1, tb_log_name: str = "ARS",
        reset_num_timesteps: bool = True, async_eval: Any = None, progress_bar: bool = False,
    ) -> Any:  # fmt: skip
        total, callback = self._setup_learn(total_timesteps, callback, reset_num_timesteps, tb_log_name, progress_bar)
        callback.on_training_start(locals(), globals())
        while self.num_timesteps < total:
            callback.on_rollout_start()  # before anything is drawn
            self._update_current_progress_remaining(self.num_timesteps, total)
            try:
                self._do_one_update(callback, async_eval)
            except Enough:
                break
            callback.on_rollout_end()
            if self._n_updates % log_interval == 0:
                self.dump_logs()
        callback.on_training_end()
        return self

    def evaluate_candidates(self, candidate_weights: Any, callback: Any, async_eval: Any) -> Any:  # noqa: ARG002 - ARS asks so
        """[2N]: what each earned."""
        player, earned = copy.deepcopy(self.policy), torch.zeros(self.pop_size, device=self.device)
        for number, weights in enumerate(candidate_weights):
            player.load_from_vector(weights.cpu())
            earned[number] = self.play(player, callback)
        return earned

    def play(self, player: Any, callback: Any) -> float:
        """The return of `n_eval_episodes` episodes; each environment plays as many of them, from their beginning.

        Raises:
          Enough: the callback wants no more.
        """
        count = self.env.num_envs
        left = np.full(count, -(-self.n_eval_episodes // count))
        earned, seen = 0.0, self.env.reset()
        while left.any():
            actions, _ = player.predict(seen, deterministic=True)
            seen, rewards, ends, infos = self.env.step(actions)
            self._last_obs, self._last_episode_starts = seen, ends
            self.num_timesteps += count
            callback.update_locals(locals())
            if not callback.on_step():
                raise Enough
            self._update_info_buffer(infos, ends)
            earned += float(((rewards + self.alive_bonus_offset) * (left > 0)).sum())
            left -= ends & (left > 0)
        return earned
