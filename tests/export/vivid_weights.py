"""Weights under which a model answers differently for every input and every class."""

import numpy as np

SEED = 7
RELU_GAIN, SIGMOID_GAIN = 2, 32  # of the variance, for a signal that does not fade


def vivid_images(shape, count):
    """Coarse random patches: noise by the pixel averages out inside a network.

    Args:
        shape: (height, width, channels).
        count: of images.

    Returns:
        (count, height, width, channels), around 0.
    """
    rng = np.random.default_rng(SEED)
    height, width, channels = shape
    coarse = rng.uniform(-1, 1, (count, 4, 4, channels))
    rows, columns = np.arange(height) * 4 // height, np.arange(width) * 4 // width
    fine = rng.uniform(-0.1, 0.1, (count, *shape))
    return (coarse[:, rows][:, :, columns] + fine).astype("float32")


def make_vivid(model, inputs, gain=RELU_GAIN):
    """Draw every weight anew, moving averages too, and scale the last layer's.

    An untrained network is nearly blind: its answers hardly depend on the image, or are
    so large that their softmax is exactly 0 or 1, and either hides mistakes. Here no
    weight is 0 or 1, so that nothing cancels, and logits vary by about 1 from input to
    input, or at least from class to class.

    Args:
        model: of logits, whose last weights are a kernel and a bias.
        inputs: images or ids to measure it on, several.
        gain: of the kernels.
    """
    rng = np.random.default_rng(SEED)
    for weight in model.weights:
        weight.assign(_draw(rng, weight.name, tuple(weight.shape), gain))
    logits = np.asarray(model(inputs, training=False))
    logits = logits.reshape(-1, logits.shape[-1])
    ends_in_relu = logits.min() >= 0  # it would cut off what is moved below 0
    mean = 0 if ends_in_relu else logits.mean(axis=0)
    deviation = np.std(logits - mean)
    kernel, bias = model.trainable_weights[-2:]
    kernel.assign(kernel / deviation)
    bias.assign((bias - mean) / deviation)


def _draw(rng, name, shape, gain):
    if name == "gamma":
        return rng.uniform(0.8, 1.2, shape)
    if name == "moving_variance":
        return rng.uniform(0.5, 1.5, shape)
    if len(shape) < 2:
        return rng.uniform(-0.1, 0.1, shape)
    inputs = np.prod(shape[:-1])
    return rng.normal(0, np.sqrt(gain / inputs), shape)
