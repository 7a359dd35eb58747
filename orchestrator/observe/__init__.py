"""What the kernel shows of processes and their connections: proc(5), sock_diag(7)."""
