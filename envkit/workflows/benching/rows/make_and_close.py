"""Making the environment by `gymnasium.make`, and closing it; its modules have been imported before."""

from collections.abc import Iterator

from envkit.workflows.benching.kind import MAKE, Kind, Offer
from envkit.workflows.benching.players import Repeated
from envkit.workflows.benching.subject import Subject


def offers(subject: Subject) -> Iterator[Offer]:
    yield Offer("make and close", lambda: Repeated(lambda: subject.maker().close()), unit=MAKE, needed=True)


ROW = Kind(21, offers)
