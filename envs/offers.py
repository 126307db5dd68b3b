"""Offers: three letters lie on the table; with whom do you sign?

Observation  Discrete(12): 0 while the letters lie there; then who the employer is, and how many years were worked
             there, of which only those before the raise are told apart.
Actions      Discrete(3): 0 Facebook, 1 Google, 2 Amazon. The first one signs; later ones are ignored, for who has
             signed has signed.
Reward       the salary of the year, in thousands of dollars.
End          Terminated when you leave, or are made to, at the end of a year. Truncated after `years` years, by the
             environment itself.
Arguments    years  until it is of no interest any more, 10.
Best return  813.44 on average over ten years, at Google. Over one to four years Amazon is best.
Source       the question with which a popular course on reinforcement learning begins: which offer would you take?

What the course leaves open is assumed: the raise comes once, when so many years are complete; the chance of leaving is
the same at the end of every year; whoever leaves earns nothing more that would count.

    Facebook  250,   + 10 % after 3 years,   40 % a year leave
    Google    200,   + 20 % after 3 years,   25 % a year
    Amazon    350,   +  5 % after 5 years,   60 % a year
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from gymnasium import spaces
from gymnasium.error import InvalidAction, ResetNeeded

from envkit.authoring import palette
from envkit.authoring.arguments import whole
from envkit.authoring.canvas import Canvas
from envkit.authoring.drawn import DrawnEnv
from envkit.authoring.state import Restorable
from envkit.core.mdp import MDP, Outcome
from envkit.core.show import count, show

REGISTRATION = {"id": "envkit/Offers-v0", "entry_point": "OffersEnv"}


@dataclass(frozen=True)
class Offer:
    """What a letter says.

    Args:
      salary: thousands of dollars a year.
      increase: the raise, as a share of the salary, after `after` years.
      leaving: the probability of leaving at the end of a year.
    """

    name: str
    salary: float
    increase: float
    after: int
    leaving: float
    colour: palette.Colour

    def paid(self, worked: int) -> float:
        """The salary of the year that follows so many years."""
        return self.salary * (1 + self.increase if worked >= self.after else 1)


OFFERS = (
    Offer("Facebook", 250.0, 0.10, 3, 0.40, palette.BLUE),
    Offer("Google", 200.0, 0.20, 3, 0.25, palette.GREEN),
    Offer("Amazon", 350.0, 0.05, 5, 0.60, palette.ORANGE),
)
MOST_LABELS = 30  # years that there is room to number
OPEN = 0  # the state in which the letters lie on the table
# Of each offer, the state in which one year was worked there; those of the years up to its raise follow.
FIRST = [1 + sum(offer.after for offer in OFFERS[:number]) for number in range(len(OFFERS))]
STATES = 1 + sum(offer.after for offer in OFFERS)


class OffersEnv(Restorable, DrawnEnv[Any, Any]):
    """Three letters, one signature, and years of salaries."""

    metadata = {  # noqa: RUF012
        "render_modes": ["human", "rgb_array", "ansi"],
        "render_fps": 2,
        "metrics": {"earned": "thousand dollars"},
    }
    canvas_size = (600, 400)
    STATE = ("state", "earned", "over")

    def __init__(self, years: int = 10, *, render_mode: str | None = None):
        super().__init__(render_mode=render_mode)
        self.years = whole("years", years, least=1)
        self.observation_space = spaces.Discrete(STATES)
        self.action_space = spaces.Discrete(len(OFFERS))
        self.state = OPEN
        self.earned: list[float] = []  # a salary a year
        self.over = True

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[int, dict[str, Any]]:
        super().reset(seed=seed, options=options)
        self.state, self.earned, self.over = OPEN, [], False
        self.show()
        return self.state, self._info()

    def step(self, action: int) -> tuple[int, float, bool, bool, dict[str, Any]]:
        if not isinstance(action, int | np.integer | np.ndarray) or not self.action_space.contains(action):
            raise InvalidAction(f"step({show(action)}) of OffersEnv: the actions are 0 Facebook, 1 Google, 2 Amazon")
        if self.over and not self.earned:
            raise ResetNeeded("OffersEnv.step was called before reset: call env.reset(seed=0) first")
        if self.over:  # a step after the end changes and pays nothing
            return self.state, 0.0, False, True, self._info()
        offer, salary, self.state = _worked(self.state, int(action))
        leaves = bool(self.np_random.random() < offer.leaving)
        self.earned.append(salary)
        truncated = len(self.earned) >= self.years
        self.over = leaves or truncated
        self.show()
        return self.state, salary, leaves, truncated, self._info()

    def mdp(self) -> MDP:
        """The exact model."""
        return MDP.from_outcomes(
            [(1.0, OPEN)],
            _outcomes,
            len(OFFERS),
            states=range(STATES),
            name=_name,
            action_names=[offer.name for offer in OFFERS],
            horizon=self.years,
        )

    def _info(self) -> dict[str, Any]:
        return {"years": len(self.earned), "earned": float(sum(self.earned))}

    def ansi(self) -> str:
        if self.state == OPEN:
            return "\n".join(f"{number}  {_letter(offer)}" for number, offer in enumerate(OFFERS))
        years = " ".join(f"{salary:g}" for salary in self.earned)
        return f"{_name(self.state)}: {years} = {sum(self.earned):g}{', and out' if self.over else ''}"

    def draw_background(self, canvas: Canvas) -> None:
        canvas.fill(palette.PAPER)
        canvas.text("year", 34, 376, size=12, colour=palette.GREY)

    def draw(self, canvas: Canvas) -> None:
        signed = _employment(self.state)[0] if self.state != OPEN else None
        for number, offer in enumerate(OFFERS):
            _draw_letter(canvas, 20 + number * 192, offer, faded=signed not in (None, number))
        _draw_years(canvas, self.earned, self.years, OFFERS[signed].colour if signed is not None else palette.SILVER)
        total = f"{sum(self.earned):,.0f} earned"
        canvas.text(total + (", and out" if self.over and self.earned else ""), 300, 222, size=20, colour=palette.INK)


def _employment(state: int) -> tuple[int, int]:
    """(offer, years worked, no more than until its raise)."""
    number = max(n for n, first in enumerate(FIRST) if first <= state)
    return number, state - FIRST[number] + 1


def _worked(state: int, action: int) -> tuple[Offer, float, int]:
    """(whose offer, what the year pays, the state at its end)."""
    number, worked = _employment(state) if state != OPEN else (action, 0)
    offer = OFFERS[number]
    return offer, offer.paid(worked), FIRST[number] + min(worked + 1, offer.after) - 1


def _outcomes(state: int, action: int) -> list[Outcome]:
    offer, salary, following = _worked(state, action)
    return [Outcome(offer.leaving, following, salary, True), Outcome(1 - offer.leaving, following, salary)]


def _name(state: int) -> str:
    if state == OPEN:
        return "open"
    number, worked = _employment(state)
    years = f"{worked} or more years" if worked == OFFERS[number].after else count(worked, "year")
    return f"{OFFERS[number].name}, {years}"


def _letter(offer: Offer) -> str:
    return (
        f"{offer.name}: {offer.salary:g}, +{100 * offer.increase:g} % after {offer.after} years, "
        f"{100 * offer.leaving:g} % leave each year"
    )


def _draw_letter(canvas: Canvas, x: float, offer: Offer, *, faded: bool) -> None:
    colour = palette.mix(offer.colour, palette.PAPER, 0.75) if faded else offer.colour
    ink = palette.SILVER if faded else palette.INK
    canvas.rect(x, 24, 176, 160, palette.WHITE, radius=10)
    canvas.rect(x, 24, 176, 40, colour, radius=10)
    canvas.rect(x, 50, 176, 14, colour)
    canvas.text(offer.name, x + 88, 44, size=20, colour=palette.WHITE if faded else palette.readable_on(colour))
    canvas.text(f"{offer.salary:g} k", x + 88, 96, size=30, colour=ink)
    canvas.text(f"+{100 * offer.increase:g} % after {offer.after} years", x + 88, 132, size=13, colour=ink)
    canvas.text(f"{100 * offer.leaving:g} % leave each year", x + 88, 158, size=13, colour=ink)


def _draw_years(canvas: Canvas, earned: list[float], years: int, colour: palette.Colour) -> None:
    """A bar for each year, as high as its salary."""
    left, width, bottom, most = 60.0, 520.0, 360.0, max(offer.paid(offer.after) for offer in OFFERS)
    slot = width / years
    canvas.rect(left, bottom, width, 2, palette.SILVER)
    for year in range(years):
        if years <= MOST_LABELS:
            canvas.text(str(year + 1), left + slot * (year + 0.5), 376, size=12, colour=palette.GREY)
        if year < len(earned):
            height = 110 * earned[year] / most
            canvas.rect(
                left + slot * (year + 0.1), bottom - height, slot * 0.8, height, colour, radius=min(4, slot / 4)
            )
