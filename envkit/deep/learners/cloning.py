"""Behavioural cloning (Pomerleau, 1991, Neural Computation 3), of our own: `envkit.deep.cloning` has it to read.

Supervised learning from episodes that somebody else has played, which `--demos` names: a person, a policy written by
hand, the best of many random games. It never plays itself, so it knows nothing of where those who showed it never were.
"""

from envkit.core.settings import Setting, names
from envkit.deep import network, on_policy
from envkit.deep.building import Kind
from envkit.deep.sb3 import learner

OWN = (
    Setting("learning_rate", 1e-3, "the optimiser's step size", 0, open_low=True, scheduled=True),
    Setting("batch_size", 64, "demonstrated steps in a minibatch", 1, whole=True),
    on_policy.ENTROPY,
    on_policy.GRADIENT,
)
SETTINGS = (*OWN, *network.settings(architecture="64,64", activation="tanh"))


LEARNER = learner(
    Kind(
        "cloning",
        "envkit.deep.cloning:Cloning",
        names(OWN),
        from_demonstrations=True,
        for_training=lambda training, _: {"demonstrations": training.demonstrations},
    ),
    "behavioural cloning: does what was shown, from episodes that --demos names",
    SETTINGS,
    on_policy.refusal,
)
