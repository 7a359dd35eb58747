def feed(node):
    s = node.socket("out")
    n = 0
    try:
        while not node.stopping:
            s.send(b"x" * 1000)
            n += 1
    finally:
        print("sent", n, flush=True)


def fail(node):
    raise SystemExit(3)


def ok(node):
    node.stopping.wait(2)
