"""What an edge adds to ZeroMQ when its topology says so. Loaded by nodes that have such an edge, and by no others."""
