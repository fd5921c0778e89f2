"""Messages of TensorFlow Serving's text files that tensorflow-serving-api leaves out.

Its package has `ModelServerConfig`, but neither of the two that are restated here from
session_bundle_config.proto and monitoring_config.proto of TensorFlow Serving 2.x: text
files are read by the names and types of fields alone.
"""

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from google.protobuf import wrappers_pb2 as wrappers

FIELD = descriptor_pb2.FieldDescriptorProto
INT64 = ".google.protobuf.Int64Value"
MESSAGES = {
    "BatchingParameters": {
        "max_batch_size": INT64,
        "batch_timeout_micros": INT64,
        "max_enqueued_batches": INT64,
        "num_batch_threads": INT64,
        "thread_pool_name": ".google.protobuf.StringValue",
        "allowed_batch_sizes": FIELD.TYPE_INT64,
        "pad_variable_length_inputs": FIELD.TYPE_BOOL,
    },
    "PrometheusConfig": {"enable": FIELD.TYPE_BOOL, "path": FIELD.TYPE_STRING},
    "MonitoringConfig": {"prometheus_config": ".kerasheet.tests.PrometheusConfig"},
}
REPEATED = {"allowed_batch_sizes"}


def message(name):
    """The class of a message."""
    pool = descriptor_pool.DescriptorPool()
    pool.AddSerializedFile(wrappers.DESCRIPTOR.serialized_pb)
    pool.Add(_file())
    return message_factory.GetMessageClass(
        pool.FindMessageTypeByName(f"kerasheet.tests.{name}")
    )


def _file():
    file = descriptor_pb2.FileDescriptorProto(
        name="restated.proto",
        package="kerasheet.tests",
        syntax="proto3",
        dependency=["google/protobuf/wrappers.proto"],
    )
    for name, fields in MESSAGES.items():
        described = file.message_type.add(name=name)
        for number, (field, kind) in enumerate(fields.items(), 1):
            label = FIELD.LABEL_REPEATED if field in REPEATED else FIELD.LABEL_OPTIONAL
            added = described.field.add(name=field, number=number, label=label)
            if isinstance(kind, str):
                added.type, added.type_name = FIELD.TYPE_MESSAGE, kind
            else:
                added.type = kind
    return file
