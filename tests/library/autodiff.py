"""What the contract needs of a backend: gradients, and a compiled function."""

import inspect

import keras
import numpy as np

BACKEND = keras.backend.backend()


def array(tensor):
    return keras.ops.convert_to_numpy(tensor)


# Keras computes in float64 on TensorFlow only: elsewhere its operations answer in
# float32, where a small step drowns in rounding and a large one in curvature.
EXACT = BACKEND == "tensorflow"
DTYPE = "float64" if EXACT else "float32"
STEP = 1e-6 if EXACT else 2e-3
ROUNDING = 1e-12 if EXACT else 1e-6
SLOPE_TOLERANCE = (
    {"rtol": 1e-6, "atol": 1e-8} if EXACT else {"rtol": 2e-2, "atol": 4e-3}
)


def surface(outputs):
    """A smooth function of all outputs, to differentiate."""
    return sum(
        keras.ops.sum(keras.ops.sin(output) * (index + 1))
        for index, output in enumerate(keras.tree.flatten(outputs))
    )


def height(outputs):
    """The same function, on the host in float64."""
    return sum(
        np.sum(np.sin(array(output).astype("float64"))) * (index + 1)
        for index, output in enumerate(keras.tree.flatten(outputs))
    )


def mode(layer, training):
    """The argument `training`, if the layer's `call` takes it."""
    takes = "training" in inspect.signature(layer.call).parameters
    return {"training": training} if takes else {}


def gradients(layer, x, training):
    """Slopes of `surface(layer(x))` along every trainable weight, then along x.

    Along x only if it is not of integers.
    """
    return globals()[f"_{BACKEND}_gradients"](layer, x, training)


def compiled(function):
    """The function through the backend's compiler: XLA, or torch's tracing."""
    if BACKEND == "tensorflow":
        import tensorflow as tf

        return tf.function(function, jit_compile=True, autograph=False)
    if BACKEND == "jax":
        import jax

        return jax.jit(function)
    import torch

    return torch.compile(function, backend="aot_eager")


def traced(function):
    """The function as a graph, for many calls, where the backend has graphs."""
    if BACKEND == "tensorflow":
        import tensorflow as tf

        return tf.function(function, autograph=False)
    return compiled(function) if BACKEND == "jax" else function


def central_differences(loss, read, write, step=STEP):
    """Slope of `loss()` along each entry of an array that can be read and written."""
    start = np.array(read(), "float64")
    slope = np.zeros_like(start)
    for index in np.ndindex(start.shape):
        for sign in (+1, -1):
            moved = start.copy()
            moved[index] += sign * step
            write(moved)
            slope[index] += sign * float(array(loss())) / (2 * step)
    write(start)
    return slope


def _tensorflow_gradients(layer, x, training):
    import tensorflow as tf

    x = tf.convert_to_tensor(x)
    weights = [w.value for w in layer.trainable_weights]
    with tf.GradientTape() as tape:
        tape.watch(x)
        value = surface(layer(x, training=training))
    sources = [*weights, x] if x.dtype.is_floating else weights
    slopes = tape.gradient(value, sources)
    return [array(tf.convert_to_tensor(slope)) for slope in slopes]


def _jax_gradients(layer, x, training):
    import jax

    def loss(trainable, x):
        outputs, _ = layer.stateless_call(
            trainable,
            [v.value for v in layer.non_trainable_variables],
            x,
            **mode(layer, training),
        )
        return surface(outputs)

    weights = [v.value for v in layer.trainable_variables]
    if x.dtype.kind == "i":
        return [array(g) for g in jax.grad(loss)(weights, x)]
    slopes, along_x = jax.grad(loss, argnums=(0, 1))(weights, x)
    return [array(g) for g in (*slopes, along_x)]


def _torch_gradients(layer, x, training):
    import torch

    x = keras.ops.convert_to_tensor(x).clone()
    weights = [w.value for w in layer.trainable_weights]
    sources = weights
    if x.is_floating_point():
        sources = [*weights, x.requires_grad_(True)]
    with torch.enable_grad():
        value = surface(layer(x, training=training))
        slopes = torch.autograd.grad(value, sources) if sources else []
    return [array(g) for g in slopes]
