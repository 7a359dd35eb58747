"""Listening to an edge without disturbing it.

A publisher is heard as by one more subscriber, a durable edge by reading the journals of its senders. What could not be
had is counted, or at least said: see ``losses``.
"""
