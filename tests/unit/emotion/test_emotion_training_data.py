"""How the public sets become rows: labels map or drop, test texts never train, the mix is balanced and stable."""

import json
from collections import Counter
from pathlib import Path

import pytest
from attune_contracts.emotion import Emotion
from attune_training.emotion import corpora, labels, mixture
from attune_training.emotion.corpora import Row
from attune_training.emotion.settings import DataSettings, SourceSettings, load_config, load_head_config
from attune_training.errors import ConfigError

CONFIGS = sorted(Path("training/configs/emotion").glob("*.toml"))
HEAD_CONFIGS = sorted(Path("training/configs/emotion-head").glob("*.toml"))


def row(text: str, emotion: Emotion = Emotion.SAD, source: str = "goemotions") -> Row:
    return Row(text, emotion, source, "en")


def settings(*sources: str, most: int = 100) -> DataSettings:
    return DataSettings(
        sources={name: SourceSettings(weight=1.0, rows_per_emotion_max=most) for name in sources},
        shares=dict.fromkeys(Emotion, 0.2),
        held_out_share=0.25,
    )


@pytest.mark.parametrize(
    ("mapped", "emotion"),
    [
        ([Emotion.SAD], Emotion.SAD),
        ([Emotion.SAD, Emotion.SAD], Emotion.SAD),
        ([Emotion.SAD, Emotion.ANGRY], None),
        ([Emotion.SAD, None], None),
        ([None], None),
        ([], None),
    ],
)
def test_a_row_keeps_its_label_only_when_all_agree(mapped: list[Emotion | None], emotion: Emotion | None) -> None:
    assert labels.agreed(mapped) is emotion


def test_goemotions_rows_map_drop_and_lose_their_masks(tmp_path: Path) -> None:
    (tmp_path / "labels.txt").write_text("admiration\nanger\nfear\nnervousness\nneutral\n")
    lines = ["I trust [NAME] less now\t1\ta", "so scared and jumpy\t2,3\tb", "angry and scared\t1,2\tc", "wow\t0\td"]
    (tmp_path / "train.tsv").write_text("\n".join([*lines, "the bus\t4\te"]) + "\n")
    rows = list(corpora.goemotions(tmp_path, "train"))
    assert [found.emotion for found in rows] == [Emotion.ANGRY, Emotion.ANXIOUS, Emotion.NEUTRAL]
    assert "[NAME]" not in rows[0].text
    assert rows == list(corpora.goemotions(tmp_path, "train"))


def test_brighter_rows_with_no_emotion_are_neutral_and_with_two_are_dropped(tmp_path: Path) -> None:
    (tmp_path / "dev").mkdir()
    header = "id,text,anger,disgust,fear,joy,sadness,surprise"
    body = [
        "1,uno,0,0,0,0,0,0",
        "2,dos,0,0,1,0,0,0",
        "3,tres,1,0,1,0,0,0",
        "4,cuatro,0,1,0,0,0,0",
        '5,"a, b",0,0,0,1,0,0',
    ]
    (tmp_path / "dev" / "esp.csv").write_text("\n".join([header, *body]) + "\n")
    rows = list(corpora.brighter(tmp_path, "dev", "esp"))
    assert [(found.text, found.emotion) for found in rows] == [
        ("uno", Emotion.NEUTRAL),
        ("dos", Emotion.ANXIOUS),
        ("a, b", Emotion.HAPPY),
    ]
    assert {(found.source, found.language) for found in rows} == {("brighter-es", "es")}


def test_xed_keeps_single_labels_with_words_and_closes_up_its_tokens(tmp_path: Path) -> None:
    file = tmp_path / "en.tsv"
    file.write_text("I don't know , she's gone .\t6\n...\t1\ntwo of them\t1, 4\nno label here, at all\nso glad !\t5\n")
    rows = list(corpora.xed(file, "en"))
    assert [(found.text, found.emotion) for found in rows] == [
        ("I don't know, she's gone.", Emotion.SAD),
        ("so glad!", Emotion.HAPPY),
    ]


def test_authored_rows_come_by_split_and_language(tmp_path: Path) -> None:
    lines = [
        {"text": "one", "label": "sad", "split": "train"},
        {"text": "dos", "label": "happy", "split": "train", "language": "es"},
        {"text": "two", "label": "angry", "split": "frozen"},
    ]
    (tmp_path / "emotions.jsonl").write_text("\n".join(map(json.dumps, lines)))
    assert [found.source for found in corpora.authored(tmp_path, "train")] == ["authored-en", "authored-es"]
    assert [found.text for found in corpora.authored(tmp_path, "frozen")] == ["two"]


def test_exchanges_give_first_messages_only(tmp_path: Path) -> None:
    first = {"user": "hello", "emotion": "neutral", "language": "en", "split": "train", "history": []}
    later = first | {"user": "yes", "history": [{"role": "user", "content": "x"}]}
    (tmp_path / "exchanges.en.jsonl").write_text("\n".join(map(json.dumps, [first, later])))
    assert [found.text for found in corpora.exchanges(tmp_path, "train")] == ["hello"]


def test_no_test_text_is_trained_on_however_it_is_spelled() -> None:
    tests = [row("I miss her so much!")]
    rows = [row("i miss her, so much"), row("I miss him"), row("I MISS HIM!!"), row("unused", source="elsewhere")]
    built = mixture.build(rows, tests, settings("goemotions"))
    assert [found.text for found in (*built.train, *built.held_out)] == ["I miss him"]


def test_the_split_is_stable_and_a_cap_holds() -> None:
    rows = [row(f"message number {index}") for index in range(200)]
    built = mixture.build(rows, [], settings("goemotions", most=120))
    again = mixture.build(reversed(rows), [], settings("goemotions", most=120))
    assert len(built.train) + len(built.held_out) == 120
    assert {found.key for found in built.train} == {found.key for found in again.train}
    assert 15 <= len(built.held_out) <= 45
    assert mixture.digest(built.train) != mixture.digest(built.held_out)


def test_an_epoch_holds_the_emotions_in_their_shares() -> None:
    rows = tuple([row("a", Emotion.SAD)] * 9 + [row("b", Emotion.HAPPY)])
    weights = mixture.draw_weights(rows, settings("goemotions"))
    assert sum(weights[:9]) == pytest.approx(0.2)
    assert weights[9] == pytest.approx(0.2)


def test_the_mix_caps_each_source_and_emotion_and_weighs_emotions_alike() -> None:
    rows = [row(f"sad {index}") for index in range(100)] + [row(f"mad {index}", Emotion.ANGRY) for index in range(10)]
    mix = mixture.balanced_mix([*rows, row("left out", source="xed-fr")])
    assert Counter(found.emotion for found in mix) == {Emotion.SAD: mixture.MIX_ROWS_PER_EMOTION, Emotion.ANGRY: 10}
    weights = mixture.class_weights(mix)
    assert sum(weights) == pytest.approx(1.0)
    assert sum(weight for weight, found in zip(weights, mix, strict=True) if found.emotion == Emotion.SAD) == (
        pytest.approx(0.5)
    )


@pytest.mark.parametrize("file", CONFIGS, ids=lambda file: file.stem)
def test_every_config_loads_and_its_shares_sum_to_one(file: Path) -> None:
    config = load_config(file)
    assert sum(config.data.shares.values()) == pytest.approx(1.0)
    assert set(config.data.shares) == set(Emotion)


@pytest.mark.parametrize("file", HEAD_CONFIGS, ids=lambda file: file.stem)
def test_every_head_config_loads(file: Path) -> None:
    config = load_head_config(file)
    assert sum(config.data.shares.values()) == pytest.approx(1.0)
    assert config.name.startswith("emotion-head-")


def test_a_typo_in_a_config_is_refused_by_name(tmp_path: Path) -> None:
    file = tmp_path / "typo.toml"
    file.write_text(CONFIGS[0].read_text().replace("batch_rows", "batch_row"))
    with pytest.raises(ConfigError, match="batch_row"):
        load_config(file)
