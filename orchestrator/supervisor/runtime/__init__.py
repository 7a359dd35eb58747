"""What touches the machine for the supervisor: processes, sockets, files, the keeper."""
