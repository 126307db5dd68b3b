"""`reset()` without a seed, as `gymnasium.make` gives the environment."""

from collections.abc import Iterator

from envkit.workflows.benching.kind import RESET, Kind, Offer
from envkit.workflows.benching.players import Repeated
from envkit.workflows.benching.subject import Subject


def offers(subject: Subject) -> Iterator[Offer]:
    def make() -> Repeated:
        env = subject.maker()
        env.reset(seed=subject.seed)
        return Repeated(env.reset, env.close)

    yield Offer("reset", make, unit=RESET, needed=True)


ROW = Kind(20, offers)
