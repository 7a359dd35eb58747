from gevent import monkey

monkey.patch_all()
import os

import zmq.green as zmq

c = zmq.Context()
s = c.socket(zmq.PULL)
s.connect(os.environ["ZMQ_IN_CONNECT"])
n = 0
while n < 50:
    s.recv()
    n += 1
print("green got", n, flush=True)
