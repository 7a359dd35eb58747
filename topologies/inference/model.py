"""A worker with a model of its own: finds the class that a vector of numbers is most like.

The model is small, and its weights come from a seed instead of a file. What is real is how it is run: it sees the one
GPU that its environment names, it says when it is ready, and it asks for work when it has time.
"""

from __future__ import annotations

import json
import os
import random

from orchestrator.node import Node

SIZE = 32


def main(node: Node, *, classes: list[str]) -> None:
    device = os.environ["CUDA_VISIBLE_DEVICES"]
    print(f"loads the model on {f'GPU {device}' if device else 'the CPU'}")
    weights = load(classes)
    node.ready()

    work = node.socket("work")
    work.send(b"free")
    for who, number, request in node.multipart("work"):
        label = classify(weights, json.loads(request))
        work.send_multipart([who, number, label.encode(), device.encode()])


def load(classes: list[str]) -> dict[str, list[float]]:
    """Make the weights of each class: the same in each worker."""
    return {label: example(label) for label in classes}


def classify(weights: dict[str, list[float]], vector: list[float]) -> str:
    """Give the class whose weights have the greatest product with a vector."""
    return max(weights, key=lambda label: sum(w * v for w, v in zip(weights[label], vector, strict=True)))


def example(label: str, noise: float = 0.0) -> list[float]:
    """Give a vector of a class, as far from its middle as ``noise`` says."""
    middle, chance = random.Random(label), random.Random()
    return [middle.gauss(0, 1) + chance.gauss(0, noise) for _ in range(SIZE)]
