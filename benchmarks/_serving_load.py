"""A load generator in a process of its own: `python -m benchmarks._serving_load PLAN` prints one JSON line.

PLAN is a JSON file: url, bodies (list of JSON strings), clients, seconds. Every client asks again as
soon as it is answered. aiohttp, because httpx with 64 clients takes 7 ms of CPU for each request and
would be what is measured. `NEW` in a body becomes a number of its own in every request, so that no text
was read before.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import sys
import time
from pathlib import Path

import aiohttp
import numpy as np

JSON = {"content-type": "application/json"}
WARM_SHARE = 0.2
NEW = b"@new@"


async def load(url: str, bodies: list[str], clients: int, seconds: float) -> dict[str, float]:
    """requests_per_s, p50_ms and p99_ms after a warm-up of a fifth of `seconds`."""
    pool = itertools.cycle([body.encode() for body in bodies])
    number = itertools.count()
    answered: list[tuple[float, float]] = []
    failed = 0
    started = time.perf_counter()
    ends = started + seconds * (1 + WARM_SHARE)

    async def one(client: aiohttp.ClientSession) -> None:
        nonlocal failed
        while (asked := time.perf_counter()) < ends:
            async with client.post(
                url, data=next(pool).replace(NEW, b"%d" % next(number)), headers=JSON
            ) as answer:
                content = await answer.read()
            if answer.status != 200:
                failed += 1
                if failed == 1:
                    print(content[:500], file=sys.stderr)
            answered.append((asked, time.perf_counter()))

    limits = aiohttp.TCPConnector(limit=clients)
    async with aiohttp.ClientSession(connector=limits) as client:
        await asyncio.gather(*(one(client) for _ in range(clients)))
    begin = started + seconds * WARM_SHARE
    counted = np.array([(asked, done) for asked, done in answered if begin <= done <= ends])
    latency = (counted[:, 1] - counted[:, 0]) * 1000
    return {
        "requests_per_s": round(len(counted) / seconds, 1),
        "p50_ms": round(float(np.percentile(latency, 50)), 2),
        "p99_ms": round(float(np.percentile(latency, 99)), 2),
        "failed": failed,
    }


if __name__ == "__main__":
    plan = json.loads(Path(sys.argv[1]).read_text())
    print(json.dumps(asyncio.run(load(**plan))))
