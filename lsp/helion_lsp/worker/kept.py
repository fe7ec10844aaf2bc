"""Answers by key in, the ones that were asked for last out: what an answer takes of memory says how many are worth keeping."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Kept(Generic[K, V]):
    """At most so many answers."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._answers: OrderedDict[K, V] = OrderedDict()

    def __contains__(self, key: K) -> bool:
        return key in self._answers

    def put(self, key: K, answer: V) -> V:
        self._answers[key] = answer
        self._answers.move_to_end(key)
        if len(self._answers) > self._most:
            self._answers.popitem(last=False)
        return answer

    def get(self, key: K, find: Callable[[], V]) -> V:
        """The answer that is known, else the one that is found now."""
        return self.put(key, self._answers[key] if key in self._answers else find())
