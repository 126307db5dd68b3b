"""Asks environments that offer a finite model for it, so that what they do can be compared with what they say."""

from dataclasses import dataclass
from typing import Any

from envkit.check.model import Probe
from envkit.check.probes import rollouts
from envkit.check.subject import Driver, Subject
from envkit.core.case import Case
from envkit.core.model import Model, model_of
from envkit.core.trace import Trace


@dataclass(frozen=True)
class Offer:
    """A model, None where none is offered, and the record of asking for it."""

    model: Model | None
    trace: Trace


@dataclass(frozen=True)
class Modelled:
    """The model, None where none is offered; what asking for it raised; and the records it is compared with."""

    model: Model | None
    action_space: Any
    asked: Trace
    traces: tuple[Trace, ...]


def run(subject: Subject) -> Modelled:
    return _modelled(subject, tuple(driver.trace for driver in subject.drivers))


def replay(subject: Subject, case: Case) -> Modelled:
    return _modelled(subject, rollouts.replay(subject, case).traces)


def offered(subject: Subject) -> Offer:
    """What the environment offers; asked once, for a model can take long to make."""
    offer: Offer = subject.offer or _asked(subject)
    subject.offer = offer
    return offer


def _asked(subject: Subject) -> Offer:
    known = next((driver for driver in subject.drivers if driver.env is not None), None)
    if known is not None and not _offers_one(known):
        return Offer(None, known.trace)
    driver = subject.open("asked for its model", honest=False)
    model = None
    if driver.ok and _offers_one(driver):
        model = driver.call("mdp", {}, lambda: model_of(driver.env), keep=False).result
    trace = driver.trace
    driver.finish()
    return Offer(model, trace)


def _modelled(subject: Subject, traces: tuple[Trace, ...]) -> Modelled:
    offer = offered(subject)
    return Modelled(offer.model, subject.action_space, offer.trace, traces)


def _offers_one(driver: Driver) -> bool:
    return hasattr(driver.raw, "mdp") or hasattr(driver.raw, "P")


PROBE = Probe("the model", Modelled, run, replay)
