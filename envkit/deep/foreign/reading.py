"""A model that Stable-Baselines3 has saved, as plain tensors and plain text.

`model.save` writes a zip archive: `policy.pth`, the weights, which torch reads without executing anything
(`weights_only`), and `data`, a JSON text of the model's attributes. What JSON cannot hold stands there as a pickle, and
a pickle is a program: those are never looked at. Beside each of them its type and its parts are given as people read
them, and that is what `data` is used for here.

Source: stable_baselines3/common/save_util.py; torch's notes on serialization semantics.
"""

import hashlib
import io
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from envkit.core.errors import ArtifactRefused, UsageError
from envkit.core.optional import need
from envkit.core.show import error_line
from envkit.runs.archives import OWN_NAME, member, opened
from envkit.runs.arrays import Arrays

DATA, WEIGHTS = "data", "policy.pth"
MOST = {DATA: 64 * 2**20, WEIGHTS: 128 * 2**20}
MOST_FILE = 1024 * 2**20  # optimisers are in it too, twice the weights and more
MOST_INDEX = 4 * 2**20  # of what says which tensor is where; a large network's takes some hundred kilobytes
ENDING = ".zip"


@dataclass(frozen=True, eq=False)
class Foreign:
    """A saved model.

    Args:
      content: the whole file.
      about: the attributes of the model, by name; the readable ones.
    """

    path: Path
    content: bytes
    about: Mapping[str, Any]
    _weights: bytes

    @cached_property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()

    @cached_property
    def tensors(self) -> Arrays:
        """The weights by name, all of them finite and of single precision. Raises ArtifactRefused."""
        return _tensors(self._weights, f"{WEIGHTS} in {self.path}")


def is_model(path: Path) -> bool:
    """Whether a path names a file as `model.save` makes them, be it whole or not."""
    return path.suffix.lower() == ENDING and path.is_file()


def read(path: Path) -> Foreign:
    """The model in a file; of what is in it nothing is executed.

    Raises:
      UsageError: the file cannot be read.
      ArtifactRefused: it is damaged, or no model.
    """
    content = _content(path)
    with opened(content, str(path)) as archive:
        weights = member(archive, WEIGHTS, str(path), MOST)
        text = member(archive, DATA, str(path), MOST)
    try:
        about = json.loads(text)
    except (ValueError, RecursionError, MemoryError) as error:
        raise ArtifactRefused(f"{DATA} in {path} is no JSON: {error_line(error)}") from error
    if not isinstance(about, Mapping):
        raise ArtifactRefused(f"{DATA} in {path} is no JSON object, so it is of no model")
    return Foreign(path, content, about, weights)


def _content(path: Path) -> bytes:
    try:
        size = path.stat().st_size
        if size > MOST_FILE:
            raise ArtifactRefused(f"{path} has {size:,} bytes; more than {MOST_FILE:,} are not read")
        return path.read_bytes()
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror or error}") from error


def _tensors(weights: bytes, what: str) -> Arrays:
    torch = need("torch", extra="deep", purpose=f"reading {what}")
    with opened(weights, what, names=OWN_NAME) as archive:
        for info in archive.infolist():
            if info.compress_type != 0:  # torch never packs, and reads what is packed without a bound
                raise ArtifactRefused(f"{what} holds {info.filename} packed, which torch never does")
            if info.filename.endswith("/data.pkl") and info.file_size > MOST_INDEX:
                raise ArtifactRefused(f"{what} has an index of {info.file_size:,} bytes; no network needs that")
    try:
        found = torch.load(io.BytesIO(weights), map_location="cpu", weights_only=True)
    except Exception as error:  # of a file that means harm torch may say anything
        why = re.split(r"[.\n]", error_line(error).replace("Weights only load failed. ", ""))[0]
        raise ArtifactRefused(f"{what} is damaged, or holds more than tensors, and is not read: {why}") from error
    if not isinstance(found, Mapping) or not found:
        raise ArtifactRefused(f"{what} holds a {type(found).__name__}, not tensors by name")
    return {_name(name, what): _array(tensor, f"{name} of {what}", torch) for name, tensor in found.items()}


def _name(name: Any, what: str) -> str:
    if not isinstance(name, str):
        raise ArtifactRefused(f"{what} holds something under {name!r:.40}, which is no name")
    return name


def _array(tensor: Any, what: str, torch: Any) -> Any:
    """A tensor as an array that shares its memory."""
    if not isinstance(tensor, torch.Tensor):
        raise ArtifactRefused(f"{what} is a {type(tensor).__name__}, not a tensor")
    if tensor.dtype != torch.float32:
        raise ArtifactRefused(f"{what} is of {tensor.dtype}, not of torch.float32")
    # Steps of 0 or backwards would make a large array out of few bytes.
    if tensor.layout != torch.strided or tensor.device.type != "cpu" or not tensor.is_contiguous():
        raise ArtifactRefused(f"{what}, {tuple(tensor.shape)}, does not lie in memory as weights do")
    array = tensor.detach().numpy()
    if not np.isfinite(array).all():
        raise ArtifactRefused(f"{what} holds numbers that are not finite")
    return array
