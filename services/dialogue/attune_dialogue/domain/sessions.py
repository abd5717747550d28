"""A session as its owner sees it: the welcome, the view, the export in JSON and Markdown. Pure."""

from attune_contracts.dialogue import ExerciseStatus, SessionExport, SessionView, TurnRole

from attune_dialogue.domain.exercise import Exercises
from attune_dialogue.domain.exercise_machine import describe
from attune_dialogue.domain.notices import NoticeReason, notice_text
from attune_dialogue.domain.session import SCHEMA_VERSION, Session
from attune_dialogue.domain.voice import LANGUAGES, Wording

OPEN = frozenset({ExerciseStatus.ACTIVE, ExerciseStatus.PAUSED})


def welcome(session: Session, wording: Wording) -> tuple[str, str]:
    """Greeting and AI notice in the session's language."""
    greeting = wording[reply_language(session)]["greeting"][0]
    return greeting, notice_text(NoticeReason.START, session, session.language)


def reply_language(session: Session) -> str:
    """The full language that is nearest to the session's locale."""
    return session.language if session.language in LANGUAGES else LANGUAGES[0]


def view(session: Session, exercises: Exercises, ttl: tuple[int, int]) -> SessionView:
    """`ttl` is the sliding and the absolute lifetime in seconds."""
    run = session.active_run or session.paused_run
    shown = exercises.get(run.id) if run and run.status in OPEN else None
    return SessionView(
        id=session.id,
        locale=session.locale,
        country=session.country,
        created_at=session.created_at,
        expires_at=session.expires_at(*ttl),
        version=session.version,
        transcript=session.transcript,
        exercise=describe(shown, run, reply_language(session)) if shown and run else None,
    )


def export(session: Session, exercises: Exercises, ttl: tuple[int, int]) -> SessionExport:
    """Everything that is stored: the transcript, the notes and every answer given in an exercise."""
    answers = {f"{run.id}.{step}": answer for run in session.runs for step, answer in run.answers.items()}
    return SessionExport(
        schema_version=SCHEMA_VERSION,
        session=view(session, exercises, ttl),
        consent_version=session.consent_version,
        notes={**answers, **session.notes},
    )


def markdown(exported: SessionExport) -> str:
    """The export for reading."""
    session = exported.session
    lines = [
        "# Attune conversation",
        "",
        f"- Started: {session.created_at:%Y-%m-%d %H:%M} UTC",
        f"- Deleted at the latest: {session.expires_at:%Y-%m-%d %H:%M} UTC",
        f"- Language: {session.locale}",
        f"- Country: {session.country or 'not given'}",
        f"- Consent version: {exported.consent_version}",
        f"- Session: {session.id} (version {session.version})",
    ]
    if exported.notes:
        lines += ["", "## Notes", ""]
        lines += [f"- **{readable(key)}:** {'; '.join(value.splitlines())}" for key, value in exported.notes.items()]
    if session.exercise is not None:
        lines += ["", f"Open exercise: {session.exercise.title} ({session.exercise.status.value})"]
    lines += ["", "## Conversation", ""]
    for line in session.transcript:
        who = "You" if line.role is TurnRole.USER else "Attune"
        felt = f" _({line.emotion.value})_" if line.emotion else ""
        body = line.text.replace("\n", "\n> ")
        lines += [f"**{who}**, {line.at:%H:%M}{felt}", "", f"> {body}", ""]
    return "\n".join(lines).rstrip() + "\n"


def readable(key: str) -> str:
    """`safety_plan.warning_signs` → "Safety plan, warning signs"."""
    return key.replace(".", ", ").replace("_", " ").capitalize()
