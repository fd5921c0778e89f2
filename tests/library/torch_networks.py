"""The sheet's networks in PyTorch, from its text and the book's tables.

They are not made from kerasheet: a wrong turn in an architecture, there or here, shows
as a difference.
"""

from torch import nn
from torch_twins.blocks import (
    DenseBlock,
    GlobalAvgPool2d,
    Inception,
    nin_block,
    resnet_block,
    transition_block,
    vgg_block,
)


def softmax_regression(channels, classes, size):
    return nn.Sequential(nn.Flatten(), nn.Linear(channels * size**2, classes))


def mlp(channels, classes, size):
    return nn.Sequential(
        nn.Flatten(),
        nn.Linear(channels * size**2, 256),
        nn.ReLU(),
        nn.Linear(256, classes),
    )


def mlp_dropout(channels, classes, size):
    return nn.Sequential(
        nn.Flatten(),
        nn.Linear(channels * size**2, 256),
        nn.ReLU(),
        nn.Dropout(0.2),
        nn.Linear(256, 256),
        nn.ReLU(),
        nn.Dropout(0.5),
        nn.Linear(256, classes),
    )


def lenet(padding=0, pool=nn.MaxPool2d, batch_norm=False):
    """The sheet's form; the second edition pads by 2 and takes means."""

    def activate(norm):
        return [norm, nn.Sigmoid()] if batch_norm else [nn.Sigmoid()]

    def build(channels, classes, size):
        pixels = ((size + 2 * padding - 4) // 2 - 4) // 2
        return nn.Sequential(
            nn.Conv2d(channels, 6, 5, padding=padding),
            *activate(nn.BatchNorm2d(6)),
            pool(2, 2),
            nn.Conv2d(6, 16, 5),
            *activate(nn.BatchNorm2d(16)),
            pool(2, 2),
            nn.Flatten(),
            nn.Linear(16 * pixels**2, 120),
            *activate(nn.BatchNorm1d(120)),
            nn.Linear(120, 84),
            *activate(nn.BatchNorm1d(84)),
            nn.Linear(84, classes),
        )

    return build


def alexnet(channels, classes, size):
    """Sheet §6.7; 6,400 values at 224 pixels."""
    pixels = (size - 11) // 4 + 1
    for _ in range(3):
        pixels = (pixels - 3) // 2 + 1
    return nn.Sequential(
        nn.Conv2d(channels, 96, 11, stride=4),
        nn.ReLU(),
        nn.MaxPool2d(3, 2),
        nn.Conv2d(96, 256, 5, padding=2),
        nn.ReLU(),
        nn.MaxPool2d(3, 2),
        nn.Conv2d(256, 384, 3, padding=1),
        nn.ReLU(),
        nn.Conv2d(384, 384, 3, padding=1),
        nn.ReLU(),
        nn.Conv2d(384, 256, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(3, 2),
        nn.Flatten(),
        *dense_head(256 * pixels**2, 4096, classes),
    )


def dense_head(features, units, classes):
    """The three dense layers that AlexNet and VGG share."""
    return [
        nn.Linear(features, units),
        nn.ReLU(),
        nn.Dropout(0.5),
        nn.Linear(units, units),
        nn.ReLU(),
        nn.Dropout(0.5),
        nn.Linear(units, classes),
    ]


def vgg(convs, divisor=1, units=4096):
    """Convolutions per block as in the paper's configurations A, B, D and E."""

    def build(channels, classes, size):
        widths = [channels, *(w // divisor for w in (64, 128, 256, 512, 512))]
        blocks = zip(convs, widths[:-1], widths[1:], strict=True)
        return nn.Sequential(
            *(vgg_block(*block) for block in blocks),
            nn.Flatten(),
            *dense_head(widths[-1] * (size // 32) ** 2, units, classes),
        )

    return build


def nin(channels, classes, size):
    return nn.Sequential(
        nin_block(channels, 96, kernel_size=11, stride=4, padding=0),
        nn.MaxPool2d(kernel_size=3, stride=2),
        nin_block(96, 256, kernel_size=5, stride=1, padding=2),
        nn.MaxPool2d(kernel_size=3, stride=2),
        nin_block(256, 384, kernel_size=3, stride=1, padding=1),
        nn.MaxPool2d(kernel_size=3, stride=2),
        nn.Dropout(0.5),
        nin_block(384, classes, kernel_size=3, stride=1, padding=1),
        GlobalAvgPool2d(),
    )


def googlenet(channels, classes, size):
    """Five modules; both convolutions of the second have a ReLU (errata 30)."""
    b1 = nn.Sequential(
        nn.Conv2d(channels, 64, kernel_size=7, stride=2, padding=3),
        nn.ReLU(),
        nn.MaxPool2d(kernel_size=3, stride=2, padding=1),
    )
    b2 = nn.Sequential(
        nn.Conv2d(64, 64, kernel_size=1),
        nn.ReLU(),
        nn.Conv2d(64, 192, kernel_size=3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(kernel_size=3, stride=2, padding=1),
    )
    b3 = nn.Sequential(
        Inception(192, 64, (96, 128), (16, 32), 32),
        Inception(256, 128, (128, 192), (32, 96), 64),
        nn.MaxPool2d(kernel_size=3, stride=2, padding=1),
    )
    b4 = nn.Sequential(
        Inception(480, 192, (96, 208), (16, 48), 64),
        Inception(512, 160, (112, 224), (24, 64), 64),
        Inception(512, 128, (128, 256), (24, 64), 64),
        Inception(512, 112, (144, 288), (32, 64), 64),
        Inception(528, 256, (160, 320), (32, 128), 128),
        nn.MaxPool2d(kernel_size=3, stride=2, padding=1),
    )
    b5 = nn.Sequential(
        Inception(832, 256, (160, 320), (32, 128), 128),
        Inception(832, 384, (192, 384), (48, 128), 128),
        GlobalAvgPool2d(),
    )
    return nn.Sequential(b1, b2, b3, b4, b5, nn.Linear(1024, classes))


def residual_stem(channels):
    """What ResNet and DenseNet begin with."""
    return [
        nn.Conv2d(channels, 64, kernel_size=7, stride=2, padding=3),
        nn.BatchNorm2d(64),
        nn.ReLU(),
        nn.MaxPool2d(kernel_size=3, stride=2, padding=1),
    ]


def resnet(*residuals):
    """Residual blocks per module: (2, 2, 2, 2) makes 18, (3, 4, 6, 3) makes 34."""

    def build(channels, classes, size):
        return nn.Sequential(
            *residual_stem(channels),
            resnet_block(64, 64, residuals[0], first_block=True),
            resnet_block(64, 128, residuals[1]),
            resnet_block(128, 256, residuals[2]),
            resnet_block(256, 512, residuals[3]),
            GlobalAvgPool2d(),
            nn.Linear(512, classes),
        )

    return build


def densenet(channels, classes, size):
    """64 channels, then 192→96→224→112→240→120→248."""
    return nn.Sequential(
        *residual_stem(channels),
        DenseBlock(4, 64, 32),
        transition_block(192, 96),
        DenseBlock(4, 96, 32),
        transition_block(224, 112),
        DenseBlock(4, 112, 32),
        transition_block(240, 120),
        DenseBlock(4, 120, 32),
        nn.BatchNorm2d(248),
        nn.ReLU(),
        GlobalAvgPool2d(),
        nn.Linear(248, classes),
    )


NETWORKS = {
    "softmax_regression": softmax_regression,
    "mlp": mlp,
    "mlp_dropout": mlp_dropout,
    "lenet": lenet(),
    "lenet_avg": lenet(padding=2, pool=nn.AvgPool2d),
    "lenet_batch_norm": lenet(batch_norm=True),
    "alexnet": alexnet,
    "vgg11": vgg((1, 1, 2, 2, 2)),
    "vgg11_quarter": vgg((1, 1, 2, 2, 2), divisor=4),
    "vgg11_eighth": vgg((1, 1, 2, 2, 2), divisor=8, units=512),
    "vgg13": vgg((2, 2, 2, 2, 2)),
    "vgg16": vgg((2, 2, 3, 3, 3)),
    "vgg19": vgg((2, 2, 4, 4, 4)),
    "nin": nin,
    "googlenet": googlenet,
    "resnet18": resnet(2, 2, 2, 2),
    "resnet34": resnet(3, 4, 6, 3),
    "densenet": densenet,
}
"""By the model's name: a function of (channels, classes, size in pixels)."""
