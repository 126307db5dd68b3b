"""What rules say about copies that were played at once: where they part from an instance alone, and the program."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from envkit.check.judging.pairs import Parting, indented, make_text, parting, playing, require_repeatable
from envkit.check.model import Finding
from envkit.check.probes.twins import Twins
from envkit.check.probes.vector import Run, Vectors
from envkit.core.case import Episode, case_of

MOST_TEXT = 80


@dataclass(frozen=True)
class Parted:
    """A copy that does something else than an instance alone.

    Args:
      asked: how often the vector environment was asked until then.
    """

    run: Run
    copy: int
    parting: Parting
    asked: int


def first_parted(runs: Iterable[Run]) -> Parted | None:
    """The one that shows soonest; None where all copies do what an instance alone does."""
    found = []
    for run in runs:
        for copy in range(len(run.plan.seeds)):
            parted = parting(run.alone[copy], run.seen(copy), infos=False)
            if parted:
                found.append(Parted(run, copy, parted, _asked(run, copy, parted.number)))
    return min(found, key=lambda parted: parted.asked, default=None)


def told_apart(vectors: Vectors, twins: Twins, *, workers: bool, fix: str) -> Iterator[Finding]:
    """What a copy does differently; CannotJudge where mere repetitions differ already."""
    runs = vectors.of(workers=workers)
    for pair in (*twins.fresh, *twins.continued):
        require_repeatable(pair.left_calls, pair.right_calls)
    parted = first_parted(runs)
    if parted:
        yield Finding(
            message=f"{name_of(parted.run, parted.copy)} parts from an instance alone: {parted.parting.difference}",
            fix=fix,
            at=f"{parted.parting.call}, call {parted.asked} of the vector environment",
            program=comparison(vectors, parted),
        )


def _asked(run: Run, copy: int, number: int) -> int:
    """How many calls of the vector environment it takes until so many of a copy's are seen."""
    seen = 0
    for asked, (_, calls) in enumerate(run.outcome.told, 1):
        seen += sum(who == copy for who, _ in calls)
        if seen > number:
            return asked
    return len(run.outcome.told)


def program(
    vectors: Vectors, run: Run, texts: list[str], *, before: Iterable[str] = (), then: Iterable[str] = ()
) -> str:
    """Makes the vector environment and calls it, as the texts say, and does something before and after that."""
    imports, _, made = run.way.how.rpartition("\n\n")
    body = [*before, made, *_calls(texts), *then]
    if run.way.workers:  # where workers are spawned they import the program
        body = ['if __name__ == "__main__":', *indented(body)]
    make = ["def make():", f"    return {make_text(vectors.make)}"]
    return "\n".join(["import envkit", imports, "", "", *make, "", "", *body])


def comparison(vectors: Vectors, parted: Parted) -> str:
    """Prints what the vector environment gives, and what an instance alone does."""
    alone = case_of(parted.run.alone[parted.copy][: parted.parting.number + 1])
    lines = ["print(result)", f"# and what the instance number {parted.copy} does alone:", "env = make()"]
    lines += playing(alone.episodes) if alone else []
    texts = [asked for asked, _ in parted.run.outcome.told[: parted.asked]]
    return program(vectors, parted.run, texts, then=[*lines, "print(result)"])


def failing(vectors: Vectors, run: Run) -> str:
    """Does what the vector environment did not answer; before workers fork, one step is taken here, as in the check."""
    texts = [asked for asked, _ in run.outcome.told]
    last = run.outcome.asked
    step = Episode(run.plan.seeds[0], run.plan.scripts[0][:1])
    before = ["env = make()", *playing([step])] if run.way.workers else []
    return program(vectors, run, texts if last == "the constructor" else [*texts, last], before=before)


def _calls(texts: list[str]) -> list[str]:
    lines: list[str] = []
    steps: list[str] = []
    for text in [*texts, ""]:
        if text.startswith("step("):
            steps.append(text.removeprefix("step(").removesuffix(")"))
            continue
        if len(steps) > 2:
            lines += [f"for actions in [{', '.join(steps)}]:", "    result = vector.step(actions)"]
        else:
            lines += [f"result = vector.step({actions})" for actions in steps]
        steps = []
        lines += [f"result = vector.{text}"] if text else []
    return lines


def name_of(run: Run, copy: int) -> str:
    return f"copy {copy} of {len(run.plan.seeds)} in {run.way}"


def call_of(run: Run) -> str:
    """The last call, on one short line."""
    asked = run.outcome.asked
    return asked if len(asked) <= MOST_TEXT else f"{asked[: MOST_TEXT - 1]}…"
