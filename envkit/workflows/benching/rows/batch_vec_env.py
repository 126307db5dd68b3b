"""The environment's own batch for Stable-Baselines3: `envkit.deep.BatchVecEnv` over its `vector_entry_point`."""

from collections.abc import Iterator
from functools import partial

from envkit.core.errors import MissingExtra
from envkit.workflows.benching.kind import Kind, Offer, Unavailable
from envkit.workflows.benching.native import native
from envkit.workflows.benching.players import Trained
from envkit.workflows.benching.subject import DRAWN_BATCHES, Subject


def offers(subject: Subject) -> Iterator[Offer]:
    def make(count: int) -> Trained:
        batch = native(subject, count)
        try:
            from envkit.deep import BatchVecEnv

            env = BatchVecEnv(batch)
        except (MissingExtra, ValueError) as error:
            batch.close()
            raise Unavailable(str(error)) from error
        return Trained(env, subject.drawn(batch.action_space, DRAWN_BATCHES), seed=subject.seed)

    for count in subject.counts:
        yield Offer("BatchVecEnv", partial(make, count), count)


ROW = Kind(14, offers)
