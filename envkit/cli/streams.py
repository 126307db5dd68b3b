"""Standard output belongs to the command's own answer: what an environment prints there goes to standard error."""

import contextlib
import os
import sys
from collections.abc import Iterator


@contextlib.contextmanager
def clean_stdout() -> Iterator[None]:
    """Leads to stderr whatever is written to stdout meanwhile, by Python or by native code."""
    with contextlib.redirect_stdout(sys.stderr), _descriptor_redirected():
        yield


@contextlib.contextmanager
def _descriptor_redirected() -> Iterator[None]:
    """Leads file descriptor 1 to where 2 leads; does nothing where one of them is closed."""
    try:
        _flush()
        kept = os.dup(1)
        os.dup2(2, 1)
    except OSError:
        yield
        return
    try:
        yield
    finally:
        with contextlib.suppress(OSError):
            _flush()
        os.dup2(kept, 1)
        os.close(kept)


def _flush() -> None:
    """Writes out what Python and C keep back, so that each text goes where it was meant to."""
    import ctypes

    if sys.__stdout__ is not None and not sys.__stdout__.closed:
        sys.__stdout__.flush()
    with contextlib.suppress(OSError, AttributeError, TypeError):  # C's library has another name on Windows
        ctypes.CDLL(None).fflush(None)
