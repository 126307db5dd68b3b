"""The environment as `gymnasium.make` gives it; and each layer of its wrappers, to say what they take."""

from collections.abc import Iterator
from functools import partial

from envkit.core.layers import layers
from envkit.workflows.benching.kind import Kind, Offer
from envkit.workflows.benching.players import Single
from envkit.workflows.benching.subject import Subject


def offers(subject: Subject) -> Iterator[Offer]:
    def make(depth: int) -> Single:
        layer = list(layers(subject.maker()))[depth]
        return Single(layer, subject.drawn(layer.action_space), seed=subject.seed, limit=subject.limit)

    first = subject.maker()
    names = [type(layer).__name__ for layer in list(layers(first))[:-1]]  # the last one is the row `bare`
    first.close()
    for depth, name in enumerate(names):
        called = f"within {names[depth - 1]}" if depth else "wrapped"
        yield Offer(called, partial(make, depth), about=name, inner=depth > 0, needed=depth == 0)


ROW = Kind(1, offers)
