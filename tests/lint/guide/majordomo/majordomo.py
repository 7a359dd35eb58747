from __future__ import annotations

import sys
from collections import defaultdict, deque

from orchestrator.node import Node

CLIENT, WORKER = b"MDPC01", b"MDPW01"
READY, REQUEST, REPLY, HEARTBEAT, DISCONNECT = b"\x01", b"\x02", b"\x03", b"\x04", b"\x05"


def client(node: Node) -> None:
    broker = node.socket("broker")
    for number in range(100):
        broker.send_multipart([CLIENT, b"echo", b"%d" % number])
        if not broker.poll(2500):
            sys.exit("no answer")
        assert broker.recv_multipart()[:2] == [CLIENT, b"echo"]


def broker(node: Node) -> None:
    socket = node.socket("socket")
    waiting: dict[bytes, deque[bytes]] = defaultdict(deque)
    requests: dict[bytes, deque[list[bytes]]] = defaultdict(deque)
    services: dict[bytes, bytes] = {}
    for sender, _, header, *body in node.multipart("socket"):
        if header == CLIENT:
            service, *rest = body
            requests[service].append([sender, b"", *rest])
        elif body[0] == READY:
            service = services[sender] = body[1]
            waiting[service].append(sender)
        elif body[0] == REPLY:
            service = services[sender]
            _, client, _, *reply = body
            socket.send_multipart([client, b"", CLIENT, service, *reply])
            waiting[service].append(sender)
        else:
            continue
        while waiting[service] and requests[service]:
            worker = waiting[service].popleft()
            socket.send_multipart([worker, b"", WORKER, REQUEST, *requests[service].popleft()])


def worker(node: Node, *, service: str) -> None:
    broker = node.socket("broker")
    broker.send_multipart([b"", WORKER, READY, service.encode()])
    while not node.stopping:
        if not broker.poll(2500):
            broker.send_multipart([b"", WORKER, HEARTBEAT])
            continue
        _, _, command, *body = broker.recv_multipart()
        if command == REQUEST:
            broker.send_multipart([b"", WORKER, REPLY, *body])
        elif command == DISCONNECT:
            sys.exit("the broker does not know me")
