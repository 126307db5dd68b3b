"""Every deep system of the tutorials, reproduced and beaten through the kit's public functions.

A file each in `systems/deep`, whose docstring says what the tutorial did. A row has what the tutorial reached and what
is reached here: for each seed the mean return of 100 episodes of the policy that the training has kept, played apart
from it. Speeds are seconds to a goal, beside those of other settings in the same process.

    python benchmarks/seeds_deep.py                            # hours on two cores
    python benchmarks/seeds_deep.py --only shower --seeds 3 --json shower.json

Exits with 1 where a bar is missed. Needs the extras deep and box2d.
"""

import sys

from systems import table
from systems.deep import cart_pole, control, hidden, lander

SYSTEMS: dict[str, table.System] = {
    "cart-pole-rules": cart_pole.rules,
    "cart-pole-ppo": cart_pole.ppo,
    "cart-pole-variants": cart_pole.variants,
    "cart-pole-targets": cart_pole.targets,
    "cart-pole-policies": cart_pole.whole_policies,
    "cart-pole-cloning": cart_pole.cloning,
    "shower": control.shower,
    "bit-flip": control.bit_flip,
    "hidden-velocities": hidden.rows,
    "mountain-car": control.mountain_car,
    "pendulum": control.pendulum,
    "lunar-lander": lander.rows,
}

if __name__ == "__main__":
    sys.exit(table.main(__doc__, SYSTEMS, ("torch", "stable-baselines3", "sb3-contrib"), seeds=10))
