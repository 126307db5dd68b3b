"""Stable-Baselines3's `DummyVecEnv`, each environment in a `Monitor`, as its `make_vec_env` makes them."""

from collections.abc import Iterator
from functools import partial

from gymnasium.vector.utils import batch_space

from envkit.core.optional import need
from envkit.workflows.benching.kind import Kind, Offer
from envkit.workflows.benching.players import Trained
from envkit.workflows.benching.subject import DRAWN_BATCHES, Subject


def offers(subject: Subject) -> Iterator[Offer]:
    def make(count: int) -> Trained:
        common = need("stable_baselines3", extra="deep", purpose="DummyVecEnv").common
        env = common.vec_env.DummyVecEnv([lambda: common.monitor.Monitor(subject.maker())] * count)
        space = batch_space(env.action_space, count)
        return Trained(env, subject.drawn(space, DRAWN_BATCHES), seed=subject.seed)

    for count in subject.counts:
        yield Offer("DummyVecEnv", partial(make, count), count)


ROW = Kind(13, offers)
