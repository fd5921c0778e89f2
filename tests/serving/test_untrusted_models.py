"""What a model file cannot do, whoever made it: read other files, bring code along."""

import pytest
from onnx import TensorProto, helper

from kerasheet_serving import RepositoryError
from kerasheet_serving.loading import load

ROWS = ["batch", 2]


def saved(root, node, *initializers):
    """A version that holds nothing but a graph of one node, from x to y."""
    x, y = (
        helper.make_tensor_value_info(name, TensorProto.FLOAT, ROWS) for name in "xy"
    )
    graph = helper.make_graph([node], "graph", [x], [y], initializers)
    operators = [helper.make_opsetid("", 17), helper.make_opsetid("own", 1)]
    model = helper.make_model(graph, opset_imports=operators, ir_version=8)
    path = root / "M" / "1"
    path.mkdir(parents=True)
    (path / "model.onnx").write_bytes(model.SerializeToString())
    return path


def kept_at(location):
    """Two weights that the graph says are kept in another file."""
    weights = TensorProto(
        name="w",
        dims=[2],
        data_type=TensorProto.FLOAT,
        data_location=TensorProto.EXTERNAL,
    )
    for key, value in (("location", location), ("offset", "0"), ("length", "8")):
        weights.external_data.add(key=key, value=value)
    return weights


def add(root, location):
    return saved(root, helper.make_node("Add", ["x", "w"], ["y"]), kept_at(location))


def test_weights_beside_the_graph_are_read(tmp_path):
    path = add(tmp_path, "weights")
    (path / "weights").write_bytes(bytes(8))
    assert [str(spec) for spec in load(tmp_path, path, 1).manifest.outputs] == [
        "y float32[batch, 2]"
    ]


@pytest.mark.parametrize("location", ["../../secret", "../../../secret", "{}/secret"])
def test_weights_elsewhere_are_not_read(tmp_path, location):
    for place in (tmp_path, tmp_path / "models"):
        place.mkdir(exist_ok=True)
        (place / "secret").write_bytes(bytes(8))
    path = add(tmp_path / "models", location.format(tmp_path))
    with pytest.raises(RepositoryError, match="External data path"):
        load(tmp_path / "models", path, 1)


def test_an_operator_that_needs_code_of_its_own_is_refused(tmp_path):
    path = saved(tmp_path, helper.make_node("Own", ["x"], ["y"], domain="own"))
    with pytest.raises(RepositoryError, match=r"Own.* is not a registered function"):
        load(tmp_path, path, 1)
