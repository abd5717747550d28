"""Runs the whole of Attune on one machine without containers: `make run`. Starts processes, imports no service."""
