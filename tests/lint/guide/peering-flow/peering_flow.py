from __future__ import annotations

import zmq

from orchestrator.node import Node


def client(node: Node) -> None:
    requests = node.socket("requests")
    while not node.stopping.wait(1):
        requests.send(b"HELLO")
        if requests.poll(10_000):
            print(requests.recv())


def worker(node: Node) -> None:
    requests = node.socket("requests")
    requests.send(b"READY")
    while not node.stopping:
        if requests.poll(100):
            *envelope, _ = requests.recv_multipart()
            requests.send_multipart([*envelope, b"OK"])


def broker(node: Node) -> None:
    localfe, localbe = node.socket("localfe"), node.socket("localbe")
    cloudfe, cloudbe = node.socket("cloudfe"), node.socket("cloudbe")
    free: list[bytes] = []
    back, front = zmq.Poller(), zmq.Poller()
    for poller, sources in ((back, (localbe, cloudbe, node.stopping)), (front, (localfe, cloudfe))):
        for source in sources:
            poller.register(source, zmq.POLLIN)
    while not node.stopping:
        ready = dict(back.poll(None if not free else 100))
        if localbe in ready:
            worker, _, *reply = localbe.recv_multipart()
            free.append(worker)
            if reply[0] != b"READY":
                send_back(reply, localfe, cloudfe)
        if cloudbe in ready:
            send_back(cloudbe.recv_multipart()[1:], localfe, cloudfe)
        while free and (asked := dict(front.poll(0))):
            source = cloudfe if cloudfe in asked else localfe
            localbe.send_multipart([free.pop(0), b"", *source.recv_multipart()])


def send_back(reply: list[bytes], localfe: zmq.Socket[bytes], cloudfe: zmq.Socket[bytes]) -> None:
    """Give a reply to the peer it is for: a broker of the cloud is known by its name."""
    (cloudfe if reply[0].startswith(b"broker-") else localfe).send_multipart(reply)
