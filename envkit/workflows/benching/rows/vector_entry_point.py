"""The batch of the environment's own, by `gymnasium.make_vec(..., vectorization_mode="vector_entry_point")`."""

from collections.abc import Iterator
from functools import partial

from envkit.workflows.benching.kind import Kind, Offer
from envkit.workflows.benching.native import native
from envkit.workflows.benching.players import Batch
from envkit.workflows.benching.subject import DRAWN_BATCHES, Subject


def offers(subject: Subject) -> Iterator[Offer]:
    def make(count: int) -> Batch:
        env = native(subject, count)
        return Batch(env, subject.drawn(env.action_space, DRAWN_BATCHES), seed=subject.seed)

    for count in subject.counts:
        yield Offer("vector_entry_point", partial(make, count), count)


ROW = Kind(12, offers)
