"""A step and its frame, in each mode that returns frames; as `gymnasium.make` gives the environment."""

from collections.abc import Iterator
from functools import partial

from envkit.workflows.benching.kind import FRAME, Kind, Offer
from envkit.workflows.benching.players import Single
from envkit.workflows.benching.subject import Maker, Subject

WINDOW = "human"  # keeps the pace of a person


def offers(subject: Subject) -> Iterator[Offer]:
    def make(mode: str) -> Single:
        env = Maker(subject.ref, {"render_mode": mode})()
        return Single(env, subject.drawn(env.action_space), seed=subject.seed, limit=subject.limit, rendered=True)

    first = subject.maker()
    modes = [mode for mode in first.metadata.get("render_modes") or () if mode != WINDOW]
    first.close()
    for mode in modes:
        yield Offer(f"rendered, {mode}", partial(make, mode), unit=FRAME)


ROW = Kind(2, offers)
