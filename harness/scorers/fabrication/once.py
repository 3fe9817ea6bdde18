"""Properties worked out when first asked for and then kept, without the lock that `functools` takes for its own.

A decision asks for hundreds, each cheaper than that lock; and set as a plain attribute, a value needs no dictionary of
its object's own, which the garbage collector would have to visit.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
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


__all__ = ["cached_property"]
