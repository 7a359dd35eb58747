import time


def pub(node):
    s = node.socket("p")
    i = 0
    while not node.stopping.wait(0.02):
        s.send(b"A %d %d" % (node.index, i))
        s.send(b"B %d %d" % (node.index, i))
        i += 1


def sub(node):
    last = {}
    for m in node.messages("p"):
        last[m[:1]] = time.monotonic()
    print("late topics", [k for k, v in last.items() if time.monotonic() - v > 1.0], "seen", sorted(last), flush=True)
