"""Backpropagation through time by hand, against differences and without recursion."""

import keras
import numpy as np
import pytest
from autodiff import DTYPE, EXACT, SLOPE_TOLERANCE, array, central_differences

from kerasheet.ops import RnnWeights, bptt, bptt_expanded, cross_entropy

STEPS, FEATURES, HIDDEN, CLASSES = 5, 3, 4, 2


def problem():
    """(weights, x, labels, initial)."""
    rng = np.random.default_rng(0)
    shapes = ((HIDDEN, FEATURES), (HIDDEN, HIDDEN), (CLASSES, HIDDEN))
    weights = RnnWeights(*(0.7 * rng.normal(size=s).astype(DTYPE) for s in shapes))
    x = rng.normal(size=(STEPS, FEATURES)).astype(DTYPE)
    labels = rng.integers(CLASSES, size=STEPS)
    return weights, x, labels, rng.normal(size=HIDDEN).astype(DTYPE)


def definition(weights, x, labels, initial):
    """§7.8 step by step: the mean loss."""
    h, losses = initial.astype("float64"), []
    for x_t, y_t in zip(x, labels, strict=True):
        h = weights.w_hx @ x_t + weights.w_hh @ h
        o = weights.w_qh @ h
        losses.append(np.log(np.exp(o).sum()) - o[y_t])
    return np.mean(losses)


def test_the_loss_is_the_mean_over_the_steps():
    arguments = problem()
    found = float(array(bptt(*arguments).L))
    assert found == pytest.approx(definition(*arguments), rel=1e-5)


@pytest.mark.parametrize("name", RnnWeights._fields)
def test_slopes_along_the_weights_are_the_central_differences(name):
    weights, x, labels, initial = problem()
    weight = getattr(weights, name)
    exact = weight.astype("float64")
    moving = weights._replace(**{name: exact})
    numeric = central_differences(
        lambda: definition(moving, x, labels, initial),
        exact.copy,
        lambda moved: np.copyto(exact, moved),
        step=1e-6,
    )
    found = array(getattr(bptt(weights, x, labels, initial).along_weights, name))
    np.testing.assert_allclose(found, numeric, **SLOPE_TOLERANCE)


@pytest.mark.skipif(not EXACT, reason="differentiates with TensorFlow's tape")
def test_all_slopes_are_those_of_automatic_differentiation():
    """Of §7.8 written as a plain loop, in which nothing has a gradient by hand."""
    import tensorflow as tf

    weights, x, labels, initial = problem()
    w_hx, w_hh, w_qh = exact = [tf.constant(weight) for weight in weights]
    with tf.GradientTape() as tape:
        tape.watch(exact)
        h, states, logits = tf.constant(initial), [], []
        for x_t in x:
            h = tf.linalg.matvec(w_hx, x_t) + tf.linalg.matvec(w_hh, h)
            states.append(h)
            logits.append(tf.linalg.matvec(w_qh, h))
        loss = cross_entropy(keras.ops.stack(logits), labels, "mean")
    along_o, along_h, along_weights = tape.gradient(loss, [logits, states, exact])
    slopes = bptt(weights, x, labels, initial)
    np.testing.assert_allclose(array(slopes.along_o), along_o, atol=1e-12)
    np.testing.assert_allclose(array(slopes.along_h), along_h, atol=1e-12)
    for one, other in zip(slopes.along_weights, along_weights, strict=True):
        np.testing.assert_allclose(array(one), other, atol=1e-12)


def test_the_recursion_and_the_expanded_sum_are_the_same_at_every_step():
    weights, *rest = problem()
    slopes = bptt(weights, *rest)
    for step in range(1, STEPS + 1):
        expanded = array(bptt_expanded(weights, slopes.along_o, step))
        found = array(slopes.along_h)[step - 1]
        np.testing.assert_allclose(found, expanded, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("step", [0, STEPS + 1, 1.0])
def test_refuses_a_step_that_is_none(step):
    weights, *rest = problem()
    slopes = bptt(weights, *rest)
    with pytest.raises(ValueError) as error:
        bptt_expanded(weights, slopes.along_o, step)
    assert str(error.value) == (
        f"bptt_expanded of 5 steps needs `step` from 1 to 5. Received: step={step!r}."
    )
