"""A running mesh seen from outside: found, started, asked, followed, waited for, tapped."""
