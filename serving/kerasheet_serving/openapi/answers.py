"""Answers of success, by name, as schemas of JSON."""

from kerasheet_serving.openapi.schemas import TEXT, Schema, record

_LIST: Schema = {"type": "array"}
_TENSOR = record({"name": TEXT, "datatype": TEXT, "shape": _LIST})


def _list(items: Schema) -> Schema:
    return {"type": "array", "items": items}


ERROR = record({"error": TEXT})
ANSWERS: dict[str, Schema] = {
    "Error": ERROR,
    "Predictions": {
        "oneOf": [record({"predictions": _LIST}), record({"outputs": {}})],
    },
    "Results": record({"results": _LIST}),
    "Text": record({"text": TEXT}),
    "Status": record(
        {
            "model_version_status": _list(
                record(
                    {
                        "version": TEXT,
                        "state": {
                            "enum": [
                                "UNKNOWN",
                                "START",
                                "LOADING",
                                "AVAILABLE",
                                "UNLOADING",
                                "END",
                            ]
                        },
                        "status": record({"error_code": TEXT, "error_message": TEXT}),
                    }
                )
            )
        }
    ),
    "Signatures": record(
        {
            "model_spec": record({"name": TEXT, "version": TEXT}),
            "metadata": {"type": "object"},
        }
    ),
    "Server": record({"name": TEXT, "version": TEXT, "extensions": _list(TEXT)}),
    "Model": record(
        {
            "name": TEXT,
            "versions": _list(TEXT),
            "platform": TEXT,
            "inputs": _list(_TENSOR),
            "outputs": _list(_TENSOR),
        }
    ),
    "Inference": record(
        {"model_name": TEXT, "model_version": TEXT, "outputs": _list(_TENSOR)}
    ),
    "ModelReady": record({"name": TEXT, "ready": {"type": "boolean"}}),
    "Live": record({"live": {"type": "boolean"}}),
    "Ready": record({"ready": {"type": "boolean"}}),
    "Index": _list(
        record(
            {
                "name": TEXT,
                "version": TEXT,
                "state": {"enum": ["READY", "UNAVAILABLE", "LOADING", "UNLOADING"]},
                "reason": TEXT,
            }
        )
    ),
    "Nothing": {"type": "object", "maxProperties": 0},
    "Models": _list(record({"name": TEXT, "kind": TEXT, "versions": _LIST})),
    "Document": record({"openapi": TEXT, "paths": {"type": "object"}}),
}
