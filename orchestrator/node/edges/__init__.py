"""What the edges of a process add to its sockets, a file for each kind of edge."""
