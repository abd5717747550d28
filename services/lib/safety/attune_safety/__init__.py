"""Crisis screen, crisis lines and reply lint. Pure: services call it at every door."""

from attune_safety.screen import screen

__all__ = ["screen"]
