"""Programs of ours between sockets, each a module with a ``main`` as any ``python:`` node has.

None is zmq_proxy(3): in the main thread that mangles messages when a signal comes.
"""
