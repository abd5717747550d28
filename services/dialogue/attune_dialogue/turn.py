"""One message from start to end: screen, load, read, decide, speak, lint, save. Called by api.py, knows only ports."""

import asyncio
import contextlib
import random
import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from attune_contracts.chat import Message
from attune_contracts.dialogue import (
    AcceptedEvent,
    DeltaEvent,
    DoneEvent,
    EmotionEvent,
    ErrorEvent,
    MessageCreate,
    NoticeEvent,
    ReplySource,
    SuggestionsEvent,
    TurnRole,
    Why,
)
from attune_contracts.emotion import TEXT_CHARS_MAX, Emotion, EmotionReading
from attune_contracts.matching import Matches
from attune_contracts.risk import RiskAssessment
from attune_kit.errors import AttuneError, OperationalError, Unavailable
from attune_kit.logging import get_logger

from attune_dialogue.choosing import Chooser, Wanted
from attune_dialogue.domain import crisis, policy, replies
from attune_dialogue.domain.content import Content
from attune_dialogue.domain.cues import Cue, find_cues, language_of
from attune_dialogue.domain.gate import Gate
from attune_dialogue.domain.lint import bind_lint
from attune_dialogue.domain.moment import Moment
from attune_dialogue.domain.notices import notice_due, notice_text
from attune_dialogue.domain.plan import Plan, Written
from attune_dialogue.domain.prompting import render
from attune_dialogue.domain.replies import Subject
from attune_dialogue.domain.risk import RiskSense
from attune_dialogue.domain.sentences import is_question, split
from attune_dialogue.domain.session import Exchange, add_turn, bound
from attune_dialogue.domain.signals import Signals
from attune_dialogue.domain.voice import LANGUAGES, Voice, marks
from attune_dialogue.outlet import Outlet
from attune_dialogue.ports import Begun, EmotionReader, EventLog, Matcher, SessionStore
from attune_dialogue.speech import Speaker, Spoken, Utterance

# The small model was trained on other languages too little to be of use in them.
DRAFT_LANGUAGE = "en"
FLUSH_EVERY_S = 0.05
RENEW_EVERY_S = 1.0
CONTEXT_WORDS_MAX = 9


@dataclass(frozen=True, slots=True)
class TurnLimits:
    """Bounds of a turn and of what it stores."""

    session_ttl_s: int
    session_ttl_max_s: int
    prompt_messages_max: int
    prompt_chars_max: int
    transcript_lines_max: int
    transcript_chars_max: int
    turns_in_flight_max: int
    abandon_grace_s: float
    weave: bool


@dataclass(frozen=True, slots=True)
class World:
    """The ports of a turn, the authored content, the clock and the source of chance."""

    store: SessionStore
    log: EventLog
    emotion: EmotionReader
    matcher: Matcher
    speaker: Speaker
    chooser: Chooser | None
    content: Content
    limits: TurnLimits
    now: Callable[[], datetime]
    chance: random.Random


class Turns:
    """Runs turns as tasks of their own, so that a cut connection does not lose one."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._tasks: set[asyncio.Task[None]] = set()

    def start(self, begun: Begun, message: MessageCreate, alone: RiskAssessment, started: float) -> Outlet:
        """Starts a turn; its outlet is ready to be followed."""
        outlet = Outlet()
        task = asyncio.create_task(Turn(self._world, begun, message, outlet, started).run(alone))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return outlet

    def full(self) -> bool:
        """Whether no further ordinary turn should start now."""
        return len(self._tasks) >= self._world.limits.turns_in_flight_max

    async def left(self, outlet: Outlet) -> None:
        """The caller went away: unless somebody follows within the grace, the generation ends."""
        await asyncio.sleep(self._world.limits.abandon_grace_s)
        if not outlet.followers and not outlet.closed:
            outlet.stop()

    def abandon(self, outlet: Outlet) -> None:
        """Starts the grace period of a turn whose caller went away."""
        if outlet.closed:
            return
        task = asyncio.create_task(self.left(outlet))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def drain(self) -> None:
        """Waits for running turns at shutdown; their own deadlines bound the wait."""
        while self._tasks:
            await asyncio.wait(set(self._tasks))


class Turn:
    """One turn. Everything that fails after the first event ends in words or in an `error` event, never in silence."""

    def __init__(self, world: World, begun: Begun, message: MessageCreate, outlet: Outlet, started: float) -> None:
        self._world = world
        self._lease = begun.lease
        self._session = begun.session
        self._message = message
        self._outlet = outlet
        self._started = started
        self._said: list[str] = []
        self._timings: dict[str, float] = {}
        self._logging = asyncio.Lock()

    async def run(self, alone: RiskAssessment) -> None:
        """Runs to the last event and closes the outlet."""
        flusher = asyncio.create_task(self._flush())
        try:
            await self._steps(alone)
        except AttuneError as error:
            await self._fail(error)
        except Exception as error:  # noqa: BLE001  a bug must not leave a person waiting; the class is logged
            get_logger().error("turn_crashed", error=type(error).__name__)
            await self._fail(AttuneError("Something went wrong. Please send the message again."))
        finally:
            flusher.cancel()
            self._outlet.close()

    async def _steps(self, alone: RiskAssessment) -> None:
        """The order of DESIGN.md. Risk is told before emotion and model are touched."""
        world, text = self._world, self._message.text
        self._outlet.emit(AcceptedEvent(type="accepted", message_id=self._lease.message_id))
        sense = RiskSense(self._session, self._outlet.emit)
        sense.hear(alone)
        sense.hear_with_history(text)
        self._mark("risk")
        reading, matches = await asyncio.gather(world.emotion.read(text), self._look())
        if reading is not None:
            self._outlet.emit(EmotionEvent(type="emotion", reading=reading))
            sense.hear_reading(reading.risk)
        sense.hear(crisis.heard(self._session, text, sense.assessment))
        self._mark("emotion")
        signals = self._about(self._signals(sense.assessment), reading, matches)
        plan = self._plan(signals)
        await self._speak_and_save(plan, signals, choosing=matches is not None)

    async def _look(self) -> tuple[Matches, ...] | None:
        """What the message is about, alone and after the message before it. None when replies are not chosen."""
        if self._world.chooser is None:
            return None
        text = self._message.text
        before = self._session.last_texts(TurnRole.USER, 1)
        texts = [text, f"{before[-1]} {text}"[:TEXT_CHARS_MAX]] if before else [text]
        return await self._world.matcher.situations(texts)

    def _about(self, signals: Signals, reading: EmotionReading | None, matches: tuple[Matches, ...] | None) -> Signals:
        """The signals with what was read: the emotion, the subject, and exchanges that are nearly the same."""
        signals = signals.with_reading(reading)
        if matches is None:
            return signals
        bank = self._world.content.replies
        situations, memory = bank.situations[signals.language], self._session.memory
        subject = replies.steady(replies.subject_of(matches, reading, situations, signals.language), memory)
        if subject is None:
            kept = replies.kept(memory, self._session.turns, reading, situations)
            subject = None if kept is None else Subject(kept, sure=False, kept=True)
        signals = replace(signals, subject=subject)
        near = replies.near_exchanges(matches[0], bank.exchanges, signals.felt)
        return replace(signals, near=near)

    def _signals(self, assessment: RiskAssessment) -> Signals:
        text, lexicons = self._message.text, self._world.content.lexicons
        return Signals(
            text=text,
            language=language_of(text, self._session.language, LANGUAGES),
            cues=find_cues(text, tuple(lexicons.values())),
            suggestion_id=self._message.suggestion_id,
            assessment=assessment,
            reading=None,
            now=self._world.now(),
        )

    def _plan(self, signals: Signals) -> Plan:
        content = self._world.content
        session = self._session
        voice = Voice(
            signals.language, content.wording, content.templates, session.memory.said, self._world.chance.choice
        )
        asked = Cue.IDENTITY in signals.cues
        due = notice_due(content.notices, session, signals.now, asked=asked)
        if due is not None:
            self._outlet.emit(NoticeEvent(type="notice", text=notice_text(due, session, signals.language)))
            session = session.remember({"notice_at": signals.now})
        turn = Moment(session, signals, content, voice)
        lead = crisis.lead(turn)
        return lead.plan or policy.decide(replace(turn, session=lead.session))

    async def _speak_and_save(self, plan: Plan, signals: Signals, *, choosing: bool) -> None:
        spoken = await (self._choose(plan, signals) if choosing else self._speak(plan, signals))
        sources: list[ReplySource] = []
        if spoken.sentences:
            sources.append(spoken.source)
        elif plan.lead:
            self._say(plan.lead)
            sources.append(plan.source)
        # A strong model has woven the prompt into its reply when that ends in a question.
        if plan.tail and not (spoken.sentences and is_question(spoken.sentences[-1])):
            self._say(plan.tail)
            sources.append(plan.tail_source)
        if plan.exercise is not None:
            self._outlet.emit(plan.exercise)
        if plan.suggestions:
            self._outlet.emit(SuggestionsEvent(type="suggestions", items=plan.suggestions))
        self._mark("total")
        reading = signals.reading
        why = Why(
            move=plan.move,
            rule=plan.rule,
            sources=tuple(dict.fromkeys(sources)),
            emotion=None if reading is None else signals.felt,
            tier=signals.assessment.tier,
            lint=spoken.rejected,
        )
        done = DoneEvent(
            type="done",
            message_id=self._lease.message_id,
            text=self._text,
            degraded=spoken.late,
            why=why,
            timings_ms=self._timings,
        )
        await self._save(plan, signals, done)

    async def _speak(self, plan: Plan, signals: Signals) -> Spoken:
        if not plan.speaks or self._outlet.stopped:
            return Spoken((), late=False, rejected=())
        world, limits = self._world, self._world.limits
        messages = self._messages(plan, signals)
        lint = bind_lint(self._session, signals.text, plan.language)
        weaves = limits.weave and bool(plan.tail)
        gate = Gate(lint, plan.sentences_max + weaves, plan.may_ask or weaves)
        seed = world.chance.randrange(2**31)
        spoken = await world.speaker.speak(Utterance(messages, gate, self._outlet, self._started, self._say, seed))
        self._mark("generation")
        return spoken

    async def _choose(self, plan: Plan, signals: Signals) -> Spoken:
        """As `_speak`, for a small engine: the best of drafts and authored replies, said as one."""
        chooser = self._world.chooser
        if not plan.speaks or self._outlet.stopped or chooser is None:
            return Spoken((), late=False, rejected=())
        lint = bind_lint(self._session, signals.text, plan.language)
        readable = plan.language == DRAFT_LANGUAGE
        near = tuple(Written(text, ReplySource.AUTHORED) for text in signals.near) if plan.may_ask else ()
        wanted = Wanted(
            text=self._in_context(signals),
            messages=self._messages(plan, signals) if readable and not signals.plainly_told else (),
            written=(*near, *plan.written),
            gate=lambda sentences: Gate(lint, sentences, plan.may_ask),
            sentences_max=plan.sentences_max,
            outlet=self._outlet,
            started=self._started,
            seed=self._world.chance.randrange(2**31),
            scored=readable,
            sure=signals.plainly_told,
        )
        chosen = await chooser.choose(wanted)
        self._mark("generation")
        if chosen.reply is None:
            return Spoken((), chosen.late, chosen.rejected)
        for sentence in chosen.reply.sentences:
            self._say(sentence)
        return Spoken(chosen.reply.sentences, chosen.late, chosen.rejected, chosen.reply.source)

    def _in_context(self, signals: Signals) -> str:
        """What a reply has to fit: a few words that name no subject are read with the message before them."""
        before = self._session.last_texts(TurnRole.USER, 1)
        named = signals.subject is not None and not signals.subject.kept
        if named or not before or signals.words > CONTEXT_WORDS_MAX:
            return signals.text
        return f"{before[-1]} {signals.text}"[:TEXT_CHARS_MAX]

    def _messages(self, plan: Plan, signals: Signals) -> list[Message]:
        limits = self._world.limits
        return render(
            plan,
            self._session,
            signals.text,
            signals.felt,
            messages_max=limits.prompt_messages_max,
            chars_max=limits.prompt_chars_max,
            weave=limits.weave,
        )

    async def _save(self, plan: Plan, signals: Signals, done: DoneEvent) -> None:
        """Stores the session and the last events in one step, and only then says that the turn is done."""
        limits, now = self._world.limits, self._world.now()
        asked = any(is_question(sentence) for sentence in split(done.text)[-1:])
        session = plan.session.remember(
            {
                **replies.remembered(signals.subject, plan.session.turns + 1),
                "said": (*plan.session.memory.said, *marks(done.text)),
                "questions_in_row": plan.session.memory.questions_in_row + 1 if asked else 0,
            }
        )
        felt: Emotion | None = signals.felt if signals.reading is not None else None
        exchange = Exchange(self._lease.message_id, signals.text, done.text, felt, signals.assessment.tier)
        session = bound(add_turn(session, exchange, now), limits.transcript_lines_max, limits.transcript_chars_max)
        expires_at = session.expires_at(limits.session_ttl_s, limits.session_ttl_max_s)
        async with self._logging:  # Nothing may be logged behind the last event.
            line = self._outlet.line(done)
            await self._world.store.finish(self._lease, session, expires_at, (*self._outlet.pending(), line))
            self._outlet.publish(done, line)
            self._outlet.logged(len(self._outlet.pending()))

    async def _flush(self) -> None:
        """Logs events that have waited for a moment, and keeps the lock alive while a slow turn runs."""
        last = self._started
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(FLUSH_EVERY_S)
            async with self._logging:
                waiting = self._outlet.pending()
                if not waiting and loop.time() - last < RENEW_EVERY_S:
                    continue
                with contextlib.suppress(OperationalError):
                    await self._world.log.append(self._lease, waiting)
                    self._outlet.logged(len(waiting))
                    last = loop.time()

    async def _fail(self, error: AttuneError) -> None:
        self._outlet.emit(ErrorEvent(type="error", problem=error.problem(None)))
        try:
            async with self._logging:
                await self._world.log.append(self._lease, self._outlet.pending())
                self._outlet.logged(len(self._outlet.pending()))
            await self._world.store.release(self._lease)
        except OperationalError:
            get_logger().warning("turn_not_released")

    def _say(self, text: str) -> None:
        """Shows the next piece; joining the pieces gives the reply."""
        if not self._said:
            self._mark("first_sentence")
        piece = f" {text}" if self._said else text
        self._said.append(piece)
        self._outlet.emit(DeltaEvent(type="delta", text=piece))

    @property
    def _text(self) -> str:
        return "".join(self._said)

    def _mark(self, name: str) -> None:
        elapsed = asyncio.get_running_loop().time() - self._started
        self._timings[name] = round(elapsed * 1000, 2)


def new_message_id() -> str:
    """128 random bits."""
    return f"msg_{secrets.token_hex(16)}"


def overloaded() -> Unavailable:
    """What an ordinary message gets when too many are under way."""
    return Unavailable("Too many replies are being written. Try again in a moment.", code="busy", retry_after_s=2)
