"""What crosses a process border, versioned: wiring, launch orders, messages, folders. Standard library only."""
