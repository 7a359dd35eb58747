"""What we use of other libraries that they do not promise: each here, so that a version that breaks it says which."""

from __future__ import annotations

import ast
import asyncio
import atexit
import subprocess
import sys
from pathlib import Path

import yaml
import zmq
import zmq.asyncio

from orchestrator import compat

PACKAGE = Path(compat.__file__).parent


def test_the_parser_of_pyyaml_gives_events() -> None:
    parser = compat.yaml_parser("a: 1")
    events = [type(event) for event in iter(parser.get_event, None)]
    assert events[:4] == [yaml.StreamStartEvent, yaml.DocumentStartEvent, yaml.MappingStartEvent, yaml.ScalarEvent]


def test_exit_functions_run() -> None:
    script = "import atexit, os; from orchestrator import compat; atexit.register(print, 'ran', flush=True)"
    script += "; compat.run_exit_functions(); os._exit(0)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == "ran\n"
    assert callable(atexit._run_exitfuncs)


def test_validators_are_built_without_a_look_for_plugins() -> None:
    script = """
import sys
from orchestrator import compat
from pydantic import BaseModel
class Part(BaseModel, defer_build=True):
    number: int
with compat.without_pydantic_plugins():
    print(Part.model_validate({"number": 1}), "importlib.metadata" in sys.modules)
print("pydantic.plugin._loader" in sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["number=1", "False", "False"]


def test_asyncio_goes_without_openssl() -> None:
    script = "import sys; from orchestrator import compat; compat.leave_out_openssl(); import asyncio, hashlib"
    script += "; print(asyncio.sslproto.ssl, 'ssl' in dir(asyncio), hashlib.sha256(b'').hexdigest()[:4])"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == "None False e3b0\n"


def test_the_inside_of_a_socket_under_asyncio() -> None:
    async def receive(raw: zmq.Socket[bytes], peer: zmq.Socket[bytes]) -> bytes:
        socket = zmq.asyncio.Socket.from_socket(raw)
        inside = compat.AsyncSocket(socket)
        waiting = asyncio.ensure_future(socket.recv())
        await asyncio.sleep(0)
        assert inside.loop is asyncio.get_running_loop()
        assert [pending.kind for pending in inside.pending()] == ["recv"]
        peer.send(b"here")
        inside.look()
        found = await waiting
        assert not list(inside.pending())
        inside.let_go()
        return found

    with zmq.Context() as context, context.socket(zmq.PULL) as raw, context.socket(zmq.PUSH) as peer:
        raw.bind("inproc://compat")
        peer.connect("inproc://compat")
        assert asyncio.run(receive(raw, peer)) == b"here"


def test_nobody_else_imports_what_is_private_to_another_library() -> None:
    found = []
    for file in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            names = (
                [alias.name for alias in node.names]
                if isinstance(node, ast.Import)
                else [f"{node.module}.{alias.name}" for alias in node.names]
                if isinstance(node, ast.ImportFrom)
                else [f"{node.value.id}.{node.attr}"]
                if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)
                else []
            )
            parts = [name.split(".") for name in names]
            found += [
                f"{file.name}: {'.'.join(each)}"
                for each in parts
                if each[0] in ("yaml", "zmq", "atexit", "asyncio", "typer", "pydantic", "psutil", "ssl")
                and any(part.startswith("_") and not part.startswith("__") for part in each)
            ]
    assert found == ["compat.py: yaml._yaml.CParser", "compat.py: atexit._run_exitfuncs"]
