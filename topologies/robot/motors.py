"""The motors, simulated: they turn at the speed that the planner last said, and stop when it falls silent.

On the axle they tell ``TIME PLACE``: seconds of CLOCK_MONOTONIC, and the true place in metres.
"""

from __future__ import annotations

import time

from orchestrator.node import Node

STEP = 0.005
SILENCE = 0.5
"""Seconds."""


def main(node: Node) -> None:
    planner, axle = node.socket("planner"), node.socket("axle")
    place, speed, commands = 0.0, 0.0, 0
    before = heard = time.monotonic()
    while not node.stopping:
        if planner.poll(int(STEP * 1000)):
            speed, commands, heard = float(planner.recv()), commands + 1, time.monotonic()
        now = time.monotonic()
        if now - heard > SILENCE:
            speed = 0.0
        place, before = place + speed * (now - before), now
        axle.send(b"%r %r" % (now, place))
    print(f"{commands} commands; really at {place:.2f} m")
