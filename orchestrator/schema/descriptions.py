"""What an editor says about each key: prose by part of the model and key, ``""`` for the part itself.

Defaults that the model knows are not repeated here. Of options ``zeromq.options`` tells what they do; here are the
values that hold where nothing is written.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

TITLE = "Topology of a ZeroMQ mesh"

KEYS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "Topology": {
            "": "One mesh: its programs (nodes), their ZeroMQ sockets, and the edges between them.",
            "name": "Name of the mesh. Default: the file's name up to the first dot, or the folder's name for "
            "topology.yaml.",
            "version": "Version of the language; 1 is the only one.",
            "include": "Files whose content is laid under this one: a path, or a list of them, relative to this file. "
            "Variables do not work here.",
            "vars": "Variables: each ${name} is replaced by its value, which may be a list or a mapping. "
            "--set name=value wins over it.",
            "defaults": "What holds where nothing else is written.",
            "templates": "Bodies of nodes, for `extends`.",
            "nodes": "The programs, by name. null takes a node of an earlier file away.",
            "edges": "Who talks to whom, by name. null takes an edge of an earlier file away.",
            "logs": "How much is kept of what each process prints.",
            "lint": "Which rules the linter follows in this file.",
        },
        "Node": {
            "": "A program, started once or several times. Exactly one of python, command and external says what "
            "it runs.",
            "python": "module:callable, which is called with the node and with `args`. The module is looked for in "
            "working_dir, then beside the file.",
            "command": "Any program: a list, or text that is split as a shell would split it, without a shell.",
            "device": "A program of ours between sockets. forwarder, queue, streamer and last-value-cache have the "
            "sockets frontend and backend, which need not be written; recorder and replayer take `args: {file: ...}`.",
            "external": "true: a program of others, which is never started and never waited for. It only has "
            "addresses.",
            "replicas": "How many processes, 0 to 100000: bot-0, bot-1 and so on. Default: one, named as the node. "
            "Only a node that writes it can be scaled.",
            "each": "Instead of replicas: one process for each item of a list of scalars or of a mapping, named "
            "NODE-ITEM. ${key} is the item's name, ${each} its value, ${each.FIELD} a field of it.",
            "public_key": "Of an external node: the path of its CURVE certificate, or of a folder of several.",
            "sockets": "Its ZeroMQ sockets, by the names under which the program asks for them.",
            "extends": "The template that this starts from. Variables do not work here.",
        },
        "NodeBase": {
            "": "What holds for every node that does not say otherwise.",
            "args": "Keyword arguments of the callable, with their YAML types. A command finds them as JSON in "
            "ORCHESTRATOR_ARGS.",
            "env": "Environment variables, on top of those of whoever runs `up` and of env_file. Values are text as "
            "it is written: 1.10 stays 1.10.",
            "env_file": "Files of NAME=value lines, read in this order, before `env`. The place for secrets.",
            "working_dir": "Where it runs. Default: the folder of the file that names the program.",
            "interpreter": "The Python of a python node; it needs this package. Default: the one that runs the "
            "orchestrator.",
            "stdin": "Text for its standard input. Default: nothing (/dev/null).",
            "kind": "How it ends.",
            "critical": "true: when one of its processes has failed for good, the mesh is drained and `up` exits "
            "with 1.",
            "start": "auto, or manual: wired, but started by hand with `orchestrator start` or `run`, and not waited "
            "for.",
            "restart": "When it is started anew. Default: on-failure; for jobs and mains never.",
            "ready": "What makes it ready: one of library, listening, notify, command, http and log. Default: library; "
            "for a command listening.",
            "live": "Processes that do not answer are restarted. {} asks the main thread of our library. Default: off.",
            "stop": "How it is stopped: drained, or by a signal; after the grace time it is killed.",
            "depends_on": "Nodes of which all processes must be started, ready or done before. A list means ready.",
            "limits": "What a process may use. Default: no limits of ours.",
            "cpu": "Where, and how urgently, a process runs.",
            "resources": "What an engine of many hosts places a process by. On one machine only another host is "
            "refused; the rest is ignored.",
            "profiles": "Started only with --profile NAME of one of these. Default: always on.",
            "speaks": "Deliveries that the program of a command carries out itself.",
        },
        "Restart": {
            "": "When and how often a process is started anew.",
            "policy": "After which end a process is started anew. Default: on-failure; for jobs and mains never.",
            "delay": "Time before the first new start; doubled from one to the next.",
            "max_delay": "Longest delay. The delay starts anew after a process was ready for so long.",
            "max_attempts": "New starts within the window; one more, and the process has failed for good.",
            "window": "Time in which attempts are counted.",
        },
        "Ready": {
            "": "What makes a process ready, and how long that may take.",
            "library": "Each socket is bound, or connected, and has met the peers that are up. On a command it "
            "says that it uses our library.",
            "listening": "The binds that it declares listen, seen from outside.",
            "notify": "The program says so: node.ready(), or READY=1 to NOTIFY_SOCKET as for systemd.",
            "command": "A command that ends with status 0 once it is ready.",
            "http": "A URL that answers with a status of 200 to 399 once it is ready.",
            "log": "A regular expression that a line it prints matches once it is ready.",
            "interval": "Time between two questions.",
            "within": "How long it may take; after that the process has failed.",
        },
        "Live": {
            "": "How a process shows that it still lives.",
            "command": "A command that ends with status 0 while it lives. Default: the main thread is asked.",
            "http": "A URL that answers while it lives. Default: the main thread is asked.",
            "interval": "Time between two questions.",
            "timeout": "How long an answer may take.",
            "retries": "So many questions in a row without an answer, and it is restarted.",
        },
        "Stop": {
            "": "How a process is stopped.",
            "signal": "The signal for a program that is not drained.",
            "grace": "Time to leave in; any exit within it is a clean one. Then it is killed.",
            "drain": "Whether a node of our library first reads what was sent to it. false: it gets the signal.",
        },
        "Limits": {
            "": "What a process may use.",
            "memory": "Memory, with what it has started; a process above it is restarted.",
            "nofile": "Open files (RLIMIT_NOFILE).",
            "memlock": "Memory that may be locked (RLIMIT_MEMLOCK): a size, or unlimited.",
            "core": "Size of a core dump (RLIMIT_CORE): a size, 0 or unlimited.",
        },
        "Cpu": {
            "": "Where, and how urgently, a process runs.",
            "cores": "Numbers of the cores it may run on. Default: all.",
            "nice": "Niceness, -20 (most urgent) to 19.",
            "realtime": "Priority of SCHED_FIFO, 1 to 99.",
        },
        "Resources": {
            "": "What an engine of many hosts places a process by.",
            "cpu": "Cores, also parts of one.",
            "memory": "Memory.",
            "gpu": "GPUs.",
            "host": "The host it has to run on.",
            "labels": "Labels that the host must have.",
        },
        "Socket": {
            "": "A ZeroMQ socket: its type, and options as libzmq has them.",
            "type": "The socket's type.",
            "subscribe": 'A prefix, or a list of them: text or {hex: "0102"}. "" is everything; [] says that the '
            "program subscribes by itself.",
        },
        "EdgeDefaults": {
            "": "What holds for every edge that does not say otherwise.",
            "transport": "How messages travel. An endpoint takes its place.",
            "pairing": "Which binding process each connecting process goes to. It must be written where both sides "
            "have replicas or each. Default: all.",
            "delivery": "What the edge adds. plain: what ZeroMQ gives; retry: requests are sent again until there is a "
            "reply; durable: what was sent is on disk until it was taken; replay: what was published can be had again. "
            "Default: plain.",
            "batch": "Small messages share a frame: for PUSH and PULL, PUB and SUB, PAIR. Default: off.",
            "security": "none: no encryption.",
        },
        "Edge": {
            "": "Which sockets bind, and which connect to them.",
            "bind": "node.socket, or process.socket for one process of it: the side that has the address.",
            "connect": "node.socket or process.socket, one or several. [] beside an endpoint: peers that are not ours.",
            "endpoint": "The address to bind, such as tcp://*:5600. A range of ports (tcp://*:5600-5649) gives each "
            "binding process its own. It must be written where one side is external.",
        },
        "Pairing": {
            "": "Which binding process each connecting process goes to.",
            "kind": "Which binding process each connecting process goes to.",
            "arity": "Of a tree: how many processes have the same parent.",
            "pairs": "Of pairs: a list of [bind, connect], each the number or the item of a process.",
        },
        "Delivery": {
            "": "What an edge adds to what ZeroMQ gives.",
            "kind": "What it adds.",
            "timeout": "Of retry: how long one attempt lasts.",
            "attempts": "Of retry: how many attempts there are, before the program is told.",
            "deduplicate": "Of retry: whether a server answers a request that it has answered before from its memory.",
            "fsync": "Of durable: what was sent in the last such time may be lost when the power goes. always: nothing "
            "is, and each send waits for the disk; never: the system decides.",
            "max_size": "Of durable: how much each sender's journal may have on disk.",
            "on_full": "Of durable: what a send does when the journal is full.",
            "reassign_after": "Of durable: how long a receiver may be gone before others get what it has left.",
            "from": "Of replay: where a subscriber begins when it starts.",
            "keep": "Of replay: how long, or how much, each publisher keeps of what it has sent.",
        },
        "Batch": {
            "": "When a frame that small messages share is full, and how long one of them may wait for company.",
            "messages": "Messages in a frame, at most.",
            "bytes": "Bytes in a frame, at most; a message that is longer has its own.",
            "delay": "How long a message may wait. After a quiet time of this length one goes at once.",
        },
        "Defaults": {
            "": "What holds where nothing else is written.",
            "node": "For nodes: all but what they run, how often, and their sockets.",
            "edge": "For edges: transport and pairing.",
            "socket": "For sockets: options for all types that have them, and under a type's name options for that "
            "type.",
        },
        "Logs": {
            "": "How much is kept of what each process prints.",
            "max_size": "Size at which a new file is begun.",
            "files": "Files that are kept for each process.",
        },
        "Lint": {
            "": "Which rules the linter follows in this file.",
            "ignore": "Codes of rules that it leaves out, such as Z101.",
            "select": "Codes of the only rules that it follows.",
        },
    }
)

VALUES: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "NodeBase.kind": {
            "service": "runs until it is stopped",
            "job": "ends; status 0 means done",
            "main": "a job that the mesh lives for: when all of them are done, the mesh is drained",
        },
        "NodeBase.start": {"auto": "with the mesh", "manual": "by hand: orchestrator start PROCESS, or run"},
        "Node.device": {
            "forwarder": "publishers at one side, subscribers at the other: SUB (everything) and PUB, or XSUB and XPUB",
            "queue": "requests for several workers: ROUTER and DEALER",
            "streamer": "tasks for several workers: PULL and PUSH",
            "last-value-cache": "late subscribers get the last value of each topic: SUB and XPUB",
            "recorder": "writes what arrives at its sockets into a file",
            "replayer": "sends what a recorder has written",
        },
        "Delivery.kind": {
            "plain": "what ZeroMQ gives",
            "retry": "for REQ and REP: a request is sent again until its reply is there",
            "durable": "for PUSH and PULL: what was sent is on disk until it was taken",
            "replay": "for PUB and SUB: what was published is kept, and who has missed something gets it",
        },
        "Delivery.from": {
            "latest": "with what is published from then on",
            "beginning": "with all that is kept",
            "last-value": "with the last message of each topic",
        },
        "Delivery.on_full": {"block": "waits until there is room", "error": "raises JournalFullError"},
        "Restart.policy": {
            "always": "after any end, status 0 too",
            "on-failure": "after a status other than 0, or a signal",
            "never": "not at all",
        },
        "NodeBase.ready": {
            "library": "its sockets are connected; on a command: it uses our library",
            "listening": "its binds listen, seen from outside",
            "notify": "the program says so",
        },
        "NodeBase.depends_on": {
            "started": "its processes run",
            "ready": "its processes are ready",
            "done": "its processes have ended with status 0",
        },
        "EdgeDefaults.transport": {
            "auto": "ipc where all ends are on one host, tcp where not",
            "ipc": "a path in the mesh's private folder",
            "tcp": "a free port, kept for the life of the mesh",
        },
        "Pairing.kind": {
            "all": "each connects to every binding process",
            "same": "to the one with its number or item",
            "spread": "number i to number i mod n, for n binding processes",
            "others": "a node with itself: to every process but itself",
            "ring": "a node with itself: to the next one, the last to the first",
            "tree": "a node with itself: to its parent, (i - 1) // arity; 0 is the root",
            "pairs": "as the list `pairs` says",
        },
        "Socket.type": {
            "PAIR": "one peer, both ways",
            "PUB": "to all subscribers; drops for those that are slow",
            "SUB": "from publishers, what it subscribes to",
            "XPUB": "a PUB that also receives the subscriptions",
            "XSUB": "a SUB that subscribes by sending messages",
            "REQ": "asks, then waits for the reply",
            "REP": "waits for a request, then replies",
            "DEALER": "asks many things at once; round-robin over its peers",
            "ROUTER": "knows each peer by its routing id",
            "PUSH": "work to its peers in turn",
            "PULL": "work from all its peers",
            "STREAM": "raw TCP",
        },
    }
)
"""What values of enumerations mean, by part and key."""

OPTION_DEFAULTS: Mapping[str, str | int | bool] = MappingProxyType(
    {
        "affinity": 0,
        "rate": 100,
        "recovery_ivl": "10s",
        "sndbuf": -1,
        "rcvbuf": -1,
        "reconnect_ivl": "10ms",
        "backlog": 100,
        "reconnect_ivl_max": 0,
        "maxmsgsize": -1,
        "sndhwm": 1000,
        "rcvhwm": 1000,
        "multicast_hops": 1,
        "rcvtimeo": -1,
        "sndtimeo": -1,
        "ipv4only": True,
        "router_mandatory": False,
        "tcp_keepalive": -1,
        "tcp_keepalive_cnt": -1,
        "tcp_keepalive_idle": -1,
        "tcp_keepalive_intvl": -1,
        "immediate": False,
        "xpub_verbose": False,
        "router_raw": False,
        "ipv6": False,
        "probe_router": False,
        "req_correlate": False,
        "req_relaxed": False,
        "conflate": False,
        "router_handover": False,
        "tos": 0,
        "handshake_ivl": "30s",
        "xpub_nodrop": False,
        "xpub_manual": False,
        "stream_notify": True,
        "invert_matching": False,
        "heartbeat_ivl": 0,
        "heartbeat_ttl": 0,
        "xpub_verboser": False,
        "connect_timeout": 0,
        "tcp_maxrt": 0,
        "multicast_maxtpdu": 1500,
        "loopback_fastpath": False,
        "multicast_loop": True,
        "xpub_manual_last_value": False,
        "only_first_subscribe": False,
        "reconnect_stop": 0,
    }
)
"""What an option is where nobody writes it: libzmq's default, but reconnect_ivl, which is ours. Those that only some
builds of libzmq have are left out, and so are those without a value.
"""

LINGER = "Default: what is left of the stop's grace time."
