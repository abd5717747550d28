"""Verifies the adapter, then starts the engine that generates replies. It adds nothing to the token path."""
