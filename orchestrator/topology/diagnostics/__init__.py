"""What can be wrong with a file: kinds, problems with their edits, and hints at what was meant."""
