def feed(node):
    s = node.socket("out")
    n = 0
    try:
        while not node.stopping:
            s.send(b"x" * 1000)
            n += 1
    finally:
        print("sent", n, flush=True)


def sink(node):
    n = 0
    for _ in node.messages("in"):
        n += 1  # noqa: SIM113
        if n == 5000:
            print("enough", flush=True)
            return


def worker(node):
    for m in node.messages("in"):
        node.socket("out").send(m)
