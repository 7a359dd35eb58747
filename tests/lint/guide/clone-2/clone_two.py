from __future__ import annotations

from random import randrange

from orchestrator.node import Node


def server(node: Node) -> None:
    updates, snapshots = node.socket("updates"), node.socket("snapshots")
    values: dict[str, str] = {}
    sequence = 0
    while not node.stopping:
        if snapshots.poll(1):
            client, _ = snapshots.recv_multipart()
            for key, value in values.items():
                snapshots.send_multipart([client, f"{sequence} {key} {value}".encode()])
            snapshots.send_multipart([client, b"%d KTHXBAI" % sequence])
        sequence += 1
        key, value = str(randrange(10_000)), str(randrange(1_000_000))
        values[key] = value
        updates.send_string(f"{sequence} {key} {value}")


def client(node: Node) -> None:
    snapshot = node.socket("snapshot")
    values: dict[str, str] = {}
    snapshot.send(b"ICANHAZ?")
    while True:
        sequence, key, *value = snapshot.recv_string().split()
        if key == "KTHXBAI":
            break
        values[key] = value[0]
    for update in node.messages("updates"):
        number, key, changed = update.decode().split()
        if int(number) > int(sequence):
            values[key] = changed
    print(f"{len(values)} keys")
