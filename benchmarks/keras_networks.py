"""The sheet's networks as people write them with keras.layers.

Shapes, layers and parameters are ours. Where a convolution or pooling of stride 2 has
explicit padding in the book, these have `"same"`, as the book's own TensorFlow code: it
pads as many pixels, to other sides, without a layer of its own.
"""

from collections.abc import Callable

from keras import Input, Model, Sequential, layers


def softmax_regression() -> list[layers.Layer]:
    """Sheet §1."""
    return [layers.Flatten(), layers.Dense(10)]


def mlp() -> list[layers.Layer]:
    """Sheet §2."""
    return [layers.Flatten(), layers.Dense(256, "relu"), layers.Dense(10)]


def mlp_dropout() -> list[layers.Layer]:
    """Sheet §4."""
    return [
        layers.Flatten(),
        layers.Dense(256, "relu"),
        layers.Dropout(0.2),
        layers.Dense(256, "relu"),
        layers.Dropout(0.5),
        layers.Dense(10),
    ]


def lenet() -> list[layers.Layer]:
    """Sheet §6.6."""
    return [
        layers.Conv2D(6, 5, activation="sigmoid"),
        layers.MaxPooling2D(2),
        layers.Conv2D(16, 5, activation="sigmoid"),
        layers.MaxPooling2D(2),
        layers.Flatten(),
        layers.Dense(120, "sigmoid"),
        layers.Dense(84, "sigmoid"),
        layers.Dense(10),
    ]


def lenet_batch_norm() -> list[layers.Layer]:
    """Sheet §6.11."""
    return [
        layers.Conv2D(6, 5),
        _norm(),
        layers.Activation("sigmoid"),
        layers.MaxPooling2D(2),
        layers.Conv2D(16, 5),
        _norm(),
        layers.Activation("sigmoid"),
        layers.MaxPooling2D(2),
        layers.Flatten(),
        layers.Dense(120),
        _norm(),
        layers.Activation("sigmoid"),
        layers.Dense(84),
        _norm(),
        layers.Activation("sigmoid"),
        layers.Dense(10),
    ]


def alexnet() -> list[layers.Layer]:
    """Sheet §6.7."""
    return [
        layers.Conv2D(96, 11, 4, activation="relu"),
        layers.MaxPooling2D(3, 2),
        layers.Conv2D(256, 5, padding="same", activation="relu"),
        layers.MaxPooling2D(3, 2),
        layers.Conv2D(384, 3, padding="same", activation="relu"),
        layers.Conv2D(384, 3, padding="same", activation="relu"),
        layers.Conv2D(256, 3, padding="same", activation="relu"),
        layers.MaxPooling2D(3, 2),
        *_dense_head(4096),
    ]


def vgg11_eighth() -> list[layers.Layer]:
    """Sheet §6.8, an eighth as wide."""
    blocks = ((1, 8), (1, 16), (2, 32), (2, 64), (2, 64))
    return [
        layer
        for convs, filters in blocks
        for layer in (
            *(
                layers.Conv2D(filters, 3, padding="same", activation="relu")
                for _ in range(convs)
            ),
            layers.MaxPooling2D(2),
        )
    ] + _dense_head(512)


def nin() -> list[layers.Layer]:
    """Sheet §6.9."""

    def block(filters: int, *window: int, padding: str = "valid"):
        return [
            layers.Conv2D(filters, *window, padding=padding, activation="relu"),
            layers.Conv2D(filters, 1, activation="relu"),
            layers.Conv2D(filters, 1, activation="relu"),
        ]

    return [
        *block(96, 11, 4),
        layers.MaxPooling2D(3, 2),
        *block(256, 5, padding="same"),
        layers.MaxPooling2D(3, 2),
        *block(384, 3, padding="same"),
        layers.MaxPooling2D(3, 2),
        layers.Dropout(0.5),
        *block(10, 3, padding="same"),
        layers.GlobalAveragePooling2D(),
    ]


def googlenet() -> list[Callable]:
    """Sheet §6.10."""

    def pool() -> layers.Layer:
        return layers.MaxPooling2D(3, 2, padding="same")

    return [
        layers.Conv2D(64, 7, 2, padding="same", activation="relu"),
        pool(),
        layers.Conv2D(64, 1, activation="relu"),
        layers.Conv2D(192, 3, padding="same", activation="relu"),
        pool(),
        _inception(64, (96, 128), (16, 32), 32),
        _inception(128, (128, 192), (32, 96), 64),
        pool(),
        _inception(192, (96, 208), (16, 48), 64),
        _inception(160, (112, 224), (24, 64), 64),
        _inception(128, (128, 256), (24, 64), 64),
        _inception(112, (144, 288), (32, 64), 64),
        _inception(256, (160, 320), (32, 128), 128),
        pool(),
        _inception(256, (160, 320), (32, 128), 128),
        _inception(384, (192, 384), (48, 128), 128),
        layers.GlobalAveragePooling2D(),
        layers.Dense(10),
    ]


def resnet18() -> list[Callable]:
    """Sheet §6.12."""
    blocks = [(64, False), (64, False)]
    for filters in (128, 256, 512):
        blocks += [(filters, True), (filters, False)]
    residuals = [_residual(*block) for block in blocks]
    head = [layers.GlobalAveragePooling2D(), layers.Dense(10)]
    return [*_residual_stem(), *residuals, *head]


def densenet() -> list[Callable]:
    """Sheet §6.13."""
    steps: list[Callable] = _residual_stem()
    channels = 64
    for number in range(4):
        steps += [_dense_conv] * 4
        channels += 4 * 32
        if number < 3:
            channels //= 2
            steps += [_norm(), layers.ReLU(), layers.Conv2D(channels, 1)]
            steps.append(layers.AveragePooling2D(2))
    pooled = [_norm(), layers.ReLU(), layers.GlobalAveragePooling2D()]
    return [*steps, *pooled, layers.Dense(10)]


NETWORKS = {
    network.__name__: network
    for network in (
        *(softmax_regression, mlp, mlp_dropout, lenet, lenet_batch_norm, alexnet),
        *(vgg11_eighth, nin, googlenet, resnet18, densenet),
    )
}


def build(name: str, size: int) -> Model:
    """A network for gray images of so many pixels across."""
    steps = NETWORKS[name]()
    images = x = Input((size, size, 1))
    if all(isinstance(step, layers.Layer) for step in steps):
        return Sequential([images, *steps])
    for step in steps:
        x = step(x)
    return Model(images, x)


def _norm() -> layers.Layer:
    return layers.BatchNormalization(momentum=0.9, epsilon=1e-5)


def _dense_head(units: int) -> list[layers.Layer]:
    return [
        layers.Flatten(),
        layers.Dense(units, "relu"),
        layers.Dropout(0.5),
        layers.Dense(units, "relu"),
        layers.Dropout(0.5),
        layers.Dense(10),
    ]


def _residual_stem() -> list[Callable]:
    return [
        layers.Conv2D(64, 7, 2, padding="same"),
        _norm(),
        layers.ReLU(),
        layers.MaxPooling2D(3, 2, padding="same"),
    ]


def _inception(c1, c2, c3, c4) -> Callable:
    def conv(filters: int, size: int) -> layers.Layer:
        return layers.Conv2D(filters, size, padding="same", activation="relu")

    def call(x):
        pooled = layers.MaxPooling2D(3, 1, padding="same")(x)
        paths = [
            conv(c1, 1)(x),
            conv(c2[1], 3)(conv(c2[0], 1)(x)),
            conv(c3[1], 5)(conv(c3[0], 1)(x)),
            conv(c4, 1)(pooled),
        ]
        return layers.Concatenate()(paths)

    return call


def _residual(filters: int, changes: bool) -> Callable:
    strides = 1 + changes

    def call(x):
        y = layers.Conv2D(filters, 3, strides, padding="same")(x)
        y = layers.ReLU()(_norm()(y))
        y = _norm()(layers.Conv2D(filters, 3, padding="same")(y))
        short = layers.Conv2D(filters, 1, strides)(x) if changes else x
        return layers.ReLU()(layers.Add()([y, short]))

    return call


def _dense_conv(x):
    y = layers.Conv2D(32, 3, padding="same")(layers.ReLU()(_norm()(x)))
    return layers.Concatenate()([x, y])
