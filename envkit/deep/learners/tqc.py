"""Truncated quantile critics (Kuznetsov and others, 2020, arXiv:2005.04269), as sb3-contrib has it.

Soft actor-critic whose critics say quantiles of the return; the highest of them are left out, which keeps values from
growing too high, as finely as one likes. For Box actions.
"""

from envkit.core.settings import Setting, names
from envkit.deep import network, off_policy
from envkit.deep.sb3 import learner

CRITICS = (
    Setting("n_quantiles", 25, "of each critic", 1, whole=True),
    Setting("n_critics", 2, "how many of them", 1, whole=True),
)
OWN = (
    *off_policy.common(learning_rate=3e-4, batch_size=256),
    off_policy.TAU,
    Setting("target_update_interval", 1, "updates between those of the target network", 1, whole=True),
    Setting("top_quantiles_to_drop_per_net", 2, "of each critic, the highest ones, that do not count", 0, whole=True),
    off_policy.SDE,
)
SETTINGS = (
    *OWN,
    *off_policy.MEMORY,
    *CRITICS,
    *off_policy.ENTROPY,
    *off_policy.NOISE,
    *network.settings(architecture="256,256", activation="relu", parts=("pi", "qf")),
)


LEARNER = learner(
    off_policy.acting_kind("tqc", "sb3_contrib:TQC", names(OWN), derived=off_policy.entropy, of_policy=names(CRITICS)),
    "truncated quantile critics: soft actor-critic that leaves the highest quantiles out",
    SETTINGS,
    off_policy.continuous_refusal,
)
