"""Z4: options of sockets."""
