def pub(node):
    out = node.socket("out")
    while not node.stopping.wait(0.05):
        out.send(b"A x")


def sub(node):
    for m in node.messages("in"):
        print("got", m.decode(), flush=True)
        return
