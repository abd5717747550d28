"""Renders what the model reads: the contracts' prompt, the summary, and as much of the talk as fits. Pure."""

from attune_contracts.chat import Message, TurnContext, conversation
from attune_contracts.dialogue import Move
from attune_contracts.emotion import Emotion

from attune_dialogue.domain.plan import Plan
from attune_dialogue.domain.session import Session
from attune_dialogue.domain.understanding import summary_for_prompt


def render(
    plan: Plan, session: Session, text: str, felt: Emotion, *, messages_max: int, chars_max: int, weave: bool = False
) -> list[Message]:
    """System message, the newest turns within `messages_max` messages and `chars_max` characters, and the new text.

    With `weave` a strong model is shown the machine's own prompt, to make it part of its reply.
    """
    summary = summary_for_prompt(plan.session, messages_max)
    context = TurnContext(move=plan.move or Move.REFLECT, emotion=felt, language=plan.language, summary=summary)
    recent = list(session.messages(messages_max - 1))
    room = chars_max - len(text)
    kept: list[Message] = []
    for message in reversed(recent):
        room -= len(message.content)
        if room < 0:
            break
        kept.append(message)
    kept.reverse()
    if kept and kept[0].role == "assistant":
        kept = kept[1:]
    messages = conversation(context, [*kept, Message(role="user", content=text)])
    if weave and plan.tail:
        system = messages[0].model_copy(
            update={"content": f"{messages[0].content}\nEnd with this, reworded: {plan.tail}"}
        )
        messages[0] = system
    return messages
