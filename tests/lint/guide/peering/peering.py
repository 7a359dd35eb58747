from __future__ import annotations

from random import choice

import zmq

from orchestrator.node import Node


def client(node: Node) -> None:
    requests, monitor = node.socket("requests"), node.socket("monitor")
    number = 0
    while not node.stopping.wait(0.5):
        number += 1
        requests.send(b"%d" % number)
        if not requests.poll(10_000):
            monitor.send_string(f"{node.process} lost task {number}")
            return
        requests.recv()


def worker(node: Node) -> None:
    requests = node.socket("requests")
    requests.send(b"READY")
    while not node.stopping:
        if requests.poll(100):
            requests.send_multipart(requests.recv_multipart())


def broker(node: Node, *, clusters: int) -> None:
    names = ("localfe", "localbe", "cloudfe", "cloudbe", "statebe", "statefe", "monitor")
    localfe, localbe, cloudfe, cloudbe, statebe, statefe, monitor = map(node.socket, names)
    elsewhere = [f"broker-{number}".encode() for number in range(clusters) if number != node.index]
    free: list[bytes] = []
    cloud = 0
    poller = zmq.Poller()
    for source in (localbe, cloudbe, statefe, monitor, node.stopping):
        poller.register(source, zmq.POLLIN)
    while not node.stopping:
        before = len(free)
        ready = dict(poller.poll(1000))
        reply: list[bytes] = []
        if localbe in ready:
            worker, _, *reply = localbe.recv_multipart()
            free.append(worker)
        elif cloudbe in ready:
            reply = cloudbe.recv_multipart()[1:]
        if reply and reply[0] != b"READY":
            (cloudfe if reply[0] in elsewhere else localfe).send_multipart(reply)
        if statefe in ready:
            cloud = int(statefe.recv())
        if monitor in ready:
            print(monitor.recv().decode())
        if free and cloudfe.poll(0):
            localbe.send_multipart([free.pop(0), b"", *cloudfe.recv_multipart()])
        elif (free or cloud) and localfe.poll(0):
            request = localfe.recv_multipart()
            if free:
                localbe.send_multipart([free.pop(0), b"", *request])
            else:
                cloudbe.send_multipart([choice(elsewhere), *request])
        if len(free) != before:
            statebe.send(b"%d" % len(free))
