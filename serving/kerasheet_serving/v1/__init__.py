"""TensorFlow Serving's REST protocol, from the path to the answer."""
