"""What a model answers under which name: TensorFlow Serving's signatures.

Every model has `serving_default`, which predicts. Of a model with one input, a number
for each class can be asked for with `:classify`, and single numbers with `:regress`:
under `classify_INPUT_to_OUTPUT` and `regress_INPUT_to_OUTPUT`. Where there is only one
of a method, it is also meant by the method's name, and by none.
"""

from dataclasses import dataclass

from kerasheet_serving.errors import InvalidArgument
from kerasheet_serving.manifest import Manifest
from kerasheet_serving.specs import TensorSpec

DEFAULT = "serving_default"
PROBABILITIES = "probabilities"
METHODS = {
    "predict": "tensorflow/serving/predict",
    "classify": "tensorflow/serving/classify",
    "regress": "tensorflow/serving/regress",
}
_KINDS = {"classify": "classification", "regress": "regression"}


@dataclass(frozen=True)
class Scored:
    """A signature that answers examples with numbers.

    Args:
        output: of the model, that has the numbers.
        labels: of the classes; none if they have none, or if it is no classifier.
    """

    output: str
    labels: tuple[str, ...] = ()


def scored_signature(manifest: Manifest, method: str, name: str) -> Scored:
    """What `method`, classify or regress, answers under a name.

    Raises:
        InvalidArgument: there is no such signature, or it is of another method.
    """
    signatures = {kind: _scored_signatures(manifest, kind) for kind in _KINDS}
    if name in signatures[method]:
        return signatures[method][name]
    was = next((kind for kind in _KINDS if name in signatures[kind]), "predict")
    if name == DEFAULT:
        was = "predict"
    elif was == "predict":
        raise InvalidArgument(f"No signature was found with the name: {name}")
    raise InvalidArgument(
        f"Expected {_KINDS[method]} signature method_name to be {METHODS[method]}. "
        f"Was: {METHODS[was]}"
    )


def has_signature(manifest: Manifest, method: str) -> bool:
    """Whether a model answers `method`, classify or regress, without a name."""
    return DEFAULT in _scored_signatures(manifest, method)


def _scored_signatures(manifest: Manifest, method: str) -> dict[str, Scored]:
    if len(manifest.inputs) != 1 or not _fits_an_example(manifest.inputs[0]):
        return {}
    if method == "classify":
        outputs = _class_outputs(manifest)
    else:
        outputs = [spec for spec in manifest.outputs if _is_single_number(spec)]
    found = {
        f"{method}_{manifest.inputs[0].name}_to_{spec.name}": Scored(
            spec.name, _labels(manifest, spec) if method == "classify" else ()
        )
        for spec in outputs
    }
    if len(found) == 1:
        [only] = found.values()
        found |= {method: only, DEFAULT: only}
    return found


def _class_outputs(manifest: Manifest) -> list[TensorSpec]:
    """The probabilities, or the only output, if it may be numbers of classes."""
    named = [spec for spec in manifest.outputs if spec.name == PROBABILITIES]
    outputs = named or (manifest.outputs if len(manifest.outputs) == 1 else ())
    return [s for s in outputs if s.dtype == "float32" and len(s.shape) in (1, 2)]


def _labels(manifest: Manifest, spec: TensorSpec) -> tuple[str, ...]:
    """Names of the classes, or their numbers as export has them, or none."""
    classes = spec.shape[-1]
    if len(spec.shape) != 2 or not isinstance(classes, int):
        return ()
    if len(manifest.labels) == classes:
        return manifest.labels
    is_classifier = spec.name == PROBABILITIES or "classify" in manifest.signatures
    return tuple(map(str, range(classes))) if is_classifier else ()


def _fits_an_example(spec: TensorSpec) -> bool:
    """Whether a list of numbers says which tensor it is: one size at most varies."""
    return bool(spec.shape) and sum(isinstance(d, str) for d in spec.shape[1:]) <= 1


def _is_single_number(spec: TensorSpec) -> bool:
    return (
        spec.dtype == "float32" and len(spec.shape) > 0 and spec.shape[1:] in ((), (1,))
    )
