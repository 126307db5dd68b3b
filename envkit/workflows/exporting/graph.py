"""A network as an ONNX model: observation in, action out, scaling and all."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from envkit.core.optional import need
from envkit.deep.normalizer import CLIP, EPSILON
from envkit.workflows.exporting.runner import SEVERAL, NotSayable

OPSET = 17
ACTIVATIONS = {"tanh": "Tanh", "relu": "Relu", "elu": "Elu", "leaky-relu": "LeakyRelu", "sigmoid": "Sigmoid"}

RUNNER = '''"""{title}. `policy = Policy(); action = policy(observation)`, and policy.reset() before each episode."""

from pathlib import Path

import numpy as np
import onnxruntime


class Policy:
    def __init__(self, file=Path(__file__).with_name("policy.onnx")):
        self.session = onnxruntime.InferenceSession(str(file), providers=["CPUExecutionProvider"])

    def reset(self):
        pass  # nothing is remembered from step to step

    def __call__(self, observation):
        (action,) = self.session.run(None, {{"observation": np.asarray(observation, np.float32){turned}}})
        return {back}
'''


def model(
    plan: Mapping[str, Any], arrays: Mapping[str, Any], shape: Sequence[int], acted: Sequence[int], *, scaled: bool
) -> bytes:
    """The model as a file holds it; its input is `observation`, float32 of this shape, and its only output an action.

    Args:
      acted: the shape of an action.

    Raises:
      NotSayable: for observations of several parts, and activations that are no single operation.
    """
    onnx = need("onnx", extra="export", purpose="writing ONNX")
    graph = _Graph(onnx)
    x = "observation"
    if scaled:
        deviation = np.sqrt(arrays["normalizer/variance/"] + EPSILON)
        x = graph.add("Sub", x, graph.constant(arrays["normalizer/mean/"]))
        x = graph.add("Div", x, graph.constant(deviation))
        x = graph.add("Clip", x, graph.constant(-CLIP), graph.constant(CLIP))
    x = _first(plan["observation"], x, graph, tuple(shape))
    for layer in plan["layers"]:
        x = _layer(layer, x, graph, arrays)
    action, kind = _last(plan["head"], x, graph, arrays)
    helper = onnx.helper
    inputs = [helper.make_tensor_value_info("observation", onnx.TensorProto.FLOAT, list(shape))]
    outputs = [helper.make_tensor_value_info(action, kind, list(acted))]
    made = helper.make_graph(graph.nodes, "policy", inputs, outputs, graph.constants)
    whole = helper.make_model(
        made, opset_imports=[helper.make_opsetid("", OPSET)], producer_name="envkit", ir_version=8
    )
    onnx.checker.check_model(whole)
    data: bytes = whole.SerializeToString()
    return data


class _Graph:
    """Nodes and constants under numbers."""

    def __init__(self, onnx: Any):
        self.onnx = onnx
        self.nodes: list[Any] = []
        self.constants: list[Any] = []

    def add(self, operation: str, *inputs: str, **attributes: Any) -> str:
        """The name of what the operation gives."""
        name = f"x{len(self.nodes)}"
        self.nodes.append(self.onnx.helper.make_node(operation, list(inputs), [name], **attributes))
        return name

    def constant(self, value: Any, dtype: Any = np.float32) -> str:
        name = f"c{len(self.constants)}"
        self.constants.append(self.onnx.numpy_helper.from_array(np.asarray(value, dtype), name))
        return name


def _first(plan: Mapping[str, Any], x: str, graph: _Graph, shape: tuple[int, ...]) -> str:
    kind = plan["kind"]
    if kind == "flat":
        return graph.add("Reshape", x, graph.constant([-1], np.int64))
    if kind == "image":
        turned = x if shape == tuple(plan["shape"]) else graph.add("Transpose", x, perm=[2, 0, 1])
        scaled = graph.add("Div", turned, graph.constant(255)) if plan["scaled"] else turned
        return graph.add("Unsqueeze", scaled, graph.constant([0], np.int64))
    if kind == "one-hot" and len(plan["sizes"]) == 1:
        whole = graph.add("Cast", x, to=graph.onnx.TensorProto.INT64)
        flat = graph.add("Reshape", whole, graph.constant([1], np.int64))
        rows = graph.add("OneHot", flat, graph.constant(plan["sizes"][0], np.int64), graph.constant([0, 1]))
        return graph.add("Reshape", rows, graph.constant([-1], np.int64))
    raise NotSayable(SEVERAL)


def _layer(layer: Mapping[str, Any], x: str, graph: _Graph, arrays: Mapping[str, Any]) -> str:
    kind = layer["kind"]
    if kind == "flatten":
        return graph.add("Reshape", x, graph.constant([-1], np.int64))
    if kind in ACTIVATIONS:
        return graph.add(ACTIVATIONS[kind], x)
    if kind == "mean":
        rows = graph.add("Reshape", x, graph.constant([layer["of"], -1], np.int64))
        return graph.add("MatMul", graph.constant([1 / layer["of"]] * layer["of"]), rows)
    if kind not in ("linear", "conv"):
        raise NotSayable(f"the activation {kind}")
    weight, bias = (graph.constant(arrays[f"{layer['name']}.{part}"]) for part in ("weight", "bias"))
    if kind == "conv":
        return graph.add("Conv", x, weight, bias, strides=layer["stride"])
    return graph.add("Add", graph.add("MatMul", weight, x), bias)


def _last(head: Mapping[str, Any], x: str, graph: _Graph, arrays: Mapping[str, Any]) -> tuple[str, int]:
    """(the action's name, its type)."""
    kind, types = head["kind"], graph.onnx.TensorProto
    if kind in ("greedy", "categorical"):
        return graph.add("ArgMax", x, axis=0, keepdims=0), types.INT64
    if kind == "multi-categorical":
        sizes = graph.constant(head["sizes"], np.int64)
        names = [f"part{number}" for number in range(len(head["sizes"]))]
        graph.nodes.append(graph.onnx.helper.make_node("Split", [x, sizes], names, axis=0))
        chosen = [graph.add("ArgMax", name, axis=0, keepdims=1) for name in names]
        together = graph.add("Concat", *chosen, axis=0)
        return graph.add("Reshape", together, graph.constant(head["shape"], np.int64)), types.INT64
    if kind == "bernoulli":
        on = graph.add("Cast", graph.add("Greater", x, graph.constant(0)), to=types.INT8)
        return graph.add("Reshape", on, graph.constant(head["shape"], np.int64)), types.INT8
    low, high = arrays["low"], arrays["high"]
    shaped = graph.add("Reshape", x, graph.constant(low.shape, np.int64))
    if kind == "gaussian":
        least = graph.add("Max", shaped, graph.constant(low))
        return graph.add("Min", least, graph.constant(high)), types.FLOAT
    scaled = graph.add("Mul", graph.add("Tanh", shaped), graph.constant((high - low) / 2))
    return graph.add("Add", scaled, graph.constant((high + low) / 2)), types.FLOAT
