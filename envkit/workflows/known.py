"""The exact answers about a policy that was played, and what is to be said of them.

Where the episodes contradict the model, that is said: one of the two is wrong, and so is whatever was worked out on it.
How far a mean may stray by chance is bounded by Bernstein's inequality, from the exact spread of the return; a model
that is right is accused in less than one of a million evaluations.

Source: Boucheron, Lugosi and Massart, Concentration Inequalities (2013), section 2.8.
"""

import math
from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from envkit.core.errors import UsageError
from envkit.core.model import ESTIMATED, OWN, Model
from envkit.core.policy import MixedPolicy, TablePolicy
from envkit.core.show import count
from envkit.tabular.evaluation import evaluate_policy
from envkit.tabular.exact import Exact, exact
from envkit.workflows.evaluate import Evaluation, is_of_shaped
from envkit.workflows.tables import plain

SHAPED_MODEL = "the model has the rewards as the wrappers shape them, so the exact answers are about the shaped return"
SURE = math.log(2e6)
SUSPECT = 3.0  # standard errors below which nobody need look closer
SAME = 1e-4  # of the return; environments may add up in single precision


def exact_answers(
    model: Model, policy: TablePolicy | MixedPolicy, discount: float, played: Evaluation, name: str
) -> Exact:
    """All answers for a policy that was found under `discount`; the notes say what they lack, are of, and contradict.

    Args:
      played: episodes of the same policy.
      name: of the environment, as it is typed.
    """
    answers = exact(model.mdp, policy, discount)
    shaped = is_of_shaped(model.origin, played)
    notes = [*answers.notes, *([SHAPED_MODEL] if shaped else []), *_contradiction(model, policy, answers, played, name)]
    return replace(answers, notes=tuple(notes))


def _contradiction(
    model: Model, policy: TablePolicy | MixedPolicy, answers: Exact, played: Evaluation, name: str
) -> Iterator[str]:
    if answers.policy_return is None or model.origin == ESTIMATED or played.cut:
        return
    expected, earned = answers.policy_return, played.returns
    if played.shaped is not None and is_of_shaped(model.origin, played):
        earned = played.shaped
    off, same = abs(float(earned.mean()) - expected), SAME * max(1.0, abs(expected))
    if off <= max(same, SUSPECT * float(earned.std()) / math.sqrt(len(earned))):
        return
    try:
        choices = policy.chances if isinstance(policy, MixedPolicy) else policy.action
        spread = evaluate_policy(model.mdp, choices).std
    except UsageError:  # it may go on for ever, so that nothing bounds the spread
        return
    widest = float(np.abs(earned - expected).max())
    if spread <= same or len(earned) * off**2 / 2 > SURE * (spread**2 + widest * off / 3):
        mean, said = (plain(round(number, 3)) for number in (float(earned.mean()), expected))
        rules = " --select EK911,EK918" if model.origin == OWN else ""
        yield (
            f"{count(len(earned), 'episode')} earned {mean} on average where the model says {said}, more than chance "
            "explains: the environment or its model is wrong, and the exact answers are of no use until it is found: "
            f"envkit check {name}{rules}"
        )
