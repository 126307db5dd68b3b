"""Eligibility traces: which actions of this episode share in what is learnt now, and how much.

`numbers` holds the trace of each action, `links` the list of those that have one: its first entries, as many as
`counts[0]` says, are places.

Source: Sutton and Barto, Reinforcement Learning (2018), chapter 12.
"""

from envkit.core.settings import Setting
from envkit.tabular.loop import Knobs, Tables, sized

FADED = 1e-8  # smaller traces move nothing that matters
ACCUMULATING, REPLACING, DUTCH = range(3)
TRACES = (
    Setting("trace_decay", 0.9, "lambda: how much of its trace an action keeps from one step to the next", 0, 1),
    Setting("traces", "replacing", "what a second visit does", choices=("accumulating", "replacing", "dutch")),
)


def credit(tables: Tables, knobs: Knobs, place: int, delta: float, size: float) -> None:
    """Begins the trace of the action just taken, moves every value by its share of the error, and lets traces fade."""
    traces, listed, counts = tables.numbers, tables.links, tables.counts
    if traces[place] == 0.0:
        listed[counts[0]] = place
        counts[0] += 1
    if knobs.own[1] == REPLACING:
        traces[place] = 1.0
    elif knobs.own[1] == DUTCH:
        traces[place] = (1.0 - size) * traces[place] + 1.0
    else:
        traces[place] += 1.0
    decay, kept = knobs.discount * knobs.own[0], 0
    for number in range(counts[0]):
        taught = listed[number]
        tables.q[taught] += sized(knobs, tables, taught, size) * delta * traces[taught]
        traces[taught] *= decay
        if traces[taught] > FADED:
            listed[kept] = taught
            kept += 1
        else:
            traces[taught] = 0.0
    counts[0] = kept


def forget(tables: Tables) -> None:
    """Ends all traces."""
    for number in range(tables.counts[0]):
        tables.numbers[tables.links[number]] = 0.0
    tables.counts[0] = 0
