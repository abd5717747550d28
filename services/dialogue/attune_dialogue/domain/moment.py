"""What a rule of the policy or the crisis sees of a turn, and the three kinds of reply it can plan. Pure."""

from dataclasses import dataclass

from attune_contracts.dialogue import Move, ReplySource, TurnRole
from attune_contracts.emotion import Emotion

from attune_dialogue.domain import offers
from attune_dialogue.domain.content import Content
from attune_dialogue.domain.cues import Cue
from attune_dialogue.domain.exercise import Exercise
from attune_dialogue.domain.mention import questions
from attune_dialogue.domain.plan import Plan, Written
from attune_dialogue.domain.replies import Situation
from attune_dialogue.domain.session import Offer, Session
from attune_dialogue.domain.signals import Signals
from attune_dialogue.domain.voice import Voice

# For so long no exercise is offered unasked; for so long a plain remark is still about the loss itself.
GRIEF_TURNS, LOSS_TURNS = 20, 3
SURE_CONFIDENCE_MIN = 0.7
MOOD_MESSAGES = 8
TONE_CONFIDENCE_MIN = 0.6
HARD_FEELINGS = frozenset({Emotion.SAD, Emotion.ANXIOUS, Emotion.ANGRY})
# Below this, a line that says what happened is about something else too often.
TOLD_FIT_MIN = 0.93
QUIET_MOVES = (Move.REFLECT, Move.VALIDATE, Move.NORMALISE)


@dataclass(frozen=True, slots=True)
class Moment:
    """What a rule sees."""

    session: Session
    signals: Signals
    content: Content
    voice: Voice

    def fixed(self, rule: str, move: Move | None, *keys: str) -> Plan:
        """A reply of fixed words only."""
        lead = " ".join(self.voice.say(key) for key in keys)
        return Plan(rule, move, self.signals.language, lead, self.session, ReplySource.TEMPLATE)

    def spoken(
        self,
        rule: str,
        move: Move,
        *,
        may_ask: bool,
        sentences_max: int = 2,
        lead: str | None = None,
        felt: Emotion | None = None,
    ) -> Plan:
        """A reply that the model writes; something written stands in for it, and at the last `lead` or a template.

        `felt` is the feeling that the rule is about, when that is not the one that was read.
        """
        tone = felt or self.tone
        general = () if lead else self.general(tone, move, may_ask=may_ask)
        return Plan(
            rule=rule,
            move=move,
            language=self.signals.language,
            lead=lead or self.template(tone, move, may_ask=may_ask),
            session=self.session,
            source=ReplySource.TEMPLATE,
            speaks=True,
            sentences_max=sentences_max,
            may_ask=may_ask,
            written=(*(self.fitted(may_ask=may_ask) if self.suits(rule, felt) else ()), *general),
        )

    def template(self, felt: Emotion, move: Move, *, may_ask: bool) -> str:
        """A template, with a question about what the message names where it may ask and no situation is known."""
        asks = self.about_what_is_named(felt) if may_ask else ()
        if not asks:
            return self.voice.template(felt, move)
        return f"{self.voice.template(felt, Move.REFLECT)} {self.voice.choose(asks)}"

    def general(self, felt: Emotion, move: Move, *, may_ask: bool) -> tuple[Written, ...]:
        """The templates nobody read yet; one about a thought has a question of its own."""
        if move is Move.DEEPEN:
            return tuple(
                Written(text, ReplySource.TEMPLATE) for text in self.voice.unsaid(self.voice.variants(felt, move))
            )
        # A plain remark needs neither a reason nor company.
        moves = (Move.REFLECT,) if felt is Emotion.NEUTRAL else QUIET_MOVES
        texts = [text for one in moves for text in self.voice.variants(felt, one)]
        asks = self.voice.unsaid(self.about_what_is_named(felt) or self.voice.questions(felt)) if may_ask else ()
        return (
            *(Written(text, ReplySource.TEMPLATE, asks) for text in self.voice.unsaid(texts)),
            *(
                Written(text, ReplySource.TEMPLATE, asks, TOLD_FIT_MIN)
                for text in self.voice.unsaid(self.voice.told(felt))
            ),
        )

    def fitted(self, *, may_ask: bool) -> tuple[Written, ...]:
        """What was written for the situation and nobody read yet."""
        if self.situation is None:
            return ()
        asks = self.voice.unsaid(self.situation.asks) if may_ask else ()
        return tuple(Written(text, ReplySource.AUTHORED, asks) for text in self.voice.unsaid(self.situation.says))

    def about_what_is_named(self, felt: Emotion) -> tuple[str, ...]:
        """Questions about whom or what the message names, when no situation is known. In grief the loss is all."""
        if self.situation is not None or Cue.GRIEF in self.signals.cues:
            return ()
        return questions(self.content.mentions[self.signals.language], self.signals.text, felt)

    def suits(self, rule: str, felt: Emotion | None) -> bool:
        """Whether the situation's replies fit what the rule is about: joy for good news, a loss for grief."""
        if self.situation is None:
            return False
        if rule.startswith("grief"):
            return self.situation.name.startswith("grief")
        return felt is None or self.situation.feels[0] is felt

    @property
    def situation(self) -> Situation | None:
        """What was recognised, now or a moment ago."""
        subject = self.signals.subject
        return None if subject is None or subject.doubtful else subject.situation

    @property
    def mood(self) -> Emotion | None:
        """The hard feeling that this talk has mostly been about lately, unless something good came after it."""
        lines = self.session.last_lines(TurnRole.USER, MOOD_MESSAGES)
        felt = [line.emotion for line in lines if line.emotion not in (None, Emotion.NEUTRAL)]
        if not felt or felt[-1] is Emotion.HAPPY:
            return None
        return max((one for one in reversed(felt) if one in HARD_FEELINGS), key=felt.count)

    @property
    def tone(self) -> Emotion:
        """The feeling to speak to: a remark that is plain or read with little confidence is still part of the talk."""
        felt, reading = self.signals.felt, self.signals.reading
        if felt not in HARD_FEELINGS:
            return self.mood or Emotion.NEUTRAL
        sure = reading is None or reading.label is not felt or reading.confidence >= TONE_CONFIDENCE_MIN
        return felt if sure else self.mood or felt

    @property
    def grieving(self) -> bool:
        """Whether somebody died in this talk, as far as it was told lately."""
        return self._loss_told_within(GRIEF_TURNS)

    @property
    def about_the_loss(self) -> bool:
        """Whether somebody's death was told just now or a moment ago."""
        return self._loss_told_within(LOSS_TURNS)

    def _loss_told_within(self, turns: int) -> bool:
        since = self.session.memory.grief_turn
        return since is not None and self.session.turns + 1 - since <= turns

    def sure(self, *emotions: Emotion) -> bool:
        """Whether one of these feelings was read with confidence."""
        reading = self.signals.reading
        read = reading is not None and reading.confidence >= SURE_CONFIDENCE_MIN and reading.label in emotions
        return read and self.signals.felt in emotions

    def lately(self, rule: str, turns: int, *, all_of: bool = False) -> bool:
        """Whether a rule decided one of the last turns, or all of them."""
        found = [one == rule for one in self.session.memory.rules[-turns:]]
        return all(found) if all_of else any(found)

    def offering(self, rule: str, exercise: Exercise, *, lead: str | None = None) -> Plan:
        """One or two sentences of value, then the offer with both buttons."""
        turn = self.session.turns + 1
        offered = self.session.memory.offered
        general = self.general(self.tone, Move.REFLECT, may_ask=False)
        offered = {**offered, exercise.id: offered.get(exercise.id, 0) + 1}
        session = self.session.remember(
            {"offer": Offer(exercise=exercise.id, turn=turn), "offered_turn": turn, "offered": offered}
        )
        return Plan(
            rule=rule,
            move=Move.OFFER,
            language=self.signals.language,
            lead=lead or self.voice.say(f"receive.{self.signals.felt.value}"),
            session=session,
            source=ReplySource.TEMPLATE,
            speaks=lead is None,
            sentences_max=1,
            written=() if lead else (*self.fitted(may_ask=False), *general),
            tail=self.voice.choose(exercise.offer.variants(self.signals.language)),
            tail_source=ReplySource.EXERCISE,
            suggestions=offers.offer_buttons(self.voice),
        )
