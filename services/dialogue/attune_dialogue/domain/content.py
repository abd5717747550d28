"""Everything authored that decisions need, read once at start and passed in. Filled by adapters/content.py."""

from collections.abc import Mapping
from dataclasses import dataclass

from attune_dialogue.domain.cues import Lexicon
from attune_dialogue.domain.exercise import Exercises
from attune_dialogue.domain.mention import Mentions
from attune_dialogue.domain.notices import NoticePolicy
from attune_dialogue.domain.replies import Replies
from attune_dialogue.domain.voice import Templates, Wording


@dataclass(frozen=True, slots=True)
class Content:
    """Wording, templates, lexicons and mentions by language, exercises by id, and the notice policy."""

    wording: Wording
    templates: Templates
    lexicons: Mapping[str, Lexicon]
    mentions: Mapping[str, Mentions]
    exercises: Exercises
    notices: NoticePolicy
    replies: Replies
