"""A user's program that uses every kind of socket; mypy tells what it takes each for."""

# ruff: noqa: F821 - reveal_type is known to type checkers alone
from orchestrator.node import (
    AsyncBatchPubSocket,
    AsyncBatchSocket,
    AsyncBatchSubSocket,
    AsyncDurablePullSocket,
    AsyncDurablePushSocket,
    AsyncReplayPubSocket,
    AsyncReplaySubSocket,
    AsyncReplySocket,
    AsyncRequestSocket,
    BatchPubSocket,
    BatchSocket,
    BatchSubSocket,
    DurablePullSocket,
    DurablePushSocket,
    Node,
    ReplayPubSocket,
    ReplaySubSocket,
    ReplySocket,
    RequestSocket,
)


def run(node: Node) -> None:
    reveal_type(node.socket("plain"))  # Socket[bytes]
    reveal_type(node.socket("plain").recv())  # bytes
    reveal_type(node.socket("in", BatchSocket).recv())  # bytes
    reveal_type(node.socket("in", BatchSubSocket).recv())  # tuple[bytes, bytes]
    reveal_type(node.socket("in", BatchSubSocket).recv_many())  # list[tuple[bytes, bytes]]
    reveal_type(node.socket("in", DurablePullSocket).recv())  # bytes
    reveal_type(node.socket("in", ReplaySubSocket).recv())  # tuple[bytes, bytes]
    reveal_type(node.socket("in", ReplySocket).recv())  # bytes
    reveal_type(node.socket("out", RequestSocket).request(b""))  # bytes
    reveal_type(node.socket("out", DurablePushSocket).unacknowledged)  # int
    reveal_type(node.thread_socket("plain"))  # Socket[bytes]
    for message in node.messages("plain"):
        reveal_type(message)  # bytes
    for parts in node.multipart("plain"):
        reveal_type(parts)  # list[bytes]
    node.socket("out", BatchSocket).send(b"")
    node.socket("out", BatchPubSocket).send(b"", topic=b"A")
    node.socket("out", BatchPubSocket).send_many([b""], topic=b"A")
    node.socket("out", ReplayPubSocket).send(b"", topic=b"A")


async def run_async(node: Node) -> None:
    reveal_type(node.async_socket("plain"))  # Socket
    reveal_type(await node.async_socket("in", AsyncBatchSocket).recv())  # bytes
    reveal_type(await node.async_socket("in", AsyncBatchSubSocket).recv())  # tuple[bytes, bytes]
    reveal_type(await node.async_socket("in", AsyncDurablePullSocket).recv_many())  # list[bytes]
    reveal_type(await node.async_socket("in", AsyncReplaySubSocket).recv())  # tuple[bytes, bytes]
    reveal_type(await node.async_socket("in", AsyncReplySocket).recv())  # bytes
    reveal_type(await node.async_socket("out", AsyncRequestSocket).request(b""))  # bytes
    reveal_type(node.async_socket("out", AsyncDurablePushSocket).unacknowledged)  # int
    await node.async_socket("out", AsyncBatchPubSocket).send(b"", topic=b"A")
    await node.async_socket("out", AsyncReplayPubSocket).send(b"", topic=b"A")
    async for message in node.messages("plain"):
        reveal_type(message)  # bytes
