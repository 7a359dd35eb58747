"""Passes a token on to the next member; who holds it is alone in doing so.

The token is a number: how often it was passed. Member 0 makes it, and sends it round until it has gone every round.
"""

from __future__ import annotations

from orchestrator.node import Node


def main(node: Node, *, rounds: int) -> None:
    before, after = node.messages("before"), node.socket("after")
    if node.index == 0:
        print(f"starts the token for {rounds} rounds of {node.count}")
        after.send(b"1")

    held = 0
    for token in before:
        passed = int(token)
        if passed % node.count != node.index:
            raise ValueError(f"pass {passed} came to member {node.index} of {node.count}")
        held += 1
        if passed < rounds * node.count:
            after.send(b"%d" % (passed + 1))
        if held == rounds:
            break
    print(f"held the token {held} times")
