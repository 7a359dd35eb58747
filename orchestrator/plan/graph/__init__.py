"""Plan -> pictures: who talks to whom, over which edge, and who binds. Pure."""
