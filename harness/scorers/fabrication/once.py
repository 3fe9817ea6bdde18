"""Properties worked out when first asked for and then kept, without the lock that `functools` takes for its own.

A decision asks for hundreds, each cheaper than that lock; and set as a plain attribute, a value needs no dictionary of
its object's own, which the garbage collector would have to visit.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterator
    from functools import cached_property
else:

    class cached_property:  # noqa: N801 - named as the one of `functools` that it stands in for
        """A property whose value is kept as an attribute of its object."""

        def __init__(self, work: Any) -> None:
            self._work = work
            self.__doc__ = work.__doc__

        def __set_name__(self, owner: type, name: str) -> None:
            self._name = name

        def __get__(self, holder: Any, owner: type | None = None) -> Any:
            if holder is None:
                return self
            found = self._work(holder)
            setattr(holder, self._name, found)
            return found


One = TypeVar("One")


class Kept(Generic[One]):
    """What an iterator yields, each made when first come to and then kept: who finds what he looks for makes no more."""

    def __init__(self, made: Iterator[One]) -> None:
        self._kept: list[One] = []
        self._made = made

    def __iter__(self) -> Iterator[One]:
        yield from self._kept
        for one in self._made:
            self._kept.append(one)
            yield one


__all__ = ["Kept", "cached_property"]
