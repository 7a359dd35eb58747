import random


def timer(node, *, every):
    s = node.socket("tick")
    n = 0
    while not node.stopping.wait(every):
        s.send(b"tick %d" % n)
        n += 1


def rnd(node):
    for m in node.messages("tick"):
        node.socket("random").send(b"%d" % random.randrange(100))


def status(node):
    n = 0
    import zmq

    p = zmq.Poller()
    socks = {k: node.socket(k) for k in ("random", "fail")}
    for s in socks.values():
        p.register(s, zmq.POLLIN)
    p.register(node.stopping, zmq.POLLIN)
    while not node.stopping:
        ev = dict(p.poll())
        if socks["fail"] in ev:
            socks["fail"].recv()
            raise RuntimeError("asked to fail")
        if socks["random"] in ev:
            node.socket("status").send(b"status " + socks["random"].recv())


def sink(node):
    n = 0
    for m in node.messages("message"):
        n += 1
        if n == 8:
            print("eight", flush=True)
            return
