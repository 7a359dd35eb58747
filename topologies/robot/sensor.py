"""Measures at the axle, ``rate`` times a second, and says ``TIME PLACE`` as it believes it to be.

``noise`` is how wrong one reading is (standard deviation, metres), ``drift`` how much further off it gets each second.
"""

from __future__ import annotations

import random
import time

import zmq

from orchestrator.node import Node


def main(node: Node, *, rate: float, noise: float, drift: float) -> None:
    axle, readings = node.socket("axle"), node.socket("readings")
    chance = random.Random(node.name)
    started = time.monotonic()
    while not node.stopping.wait(1 / rate):
        try:
            when, place = (float(field) for field in axle.recv(zmq.DONTWAIT).split())
        except zmq.Again:
            continue  # the motors have said nothing new
        believed = place + chance.gauss(0, noise) + drift * (when - started)
        readings.send(b"%r %r" % (when, believed))
