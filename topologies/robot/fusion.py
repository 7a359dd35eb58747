"""Makes one pose of two sensors, ``rate`` times a second: the wheels are fast but drift, the beacon is slow but true.

Whatever the beacon says moves the correction of the wheels a little. A pose is ``pose TIME PLACE``.
"""

from __future__ import annotations

import zmq

from orchestrator.node import Node

TRUST = 0.1
"""How much of a difference between beacon and wheels is believed at once."""


def main(node: Node, *, rate: float) -> None:
    wheels, beacon, pose = (node.socket(name) for name in ("wheels", "beacon", "pose"))
    correction, poses = 0.0, 0
    when = place = None
    while not node.stopping.wait(1 / rate):
        when, place = newest(wheels) or (when, place)
        seen = newest(beacon)
        if when is None or place is None:
            continue
        if seen:
            correction += TRUST * (seen[1] - place - correction)
        pose.send(b"pose %r %r" % (when, place + correction))
        poses += 1
    print(f"{poses} poses; the wheels are corrected by {correction:.3f} m")


def newest(sensor: zmq.Socket[bytes]) -> tuple[float, float] | None:
    """Give the newest reading that was not yet taken; with conflate there is one at most."""
    try:
        when, place = sensor.recv(zmq.DONTWAIT).split()
    except zmq.Again:
        return None
    return float(when), float(place)
