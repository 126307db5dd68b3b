"""Every classical tabular system of the tutorials, reproduced and beaten through the kit's public functions.

GridWorld, CartPole in bins, the job offers, the model of three states, the chain of four, the shower, toy text, and all
learners side by side; a file each in `systems`, whose docstring says what the tutorial did and what is done here. A row
has what the tutorial reached, what is reached here over the seeds, and the exact answer. Returns are exact values of
the greedy policy wherever there is a model.

    python benchmarks/seeds_tabular.py                         # ten seeds each, three where all learners compete
    python benchmarks/seeds_tabular.py --only shower --seeds 3 --json shower.json

Exits with 1 where a bar is missed.
"""

import sys

from systems import cart_pole, chain, gridworld, learners, offers, shower, table, three_states, toy_text

SYSTEMS: dict[str, table.System] = {
    "chain": chain.rows,
    "three-states": three_states.rows,
    "gridworld": gridworld.rows,
    "offers": offers.rows,
    "shower": shower.rows,
    "toy-text": toy_text.rows,
    "learners": learners.rows,
    "cart-pole": cart_pole.rows,
}

if __name__ == "__main__":
    sys.exit(table.main(__doc__, SYSTEMS, ("numba",), seeds=10))
