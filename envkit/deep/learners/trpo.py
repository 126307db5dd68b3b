"""Trust region policy optimisation (Schulman and others, 2015, arXiv:1502.05477), as sb3-contrib has it.

An actor-critic whose steps are as long as a bound on how far the policy moves allows, found by conjugate gradients and
a line search. PPO is its simpler successor; this one has fewer knobs that matter.
"""

from envkit.core.settings import Setting, names
from envkit.deep import network, on_policy
from envkit.deep.building import Kind
from envkit.deep.sb3 import learner

OWN = (
    *on_policy.rollouts(n_steps=2048, batch_size=128, learning_rate=1e-3),
    on_policy.GAMMA,
    on_policy.LAMBDA,
    Setting("target_kl", 0.01, "how far the policy may move in a step", 0, open_low=True),
    Setting("n_critic_updates", 10, "epochs of the critic for each rollout", 1, whole=True),
    Setting("cg_max_steps", 15, "steps of the conjugate gradients at most", 1, whole=True),
    Setting("cg_damping", 0.1, "added to the curvature", 0),
    Setting("line_search_shrinking_factor", 0.8, "by which a step that is too long is cut", 0, 1, True, True),
    Setting("line_search_max_iter", 10, "such cuts at most", 1, whole=True),
    on_policy.ADVANTAGES,
    on_policy.SDE,
)
SETTINGS = (*OWN, *network.settings(architecture="64,64", activation="tanh"))


LEARNER = learner(
    Kind("trpo", "sb3_contrib:TRPO", names(OWN), long_rollouts=True),
    "trust region policy optimisation: steps as long as a bound on the policy allows",
    SETTINGS,
    on_policy.refusal,
)
