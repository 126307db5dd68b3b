"""What the numbers of a training are said to mean."""

import numpy as np
import pytest
from gymnasium import Env, spaces

from envkit.core.ref import EnvRef
from envkit.deep.learners.ppo import LEARNER
from envkit.workflows.evaluate import Evaluation
from envkit.workflows.training.diagnosis import Glimpse, diagnosis, glimpse
from envkit.workflows.training.notebook import Notebook
from envkit.workflows.training.request import Request

ORDINARY = Glimpse(1.0, np.array([0.0, 1.0]))


def played(*returns):
    values = np.array(returns, float)
    return Evaluation(values, np.full(len(values), 10), 0, 100)


def told(found, at_random=(0, 1, 2), *, seen=ORDINARY, training=(), normalize=()):
    request = Request(EnvRef.of("CartPole-v1"), LEARNER, 0, 100, 1, {}, normalize=normalize)
    notebook = Notebook([(float(step), 0.0, paid, paid, 10.0, 0.0) for step, paid in enumerate(training)])
    return list(diagnosis(request, notebook, played(*found), played(*at_random), lambda: seen))


def test_of_a_training_that_went_well_there_is_nothing_to_say():
    assert told([10, 11, 12], training=[11] * 300) == []


def test_no_better_than_random_and_worse_than_random_are_told_apart():
    (line, few) = told([0, 1, 2])
    assert line.startswith("it does no better than acting at random")
    assert few == "only 0 episodes were over: more steps may be all that it takes"
    assert told([-9, -8, -7])[0].startswith("it does worse than acting at random")


@pytest.mark.parametrize(
    ("training", "words"),
    [
        ([5] * 299 + [6], "earned 5.01, less than the evaluation"),
        ([20] * 299 + [21], "more than the evaluation, which takes"),
    ],
)
def test_training_and_evaluation_that_disagree_are_told_with_the_reason(training, words):
    (line,) = told([10, 11, 12], training=training)
    assert words in line


@pytest.mark.parametrize(
    ("seen", "words"),
    [
        (Glimpse(1, np.zeros(300)), "no reward but 0 came up"),
        (Glimpse(1, np.ones(300)), "every reward was 1: only the end of an episode"),
        (Glimpse(1, np.array([0, -500.0])), "rewards go up to 500: `--wrap normalize=reward`"),
        (Glimpse(1, np.array([0, 1e-5])), "rewards are 1e-05 at most"),
        (Glimpse(250, np.array([0, 1.0])), "numbers up to 250: `--wrap normalize=observation`"),
    ],
)
def test_where_nothing_was_learnt_the_likely_reasons_are_told(seen, words):
    lines = told([0, 1, 2], seen=seen, training=[1] * 60)
    assert sum(words in line for line in lines) == 1
    assert len(lines) == 2
    if "normalize" in words:
        assert len(told([0, 1, 2], seen=seen, training=[1] * 60, normalize=("observation", "reward"))) == 1


class Loud(Env):
    """Observations of several parts, of which one is large; pays its step's number."""

    def __init__(self):
        self.observation_space = spaces.Dict(
            far=spaces.Box(-1e3, 1e3, (2,)), eye=spaces.Box(0, 255, (2, 2, 3), np.uint8), at=spaces.Discrete(90)
        )
        self.action_space = spaces.Discrete(2)

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.steps = 0
        return self._seen(), {}

    def step(self, action):
        self.steps += 1
        return self._seen(), self.steps, self.steps == 5, False, {}

    def _seen(self):
        return {"far": np.array([-40.0, 3.0], np.float32), "eye": np.full((2, 2, 3), 255, np.uint8), "at": 89}


def test_a_glimpse_looks_at_numbers_but_not_at_pictures():
    found = glimpse(EnvRef.of(Loud), 0)
    assert found.largest == 40
    assert (len(found.rewards), found.rewards.max(), found.rewards.min()) == (300, 5, 1)
