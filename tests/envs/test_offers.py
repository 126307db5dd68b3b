from dataclasses import replace

import gymnasium
import numpy as np
import pytest
from gymnasium.error import InvalidAction, ResetNeeded

import envkit
from envkit.envs.offers import FIRST, OFFERS, OPEN, OffersEnv
from envkit.tabular.evaluation import evaluate_policy
from envkit.workflows.solve import solve

FACEBOOK, GOOGLE, AMAZON = range(3)


def earned(offer, years, discount=1.0):
    """What signing earns, summed by hand: the salary of each year, times the chance of still being there."""
    total = 0.0
    for year in range(years):
        raised = 1 + offer.increase if year >= offer.after else 1
        total += (discount * (1 - offer.leaving)) ** year * offer.salary * raised
    return total


@pytest.mark.parametrize(
    ("years", "discount", "best"),
    [
        (1, 1, AMAZON),
        (4, 1, AMAZON),
        (5, 1, GOOGLE),
        (10, 1, GOOGLE),
        (6, 0.8, AMAZON),
        (10, 0.8, GOOGLE),
        (30, 0.5, AMAZON),
    ],
)
def test_which_offer_is_best_depends_on_years_and_discount(years, discount, best):
    model = envkit.mdp("envkit/Offers-v0", years=years)
    values = [evaluate_policy(model, np.full(model.num_states, n), discount=discount).mean for n in range(3)]
    assert values == pytest.approx([earned(offer, years, discount) for offer in OFFERS])
    found = solve(
        "offers", "backward-induction", run_dir=False, env_kwargs={"years": years}, eval_episodes=1, discount=discount
    )
    assert found.result.policy.row(0)[OPEN] == int(np.argmax(values)) == best


@pytest.mark.parametrize("seed", range(3))
def test_qlearning_signs_where_the_exact_answer_says(seed):
    learnt = solve("offers", "qlearning", seed=seed, episodes=30_000, run_dir=False, discount=1, eval_episodes=100)
    assert learnt.policy.action[OPEN] == GOOGLE
    assert learnt.exact.optimal_return == pytest.approx(813.44, abs=0.01)
    assert learnt.gap == 0
    assert learnt.result.q[OPEN] == pytest.approx([earned(offer, 10) for offer in OFFERS], rel=0.15)


def test_only_the_first_action_signs():
    env = OffersEnv()
    env.reset(seed=1)
    state, salary, *_ = env.step(GOOGLE)
    assert (state, salary) == (FIRST[GOOGLE], 200.0)
    while not env.over:
        state, salary, *_ = env.step(AMAZON)
        assert FIRST[GOOGLE] <= state < FIRST[AMAZON]
        assert salary in (200.0, 240.0)


def test_played_episodes_earn_what_the_model_says():
    env = gymnasium.make("envkit/Offers-v0")
    env.reset(seed=0)
    returns = []
    for _ in range(4000):
        env.reset()
        total, over = 0.0, False
        while not over:
            _, reward, terminated, truncated, _ = env.step(FACEBOOK)
            total, over = total + reward, terminated or truncated
        returns.append(total)
    known = evaluate_policy(envkit.mdp("offers"), np.zeros(12, int))
    assert np.mean(returns) == pytest.approx(known.mean, abs=4 * known.std / np.sqrt(4000))
    assert np.std(returns) == pytest.approx(known.std, rel=0.1)


def test_the_model_without_its_clock_ends_by_itself():
    model = replace(envkit.mdp("offers"), horizon=None)
    assert evaluate_policy(model, np.full(12, GOOGLE)).mean == pytest.approx(earned(OFFERS[GOOGLE], 500))


def test_mistakes_are_answered_with_what_was_expected():
    env = OffersEnv(years=1)
    with pytest.raises(ResetNeeded, match=r"call env.reset\(seed=0\) first"):
        env.step(0)
    env.reset(seed=0)
    with pytest.raises(InvalidAction, match="the actions are 0 Facebook, 1 Google, 2 Amazon"):
        env.step(3)
    with pytest.raises(ValueError, match="years is 0"):
        OffersEnv(years=0)


def test_the_text_says_the_letters_and_then_the_years():
    env = OffersEnv(render_mode="ansi")
    env.reset(seed=5)
    assert env.render().splitlines()[1] == "1  Google: 200, +20 % after 3 years, 25 % leave each year"
    env.step(GOOGLE)
    assert env.render().startswith("Google, 1 year: 200 = 200")
