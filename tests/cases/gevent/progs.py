def feed(node):
    for i in range(50):
        node.socket("out").send(b"%d" % i)


def sink(node):
    from gevent import monkey

    monkey.patch_all()
    import gevent

    n = 0

    def tick():
        while True:
            gevent.sleep(0.01)

    g = gevent.spawn(tick)
    for m in node.messages("in"):
        n += 1
    print("gevent got", n, flush=True)
