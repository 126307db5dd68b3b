"""What rules say about episodes that part in another process: where, and the program that plays up to there."""

from envkit.check.judging.pairs import Parting, make_text, playing
from envkit.check.probes.processes import Processes, Rounds, differences
from envkit.core.case import Episode


def first_parting(left: Rounds, right: Rounds, *, infos: bool = False) -> tuple[int, int, Parting] | None:
    """(instance, script, where they part), the one with the fewest calls before; None where all agree."""
    found = list(differences(left, right, infos=infos))
    return min(found, key=lambda each: (each[2].in_info, each[1] + each[2].number, each[0]), default=None)


def lines_of(processes: Processes, number: int, parting: Parting) -> list[str]:
    """Lines that make an instance and play one script up to where it parts; its answer is left in `result`."""
    seed, actions = processes.scripts[number]
    episode = Episode(seed, tuple(actions[: parting.number]))
    return [f"env = {make_text(processes.make)}", *playing([episode])]


def place(processes: Processes, number: int, parting: Parting) -> str:
    reset = f"reset(seed={processes.scripts[number][0]})"
    return f"{parting.call}, step {parting.number} after {reset}" if parting.number else f"env.{reset}"
