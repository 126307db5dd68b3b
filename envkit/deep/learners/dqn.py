"""Deep Q-learning (Mnih and others, 2015, Nature 518, 529), on Stable-Baselines3's DQN.

A network values each action; it learns from minibatches of a replay memory towards the reward and the best value that a
target network, a copy that stays behind, gives the next state. It takes Discrete actions, and makes much of each step;
values tend to be too high.

With `tau=1` the target network is copied every `target_update_interval` steps; with a small `tau` and an interval of 1
it follows softly; with `separate_target=false` there is none. `--preset hard-copies`, `soft-updates` and `no-target`
are these three for a problem as small as CartPole.
"""

from dataclasses import replace

from envkit.core.settings import Setting, names
from envkit.deep import network, off_policy
from envkit.deep.sb3 import learner

OWN = (
    *off_policy.common(learning_rate=1e-4, batch_size=32, train_freq=4),
    replace(off_policy.TAU, default=1.0),
    off_policy.TARGETS,
    Setting("separate_target", True, "whether a network that stays behind values the next states", flag=True),
    Setting("loss", "huber", "of the errors of the values", choices=("huber", "squared")),
    Setting("max_grad_norm", 10.0, "longer gradients are cut to this length", 0, open_low=True),
)
SETTINGS = (
    *OWN,
    *off_policy.PRIORITIES,
    off_policy.EPSILON,
    *network.settings(architecture="64,64", activation="relu", parts=()),
)


LEARNER = learner(
    off_policy.exploring_kind("dqn", f"{off_policy.OURS}:QLearning", names(OWN)),
    "deep Q-learning: values actions by a network, from a replay memory",
    SETTINGS,
    off_policy.discrete_refusal,
)
