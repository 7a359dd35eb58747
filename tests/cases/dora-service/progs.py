import time


def client(node, *, every):
    s = node.socket("call")
    ok = 0
    for i in range(5):
        s.send_multipart([b"", b"%s %d" % (node.process.encode(), i)])
        ok += s.recv_multipart()[-1] == b"re %s %d" % (node.process.encode(), i)
        time.sleep(every)
    print(node.process, "replies right", ok, flush=True)


def server(node):
    s = node.socket("serve")
    for parts in node.multipart("serve"):
        s.send_multipart([*parts[:-1], b"re " + parts[-1]])
