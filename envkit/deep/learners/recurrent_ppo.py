"""Recurrent PPO, as sb3-contrib has it: proximal policy optimisation with an LSTM before actor and critic.

For games that do not show all that matters: the network remembers what it has seen in an episode (Hochreiter and
Schmidhuber, 1997). Learning goes through whole sequences and is several times slower than PPO on stacked observations.
"""

from envkit.core.settings import Setting, names
from envkit.deep import network, on_policy
from envkit.deep.building import Kind
from envkit.deep.sb3 import learner

POLICIES = ("MlpLstmPolicy", "CnnLstmPolicy", "MultiInputLstmPolicy")
MEMORY = (
    Setting("lstm_hidden_size", 256, "numbers that the memory holds", 1, whole=True),
    Setting("n_lstm_layers", 1, "layers of memory", 1, whole=True),
    Setting("enable_critic_lstm", True, "whether the critic has a memory of its own", flag=True),
)
OWN = (*on_policy.proximal(n_steps=128, batch_size=128), on_policy.SDE)
SETTINGS = (*OWN, *MEMORY, *network.settings(architecture="64,64", activation="tanh"))


LEARNER = learner(
    Kind(
        "recurrent-ppo",
        "sb3_contrib:RecurrentPPO",
        names(OWN),
        extra=("_last_lstm_states",),
        of_policy=names(MEMORY),
        policies=POLICIES,
        long_rollouts=True,
    ),
    "recurrent PPO: proximal policy optimisation with a memory (LSTM)",
    SETTINGS,
    on_policy.refusal,
)
