"""Decides what happens in a turn and keeps the session."""
