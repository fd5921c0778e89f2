"""Models that were trained in 16 bits, as they are exported."""

import keras


def in_float32(model: keras.Model) -> keras.Model:
    """A model that computes in float32 with the same weights.

    Mixed precision keeps weights in float32 and computes in 16 bits for speed while
    training; ONNX and most processors have no kernels for that. A model without it is
    given back as it is.
    """
    layers = [layer for layer in model.layers if isinstance(layer, keras.Layer)]
    if all(layer.compute_dtype == layer.variable_dtype for layer in layers):
        return model

    def build(layer: keras.Layer | keras.Operation) -> keras.Layer | keras.Operation:
        config = layer.get_config()
        if isinstance(layer, keras.Layer):
            config["dtype"] = layer.variable_dtype
        return type(layer).from_config(config)

    exact = keras.models.clone_model(model, clone_function=build)
    exact.set_weights(model.get_weights())
    return exact
