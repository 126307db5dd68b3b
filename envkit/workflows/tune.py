"""Searching the hyper-parameters of a deep learner, for Python and the command line alike.

Optuna proposes (Akiba and others, 2019, arXiv:1907.10902), by tree-structured Parzen estimators (Bergstra and others,
2011, NeurIPS 24), and gives up what does worse halfway than half of the attempts before it.
"""

import math
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from envkit.core.errors import EnvironmentFailed, Interrupted, UsageError
from envkit.core.progress import Report, silent
from envkit.core.ref import EnvRef
from envkit.core.settings import check_count
from envkit.core.show import count, show
from envkit.deep.learner import Learner
from envkit.runs.directory import CONFIG, RESULT, RunDirectory
from envkit.runs.stopping import noticed
from envkit.workflows.algorithms import find
from envkit.workflows.solve import OF_NETWORKS, training_request
from envkit.workflows.training.train import check_spaces
from envkit.workflows.tuning import folder
from envkit.workflows.tuning.asked import Asked
from envkit.workflows.tuning.searching import Search
from envkit.workflows.tuning.space import space
from envkit.workflows.tuning.store import optuna
from envkit.workflows.tuning.study import Study, best, study
from envkit.workflows.tuning.tuned import Tuned

NOT_HERE = ("videos", "tensorboard", "checkpoint_every", "init", "target_return")  # nothing of an attempt is kept


def tune(
    target: Any,
    algo: str,
    *,
    trials: int = 20,
    search: Mapping[str, Any] | None = None,
    seed: int = 0,
    seeds: int = 1,
    eval_episodes: int = 100,
    prune: bool = True,
    jobs: int = 1,
    timeout: float | None = None,
    tune_dir: str | Path | None = None,
    env_kwargs: Mapping[str, Any] | None = None,
    report: Report = silent,
    **asked: Any,
) -> Tuned:
    """Searches hyper-parameters of a deep learner with which it does well.

    Args:
      target: whatever `EnvRef` can name.
      algo: a deep learner's name, or an algorithm of one's own.
      trials: attempts in all; the first one has the settings to begin with, a preset or the defaults.
      search: what is searched beside what is known, or in its place, such as `{"gamma": "0.9:0.999"}` or
        `{"net_arch": ["64", "256,256"]}`, as `envkit.workflows.tuning.dimensions` has it.
      seed: of all randomness; each attempt trains with the seeds `seed`, `seed + 1`, ...
      seeds: so many of them, whose mean counts.
      eval_episodes: played in the end by the best policy of each training.
      prune: give up what does worse halfway than half of the attempts before.
      jobs: attempts at once, in processes of their own; with several, chance has a part in what is tried.
      timeout: seconds after which no more is tried.
      tune_dir: where everything is kept; by default a new directory below `tunes`.
      env_kwargs: for the environment's constructor.
      report: told now and then how far it is.
      asked: hyper-parameters that are fixed, and what `envkit.solve` takes of networks, such as `steps` and `n_envs`.

    Raises:
      UsageError: what was asked cannot be done, or not one attempt went well.
      EnvironmentFailed: the environment failed; what was tried before is kept.
      StorageFailed: what was found cannot be kept.
      Interrupted: it was stopped; all is kept but the attempts under way.
    """
    found = find(algo)
    if not isinstance(found, Learner):
        raise UsageError(f"{found.name} makes a table, and tune is of deep learners, such as ppo")
    _check(trials, seed, seeds, eval_episodes, jobs, timeout)
    for name in NOT_HERE:
        if asked.get(name) is not None:
            raise UsageError(f"{name} is of a single training; a search keeps none of them")
    optuna()
    ref = EnvRef.of(target, **(env_kwargs or {}))
    common = {"seed": seed, "episodes": None, "eval_episodes": eval_episodes}
    request = training_request(ref, found, common, asked)
    check_spaces(request)
    fixed = {name: value for name, value in asked.items() if name not in OF_NETWORKS}
    wanted = Asked(request, space(request, search or {}, fixed), trials, seeds, prune)
    with folder.claimed(tune_dir, f"{ref}-{found.name}") as directory:
        directory.write_json(CONFIG, wanted.to_json())
        return _searched(wanted, directory, jobs, timeout, report, new=True)


def go_on(
    tune_dir: str | Path, *, trials: int | None = None, jobs: int = 1, timeout: float | None = None,
    report: Report = silent,
) -> Tuned:  # fmt: skip
    """Goes on with a search that was interrupted, or that is over.

    Args:
      tune_dir: where it is kept.
      trials: so many more of them than were asked for before.
      jobs, timeout, report: as of `tune`.

    Raises:
      UsageError: there is nothing to go on with.
      ArtifactRefused: what is there is damaged, or of something else.
      EnvironmentFailed, StorageFailed, Interrupted: as of `tune`.
    """
    _check(trials or 1, 0, 1, 1, jobs, timeout)
    optuna()
    with folder.again(Path(tune_dir)) as (directory, before):
        asked = replace(before, trials=before.trials + (trials or 0))
        if not trials and _is_over(directory):
            raise UsageError(f"{tune_dir} is complete: --trials +N makes N more trials")
        return _searched(asked, directory, jobs, timeout, report, new=False, longer=bool(trials))


def _is_over(directory: RunDirectory) -> bool:
    return (directory.path / RESULT).is_file() and directory.read_json(RESULT).get("ended") is None


def _searched(
    asked: Asked, directory: RunDirectory, jobs: int, timeout: float | None, report: Report, *, new: bool,
    longer: bool = False,
) -> Tuned:  # fmt: skip
    path, liar = directory.path, jobs > 1
    with study(path, asked.study, asked.space, asked.request.seed, new=new, prune=asked.prune, liar=liar) as kept:
        if longer:
            directory.write_json(CONFIG, asked.to_json())
        directory.remove(RESULT)
        searching = Search(asked, kept, directory, report)
        try:
            with noticed() as stop:
                why = searching.run(min(jobs, asked.trials), timeout, stop)
                if stop():
                    raise Interrupted(_said("stopped", searching), exit_code=stop.exit_code)
        except KeyboardInterrupt as error:
            raise Interrupted(_said("stopped at once", searching)) from error
        except EnvironmentFailed as error:
            raise EnvironmentFailed(_said(str(error), searching), method=error.method, cause=error.cause) from error
        tuned = _result(searching, kept, why)
    folder.finish(directory, tuned)
    return tuned


def _said(what: str, searching: Search) -> str:
    """What has ended a search, and how to go on."""
    made = len(searching.attempts)
    if not made:
        return f"{what}; not one trial had ended, so nothing is kept"
    left = f"{count(made, 'trial')} of {searching.asked.trials} {'is' if made == 1 else 'are'} kept"
    return f"{what}; {left}: envkit tune --resume {searching.directory.path}"


def _result(searching: Search, kept: Study, why: str) -> Tuned:
    """What came of it. Raises UsageError where nothing did."""
    attempts, path = searching.attempts, searching.directory.path
    if best(attempts) is None:
        failed = next((one for one in reversed(attempts) if one.why), None)
        if failed is None:
            raise UsageError(f"not one trial was over when {why}; give it more --timeout, or fewer --steps")
        said = f"{count(len(attempts), 'trial')} failed, and none went well; trial {failed.number}: {failed.why}"
        raise UsageError(f"{said} ({path} is kept)")
    return Tuned(searching.asked, attempts, path, kept.importances(), why)


def _check(trials: int, seed: int, seeds: int, eval_episodes: int, jobs: int, timeout: float | None) -> None:
    given = {"trials": trials, "seed": seed, "seeds": seeds, "eval_episodes": eval_episodes, "jobs": jobs}
    for name, value in given.items():
        check_count(name, value, 0 if name == "seed" else 1)
    if timeout is not None and (isinstance(timeout, bool) or not 0 < timeout < math.inf):
        raise UsageError(f"timeout is {show(timeout)}, not a number of seconds above 0")
