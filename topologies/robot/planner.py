"""Drives to the goal, and ends there: each pose is answered with a speed. Who sends an override has the wheel."""

from __future__ import annotations

from orchestrator.node import Node

FASTEST = 1.0
"""Metres a second."""
NEAR = 0.05
"""Metres."""


def main(node: Node, *, goal: float) -> None:
    motors, override = node.socket("motors"), node.socket("override")
    for message in node.messages("pose"):
        place = float(message.split()[2])
        if override.poll(0):
            speed = float(override.recv())
            print(f"at {place:.2f} m a person says {speed} m/s")
        elif abs(goal - place) < NEAR:
            motors.send(b"0.0")
            print(f"arrived at {place:.2f} m, the goal was {goal:.2f} m")
            break
        else:
            speed = max(-FASTEST, min(FASTEST, 2 * (goal - place)))
        motors.send(b"%r" % speed)
