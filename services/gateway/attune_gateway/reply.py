"""Folds a turn's events into one Reply, for callers that do not stream. Pure.

The pieces stay as dialogue sent them: they are its models already, and validating them again would double the cost.
"""

import json
from typing import Any

from attune_kit.sse import ServerSentEvent


class Fold:
    """Feed it every event; then `reply` is the Reply's JSON object, or `problem` the Problem's when the turn failed."""

    def __init__(self) -> None:
        self._parts: dict[str, Any] = {
            "risk": None,
            "emotion": None,
            "exercise": None,
            "suggestions": [],
            "notice": None,
        }
        self.reply: dict[str, Any] | None = None
        self.problem: dict[str, Any] | None = None

    def add(self, event: ServerSentEvent) -> None:
        """Takes one event in."""
        content: dict[str, Any] = json.loads(event.data)
        match content.pop("type"):
            case "done":
                self.reply = {**self._parts, **content}
            case "error":
                self.problem = content["problem"]
            case "risk":
                self._parts["risk"] = {"type": "risk", **content}
            case "exercise":
                self._parts["exercise"] = {"type": "exercise", **content}
            case "emotion":
                self._parts["emotion"] = content["reading"]
            case "suggestions":
                self._parts["suggestions"] = content["items"]
            case "notice":
                self._parts["notice"] = content["text"]
