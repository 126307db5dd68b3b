"""What NumPy computes of a network, part by part, as torch does."""

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="needs the extra deep")
from envkit.deep.forward import ACTIVATIONS as BY_NUMPY  # noqa: E402 - torch may be missing
from envkit.deep.forward import Network  # noqa: E402
from envkit.deep.network import ACTIVATIONS as BY_TORCH  # noqa: E402

FAR = np.array([-200.0, -80.0, -5.0, -1.0, -1e-4, 0.0, 1e-4, 0.5, 3.0, 80.0, 200.0], np.float32)


@pytest.mark.parametrize("name", BY_TORCH)
def test_an_activation_is_what_torch_makes_of_it(name):
    values = np.concatenate([FAR, np.random.default_rng(0).normal(0, 3, 500).astype(np.float32)])
    ours = BY_NUMPY[name](values)
    theirs = getattr(torch.nn, BY_TORCH[name])()(torch.from_numpy(values)).numpy()
    np.testing.assert_allclose(ours, theirs, atol=1e-6, rtol=1e-5)
    assert ours.dtype == np.float32


def network(*layers, head=None, **arrays):
    return Network(
        {"observation": {"kind": "flat"}, "layers": list(layers), "head": head or {"kind": "greedy"}}, arrays
    )


def test_the_mean_of_quantiles():
    outputs = np.arange(6, dtype=np.float32)  # three quantiles of two actions
    found = network({"kind": "mean", "of": 3}).outputs(outputs)
    np.testing.assert_array_equal(found, [2, 3])


def test_what_is_not_available_is_never_taken():
    masked = network(head={"kind": "categorical", "masked": True})
    logits = np.array([5.0, 1.0, 0.0, 4.0], np.float32)
    mask = np.array([0, 1, 1, 0], np.int8)
    assert masked.action(logits, None, mask) == 1
    assert masked.action(logits, None) == 0
    rng = np.random.default_rng(0)
    drawn = [int(masked.action(logits, rng, mask)) for _ in range(2000)]
    assert set(drawn) == {1, 2}
    assert np.mean(np.array(drawn) == 1) == pytest.approx(1 / (1 + np.exp(-1)), abs=0.04)


def test_a_mask_is_for_those_that_were_trained_with_one():
    assert network(head={"kind": "categorical"}).action(np.array([5.0, 1.0], np.float32), None, np.array([0, 1])) == 0
