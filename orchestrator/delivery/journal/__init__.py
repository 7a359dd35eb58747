"""What an edge keeps on disk: messages in segments, each a preallocated file that is written through memory.

A process that is killed loses nothing that way: the pages are the kernel's. What a loss of power leaves is told by
checksums. One process writes a journal; anybody may read it.
"""
