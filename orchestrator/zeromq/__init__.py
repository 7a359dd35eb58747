"""What ZeroMQ is, as data: socket types, options, endpoints, quantities. Standard library only."""
