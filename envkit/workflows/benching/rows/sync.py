"""Gymnasium's `SyncVectorEnv`: the environments of `gymnasium.make` one after another, reset in the same step."""

from collections.abc import Iterator
from functools import partial

from gymnasium.vector import AutoresetMode, SyncVectorEnv

from envkit.workflows.benching.kind import Kind, Offer
from envkit.workflows.benching.players import Batch
from envkit.workflows.benching.subject import DRAWN_BATCHES, Subject


def offers(subject: Subject) -> Iterator[Offer]:
    def make(count: int) -> Batch:
        env = SyncVectorEnv([subject.maker] * count, autoreset_mode=AutoresetMode.SAME_STEP)
        return Batch(env, subject.drawn(env.action_space, DRAWN_BATCHES), seed=subject.seed)

    for count in subject.counts:
        yield Offer("SyncVectorEnv", partial(make, count), count)


ROW = Kind(10, offers)
