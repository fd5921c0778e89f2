"""The image models that the benchmarks go through, in the sizes that were published."""

SIZES = {
    "softmax_regression": 28,
    "mlp": 28,
    "lenet": 28,
    "lenet_batch_norm": 28,
    "alexnet": 224,
    "vgg11_eighth": 224,
    "nin": 224,
    "googlenet": 96,
    "resnet18": 96,
    "densenet": 96,
}
"""Pixels across. Of VGG it is the width that the book's first edition trains."""

CONVOLUTIONAL = tuple(SIZES)[2:]
