"""What people get wrong: where it is said, and in which words. Each text has one mistake unless more are listed."""

from __future__ import annotations

import pytest

from tests.topology.texts import problems

A = "nodes:\n  a: {python: 'm:f', sockets: {s: PUSH, t: PULL}, "
MESH = """nodes:
  feed: {python: 'feed:main', sockets: {ticks: PUB, orders: PUSH}}
  bot: {python: 'bot:main', replicas: 3, sockets: {ticks: SUB, orders: PUSH, fills: PULL}}
  book: {python: 'book:main', sockets: {orders: PULL}}
  ext: {external: true, sockets: {fills: PUB}}
edges:
"""

MISTAKES = [
    # the top
    ("servces: {}", ["1:1 S010 'servces' is no key here; write `nodes`"]),
    ("services: {}", ["1:1 S010 services is no key here; write `nodes`"]),
    ("edgs: {}", ["1:1 S010 did you mean edges?"]),
    ("zzz: {}", ["1:1 S010 expected name, version, nodes, edges, logs, lint, defaults, vars"]),
    ("module: x", ["1:1 S010 reserved"]),
    ("lint: {ignor: x}", ["1:8 S010 did you mean ignore?"]),
    ("lint: {ignore: [[x]]}", ["1:17 S012 a list cannot be used; expected a code such as Z101"]),
    ("version: 2", ["1:10 S012 the only version"]),
    ("version: '1'", ["1:10 S012 the only version"]),
    ("nodes: []", ["1:8 S012 a list cannot be used; expected a mapping from names to nodes"]),
    ("logs: {max_size: 10}", ["1:18 S012 10 cannot be used; expected a size such as"]),
    ("logs: {max_file: 3}", ["1:8 S010 'max_file' is no key here; write `files`"]),
    ("vars: 3", ["1:7 S012 vars is no mapping"]),
    # nodes
    ("nodes: {a: }\nx: 1", ["2:1 S010 x"]),
    ("nodes: {a: 3}", ["1:12 S012 expected a mapping with python, command or external"]),
    ("nodes: {a: {}}", ["1:9 S015 nothing says what it runs; expected exactly one of python, command"]),
    ("nodes: {a: {python: 'm:f', command: x}}", ["1:9 S015 python and command exclude one another"]),
    ("nodes: {a: {python: 'm:f', external: true}}", ["1:9 S015 python and external exclude"]),
    ("nodes: {a: {external: false}}", ["1:9 S015 nothing says what it runs"]),
    ("nodes: {a: {pyton: 'm:f'}}", ["1:13 S010 'pyton' is no key here; did you mean python?"]),
    ("nodes: {a: {image: x}}", ["1:13 S010 image is no key here; write `python` or `command`"]),
    ("nodes: {a: {device: que}}", ["1:21 S012 'que' cannot be used; expected forwarder, queue"]),
    ("nodes: {a: {device: queue, args: {speed: 1}}}", ["1:35 S010 queue takes no speed; expected no args"]),
    ("nodes: {a: {device: recorder}}", ["1:9 S013 file is missing", "1:9 S013 sockets is missing"]),
    ("nodes: {a: {device: queue, command: x}}", ["1:9 S015 command and device exclude one another"]),
    (
        "nodes: {restart: {python: 'm:f', restart: {polic: never}}}",
        ["1:44 S010 'polic' is no key here; did you mean policy?"],
    ),
    ("nodes: {A: {python: 'm:f'}}", ["1:9 S014 'A' is no name; expected [a-z]"]),
    ("nodes: {my node: {python: 'm:f'}}", ["1:9 S014 write my-node"]),
    ("nodes: {a-b: {python: 'm:f'}, a_b: {python: 'm:f'}}", ["1:31 S014 a_b and a-b differ only in - and _"]),
    ("nodes: {a: {external: true, env: {}}}", ["1:29 S015 env says nothing of an external node"]),
    (
        "nodes: {a: {python: bot.py}}",
        ["1:21 S012 'bot.py' names no callable; expected module:callable; write `python: bot:main`"],
    ),
    ("nodes: {a: {python: bot}}", ["1:21 S012 write `python: bot:main`"]),
    ("nodes: {a: {python: 'a b'}}", ["1:21 S012 expected module:callable"]),
    ("nodes: {a: {python: ['m:f']}}", ["1:21 S012 a list cannot be used; expected module:callable"]),
    ("nodes: {a: {command: ''}}", ["1:22 S012 the command is empty"]),
    ("nodes: {a: {command: []}}", ["1:22 S012 the command is empty"]),
    ('nodes: {a: {command: "echo \'x"}}', ["1:22 S012 no closing quotation"]),
    ("nodes: {a: {command: [x, null]}}", ["1:26 S012 null cannot be used; expected text"]),
    ("nodes: {a: {command: {x: y}}}", ["1:22 S012 a mapping cannot be used; expected text, or a list of texts"]),
    (f"{A}environment: {{}}}}", ["2:51 S010 environment is no key here; write `env`"]),
    (f"{A}after: b}}", ["2:51 S010 write `depends_on`"]),
    (f"{A}healthcheck: {{}}}}", ["2:51 S010 write `ready` or `live`"]),
    (f"{A}replicas: many}}", ["2:61 S012 'many' cannot be used; expected a whole number"]),
    (f"{A}replicas: 1.5}}", ["2:61 S012 1.5 cannot be used; expected a whole number"]),
    (f"{A}replicas: true}}", ["2:61 S012 true cannot be used; expected a whole number"]),
    (f"{A}replicas: -1}}", ["2:61 S012 0 to 100000"]),
    (f"{A}critical: yes}}", ["2:61 S012 'yes' cannot be used; expected true or false; write true"]),
    (f"{A}kind: deamon}}", ["2:57 S012 'deamon' cannot be used; expected service, job or main"]),
    (f"{A}kind: jobs}}", ["2:57 S012 did you mean job?"]),
    (f"{A}env: [A=b]}}", ["2:56 S012 this value cannot be used; expected a mapping from names to text"]),
    (f"{A}env: {{'A=b': c}}}}", ["2:57 S014 no name of a variable"]),
    (f"{A}env: {{A: [secret]}}}}", ["2:60 S012 this value cannot be used; expected text"]),
    (f"{A}args: [1]}}", ["2:57 S012 expected a mapping"]),
    (f"{A}restart: sometimes}}", ["2:60 S012 expected always, on-failure or never"]),
    (f"{A}restart: [always]}}", ["2:60 S012 a list cannot be used; expected always, on-failure, never, or a mapping"]),
    (f"{A}restart: {{delay: 1}}}}", ["2:68 S012 1 cannot be used; expected a duration such as 20ms"]),
    (f"{A}restart: {{delay: 1 s}}}}", ["2:68 S012 '1 s' cannot be used; expected a duration"]),
    (f"{A}restart: {{condition: any}}}}", ["2:61 S010 write `policy`"]),
    (f"{A}restart: {{max_attempts: -1}}}}", ["2:75 S012 a whole number, or unlimited"]),
    (f"{A}ready: started}}", ["2:58 S012 'started' cannot be used; expected library, listening, notify, or a mapping"]),
    (f"{A}ready: wired}}", ["2:58 S012 'wired' cannot be used; expected library, listening, notify, or a mapping"]),
    (f"{A}ready: {{wired: true}}}}", ["2:59 S010 wired is no key here; write `library`"]),
    (f"{A}ready: {{library: true, notify: true}}}}", ["2:58 S015 library and notify exclude one another"]),
    (f"{A}ready: {{http: x}}}}", ["2:65 S012 'x' is no URL; expected a URL such as http://"]),
    (f"{A}ready: {{log: '(a'}}}}", ["2:64 S012 no regular expression: missing ), unterminated subpattern"]),
    (f"{A}ready: {{command: []}}}}", ["2:68 S012 the command is empty"]),
    (f"{A}ready: {{command: {{a: b}}}}}}", ["2:68 S012 a mapping cannot be used; expected text, or a list of texts"]),
    (
        f"{A}ready: {{log: a, http: 'http://x'}}}}",
        ["2:58 S015 http and log exclude one another"],
    ),
    (f"{A}live: {{command: x, http: 'http://x'}}}}", ["2:57 S015 command and http exclude one another"]),
    (f"{A}live: {{log: x}}}}", ["2:58 S010 'log' is no key here; expected command, http, interval, timeout, retries"]),
    (f"{A}live: {{retries: 0}}}}", ["2:67 S012 0 cannot be used; expected a whole number, 1 or more"]),
    (f"{A}live: true}}", ["2:57 S012 true cannot be used; expected a mapping with command or http, or {}"]),
    (f"{A}stop: {{signal: SIGTERM}}}}", ["2:66 S012 did you mean TERM?"]),
    (
        f"{A}stop: {{grace: 10}}}}",
        ["2:65 S012 10 cannot be used; expected a duration such as 20ms, 2s or 1m30s; the unit is"],
    ),
    (f"{A}depends_on: b}}", ["2:63 Z102 there is no node b"]),
    (f'{A}depends_on: "b\\nc"}}', ["2:63 Z102 there is no node 'b\\nc'"]),
    (f"{A}depends_on: [a]}}", ["2:64 Z604 a waits for itself"]),
    (f"{A}depends_on: {{a: healthy}}}}", ["2:67 S012 'healthy' cannot be used; expected started, ready or done"]),
    (f"{A}start: now}}", ["2:58 S012 'now' cannot be used; expected auto or manual"]),
    (f"{A}env_file: [[x]]}}", ["2:62 S012 a list cannot be used; expected a path, or a list of them"]),
    (f"{A}limits: {{memory: 512}}}}", ["2:68 S012 512 cannot be used; expected a size such as 512KiB"]),
    (f"{A}limits: {{nofile: unlimited}}}}", ["2:68 S012 'unlimited' cannot be used; expected a whole number, 1 or"]),
    (f"{A}limits: {{memlock: all}}}}", ["2:69 S012 'all' cannot be used; expected a size such as 64MiB, or unlimited"]),
    (f"{A}limits: {{core: -1}}}}", ["2:66 S012 -1 cannot be used; expected a size such as 64MiB, 0, or unlimited"]),
    (f"{A}cpu: {{cores: [a]}}}}", ["2:65 S012 'a' cannot be used; expected a number of a core, or a list"]),
    (f"{A}cpu: {{nice: -21}}}}", ["2:63 S012 -21 cannot be used; expected a whole number, -20 to 19"]),
    (f"{A}cpu: {{realtime: 100}}}}", ["2:67 S012 100 cannot be used; expected a whole number, 1 to 99"]),
    (f"{A}resources: {{gpu: some}}}}", ["2:68 S012 'some' cannot be used; expected a number"]),
    (f"{A}profiles: [a b]}}", ["2:62 S012 'a b' cannot be used; expected a name, or a list of them"]),
    (f"{A}speaks: batch}}", ["2:51 S015 speaks says nothing of a python node"]),
    ("nodes: {a: {command: x, speaks: [bach]}}", ["1:34 S012 'bach' cannot be used; expected batch, retry"]),
    (f"{A}public_key: x}}", ["2:51 S015 public_key says nothing of a node that is started here"]),
    # each
    (f"{A}each: 3}}", ["2:57 S012 3 cannot be used; expected a list of scalars, or a mapping"]),
    (f"{A}each: [a, b, a]}}", ["2:64 S012 the item a stands twice"]),
    (f"{A}each: [a, [b]]}}", ["2:61 S012 a list cannot be used; expected a name of letters"]),
    (f"{A}each: [a b]}}", ["2:58 S014 'a b' cannot name a process"]),
    (f"{A}each: {{a.b: 1}}}}", ["2:58 S014 'a.b' cannot name a process"]),
    (f"{A}each: {{a: , b: }}}}", ["2:57 S012 every item is null"]),
    (f"{A}each: [a], replicas: 2}}", ["2:51 S015 replicas and each exclude one another"]),
    (
        f"{A}each: [a], env: {{A: '${{each.x:-1}}'}}}}",
        ["2:71 S020 ${each.x} takes no :-; expected ${each.x}; write x in every item"],
    ),
    (f"{A}each: {{a: '${{each}}'}}}}", ["2:61 S020 cannot be used in the items themselves"]),
    ("defaults: {node: {env: {A: '${key}'}}}", ["1:28 S020 known only in a node with `each`"]),
    (
        "nodes: {a: {command: x, each: [l, r], sockets: {s: PUSH}}, b: {command: x, sockets: {s: PULL}}}\n"
        "edges: {e: {bind: b.s, connect: a-m.s}}",
        ["2:33 Z102 there is no process a-m; expected one of a-l, a-r"],
    ),
    (
        "nodes: {a: {command: x, each: [l], sockets: {s: PUSH}}, b: {command: x, sockets: {s: PULL}}}\n"
        "edges: {e: {bind: b.s, connect: a.s, endpoint: 'ipc:///tmp/${key}'}}",
        ["2:48 S020 `each`, and b has none"],
    ),
    # a key that is none is told without a value too
    ("includes:", ["1:1 S010 includes is no key here; write `include`"]),
    (f"{A}replica: null}}", ["2:51 S010 did you mean replicas?"]),
    ("defaults: {}\n" + f"{A}environment: null}}", ["3:51 S010 write `env`"]),
    (f"{A}restart: {{polic: null}}}}", ["2:61 S010 did you mean policy?"]),
    (f"defaults: {{node: {{restart: {{delay: 2s}}}}}}\n{A}restart: {{polic: null}}}}", ["3:61 S010 policy?"]),
    ("templates: {a: {replica: null}}", ["1:17 S010 did you mean replicas?"]),
    ("defaults: {node: {environment: null}}", ["1:19 S010 write `env`"]),
    ("defaults: {socket: {nonsense: null}}", ["1:21 Z401 nonsense is no option of sockets"]),
    ("nodes: {a: {command: x, sockets: {s: {type: PUSH, nonsense: null}}}}", ["1:51 Z401 is no option of PUSH"]),
    ("nodes: {a: {command: x, sockets: {s: {type: PUSH, curve_server: }}}}", ["1:51 Z402 curve_server cannot be set"]),
    # words of others
    ("version: '3.8'\nservices: {}", ["1:10 S012 expected 1, the only version", "2:1 S010 write `nodes`"]),
    (
        "apiVersion: v1\nkind: Pod\nspec: {}",
        ["1:1 S010 write `version`", "2:1 S010 every file is a", "3:1 S010 write `nodes`"],
    ),
    (
        f"{A}restart: unless-stopped}}",
        ["2:60 S012 'unless-stopped' cannot be used; expected always, on-failure or never; write always"],
    ),
    (f"{A}restart: no}}", ["2:60 S012 write never"]),
    (f"{A}ulimits: {{}}}}", ["2:51 S010 ulimits is no key here; write `limits: {nofile: 65536}`"]),
    (f"{A}volumes: []}}", ["2:51 S010 write nothing: nodes see the files of this machine"]),
    (f"{A}user: root}}", ["2:51 S010 write nothing: a mesh runs as the user who calls `up`"]),
    (f"{A}livenessProbe: {{}}}}", ["2:51 S010 write `live`"]),
    (f"{A}ready: {{test: x}}}}", ["2:59 S010 test is no key here; write `command`"]),
    (f"{A}live: {{httpGet: {{}}}}}}", ["2:58 S010 write `http`"]),
    (f"{A}limits: {{open_files: 3}}}}", ["2:60 S010 write `nofile`"]),
    (
        "nodes:\n  a: {command: x, depends_on: {b: {condition: service_healthy}}}\n  b: {command: x}",
        ["2:35 S012 a mapping cannot be used; expected started, ready or done; write ready"],
    ),
    # depends_on
    (
        "nodes:\n  a: {command: x, depends_on: b}\n  b: {command: x, depends_on: [c]}\n"
        "  c: {command: x, depends_on: {a: ready}}",
        ["4:35 Z604 a loop, none of them could start: a -> b -> c -> a"],
    ),
    (
        "nodes:\n  a: {python: 'm:f', depends_on: {b: done}}\n  b: {command: x}",
        ["2:38 S015 b is never done: it is a service"],
    ),
    (
        "nodes:\n  a: {python: 'm:f', depends_on: b}\n  b: {external: true}",
        ["2:34 S015 b is external, and never waited for"],
    ),
    # sockets
    ("nodes: {a: {command: x, sockets: {s: PSUH}}}", ["1:38 S012 'PSUH' is no type of socket"]),
    ("nodes: {a: {command: x, sockets: {s: push}}}", ["1:38 S012 did you mean PUSH?"]),
    ("nodes: {a: {command: x, sockets: {s: [PUSH]}}}", ["1:38 S012 expected a type such as PUSH, or a mapping"]),
    ("nodes: {a: {command: x, sockets: {s: {linger: 2}}}}", ["1:38 S013 type is missing"]),
    ("nodes: {a: {command: x, sockets: {s: RADIO}}}", ["1:38 S011 RADIO, a draft type"]),
    ("nodes: {a: {command: x, sockets: {S: PUSH}}}", ["1:35 S014 'S' is no name"]),
    ("nodes: {a: {command: x, sockets: [PUSH]}}", ["1:34 S012 expected a mapping from names to sockets"]),
    ("nodes: {a: {command: x, sockets: {s: {type: PUSH, sndhmw: 2}}}}", ["1:51 Z401 did you mean sndhwm?"]),
    (
        "nodes: {a: {command: x, sockets: {s: {type: PUSH, sndhwm: -2}}}}",
        ["1:59 Z403 -2 cannot be used; expected a number of messages"],
    ),
    (
        "nodes: {a: {command: x, sockets: {s: {type: PUSH, linger: 2 s}}}}",
        ["1:59 Z403 '2 s' cannot be used; expected a duration"],
    ),
    (
        "nodes: {a: {command: x, sockets: {s: {type: PUSH, router_mandatory: true}}}}",
        ["1:51 Z402 PUSH sockets have no router_mandatory; expected it on REP, ROUTER"],
    ),
    (
        "nodes: {a: {command: x, sockets: {s: {type: PUSH, curve_server: 1}}}}",
        ["1:51 Z402 keys and passwords belong to edges"],
    ),
    ("nodes: {a: {command: x, sockets: {s: {type: PUSH, hwm: 1}}}}", ["1:51 Z402 write `sndhwm` and `rcvhwm`"]),
    ("nodes: {a: {command: x, sockets: {s: {type: PUSH, subscribe: x}}}}", ["1:51 Z402 PUSH sockets do not subscribe"]),
    ("nodes: {a: {command: x, sockets: {s: {type: XSUB, subscribe: x}}}}", ["1:51 Z402 sending \\x01"]),
    (
        "nodes: {a: {command: x, sockets: {s: {type: SUB, subscribe: [[x]]}}}}",
        ["1:61 Z403 a prefix, or a list of them"],
    ),
    ("nodes: {a: {command: x, sockets: {s: {type: SUB, subscribe: {hex: 012}}}}}", ["1:61 Z403 a prefix"]),
    ("nodes: {a: {command: x, sockets: {s: {type: SUB, routing_id: ''}}}}", ["1:62 Z411 1 to 255 bytes"]),
    # edges
    (f"{MESH}  e: 3", ["7:6 S012 expected a mapping with bind and connect"]),
    (f"{MESH}  e: {{bind: feed.ticks}}", ["7:3 S013 connect is missing; expected node.socket"]),
    (f"{MESH}  e: {{bind: feed.ticks, conect: bot.ticks}}", ["7:25 S010 did you mean connect?"]),
    (
        f"{MESH}  e: {{from: feed.ticks, connect: bot.ticks}}",
        ["7:3 S013 bind is missing", "7:7 S010 write `connect`, or `bind`"],
    ),
    (f"{MESH}  e: {{bind: feed.ticks, connect: bott.ticks}}", ["7:34 Z102 there is no node 'bott'"]),
    (
        f"{MESH}  e: {{bind: feed.ticks, connect: bot.tick}}",
        ["7:34 Z102 bot has no socket 'tick'; did you mean ticks?"],
    ),
    (f"{MESH}  e: {{bind: feed.ticks, connect: bot.zzz}}", ["7:34 Z102 it has ticks, orders, fills"]),
    (
        f"{MESH}  e: {{bind: feed.ticks, connect: book}}",
        ["7:34 Z102 'book' names no socket; expected node.socket; did you mean book.orders?"],
    ),
    (
        f"{MESH}  e: {{bind: feed.ticks, connect: [bot-1.ticks, bot-3.ticks]}}",
        ["7:48 Z102 there is no process bot-3; expected bot-0 to bot-2"],
    ),
    (f"{MESH}  e: {{bind: feed.ticks, connect: feed-0.ticks}}", ["7:34 Z102 there is no node 'feed-0'"]),
    (f"{MESH}  e: {{bind: feed.ticks, connect: [bot.ticks, bot.ticks]}}", ["7:46 S012 bot.ticks stands twice"]),
    (f"{MESH}  e: {{bind: feed.ticks, connect: 3}}", ["7:34 S012 3 cannot be used; expected node.socket, or a list"]),
    (f"{MESH}  e: {{bind: feed.ticks, connect: []}}", ["7:34 S033 nothing connects"]),
    (f"{MESH}  e: {{bind: [], connect: bot.ticks}}", ["7:13 S033 nothing binds"]),
    (f"{MESH}  e: {{bind: ext.fills, connect: bot.ticks}}", ["7:3 Z116 endpoint is missing: ext is external"]),
    (
        f"{MESH}  e: {{bind: bot.orders, connect: bot.fills}}",
        ["7:3 Z114 pairing is missing: there are several processes on both sides (bot)"],
    ),
    (f"{MESH}  e: {{bind: feed.ticks, connect: bot.ticks, transport: udp}}", ["7:56 S012 expected auto, ipc or tcp"]),
    (
        f"{MESH}  e: {{bind: feed.ticks, connect: bot.ticks, transport: tcp, endpoint: 'tcp://*:1'}}",
        ["7:45 S015 transport and endpoint exclude"],
    ),
    (f"{MESH}  e: {{bind: feed.ticks, connect: bot.ticks, endpoint: 'tcp:*:1'}}", ["7:55 Z205 names no transport"]),
    (f"{MESH}  e: {{bind: feed.ticks, connect: bot.ticks, endpoint: 'tcp://*:99999'}}", ["7:55 Z205 at most 65535"]),
    (
        f"{MESH}  e: {{bind: feed.ticks, connect: bot.ticks, pairing: {{kind: ring, arity: 2}}}}",
        ["7:67 S015 ring takes no arity; expected it with kind: tree"],
    ),
    (
        f"{MESH}  e: {{bind: feed.ticks, connect: bot.ticks, pairing: {{kind: tree, pairs: [[0, 1]]}}}}",
        ["7:67 S015 tree takes no pairs"],
    ),
    (f"{MESH}  e: {{bind: feed.ticks, connect: bot.ticks, pairing: pairs}}", ["7:54 S013 pairs is missing"]),
    (
        f"{MESH}  e: {{bind: feed.ticks, connect: bot.ticks, pairing: {{kind: pairs, pairs: [[0]]}}}}",
        ["7:76 S012 expected a list of [bind, connect], each a number or an item"],
    ),
    (
        f"{MESH}  e: {{bind: feed.ticks, connect: bot.ticks, pairing: {{kind: pairs, pairs: [[0, [1]]]}}}}",
        ["7:80 S012 a list cannot be used; expected a list of [bind, connect]"],
    ),
    (
        f"{MESH}  e: {{bind: feed.ticks, connect: bot.ticks, pairing: each}}",
        ["7:54 S012 expected all, same, spread, others, ring, tree or pairs"],
    ),
    (
        f"{MESH}  e: {{bind: feed.ticks, connect: bot.ticks, pairing: {{kind: tree, arity: 0}}}}",
        ["7:74 S012 0 cannot be used; expected a whole number, 1 or more"],
    ),
    (
        f"{MESH}  e: {{bind: feed.ticks, connect: bot.ticks, delivery: {{kind: retry, attempts: 0, deduplicate: x}}}}",
        ["7:79 S012 0 cannot be used; expected a whole number, 1 or more", "7:95 S012 expected true or false"],
    ),
    (
        f"{MESH}  e: {{bind: feed.ticks, connect: bot.ticks, delivery: {{kind: replay, keep: 1, from: yesterday}}}}",
        [
            "7:76 S012 1 cannot be used; expected a duration such as 1h, or a size",
            "7:85 S012 'yesterday' cannot be used",
        ],
    ),
    (
        f"{MESH}  e: {{bind: feed.ticks, connect: bot.ticks, delivery: durabel}}",
        ["7:55 S012 'durabel' cannot be used; expected plain, retry, durable or replay; did you mean durable?"],
    ),
    (
        f"{MESH}  e: {{bind: feed.ticks, connect: bot.ticks, security: curve}}",
        ["7:55 S011 curve is not supported yet; expected none"],
    ),
    # what belongs to edges
    ("security: none", ["1:1 S010 'security' is no key here"]),
    (f"{A}batch: off}}", ["2:51 S010 'batch' is no key here"]),
    (f"{A}security: none}}", ["2:51 S010 'security' is no key here"]),
    (f"{A}restart: {{delivery: plain}}}}", ["2:61 S010 'delivery' is no key here"]),
    ("defaults: {node: {batch: off}}", ["1:19 S010 'batch' is no key here"]),
    # defaults
    ("defaults: 3", ["1:11 S012 expected a mapping with node, edge and socket"]),
    ("defaults: {nodes: {}}", ["1:12 S010 did you mean node?"]),
    ("defaults: {node: {python: 'm:f'}}", ["1:19 S010 python has no default; write it in each node"]),
    ("defaults: {node: {environment: {}}}", ["1:19 S010 write `env`"]),
    ("defaults: {node: {extends: x}}", ["1:19 S010 extends has no default; write it in each node"]),
    ("defaults: {node: {each: [x]}}", ["1:19 S010 each has no default; write it in each node"]),
    ("defaults: {edge: {bind: a.b}}", ["1:19 S010 bind has no default; write it in each edge"]),
    ("defaults: {edge: {transport: udp}}", ["1:30 S012 expected auto, ipc or tcp"]),
    ("defaults: {socket: [a]}", ["1:20 S012 expected a mapping from options to values"]),
    ("defaults: {socket: {lingr: 1}}", ["1:21 Z401 did you mean linger?"]),
    ("defaults: {socket: {linger: x}}", ["1:29 Z403 expected a duration"]),
    ("defaults: {socket: {PUB: {rcvhwn: 1}}}", ["1:27 Z401 did you mean rcvhwm?"]),
    ("defaults: {socket: {CLIENT: {linger: 0}}}", ["1:21 S011 CLIENT, a draft type of libzmq, is not supported yet"]),
    ("defaults: {socket: {PUB: 1}}", ["1:26 S012 a mapping from options of PUB"]),
]


@pytest.mark.parametrize(("text", "said"), MISTAKES, ids=[text[-60:] for text, _ in MISTAKES])
def test_mistakes(text: str, said: list[str]) -> None:
    found = problems(f"{text}\n")
    assert len(found) == len(said), "\n".join(map(str, found))
    for problem, expected in zip(found, said, strict=True):
        place, code, words = (["", *expected.split(" ", 1), ""] if expected[0] == "S" else expected.split(" ", 2))[:3]
        assert place in ("", f"{problem.line}:{problem.column}"), problem
        assert problem.code == code, problem
        assert words in str(problem), problem


def test_what_could_be_a_secret_is_never_printed() -> None:
    text = """
vars: {password: hunter2}
nodes:
  a: {python: 'm:f', env: {A: [hunter2], B: {hunter2: x}}, args: hunter2, stdin: [hunter2], restart: "${password}"}
"""
    found = problems(text)
    assert len(found) == 5
    assert not any("hunter2" in str(problem) for problem in found)
