"""The programs, loaded up to 300 ms late."""

from __future__ import annotations

import random
import time

from programs import answerer, bot, puller, talker

__all__ = ["answerer", "bot", "puller", "talker"]

time.sleep(random.uniform(0, 0.3))
