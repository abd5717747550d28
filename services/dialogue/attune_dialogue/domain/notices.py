"""When the AI notice is due: one policy file with the strictest of the laws' intervals. Pure: the clock is an input."""

from datetime import datetime, timedelta
from enum import StrEnum

from attune_safety.phrases import LANGUAGES, wording
from pydantic import BaseModel, ConfigDict

from attune_dialogue.domain.session import Session


class NoticePolicy(BaseModel):
    """notices.yaml. Minutes between two notices in one sitting, days away after which one is due again."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    at_start: bool
    when_asked: bool
    every_min: int
    after_away_days: int
    sitting_gap_min: int
    break_after_min: int
    sources: tuple[str, ...]


class NoticeReason(StrEnum):
    """Why a notice is shown. The values are the elements of the safety library's wording."""

    START = "ai_notice_start"
    INTERVAL = "ai_notice_hourly"
    RETURN = "ai_notice_return"
    ASKED = "ai_notice_asked"


def notice_due(policy: NoticePolicy, session: Session, now: datetime, *, asked: bool) -> NoticeReason | None:
    """Whether this turn must show the notice, and why."""
    if asked and policy.when_asked:
        return NoticeReason.ASKED
    last = session.memory.notice_at
    if last is None:
        return NoticeReason.START if policy.at_start else None
    if session.turns and now - session.touched_at >= timedelta(days=policy.after_away_days):
        return NoticeReason.RETURN
    return NoticeReason.INTERVAL if now - last >= timedelta(minutes=policy.every_min) else None


def notice_text(reason: NoticeReason, session: Session, language: str) -> str:
    """The notice in the person's language."""
    chosen = language if language != "en" or session.language not in LANGUAGES else session.language
    return wording(reason.value, chosen, session.turns)


def sitting_started_at(session: Session, now: datetime, gap_min: int) -> datetime:
    """When the person's present sitting began: the first line after the last long silence."""
    started, later = now, now
    for line in reversed(session.transcript):
        if later - line.at > timedelta(minutes=gap_min):
            break
        started = later = line.at
    return started


def break_due(policy: NoticePolicy, session: Session, now: datetime) -> bool:
    """Whether to suggest a pause: once for every `break_after_min` minutes of one sitting."""
    since = sitting_started_at(session, now, policy.sitting_gap_min)
    if session.memory.pause_suggested_at is not None:
        since = max(since, session.memory.pause_suggested_at)
    return now - since >= timedelta(minutes=policy.break_after_min)
