"""What processes print, on its way into files."""
