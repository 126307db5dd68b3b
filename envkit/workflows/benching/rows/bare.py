"""The environment without any wrapper; the loop resets it after as many steps as its registered time limit has."""

from collections.abc import Iterator

from envkit.workflows.benching.kind import Kind, Offer
from envkit.workflows.benching.players import Single
from envkit.workflows.benching.subject import Subject


def offers(subject: Subject) -> Iterator[Offer]:
    def make() -> Single:
        env = subject.maker().unwrapped
        return Single(env, subject.drawn(env.action_space), seed=subject.seed, limit=subject.limit)

    yield Offer("bare", make, needed=True)


ROW = Kind(0, offers)
