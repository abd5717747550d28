"""Binds the safety library's reply lint to one turn: the person's words, the replies before, the language. Pure."""

from attune_contracts.dialogue import TurnRole
from attune_safety.reply_lint import LintContext, lint_sentence

from attune_dialogue.domain.gate import Lint
from attune_dialogue.domain.sentences import split
from attune_dialogue.domain.session import Session

RECENT_REPLIES = 10


def bind_lint(session: Session, text: str, language: str) -> Lint:
    """The check of one turn's sentences. No phone number or address may pass: those come from the card alone."""
    replies = session.last_texts(TurnRole.ASSISTANT, RECENT_REPLIES)
    recent = tuple(sentence for reply in replies for sentence in split(reply))

    def check(sentence: str, passed: tuple[str, ...]) -> str | None:
        context = LintContext(language=language, user_text=text, reply=passed, recent=recent)
        reason = lint_sentence(sentence, context).reason
        return None if reason is None else reason.value

    return check
