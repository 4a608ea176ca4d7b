"""What was computed once stays, as long as what it was computed from: fits and indexes of one generation of features."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Any, TypeVar, cast

T = TypeVar("T")
MOST = 64


@dataclass
class _Slot:
    lock: threading.Lock = field(default_factory=threading.Lock)
    made: bool = False
    value: Any = None


class Kept:
    """Least recently used values by key. Threads that ask for the same key at once wait for one making; others do not
    wait. What fails is made anew the next time."""

    def __init__(self, size: int = MOST) -> None:
        from cachetools import LRUCache

        self._slots: LRUCache[Hashable, _Slot] = LRUCache(size)
        self._lock = threading.Lock()

    def get(self, key: Hashable, make: Callable[[], T]) -> T:
        """The key names everything that the value depends on, the generation of features among it."""
        with self._lock:
            slot = self._slots.get(key)
            if slot is None:
                slot = self._slots[key] = _Slot()
        with slot.lock:
            if not slot.made:
                slot.value = make()
                slot.made = True
            return cast(T, slot.value)
