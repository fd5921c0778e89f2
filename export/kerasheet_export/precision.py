"""Models that were trained in 16 bits, as they are exported."""

import keras


def in_float32(model: keras.Model) -> keras.Model:
    """A model that computes in float32 with the same weights.

    Mixed precision keeps weights in float32 and computes in 16 bits for speed while
    training; ONNX and most processors have no kernels for that. A model without it is
    given back as it is.
    """
    if not _is_mixed(model):
        return model
    exact = keras.models.clone_model(model, clone_function=_exact)
    exact.set_weights(model.get_weights())
    return exact


def _is_mixed(layer: keras.Layer | keras.Operation) -> bool:
    if isinstance(layer, keras.Model):
        return any(_is_mixed(one) for one in layer.layers)
    return (
        isinstance(layer, keras.Layer) and layer.compute_dtype != layer.variable_dtype
    )


def _exact(layer: keras.Layer | keras.Operation) -> keras.Layer | keras.Operation:
    if isinstance(layer, keras.Sequential):  # a clone would keep its input in 16 bits
        layers = [_exact(one) for one in layer.layers]
        return keras.Sequential(layers, name=layer.name)
    if isinstance(layer, keras.Model):
        return keras.models.clone_model(layer, clone_function=_exact)
    config = layer.get_config()
    if isinstance(layer, keras.Layer):
        config["dtype"] = layer.variable_dtype
    return type(layer).from_config(config)
