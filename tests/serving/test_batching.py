"""Drafts that arrive while a batch is forecast make up the next one; each client gets its own answers."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence
from typing import Any

import pytest

from serving import batching
from serving.batching import Batcher
from serving.problems import Refusal


def test_what_gathers_while_busy_goes_together_and_each_gets_its_own() -> None:
    busy, batches = threading.Event(), list[list[Any]]()

    def predict(jobs: Sequence[Any]) -> list[Any]:
        batches.append(list(jobs))
        busy.wait(10)
        return [f"answer {job}" for job in jobs]

    async def scene() -> list[Any]:
        batcher = Batcher(predict)
        first = asyncio.create_task(batcher.predict(["a"]))
        while not batches:
            await asyncio.sleep(0.01)
        rest = [asyncio.create_task(batcher.predict(jobs)) for jobs in (["b"], ["c", "d"], ["e"])]
        await asyncio.sleep(0)
        rest[2].cancel()
        await asyncio.sleep(0)
        busy.set()
        return [await first, await rest[0], await rest[1]]

    assert asyncio.run(scene()) == [["answer a"], ["answer b"], ["answer c", "answer d"]]
    assert batches == [["a"], ["b", "c", "d"]], "a client that is gone is not forecast"


def test_a_fault_reaches_those_it_hit_and_the_next_are_served() -> None:
    def predict(jobs: Sequence[Any]) -> list[Any]:
        if "bad" in jobs:
            raise RuntimeError("no database")
        return list(jobs)

    async def scene() -> Any:
        batcher = Batcher(predict)
        with pytest.raises(RuntimeError, match="no database"):
            await batcher.predict(["bad"])
        return await batcher.predict(["good"])

    assert asyncio.run(scene()) == ["good"]


def test_too_many_and_too_long_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batching, "MAX_WAIT_S", 0.05)
    release = threading.Event()

    def predict(jobs: Sequence[Any]) -> list[Any]:
        release.wait(10)
        return list(jobs)

    async def scene() -> None:
        batcher = Batcher(predict)
        with pytest.raises(Refusal):
            await batcher.predict(["x"] * (batching.MOST_WAITING + 1))
        with pytest.raises(Refusal):
            await batcher.predict(["slow"])
        release.set()
        monkeypatch.setattr(batching, "MAX_WAIT_S", 10.0)
        assert await batcher.predict(["later"]) == ["later"]

    asyncio.run(scene())
