import os
import signal


def server(node):
    rep = node.socket("q")
    n = 0
    while True:
        m = rep.recv()
        n += 1
        if n == 3 and os.environ["ORCHESTRATOR_PROCESS"] and not os.path.exists("died"):
            open("died", "w").close()
            os.kill(os.getpid(), signal.SIGKILL)
        rep.send(b"re " + m)


def client(node):
    import zmq

    req = node.socket("q")
    for i in range(6):
        req.send(b"%d" % i)
        try:
            print("got", req.recv().decode(), flush=True)
        except zmq.Again:
            print("no reply to", i, "stopping", bool(node.stopping), flush=True)
