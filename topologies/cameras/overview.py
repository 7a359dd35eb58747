"""Makes a small picture of each frame that somebody watches: its subscribers tell an XPUB which cameras these are."""

from __future__ import annotations

import zmq

from orchestrator.node import Node


def main(node: Node) -> None:
    frames, thumbs = node.socket("frames"), node.socket("thumbs")
    watched: set[bytes] = set()
    seen = made = 0
    poller = zmq.Poller()
    for source in (frames, thumbs, node.stopping):
        poller.register(source, zmq.POLLIN)

    while not node.stopping:
        ready = dict(poller.poll())
        if thumbs in ready:
            subscription = thumbs.recv()
            (watched.add if subscription[0] else watched.discard)(subscription[1:].strip())
        if frames in ready:
            head, _, picture = frames.recv().split(b"\n", 2)
            seen += 1
            if head.split()[0] in watched:
                made += 1
                thumbs.send(b"%b\n%b" % (head, picture[:: len(picture) // 16]))
    print(f"{made} small pictures of {seen} frames")
