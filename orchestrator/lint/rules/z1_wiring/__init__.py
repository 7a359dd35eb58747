"""Z1: which sockets are joined, and by how many."""
