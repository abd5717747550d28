"""Plumbing of every Attune service: app factory, settings, errors, logs, health, metrics, HTTP, SSE."""
