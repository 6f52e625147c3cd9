"""The API is tested on both databases, as the registry is."""

from registry.conftest import backend, desk, new_place, place

__all__ = ["backend", "desk", "new_place", "place"]
