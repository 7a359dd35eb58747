"""Faults, one for each rule: a function adds one to a mesh, and gives the key path where it must be found."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st

from tests.lint.meshes import PATTERNS, Mesh

Draw = st.DrawFn
Plant = Callable[[Draw, Mesh], str]

PLANTS: dict[str, Plant] = {}
ANYWHERE = "anywhere"
"""The place of a finding that stands for several."""


def plant(code: str) -> Callable[[Plant], Plant]:
    def register(function: Plant) -> Plant:
        PLANTS[code] = function
        return function

    return register


def option(draw: Draw, mesh: Mesh, kind: str, options: dict[str, Any], key: str, peer: str = "") -> str:
    """Add a connecting socket with options, and a peer; give the path of one of them."""
    other = peer or next(bind for bind, connect in PATTERNS.items() if connect == kind)
    declared = {"type": kind, **({"subscribe": "a"} if kind == "SUB" else {}), **options}
    _, node, _ = mesh.pair(other, declared)
    return f"nodes.{node}.sockets.into.{key}"


@plant("Z101")
def incompatible(draw: Draw, mesh: Mesh) -> str:
    bind, connect = draw(st.sampled_from([("PUB", "PULL"), ("PUSH", "SUB"), ("REP", "REP"), ("PAIR", "DEALER")]))
    return f"edges.{mesh.pair(bind, connect)[2]}.connect"


@plant("Z102")
def unknown(draw: Draw, mesh: Mesh) -> str:
    one, other, edge = mesh.pair("PUB", "SUB")
    side = draw(st.sampled_from(["bind", "connect"]))
    wrong = draw(st.sampled_from([f"{one}.outt", f"{one}x.out", f"{other}-7.into"]))
    mesh.edges[edge][side] = wrong
    mesh.nodes[one]["sockets"].pop("out")
    mesh.nodes[other]["sockets"].pop("into")
    mesh.edges[edge]["connect" if side == "bind" else "bind"] = mesh.node({"x": "PAIR"}) + ".x"
    return f"edges.{edge}.{side}"


@plant("Z103")
def unwired(draw: Draw, mesh: Mesh) -> str:
    node = mesh.node({"x": draw(st.sampled_from(["PUB", "PUSH", "SUB", "ROUTER"]))})
    return f"nodes.{node}.sockets.x"


@plant("Z104")
def isolated(draw: Draw, mesh: Mesh) -> str:
    return f"nodes.{mesh.node({'x': draw(st.sampled_from(['PUB', 'PULL', 'ROUTER']))}, command='sleep 1')}"


@plant("Z105")
def many_pairs(draw: Draw, mesh: Mesh) -> str:
    _, other, edge = mesh.pair("PAIR", "PAIR")
    mesh.nodes[other]["replicas"] = draw(st.integers(2, 9))
    return f"edges.{edge}"


@plant("Z106")
def twice(draw: Draw, mesh: Mesh) -> str:
    one, other, _ = mesh.pair(*draw(st.sampled_from([("PUB", "SUB"), ("PUSH", "PULL")])))
    return f"edges.{mesh.edge(f'{one}.out', f'{other}.into', transport='tcp')}"


@plant("Z107")
def one_address(draw: Draw, mesh: Mesh) -> str:
    port = mesh.port()
    hosts = draw(st.sampled_from([("127.0.0.1", "127.0.0.1"), ("*", "127.0.0.1"), ("localhost", "0.0.0.0")]))
    edges = [mesh.pair("PUB", "SUB", endpoint=f"tcp://{host}:{port}", security="none")[2] for host in hosts]
    return f"edges.{edges[1]}.endpoint"


@plant("Z108")
def to_itself(draw: Draw, mesh: Mesh) -> str:
    node = mesh.node({"say": "PUB", "hear": "SUB"}, replicas=draw(st.integers(1, 5)))
    kind = draw(st.sampled_from(["all", "same", "spread"]))
    return f"edges.{mesh.edge(f'{node}.say', f'{node}.hear', pairing=kind)}"


@plant("Z109")
def unequal(draw: Draw, mesh: Mesh) -> str:
    one, other, edge = mesh.pair("PUB", "SUB", pairing=draw(st.sampled_from(["same", "others", "ring", "tree"])))
    mesh.nodes[one]["replicas"] = 2
    mesh.nodes[other]["replicas"] = draw(st.sampled_from([1, 3, 4]))
    return f"edges.{edge}.pairing"


@plant("Z110")
def moving(draw: Draw, mesh: Mesh) -> str:
    one, _, edge = mesh.pair(*draw(st.sampled_from([("SUB", "PUB"), ("REP", "REQ")])))
    mesh.nodes[one]["replicas"] = draw(st.integers(1, 1 if mesh.nodes[one]["sockets"]["out"] == "REP" else 9))
    return f"edges.{edge}"


@plant("Z111")
def nobody(draw: Draw, mesh: Mesh) -> str:
    _, other, edge = mesh.pair("PUB", "SUB")
    mesh.nodes[other]["replicas"] = 0
    return f"edges.{edge}"


@plant("Z114")
def unpaired(draw: Draw, mesh: Mesh) -> str:
    one, other, edge = mesh.pair("PUB", "SUB")
    for node in (one, other):
        mesh.nodes[node] |= draw(st.sampled_from([{"replicas": 2}, {"each": ["left", "right"]}]))
    return f"edges.{edge}"


@plant("Z115")
def clash(draw: Draw, mesh: Mesh) -> str:
    node = mesh.node(name="twin", replicas=draw(st.integers(3, 9)))
    mesh.node(name=f"twin-{draw(st.integers(0, 2))}", python="no_other:main")
    return f"nodes.{node}"


def external(mesh: Mesh, kind: str, peer: Any, **keys: Any) -> tuple[str, str]:
    """Add an external node that binds; give the names of its peer and the edge."""
    outside, node = mesh.node({"x": kind}, external=True), mesh.node({"x": peer})
    return node, mesh.edge(f"{outside}.x", f"{node}.x", **keys)


@plant("Z116")
def nowhere(draw: Draw, mesh: Mesh) -> str:
    return f"edges.{external(mesh, 'PUB', 'SUB')[1]}"


@plant("Z117")
def splits(draw: Draw, mesh: Mesh) -> str:
    one, two = mesh.node({"x": "PULL"}), mesh.node({"x": "PULL"})
    node = mesh.node({"out": "PUSH"})
    for other in (one, two):
        mesh.edge(f"{other}.x", f"{node}.out")
    return f"nodes.{node}.sockets.out"


@plant("Z118")
def shrinks(draw: Draw, mesh: Mesh) -> str:
    _, other, edge = mesh.pair("PUSH", "PULL")
    mesh.nodes[other]["replicas"] = draw(st.integers(1, 9))
    return f"edges.{edge}"


@plant("Z112")
def mixes(draw: Draw, mesh: Mesh) -> str:
    one, two = mesh.node({"x": "PULL"}), mesh.node({"x": "PULL"})
    node = mesh.node({"out": "PUSH"})
    batches = draw(st.permutations([{"batch": {"messages": 7}}, draw(st.sampled_from([{}, {"batch": {}}]))]))
    mesh.edge(f"{one}.x", f"{node}.out", **batches[0])
    return f"edges.{mesh.edge(f'{two}.x', f'{node}.out', **batches[1])}"


@plant("Z113")
def does_not_speak(draw: Draw, mesh: Mesh) -> str:
    one, other, edge = mesh.pair(*draw(st.sampled_from([("PUB", "SUB"), ("PULL", "PUSH")])), batch={})
    node = draw(st.sampled_from([one, other]))
    mesh.nodes[node].pop("python")
    mesh.nodes[node]["command"] = "x"
    return f"edges.{edge}.batch"


@plant("Z119")
def shares_no_frame(draw: Draw, mesh: Mesh) -> str:
    kinds = draw(st.sampled_from([("REP", "REQ"), ("ROUTER", "DEALER"), ("XPUB", "SUB"), ("DEALER", "DEALER")]))
    return f"edges.{mesh.pair(*kinds, batch={'messages': 3})[2]}.batch"


@plant("Z120")
def has_no_reply(draw: Draw, mesh: Mesh) -> str:
    kinds = draw(st.sampled_from([("PUB", "SUB"), ("PULL", "PUSH"), ("ROUTER", "DEALER"), ("DEALER", "DEALER")]))
    return f"edges.{mesh.pair(*kinds, delivery={'kind': 'retry'})[2]}.delivery"


@plant("Z121")
def says_nothing(draw: Draw, mesh: Mesh) -> str:
    kinds, kind, keys = draw(
        st.sampled_from(
            [
                (("REP", "REQ"), "retry", {"fsync": "1s", "on_full": "error"}),
                (("PULL", "PUSH"), "durable", {"timeout": "3s", "attempts": 3}),
                (("PULL", "PUSH"), "plain", {"timeout": "3s", "max_size": "1GiB"}),
            ]
        )
    )
    key = draw(st.sampled_from(sorted(keys)))
    return f"edges.{mesh.pair(*kinds, delivery={'kind': kind, key: keys[key]})[2]}.delivery.{key}"


def endpoint(code: str, *addresses: str, kinds: tuple[str, str] = ("PUB", "SUB"), **keys: Any) -> None:
    """Register a plant: an edge with one of these addresses."""

    def function(draw: Draw, mesh: Mesh) -> str:
        address = draw(st.sampled_from(addresses)).replace("PORT", str(mesh.port()))
        return f"edges.{mesh.pair(*kinds, endpoint=address, **keys)[2]}.endpoint"

    PLANTS[code] = function


endpoint("Z201", "inproc://x", "inproc://a.b.c")
endpoint("Z202", f"ipc:///{'x' * 107}", f"ipc://@{'x' * 107}", f"ipc:///{'${node}' * 30}")
endpoint("Z205", "tcp://127.0.0.1:65536", "TCP://127.0.0.1:PORT", "udp://127.0.0.1:PORT", "tcp://127.0.0.1", "x")
endpoint("Z206", "tcp://127.0.0.1:80", "tcp://127.0.0.1:1-20")
endpoint("Z207", "tcp://127.0.0.1:32768", "tcp://127.0.0.1:60999")
endpoint("Z208", "tcp://*:PORT", "tcp://0.0.0.0:PORT", "tcp://10.0.0.1:PORT", "tcp://eth0:PORT")
endpoint("Z209", "tcp://localhost:PORT", "tcp://lo:PORT", security="none")
endpoint("Z210", "tcp://[::1]:PORT")
endpoint("Z212", "tcp://127.0.0.1:PORT", "ipc://@planted")
endpoint("Z412", "tcp://*:PORT", kinds=("PULL", "PUSH"), security="none")


@plant("Z203")
def two_hosts(draw: Draw, mesh: Mesh) -> str:
    one, other, edge = mesh.pair("PUB", "SUB", transport="ipc")
    for node, host in ((one, "alpha.lan"), (other, "beta.lan")):
        mesh.nodes[node]["resources"] = {"host": host}
    return f"edges.{edge}.transport"


@plant("Z204")
def wildcard(draw: Draw, mesh: Mesh) -> str:
    return f"edges.{external(mesh, 'PUB', 'SUB', endpoint=f'tcp://*:{mesh.port()}', security='none')[1]}.endpoint"


@plant("Z211")
def relative(draw: Draw, mesh: Mesh) -> str:
    one, _, edge = mesh.pair("PUB", "SUB", endpoint=draw(st.sampled_from(["ipc://x", "ipc://a/b"])))
    mesh.nodes[one]["working_dir"] = "elsewhere"
    return f"edges.{edge}.endpoint"


@plant("Z301")
def deaf(draw: Draw, mesh: Mesh) -> str:
    _, node, _ = mesh.pair("PUB", {"type": "SUB"})
    return f"nodes.{node}.sockets.into"


@plant("Z302")
def late(draw: Draw, mesh: Mesh) -> str:
    one, other, edge = mesh.pair("PUB", "SUB")
    mesh.nodes[other] |= draw(st.sampled_from([{"depends_on": one}, {"start": "manual"}]))
    return f"edges.{edge}"


def circle(mesh: Mesh, one: str, other: str, count: int) -> str:
    nodes = [mesh.node({"out": one, "into": other}) for _ in range(count)]
    pairs = zip(nodes, [*nodes[1:], nodes[0]], strict=True)
    edges = [mesh.edge(f"{after}.into", f"{node}.out") for node, after in pairs]
    return edges[0]


@plant("Z303")
def requests(draw: Draw, mesh: Mesh) -> str:
    return f"edges.{circle(mesh, 'REQ', 'REP', draw(st.integers(2, 5)))}"


@plant("Z304")
def queues(draw: Draw, mesh: Mesh) -> str:
    return f"edges.{circle(mesh, 'PUSH', 'PULL', draw(st.integers(2, 5)))}"


@plant("Z305")
def lockstep(draw: Draw, mesh: Mesh) -> str:
    one, other, _ = mesh.pair("REP", "REQ")
    mesh.nodes[one]["replicas"] = draw(st.integers(2, 5))
    return f"nodes.{other}.sockets.into"


@plant("Z306")
def no_net(draw: Draw, mesh: Mesh) -> str:
    mesh.pair("REP", {"type": "REQ", "rcvhwm": 7})
    return ANYWHERE


@plant("Z307")
def deals(draw: Draw, mesh: Mesh) -> str:
    one, _, _ = mesh.pair("PULL", "PUSH")
    mesh.nodes[one]["replicas"] = draw(st.integers(2, 5))
    return ANYWHERE


@plant("Z308")
def drops(draw: Draw, mesh: Mesh) -> str:
    mesh.pair("ROUTER", "DEALER")
    return ANYWHERE


@plant("Z309")
def behind(draw: Draw, mesh: Mesh) -> str:
    _, other, _ = mesh.pair("PUB", "SUB")
    mesh.nodes[other]["replicas"] = draw(st.integers(3, 5))
    return ANYWHERE


@plant("Z310")
def half_open(draw: Draw, mesh: Mesh) -> str:
    bind, connect = draw(st.sampled_from([("PUB", "SUB"), ("PUSH", "PULL")]))
    return f"edges.{external(mesh, bind, connect, endpoint='tcp://10.0.0.1:9000', security='none')[1]}"


@plant("Z311")
def impatient(draw: Draw, mesh: Mesh) -> str:
    kind = draw(st.sampled_from(["PUSH", "PULL", "DEALER"]))
    return option(draw, mesh, kind, {"heartbeat_ivl": draw(st.integers(100, 5000))}, "heartbeat_ivl")


@plant("Z312")
def too_many(draw: Draw, mesh: Mesh) -> str:
    count = draw(st.integers(2, 9))
    options = {"subscribe": [f"{number} " for number in range(count)], "sndhwm": draw(st.integers(1, count))}
    return option(draw, mesh, "SUB", options, "subscribe", "PUB")


@plant("Z313")
def conflated(draw: Draw, mesh: Mesh) -> str:
    if draw(st.booleans()):
        return option(draw, mesh, "SUB", {"subscribe": ["a", "b"], "conflate": True}, "conflate", "PUB")
    one, _, _ = mesh.pair({"type": "PUB", "conflate": True}, {"type": "SUB", "subscribe": ["a", "b"]})
    return f"nodes.{one}.sockets.out.conflate"


@plant("Z314")
def dies(draw: Draw, mesh: Mesh) -> str:
    mesh.pair("PUSH", "PULL")
    return ANYWHERE


@plant("Z315")
def immediate(draw: Draw, mesh: Mesh) -> str:
    kind = draw(st.sampled_from(["PUSH", "DEALER"]))
    return option(draw, mesh, kind, {"immediate": True}, "immediate")


QUEUE = """\
import threading
import zmq


def main(node):
    thread = threading.Thread(target=relay, args=(node,))
    thread.start()
    thread.join()


def relay(node):
    zmq.proxy(node.thread_socket("front"), node.thread_socket("back"))
"""


def queue(mesh: Mesh, program: str, **options: Any) -> str:
    node = mesh.node({"front": {"type": "ROUTER", **options}, "back": "DEALER"}, python="planted:main")
    mesh.files["planted.py"] = program
    mesh.edge(f"{node}.front", mesh.node({"x": "DEALER"}) + ".x")
    mesh.edge(f"{node}.back", mesh.node({"x": "REP"}) + ".x")
    return node


@plant("Z316")
def mandatory(draw: Draw, mesh: Mesh) -> str:
    return f"nodes.{queue(mesh, QUEUE, router_mandatory=True)}.sockets.front.router_mandatory"


@plant("Z317")
def several_senders(draw: Draw, mesh: Mesh) -> str:
    one, other, _ = mesh.pair("PUB", {"type": "SUB", "subscribe": "a", "conflate": True})
    mesh.nodes[one]["replicas"] = draw(st.integers(2, 5))
    return f"nodes.{other}.sockets.into.conflate"


@plant("Z318")
def numbered(draw: Draw, mesh: Mesh) -> str:
    prefix = draw(st.sampled_from(["${process}", "x${index}"]))
    _, other, _ = mesh.pair("PUB", {"type": "SUB", "subscribe": prefix})
    mesh.nodes[other]["replicas"] = draw(st.integers(11, 30))
    return f"nodes.{other}.sockets.into.subscribe"


@plant("Z401")
def no_option(draw: Draw, mesh: Mesh) -> str:
    name = draw(st.sampled_from(["sndhmw", "lingr", "foo"]))
    return option(draw, mesh, "PUSH", {name: 1}, name)


@plant("Z402")
def manual(draw: Draw, mesh: Mesh) -> str:
    name = draw(st.sampled_from(["xpub_manual", "xpub_manual_last_value"]))
    one, _, _ = mesh.pair({"type": "PUB", name: True}, "SUB")
    return f"nodes.{one}.sockets.out.{name}"


@plant("Z403")
def nonsense(draw: Draw, mesh: Mesh) -> str:
    name, value = draw(st.sampled_from([("maxmsgsize", -2), ("tos", 256), ("tos", 999)]))
    return option(draw, mesh, "PULL", {name: value}, name, "PUSH")


@plant("Z404")
def unbounded(draw: Draw, mesh: Mesh) -> str:
    name = draw(st.sampled_from(["sndhwm", "rcvhwm"]))
    return option(draw, mesh, "DEALER", {name: 0}, name)


@plant("Z405")
def for_ever(draw: Draw, mesh: Mesh) -> str:
    return option(draw, mesh, "PUSH", {"linger": -1}, "linger")


@plant("Z406")
def at_once(draw: Draw, mesh: Mesh) -> str:
    return option(draw, mesh, draw(st.sampled_from(["PUSH", "DEALER"])), {"linger": 0}, "linger")


@plant("Z407")
def last_part(draw: Draw, mesh: Mesh) -> str:
    if draw(st.booleans()):
        one, _, _ = mesh.pair({"type": "DEALER", "conflate": True}, "REP")
        return f"nodes.{one}.sockets.out.conflate"
    path = option(draw, mesh, "PULL", {"conflate": True}, "conflate", "PUSH")
    loop = 'for a, b in node.multipart("into"): ...'
    asks = draw(st.sampled_from([loop, 'x = node.socket("into")\n    a, b = x.recv_multipart()']))
    mesh.nodes[path.split(".")[1]]["python"] = "planted:main"
    mesh.files["planted.py"] = f"def main(node):\n    {asks}\n"
    return path


@plant("Z408")
def short_lived(draw: Draw, mesh: Mesh) -> str:
    ttl, interval = draw(st.sampled_from([(50, 0), (5000, 9000), (10000, 10001)]))
    options = {"heartbeat_ttl": ttl, "heartbeat_ivl": interval, "heartbeat_timeout": 60000}
    return option(draw, mesh, "DEALER", options, "heartbeat_ttl")


@plant("Z409")
def storm(draw: Draw, mesh: Mesh) -> str:
    options = draw(st.sampled_from([{"reconnect_ivl": 1000, "reconnect_ivl_max": 10}, {"reconnect_ivl_max": 5}]))
    return option(draw, mesh, "PUSH", options, "reconnect_ivl_max")


@plant("Z410")
def one_name(draw: Draw, mesh: Mesh) -> str:
    path = option(draw, mesh, "DEALER", {"routing_id": "x"}, "routing_id", "ROUTER")
    mesh.nodes[path.split(".")[1]]["replicas"] = draw(st.integers(2, 5))
    return path


@plant("Z411")
def reserved(draw: Draw, mesh: Mesh) -> str:
    return option(draw, mesh, "DEALER", {"routing_id": {"hex": "00ff"}}, "routing_id", "ROUTER")


@plant("Z413")
def comes_again(draw: Draw, mesh: Mesh) -> str:
    path = option(draw, mesh, "DEALER", {"routing_id": "x"}, "routing_id", "ROUTER")
    node = mesh.nodes[f"node{len(mesh.nodes) - 2}"]
    del node["python"]
    node["command"] = "python broker.py"
    return path


@plant("Z414")
def backlog(draw: Draw, mesh: Mesh) -> str:
    count = draw(st.integers(2, 20))
    one, other, _ = mesh.pair({"type": "PULL", "backlog": draw(st.integers(1, count - 1))}, "PUSH")
    mesh.nodes[other]["replicas"] = count
    return f"nodes.{one}.sockets.out.backlog"


@plant("Z415")
def descriptors(draw: Draw, mesh: Mesh) -> str:
    one, other, _ = mesh.pair("PULL", "PUSH")
    mesh.nodes[other]["replicas"] = count = draw(st.integers(10, 20))
    mesh.nodes[one]["limits"] = {"nofile": count}
    return f"nodes.{one}.limits.nofile"


@plant("Z502")
def secret(draw: Draw, mesh: Mesh) -> str:
    part = draw(st.sampled_from(["env", "args"]))
    name = draw(st.sampled_from(["PASSWORD", "DB_PASSWORD", "api_key", "AUTH_TOKEN"]))
    return f"nodes.{mesh.node(**{part: {name: 'correct-horse'}})}.{part}.{name}"


@plant("Z505")
def clear(draw: Draw, mesh: Mesh) -> str:
    host = draw(st.sampled_from(["10.0.0.1", "exchange.example"]))
    return f"edges.{external(mesh, 'PULL', 'PUSH', endpoint=f'tcp://{host}:9000')[1]}.endpoint"


@plant("Z506")
def readable(draw: Draw, mesh: Mesh) -> str:
    mesh.files["open.env"] = "LEVEL=info\nDB_PASSWORD=b\n"
    return f"nodes.{mesh.node(env_file='open.env')}.env_file"


@plant("Z601")
def no_command(draw: Draw, mesh: Mesh) -> str:
    return f"nodes.{mesh.node(command=draw(st.sampled_from(['nothing', 'no-such x'])))}.command"


def python(mesh: Mesh, program: str, sockets: dict[str, Any] | None = None, **keys: Any) -> str:
    mesh.files["planted.py"] = program
    return mesh.node(sockets, python="planted:main", **keys)


@plant("Z602")
def no_callable(draw: Draw, mesh: Mesh) -> str:
    program = draw(st.sampled_from(["def mian(node): ...\n", "x = 1\n", "def main(:\n", "class Main: ...\n"]))
    return f"nodes.{python(mesh, program)}.python"


@plant("Z603")
def no_argument(draw: Draw, mesh: Mesh) -> str:
    program = "def main(node, *, rate=1): ...\n"
    needs = "class main:\n    def __init__(self, node, rate, size=2): ...\n"
    if draw(st.booleans()):
        return f"nodes.{python(mesh, program, args={'rat': 1})}.args.rat"
    return f"nodes.{python(mesh, needs, args={'size': 1})}.args"


@plant("Z604")
def waits(draw: Draw, mesh: Mesh) -> str:
    nodes = [mesh.node() for _ in range(draw(st.integers(2, 5)))]
    for node, other in zip(nodes, [*nodes[1:], nodes[0]], strict=True):
        mesh.nodes[node]["depends_on"] = [other]
    return f"nodes.{nodes[-1]}.depends_on[0]"


@plant("Z605")
def unlimited(draw: Draw, mesh: Mesh) -> str:
    node = mesh.node(restart={"policy": "always", "max_attempts": "unlimited"})
    return f"nodes.{node}.restart.max_attempts"


@plant("Z606")
def no_grace(draw: Draw, mesh: Mesh) -> str:
    path = option(draw, mesh, "PUSH", {"linger": draw(st.integers(2001, 9000))}, "linger")
    mesh.nodes[path.split(".")[1]]["stop"] = {"grace": "2s"}
    return path


@plant("Z607")
def in_memory(draw: Draw, mesh: Mesh) -> str:
    mesh.name = "in-memory"
    return f"edges.{mesh.pair('PULL', 'PUSH', delivery='durable')[2]}.delivery"


@plant("Z608")
def beside(draw: Draw, mesh: Mesh) -> str:
    return f"nodes.{mesh.node(command='./book --in x', working_dir='data')}.command"


@plant("Z609")
def long_stop(draw: Draw, mesh: Mesh) -> str:
    mesh.pair("PUSH", "PULL")
    for node in mesh.nodes.values():
        if "external" not in node:
            node["stop"] = {"grace": "60s"}
    return ANYWHERE


@plant("Z610")
def proxy(draw: Draw, mesh: Mesh) -> str:
    call = draw(st.sampled_from(["zmq.proxy", "zmq.device", "zmq.proxy_steerable"]))
    inside = f'{call}(node.socket("front"), node.socket("back"))'
    through = f"def main(node):\n    run(node)\n\n\ndef run(n):\n    {inside.replace('node.', 'n.')}\n"
    program = draw(st.sampled_from([f"def main(node):\n    {inside}\n", through]))
    return f"nodes.{queue(mesh, f'import zmq{chr(10)}{chr(10)}{program}')}.python"


@plant("Z611")
def undeclared(draw: Draw, mesh: Mesh) -> str:
    ask = draw(st.sampled_from(["socket", "messages", "multipart", "async_socket", "thread_socket"]))
    return f"nodes.{python(mesh, f'def main(node):{chr(10)}    node.{ask}({chr(34)}x{chr(34)}){chr(10)}')}.python"


@plant("Z612")
def never_ends(draw: Draw, mesh: Mesh) -> str:
    return f"nodes.{mesh.node(kind='main', restart='always')}.restart"


@plant("Z613")
def moves(draw: Draw, mesh: Mesh) -> str:
    part = draw(st.sampled_from(["args", "env"]))
    return f"nodes.{mesh.node(each=['a', 'b'], **{part: {'x': 'n${index}'}})}.{part}.x"


@plant("Z614")
def by_hand(draw: Draw, mesh: Mesh) -> str:
    kind, condition = draw(st.sampled_from([("job", "done"), ("service", "ready"), ("job", "started")]))
    other = mesh.node(kind=kind, start="manual")
    needed, place = draw(st.sampled_from([({other: condition}, f".{other}"), ([other], "[0]"), (other, "")]))
    if condition == "done" and not isinstance(needed, dict):
        needed, place = {other: condition}, f".{other}"
    return f"nodes.{mesh.node(depends_on=needed)}.depends_on{place}"


@plant("Z615")
def never_looks(draw: Draw, mesh: Mesh) -> str:
    loop = draw(st.sampled_from(["while True", "while 1", "while not False", "for _ in itertools.count()"]))
    body = draw(st.sampled_from(['send(b"x")\n        time.sleep(1)', 'send(b"%d" % random.random())', "step()"]))
    inside = f'    send = node.socket("out").send\n    {loop}:\n        {body}\n'
    through = draw(st.sampled_from(["def main(node):\n", "def main(node):\n    run(node)\n\n\ndef run(node):\n"]))
    text = f"import itertools, random, time\n\n\n{through}{inside}\n\ndef step():\n    print(1)\n"
    return f"nodes.{python(mesh, text, {'out': 'PUB'})}.python"


@plant("Z616")
def for_a_shell(draw: Draw, mesh: Mesh) -> str:
    words = [
        "sleep 1 && sleep 2",
        "sleep 1 | sleep 2",
        "sleep 1 > x",
        "cd /tmp",
        "sleep $TIME",
        "A=1 sleep 1",
        "sleep 1;",
    ]
    command = draw(
        st.sampled_from([*words, "sleep 1\nsleep 2", "sleep ~/x", "python *.py", "sleep `date`", "sleep 1 &"])
    )
    ready = draw(st.booleans())
    keys = {"command": "sleep 1", "ready": {"command": command}} if ready else {"command": command}
    return f"nodes.{mesh.node(**keys)}{'.ready' * ready}.command"


@plant("Z319")
def sends_at_once(draw: Draw, mesh: Mesh) -> str:
    one, _, edge = mesh.pair(*draw(st.sampled_from([("PUB", "SUB"), ("PUSH", "PULL")])))
    mesh.nodes[one] = {"command": "sleep 1", "sockets": mesh.nodes[one]["sockets"]}
    return f"edges.{edge}"


@plant("Z416")
def sets_nothing(draw: Draw, mesh: Mesh) -> str:
    path = option(draw, mesh, "PUSH", {"sndhwm": 7}, "sndhwm")
    node = path.split(".")[1]
    mesh.nodes[node] = {"command": "sleep 1", "sockets": mesh.nodes[node]["sockets"]}
    return path


@plant("Z123")
def retries_for_long(draw: Draw, mesh: Mesh) -> str:
    delivery = draw(st.sampled_from([{"attempts": 9}, {"timeout": "4s"}, {"attempts": 2, "timeout": "6s"}]))
    _, other, edge = mesh.pair("REP", "REQ", delivery={"kind": "retry", **delivery})
    mesh.nodes[other]["stop"] = {"grace": "12s"}
    return f"edges.{edge}.delivery"


@plant("Z124")
def takes_away(draw: Draw, mesh: Mesh) -> str:
    one, other, edge = mesh.pair(*draw(st.sampled_from([("PUB", "SUB"), ("PULL", "PUSH")])))
    below = {name: mesh.nodes.pop(name) for name in (one, other)}
    mesh.files["below.yaml"] = json.dumps({"nodes": below, "edges": {edge: mesh.edges.pop(edge)}})
    mesh.include = "below.yaml"
    kind = below[other]["sockets"]["into"]
    added = mesh.node({"x": kind})
    mesh.edges[edge] = {"connect": draw(st.sampled_from([f"{added}.x", [f"{added}.x"]]))}
    return f"edges.{edge}.connect"


@plant("Z320")
def passes_on(draw: Draw, mesh: Mesh) -> str:
    proxy = mesh.node({"front": "XSUB", "back": "XPUB"}, **draw(st.sampled_from([{}, {"command": "sleep 1"}])))
    mesh.edge(f"{proxy}.back", mesh.node({"x": "SUB"}) + ".x")
    return f"edges.{mesh.edge(f'{proxy}.front', mesh.node({'x': 'PUB'}) + '.x')}"


@plant("Z617")
def of_another_type(draw: Draw, mesh: Mesh) -> str:
    plain: list[tuple[str, Any]] = [("float", "1s"), ("int", 0.5), ("str", 5), ("bool", 1), ("'int'", "x")]
    annotation, value = draw(st.sampled_from([*plain, ("list[int]", ["a"]), ("int | None", "x")]))
    return f"nodes.{python(mesh, f'def main(node, *, x: {annotation}): ...{chr(10)}', args={'x': value})}.args.x"


@plant("Z122")
def keeps_its_name(draw: Draw, mesh: Mesh) -> str:
    kind = draw(st.sampled_from(["durable", "replay"]))
    mesh.pair(*(("PULL", "PUSH") if kind == "durable" else ("PUB", "SUB")), delivery=kind)
    bodies: list[dict[str, Any]] = [
        {"external": True},
        draw(st.sampled_from([{"command": "sleep 1"}, {"python": "x:y"}])),
    ]
    below, above = draw(st.permutations(bodies))
    mesh.files["below.yaml"] = json.dumps({"name": mesh.name, "nodes": {"turned": below | {"sockets": {"x": "PUSH"}}}})
    mesh.include = "below.yaml"
    mesh.nodes["turned"] = above
    return f"nodes.turned.{next(iter(above))}"
