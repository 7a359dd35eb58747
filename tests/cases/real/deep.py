import multiprocessing as mp
import time


def _child(mb):
    x = bytearray(mb << 20)
    for i in range(0, len(x), 4096):
        x[i] = 1
    time.sleep(60)


def hog(node, mb):
    """One child that holds much memory, as a data loader does."""
    p = mp.get_context("fork").Process(target=_child, args=(mb,), daemon=True)
    p.start()
    print("child", p.pid, flush=True)
    node.stopping.wait(60)
    print("stopping seen", flush=True)


def src(node):
    """A source with a forked worker pool, killed or drained."""
    s = node.socket("out")
    pool = mp.get_context("fork").Pool(2)
    i = 0
    while not node.stopping.wait(0.05):
        s.send(b"%d" % pool.apply(abs, (-i,)))
        i += 1
    print("sent", i, flush=True)
    pool.terminate()


def sink(node):
    n = 0
    for _ in node.messages("in"):
        n += 1
    print("received", n, flush=True)


class Task:
    def __init__(self, n):
        self.n = n


def objs(node):
    """Pickles instances of a class of the node module, and sends them; multiprocessing queue of them by spawn."""
    import pickle

    s = node.socket("out")
    for i in range(3):
        s.send(pickle.dumps(Task(i)))


def unobj(node):
    import pickle

    print([pickle.loads(m).n for m in node.messages("in")], Task.__module__, flush=True)


def loader_sig(node):
    """A program with its own SIGTERM handler that polls for a flag: as many daemons do."""
    import signal

    flag = []
    signal.signal(signal.SIGTERM, lambda *a: flag.append(1))
    while not flag:
        time.sleep(0.1)
    print("SIGTERM came", flush=True)


def cpuloop(node):
    t = time.time()
    while time.time() - t < 60 and not node.stopping:
        sum(range(100000))
    print("left loop after", round(time.time() - t, 1), flush=True)
