"""Asks environments that offer a finite model for it, so that what they do can be compared with what they say."""

from dataclasses import dataclass
from typing import Any

from envkit.check.acting.lean import make_text
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
    """What is said, and what was seen.

    Args:
      model: None where none is offered.
      asked: the record of asking for it, with what that raised.
      traces: what it is compared with.
      long: of these the long run, whose episodes follow one another by chance alone.
      make: the call that makes the environment, as Python.
    """

    model: Model | None
    action_space: Any
    asked: Trace
    traces: tuple[Trace, ...]
    long: Trace | None
    make: str

    @property
    def ask(self) -> str:
        """The call that asks for the model, as Python."""
        return self.make.replace("envkit.make(", "envkit.mdp(", 1)


def run(subject: Subject) -> Modelled:
    traces = tuple(driver.trace for driver in subject.drivers)
    return _modelled(subject, traces, next((trace for trace in traces if trace.name == rollouts.MARATHON), None))


def replay(subject: Subject, case: Case) -> Modelled:
    return _modelled(subject, rollouts.replay(subject, case).traces, None)


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


def _modelled(subject: Subject, traces: tuple[Trace, ...], long: Trace | None) -> Modelled:
    offer = offered(subject)
    return Modelled(offer.model, subject.action_space, offer.trace, traces, long, make_text(subject))


def _offers_one(driver: Driver) -> bool:
    return hasattr(driver.raw, "mdp") or hasattr(driver.raw, "P")


PROBE = Probe("the model", Modelled, run, replay)
