"""What is read out of a Python module, without running it."""

from __future__ import annotations

from textwrap import dedent

import pytest

from orchestrator.lint.programs.module import Module, Signature, Use


def module(text: str) -> Module:
    return Module(dedent(text))


def use(text: str, path: str = "main") -> Use:
    found = module(text).use(path)
    assert found is not None
    return found


def test_names_are_bound_in_many_ways() -> None:
    read = module(
        """
        import json.tool, zmq as z
        from a import b as c
        x = y = 1
        for number in (): ...
        try:
            from fast import run
        except ImportError:
            def run(node): ...
        if x:
            class Bot:
                def main(self): ...
        with open("f") as file: ...
        """
    )
    assert {"json", "z", "c", "x", "y", "number", "run", "Bot", "file"} <= read.names.keys()
    assert read.find("Bot.main") is not None
    assert read.find("Bot.other") is None
    assert read.find("main") is None
    assert not read.open


@pytest.mark.parametrize("text", ["from a import *\n", "def __getattr__(name): ...\n"])
def test_with_some_modules_any_name_can_be_there(text: str) -> None:
    assert module(text).open


@pytest.mark.parametrize("text", ["def main(:\n", "x = \0\n", "(" * 500])
def test_what_is_no_python_is_said_and_not_raised(text: str) -> None:
    read = Module(text)
    assert read.error
    assert read.use("main") is None
    assert read.signature("main") is None


@pytest.mark.parametrize(
    ("text", "signature"),
    [
        ("def main(node): ...", Signature((), (), False, True)),
        ("async def main(node, a, b=1, *, c, d=2): ...", Signature(("a", "b", "c", "d"), ("a", "c"), False, True)),
        ("def main(node, **more): ...", Signature((), (), True, True)),
        ("def main(*all): ...", Signature((), (), False, True)),
        ("def main(): ...", Signature((), (), False, False)),
        ("def main(node, a, /, b): ...", Signature(("b",), ("a", "b"), False, True)),
        ("class main:\n def __init__(self, node, a): ...", Signature(("a",), ("a",), False, True)),
        ("class main(Base):\n def __init__(self, node): ...", None),
        ("@wrapped\ndef main(): ...", None),
        ("from a import main", None),
        ("main = make()", None),
    ],
)
def test_signatures(text: str, signature: Signature | None) -> None:
    assert module(text).signature("main") == signature


def test_sockets_are_found_where_the_node_goes() -> None:
    found = use(
        """
        def main(node, rate):
            out = node.socket("out")
            run(node)
            help(n=node)
            for message in node.messages("in"):
                out.send(message)

            def later():
                node.async_socket("inner")

        def run(n):
            n.thread_socket("thread")
            main(n)

        def help(x, n):
            n.multipart("parts")

        def elsewhere(node):
            node.socket("not mine")
        """
    )
    assert found.sockets == {"out": 3, "in": 6, "inner": 10, "thread": 13, "parts": 17}
    assert found.certain == {"out", "in", "thread", "parts"}
    assert found.whole


@pytest.mark.parametrize(
    "body",
    [
        "node.socket(name)",
        "node.socket('a' + 'b')",
        "imported(node)",
        "self.node = node",
        "threads.append((run, node))",
        "node = other",
        "get = node.socket",
        "f = lambda node: node",
    ],
)
def test_a_node_that_goes_elsewhere_can_be_asked_for_anything(body: str) -> None:
    assert not use(f"def main(node):\n    {body}\n").whole


def test_nothing_is_said_of_sockets_of_another_node() -> None:
    found = use(
        """
        def main(node):
            def inner(node):
                node.socket("other")
            other.socket("other")
            other.node.socket("other")
        """
    )
    assert found.sockets == {}


@pytest.mark.parametrize(
    "use_of_it",
    [
        'out = node.socket("x")\n    out.send_multipart([topic, body])',
        'topic, *rest = node.socket("x").recv_multipart()',
        'for topic, body in node.multipart("x"): ...',
        'def inner():\n        s = node.socket("x")\n        a, b = s.recv_multipart()',
    ],
)
def test_messages_of_several_parts(use_of_it: str) -> None:
    assert use(f"def main(node):\n    {use_of_it}\n").multipart == {"x"}


@pytest.mark.parametrize(
    "use_of_it",
    [
        'node.socket("x").send_multipart([body])',
        'node.socket("x").send_multipart(parts)',
        'parts = node.socket("x").recv_multipart()',
        'for (each,) in node.multipart("x"): ...',
    ],
)
def test_messages_that_may_have_one_part(use_of_it: str) -> None:
    assert use(f"def main(node):\n    {use_of_it}\n").multipart == set()


@pytest.mark.parametrize(
    "asked",
    [
        'if node.args:\n        node.socket("x")',
        'try:\n        node.socket("x")\n    except KeyError: ...',
        'x = node.socket("x") if node.args else None',
        "if node.args:\n        later(node)",
        'def inner():\n        node.socket("x")',
    ],
)
def test_a_socket_that_is_asked_for_under_a_condition(asked: str) -> None:
    found = use(f"def main(node):\n    {asked}\n\ndef later(node):\n    node.socket('x')\n")
    assert list(found.sockets) == ["x"]
    assert found.certain == set()


def test_a_name_that_is_bound_twice_can_be_either() -> None:
    text = "try:\n    def main(node): ...\nexcept Exception:\n    def main(node, a): ...\n"
    assert module(text).signature("main") is None
    assert module("def set():\n    global main\n").find("main") is not None


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("import zmq\ndef main(node):\n    zmq.proxy(a, b)\n", [3]),
        ("import zmq as z\ndef main(node):\n    z.device(1, a, b)\n", [3]),
        ("from zmq import proxy as run\ndef main(node):\n    run(a, b)\n", [3]),
        ("import zmq\ndef main(node):\n    go()\ndef go():\n    zmq.proxy(a, b)\n", [5]),
        ("import zmq\ndef main(node):\n    def go():\n        zmq.proxy(a, b)\n    go()\n", [4]),
        ("import zmq\ndef main(node):\n    def go():\n        zmq.proxy(a, b)\n    Thread(target=go).start()\n", []),
        ("import zmq\ndef main(node):\n    Thread(target=lambda: zmq.proxy(a, b)).start()\n", []),
        ("import zmq\ndef main(node): ...\ndef other(node):\n    zmq.proxy(a, b)\n", []),
        ("import web\ndef main(node):\n    web.proxy(a, b)\n", []),
    ],
)
def test_proxies_in_the_main_thread(text: str, lines: list[int]) -> None:
    assert use(text).proxies == lines
