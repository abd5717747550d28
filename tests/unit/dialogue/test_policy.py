"""The policy's promises: value before a question, offers that take no for an answer, honesty, joy, loops named."""

from datetime import timedelta

import pytest
from attune_contracts.dialogue import Move
from attune_contracts.emotion import Emotion
from attune_dialogue.domain.policy import RULES
from attune_dialogue.domain.sentences import is_question, split

from tests.unit.dialogue.fakes import NOON, Talk, content, reading, reply_of

SAD, ANXIOUS, HAPPY = reading("sad"), reading("anxious"), reading("happy")
GLAD_AND_SAD = reading("sad", 0.5, mixed=True).model_copy(
    update={"probabilities": {Emotion.SAD: 0.5, Emotion.HAPPY: 0.4, Emotion.ANXIOUS: 0.1}}
)


def test_somebody_who_says_no_is_not_asked_again_soon() -> None:
    talk = Talk()
    talk.say("My week was long and grey", felt=SAD)
    offered = talk.say("I am such an idiot for missing the deadline", felt=SAD)
    assert offered.rule == "offer"
    assert talk.say("no thanks").rule == "offer_declined"
    for text in ("I always mess everything up", "I am a failure at work", "I'm worthless in meetings"):
        assert talk.say(text, felt=SAD, screened=False).move is not Move.OFFER


def test_a_refused_exercise_does_not_come_back() -> None:
    talk = Talk()
    talk.say("My week was long", felt=SAD)
    first = talk.say("I am such an idiot", felt=SAD)
    refused = first.session.memory.offer
    talk.say("", button="offer.decline")
    for _ in range(8):
        plan = talk.say("I am such a failure", felt=SAD, screened=False)
        offer = plan.session.memory.offer
        assert offer is None or refused is None or offer.exercise != refused.exercise


def test_an_offer_says_something_of_value_first_and_asks_once() -> None:
    talk = Talk()
    talk.say("My week was long", felt=SAD)
    plan = talk.say("I am such an idiot", felt=SAD)
    sentences = split(reply_of(plan))
    assert len(sentences) >= 2
    assert not is_question(sentences[0])
    assert [button.id for button in plan.suggestions] == ["offer.accept", "offer.decline"]


def test_a_yes_starts_what_was_offered() -> None:
    talk = Talk()
    talk.say("My chest is tight and I am panicking", felt=ANXIOUS)
    plan = talk.say("ok let's try")
    assert plan.exercise is not None
    assert plan.exercise.id == "grounding"


def test_never_more_than_two_questions_in_a_row_nor_two_in_one_reply() -> None:
    talk = Talk()
    asked = []
    for number in range(30):
        plan = talk.say(f"Today was hard in a new way, number {number}", felt=SAD if number % 3 else ANXIOUS)
        reply = split(reply_of(plan))
        assert sum(map(is_question, reply)) <= 1
        asked.append(any(map(is_question, reply)))
        if len(asked) > 3:
            assert not all(asked[-4:])


def test_good_news_is_celebrated_without_an_exercise() -> None:
    for felt in (HAPPY, None):
        plan = Talk().say("I got the job!!", felt=felt)
        assert plan.move is Move.CELEBRATE
        assert not plan.suggestions


def test_a_masked_cry_is_taken_neither_way() -> None:
    assert Talk().say("I'm fine, just joking lol", felt=HAPPY).rule == "clarify_masked"


@pytest.mark.parametrize(
    ("felt", "rule"), [(reading("sad", 0.4, abstained=True), "clarify"), (GLAD_AND_SAD, "clarify_mixed")]
)
def test_an_unclear_feeling_is_asked_about_once(felt: object, rule: str) -> None:
    talk = Talk()
    talk.say("The meeting was on Monday as always", felt=reading("neutral"))
    assert talk.say("It went the way it went I suppose", felt=felt).rule == rule
    assert not talk.say("It could have been this or that", felt=felt).rule.startswith("clarify")


def test_a_worry_that_returns_is_named_and_gets_worry_time() -> None:
    talk = Talk()
    worry = "What if my results come back and the doctor found something bad"
    rules = [talk.say(f"{worry} {word}", felt=ANXIOUS).rule for word in ("today", "tomorrow")]
    assert "loop" not in rules
    plan = talk.say(f"{worry} again", felt=ANXIOUS)
    assert plan.rule == "loop"


def test_a_bare_answer_to_nothing_gets_a_small_choice() -> None:
    talk = Talk()
    talk.say("My week was long and grey", felt=SAD)
    plan = talk.say("idk")
    assert [button.id for button in plan.suggestions] == ["choice.talk", "choice.exercise", "choice.later"]
    by_text = {button.id: button.text for button in plan.suggestions}
    assert talk.say(by_text["choice.exercise"], button="choice.exercise").rule == "exercise_menu"
    assert talk.say(by_text["choice.later"], button="choice.later").rule == "goodbye"


def test_grief_gets_presence_and_no_exercise() -> None:
    talk = Talk()
    for text in (
        "My grandmother died on Sunday",
        "The funeral is tomorrow",
        "I can't sleep since",
        "Everything is empty",
    ):
        assert talk.say(text, felt=SAD).move is not Move.OFFER


@pytest.mark.parametrize(
    "text",
    [
        "are you a human?",
        "Are you real",
        "am I talking to a bot",
        "is this an AI?",
        "who are you?",
        "are you a therapist",
        "is there a real person reading this?",
        "do you have feelings",
        "you're just a machine, aren't you",
        "human or bot?",
        "هل انت انسان؟",
        "انت روبوت؟",
        "بكلم حد حقيقي؟",
        "مين بيرد عليا",
        "عندك مشاعر؟",
    ],
)
def test_it_never_hides_that_it_is_a_machine(text: str) -> None:
    plan = Talk(locale="ar" if text > "~" else "en").say(text)
    assert plan.rule == "identity"
    assert "AI" in plan.lead or "ذكاء اصطناعي" in plan.lead


@pytest.mark.parametrize(
    "text", ["my sister is a real person", "I'm a robot at work", "is this normal?", "are you there"]
)
def test_other_sentences_are_not_that_question(text: str) -> None:
    assert Talk().say(text).rule != "identity"


def test_an_hour_brings_a_pause_once() -> None:
    talk = Talk()
    rules = [talk.say(f"Another thing about number {i}", now=NOON + timedelta(minutes=7 * i)).rule for i in range(16)]
    assert rules.count("break") == 1
    assert rules.index("break") == 9


def test_anger_at_the_companion_is_owned() -> None:
    talk = Talk()
    assert talk.say("you don't get it at all").move is Move.REPAIR
    assert talk.say("you're useless").rule == "missed_again"


def test_a_summary_uses_the_persons_words() -> None:
    talk = Talk()
    talk.say("I failed the exam on Monday and told nobody", felt=SAD)
    talk.say("My father said nothing at dinner about it", felt=SAD)
    plan = talk.say("can you sum this up?")
    assert "I failed the exam on Monday" in plan.lead


@pytest.mark.parametrize("text", ["مش عارف أنام من القلق", "حاسس بالوحدة أوي", "شكرا", "اهلا", "نجحت في الامتحان"])
def test_arabic_is_answered_in_arabic(text: str) -> None:
    plan = Talk().say(text)
    assert plan.language == "ar"
    assert any("\u0600" <= letter <= "\u06ff" for letter in reply_of(plan))


def test_fifty_turns_without_a_model_do_not_repeat_a_sentence() -> None:
    feelings = (SAD, ANXIOUS, reading("angry"), reading("neutral"), HAPPY)
    talk = Talk()
    seen: list[str] = []
    for number in range(50):
        # No two messages share a word, so that no worry looks like one that returns.
        text = " ".join(f"{word}{chr(97 + number % 26)}{number}" for word in ("bright", "river", "stone"))
        new = split(reply_of(talk.say(text, felt=feelings[number % len(feelings)])))
        assert not set(new) & set(seen), (number, set(new) & set(seen))
        seen += new


def test_what_protects_comes_first() -> None:
    assert [name for name, _ in RULES][:3] == ["identity", "in_exercise", "offer_answer"]
    assert RULES[-1][0] == "listen"


def test_a_joke_is_neither_good_news_nor_a_cry() -> None:
    talk = Talk()
    assert talk.say("lol my life is a sitcom without the laugh track", felt=HAPPY).rule == "playful"
    assert talk.say("I make everybody laugh and then I go home", felt=HAPPY).rule != "good_news"


def test_grief_stays_with_the_talk() -> None:
    talk = Talk()
    talk.say("My mother died six weeks ago", felt=SAD)
    rules = [talk.say(text, felt=reading("neutral", 0.5)).rule for text in ("It was her brand", "The red box of tea")]
    assert all(rule.startswith("grief") for rule in rules)


def test_a_plea_for_no_questions_is_kept() -> None:
    talk = Talk()
    talk.say("The rent went up again for no reason", felt=reading("angry"))
    assert talk.say("Stop asking me questions").rule == "no_questions"
    for text in ("Nine years and not one rent missed", "what should I do", "He said it on the stairs", "It is late"):
        assert not is_question(reply_of(talk.say(text, felt=reading("angry"))))


def test_few_words_are_answered_in_few_words() -> None:
    talk = Talk()
    for text in ("work", "my boss", "he yelled"):
        plan = talk.say(text, felt=reading("angry"))
    assert plan.rule.startswith("brief")
    assert len(reply_of(plan).split()) <= 12


def test_a_yes_in_other_words_accepts_and_a_sentence_does_not() -> None:
    for answer, rule in (("yes we try", "exercise_start"), ("no not now please", "offer_declined")):
        talk = Talk()
        talk.say("My chest is tight and I am panicking", felt=ANXIOUS)
        assert talk.say(answer).rule == rule
    talk = Talk()
    talk.say("My chest is tight and I am panicking", felt=ANXIOUS)
    assert talk.say("yes but my boss shouted at me all day", felt=ANXIOUS).rule != "exercise_start"


def test_a_step_that_is_not_understood_is_put_more_simply() -> None:
    talk = Talk()
    talk.say("let's start", button="exercise.start.problem_solving")
    plan = talk.say("what do you mean")
    assert plan.rule == "exercise_explained"
    assert plan.exercise is not None
    assert plan.exercise.step == "problem"


def test_a_cheerful_reading_amid_anger_is_no_good_news() -> None:
    talk = Talk()
    talk.say("My manager gave my project to someone else", felt=reading("angry"))
    assert talk.say("I built that thing for eight months", felt=HAPPY).rule != "good_news"
    assert talk.say("I got the job somewhere else!", felt=HAPPY).rule == "good_news"


def test_a_plain_remark_amid_a_hard_talk_is_still_part_of_it() -> None:
    talk = Talk()
    for text in ("I failed the exam and I feel so low", "My parents were at the door when I came home"):
        talk.say(text, felt=SAD)
    plan = talk.say("The letter lies on the kitchen table", felt=reading("neutral", 0.9))
    templates = content().templates["en"]
    for_sadness = [text for move in Move for text in templates[move][Emotion.SAD]]
    assert plan.lead.startswith(tuple(for_sadness))
    assert all(one.text not in templates[Move.REFLECT][Emotion.NEUTRAL] for one in plan.written)


def test_a_joy_that_is_only_read_does_not_break_into_a_hard_talk() -> None:
    talk = Talk()
    talk.say("I have not told my wife that they let me go", felt=SAD)
    talk.say("I leave the house every morning as if I had work", felt=SAD)
    assert talk.say("She was in such a sunny mood today", felt=HAPPY).rule != "good_news"
    assert talk.say("I got the job, I start on Monday", felt=HAPPY).rule == "good_news"


def test_after_a_death_the_loss_is_the_subject_for_a_few_messages_only() -> None:
    talk = Talk()
    talk.say("My mother died six weeks ago", felt=SAD)
    rules = [
        talk.say(text, felt=reading("neutral", 0.5)).rule
        for text in ("It was in spring", "She liked the garden", "We have a shed there", "The neighbour waters it")
    ]
    assert rules[0].startswith("grief")
    assert rules[-1] == "listen"


def test_an_idea_of_their_own_is_met_as_a_step() -> None:
    talk = Talk()
    talk.say("My sister and I have not spoken since the wedding", felt=SAD)
    talk.say("I said something cruel and I regret it", felt=SAD)
    assert talk.say("Maybe a letter", felt=reading("neutral", 0.6)).rule == "step"
    assert talk.say("I could put the photo of the three of us in", felt=reading("neutral", 0.6)).rule != "step"
    assert talk.say("I will never get this right", felt=SAD).rule != "step"
    assert talk.say("I want to tell you something", felt=reading("neutral", 0.6)).rule != "step"
