"""Gymnasium's `AsyncVectorEnv`: each environment of `gymnasium.make` in a process of its own."""

from collections.abc import Iterator
from functools import partial

from gymnasium.vector import AsyncVectorEnv, AutoresetMode

from envkit.workflows.benching.kind import Kind, Offer, Unavailable
from envkit.workflows.benching.players import Batch
from envkit.workflows.benching.subject import DRAWN_BATCHES, Subject

MOST = 128  # processes


def offers(subject: Subject) -> Iterator[Offer]:
    def make(count: int) -> Batch:
        if count > MOST:
            raise Unavailable(f"it takes {count} processes, and at most {MOST} are started here")
        env = AsyncVectorEnv([subject.maker] * count, autoreset_mode=AutoresetMode.SAME_STEP)
        return Batch(env, subject.drawn(env.action_space, DRAWN_BATCHES), seed=subject.seed)

    for count in subject.counts:
        yield Offer("AsyncVectorEnv", partial(make, count), count)


ROW = Kind(11, offers)
