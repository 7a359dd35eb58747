"""Z5: who can read and write what."""
