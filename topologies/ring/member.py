"""Passes a token on to the next member; who holds it is alone in doing so.

The token is a number: how often it was passed. Member 0 makes it, and tells all others when it has gone every round.
"""

from __future__ import annotations

import zmq

from orchestrator.node import Node


def main(node: Node, *, rounds: int) -> None:
    before, after, heard = node.socket("before"), node.socket("after"), node.socket("heard")
    if node.index == 0:
        print(f"starts the token for {rounds} rounds of {node.count}")
        after.send(b"1")
    poller = zmq.Poller()
    for source in (before, heard, node.stopping):
        poller.register(source, zmq.POLLIN)

    held = 0
    while not node.stopping:
        ready = dict(poller.poll())
        if before in ready:
            passed = int(before.recv())
            if passed % node.count != node.index:
                raise ValueError(f"pass {passed} came to member {node.index} of {node.count}")
            held += 1
            if passed == rounds * node.count:
                node.socket("news").send(b"%d rounds are over" % rounds)
                break
            after.send(b"%d" % (passed + 1))
        if heard in ready:
            print(heard.recv().decode())
            break
    print(f"held the token {held} times")
