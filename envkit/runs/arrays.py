"""Arrays in files: npz archives of plain arrays, written with their version and read without pickle."""

import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from envkit.core.errors import ArtifactRefused
from envkit.core.show import error_line

LARGE = 16 * 2**20  # bytes from which on compressing takes longer than what they are of can wait
FORMAT = 1  # the version of what the kit's own files hold

Arrays = Mapping[str, npt.NDArray[Any]]


def packed(arrays: Arrays) -> bytes:
    """As a file holds it."""
    buffer = io.BytesIO()
    stored: dict[str, Any] = {"format": np.array(FORMAT), **arrays}
    write = np.savez_compressed if sum(value.nbytes for value in stored.values()) < LARGE else np.savez
    write(buffer, **stored)
    return buffer.getvalue()


def unpacked(path: Path) -> dict[str, npt.NDArray[Any]]:
    """The arrays of a file.

    Raises:
      ArtifactRefused: when it is damaged, foreign, or of another version.
    """
    try:
        with np.load(io.BytesIO(path.read_bytes()), allow_pickle=False) as stored:
            arrays = {name: stored[name] for name in stored.files}
        version = int(arrays.pop("format"))
    except FileNotFoundError as error:
        raise ArtifactRefused(f"{path} is missing") from error
    except KeyError as error:
        raise ArtifactRefused(f"{path} is damaged, or not of envkit: it has no {error}") from error
    except Exception as error:  # a damaged archive raises almost anything
        if "pickle" in str(error):  # NumPy's advice is to trust it
            told = f"{path} is damaged, or not of envkit: it holds something else than arrays, which is never read"
            raise ArtifactRefused(told) from error
        raise ArtifactRefused(f"{path} is damaged, or not of envkit: {error_line(error)}") from error
    if version != FORMAT:
        raise ArtifactRefused(f"{path} is of version {version}, and this envkit reads version {FORMAT}")
    return arrays
