"""``delivery: replay``: what was published can be had again, and nobody misses anything unawares."""
