"""Senders of every kind that wait for somebody who takes more, and sinks that have had enough."""

import asyncio

PARTS = {"send": b"x" * 1000, "send_multipart": [b"head", b"x" * 1000]}


def pour(node, method="send"):
    socket, sent = node.socket("out"), 0
    try:
        while True:
            getattr(socket, method)(PARTS[method])
            sent += 1
    finally:
        print("sent", sent, flush=True)


def tasks(node):
    asyncio.run(pour_async(node))


async def pour_async(node, method="send"):
    socket, sent = node.async_socket("out"), 0
    try:
        while True:
            await getattr(socket, method)(PARTS[method])
            sent += 1
    finally:
        print("sent", sent, flush=True)


def ask(node):
    socket, sent = node.socket("out"), 0
    try:
        while True:
            socket.send(b"?")
            sent += 1
            socket.recv()
    finally:
        print("sent", sent, flush=True)


def hand_on(node):
    for message in node.messages("in"):
        node.socket("out").send(message)


def enough(node, count=100):
    """Take so many, and answer where that is to be done."""
    socket = node.socket("in")
    for _ in range(count):
        socket.recv()
        if node.name.startswith("rep"):
            socket.send(b"!")
    print("enough", flush=True)


def enough_parts(node, count=100):
    for _ in range(count):
        node.socket("in").recv_multipart()
    print("enough", flush=True)
