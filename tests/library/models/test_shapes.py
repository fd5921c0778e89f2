"""The shape after every block, as the book prints it."""

import pytest

from kerasheet.models import MODELS

TABLES = {
    "lenet": {
        "conv1": (24, 24, 6),
        "pool1": (12, 12, 6),
        "conv2": (8, 8, 16),
        "pool2": (4, 4, 16),
        "flatten": (256,),
        "dense1": (120,),
        "dense2": (84,),
        "logits": (10,),
    },
    "lenet_avg": {
        "conv1": (28, 28, 6),
        "pool1": (14, 14, 6),
        "conv2": (10, 10, 16),
        "pool2": (5, 5, 16),
        "flatten": (400,),
        "dense1": (120,),
        "dense2": (84,),
        "logits": (10,),
    },
    "alexnet": {
        "conv1": (54, 54, 96),
        "pool1": (26, 26, 96),
        "conv2": (26, 26, 256),
        "pool2": (12, 12, 256),
        "conv3": (12, 12, 384),
        "conv4": (12, 12, 384),
        "conv5": (12, 12, 256),
        "pool3": (5, 5, 256),
        "flatten": (6400,),
        "dense1": (4096,),
        "dense2": (4096,),
        "logits": (10,),
    },
    "vgg11": {
        "block1": (112, 112, 64),
        "block2": (56, 56, 128),
        "block3": (28, 28, 256),
        "block4": (14, 14, 512),
        "block5": (7, 7, 512),
        "flatten": (25088,),
        "dense1": (4096,),
        "dense2": (4096,),
        "logits": (10,),
    },
    "nin": {
        "block1": (54, 54, 96),
        "pool1": (26, 26, 96),
        "block2": (26, 26, 256),
        "pool2": (12, 12, 256),
        "block3": (12, 12, 384),
        "pool3": (5, 5, 384),
        "block4": (5, 5, 10),
        "logits": (10,),
    },
    "googlenet": {
        "conv1": (48, 48, 64),
        "pool1": (24, 24, 64),
        "conv2": (24, 24, 64),
        "conv3": (24, 24, 192),
        "pool2": (12, 12, 192),
        "inception3a": (12, 12, 256),
        "inception3b": (12, 12, 480),
        "pool3": (6, 6, 480),
        "inception4a": (6, 6, 512),
        "inception4b": (6, 6, 512),
        "inception4c": (6, 6, 512),
        "inception4d": (6, 6, 528),
        "inception4e": (6, 6, 832),
        "pool4": (3, 3, 832),
        "inception5a": (3, 3, 832),
        "inception5b": (3, 3, 1024),
        "pool5": (1024,),
        "logits": (10,),
    },
    "resnet18": {
        "stem_conv": (48, 48, 64),
        "stem_pool": (24, 24, 64),
        "residual1_1": (24, 24, 64),
        "residual1_2": (24, 24, 64),
        "residual2_1": (12, 12, 128),
        "residual2_2": (12, 12, 128),
        "residual3_1": (6, 6, 256),
        "residual3_2": (6, 6, 256),
        "residual4_1": (3, 3, 512),
        "residual4_2": (3, 3, 512),
        "pool": (512,),
        "logits": (10,),
    },
    "densenet": {
        "stem_conv": (48, 48, 64),
        "stem_pool": (24, 24, 64),
        "block1": (24, 24, 192),
        "transition1": (12, 12, 96),
        "block2": (12, 12, 224),
        "transition2": (6, 6, 112),
        "block3": (6, 6, 240),
        "transition3": (3, 3, 120),
        "block4": (3, 3, 248),
        "pool": (248,),
        "logits": (10,),
    },
}


@pytest.mark.parametrize("name", TABLES)
def test_every_block_has_the_shape_printed_in_the_book(name):
    layers = {layer.name: layer for layer in MODELS[name]().layers}
    shapes = {block: layers[block].output.shape[1:] for block in TABLES[name]}
    assert shapes == TABLES[name]


@pytest.mark.parametrize("depth", [13, 16, 19])
def test_deeper_vggs_have_the_same_shapes_as_vgg11(depth):
    shapes = {
        layer.name: layer.output.shape[1:] for layer in MODELS[f"vgg{depth}"]().layers
    }
    assert {block: shapes[block] for block in TABLES["vgg11"]} == TABLES["vgg11"]
