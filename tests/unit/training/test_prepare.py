"""Cleaning steps, personal data, near duplicates, sampling, split and resume of `prepare`."""

import json
import random
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from attune_training.data.audit import audit, total_variation
from attune_training.data.config import load_prepare_config
from attune_training.data.near import duplicates, exact_key, leaks, signature
from attune_training.data.personal import mask_personal
from attune_training.data.pipeline import prepare
from attune_training.data.registry import CORPORA, five_class, joined
from attune_training.data.rows import Dialogue, Turn, dialogue_of, read_records
from attune_training.data.sample import allocate, choose, imbalance, length_bucket
from attune_training.data.steps import STEPS
from attune_training.errors import ConfigError, DataError, RunExists
from hypothesis import given
from hypothesis import strategies as st

CONFIGS = sorted(Path("training/configs/prepare").glob("*.toml"))


def dialogue(*texts, key="k"):
    roles = ["user", "assistant"] * len(texts)
    return Dialogue(key, "test", tuple(Turn(role, text) for role, text in zip(roles, texts, strict=False)))


def after(step, text):
    return STEPS[step](dialogue(text, "fine")).turns[0].text


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.stem)
def test_committed_configs_load(path):
    assert load_prepare_config(path).name == path.stem


def test_an_unknown_step_is_refused(tmp_path):
    path = tmp_path / "x.toml"
    path.write_text(CONFIGS[0].read_text().replace('"quality"', '"qualty"'))
    with pytest.raises(ConfigError, match="qualty"):
        load_prepare_config(path)


@pytest.mark.parametrize(
    ("step", "text", "expected"),
    [
        ("urls", "see https://a.example/b?c=d now", "see now"),
        ("emoji", "great 😂👍🏽 day ❤️", "great day"),
        ("metadata", "a_comma_ b &amp; <br/> [deleted]", "a, b"),
        ("lower_case", "I AM fine", "i am fine"),
        ("special_characters", "so ~~~ tired | of 😞 it #life", "so tired of 😞 it life"),
        ("punctuation", "what ?!!! I “said” no .... ok", 'what?! I "said" no... ok'),
        ("punctuation", "café — naïve", "café - naïve"),
    ],
)
def test_steps(step, text, expected):
    assert after(step, text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("write to jo.doe+x@mail.example.com", "write to [email]"),
        ("call 555-123-4567 or +20 10 1234 5678", "call [phone] or [phone]"),
        ("thanks @some_user and u/other", "thanks [handle] and [handle]"),
        ("My name is Maria Lopez and I am 19", "My name is [name] and I am 19"),
        ("I live at 12 Baker Street", "I live at [address]"),
        ("card 4111 1111 1111 1111", "card [number]"),
        ("I slept 3 hours on 12/10, 50% of 2019-2021", "I slept 3 hours on 12/10, 50% of 2019-2021"),
        ("I have been at it since 1999 and paid 1,200", "I have been at it since 1999 and paid 1,200"),
    ],
)
def test_personal_data_is_masked_and_numbers_of_life_are_not(text, expected):
    assert mask_personal(text) == expected


def test_incomplete_conversations():
    drop = STEPS["incomplete"]
    assert drop(dialogue("only me")) is None
    assert drop(dialogue("", "reply")) is None
    assert len(drop(dialogue("a", "b", "c")).turns) == 2


@pytest.mark.parametrize(
    "texts",
    [("hi", "yo"), ("1234 5678 %%%", "99 $$$ !!"), ("no " * 30, "no " * 30), ("same words here", "Same words here")],
)
def test_low_quality_is_dropped(texts):
    assert STEPS["quality"](dialogue(*texts)) is None


def test_a_plain_exchange_passes_quality():
    row = dialogue("I lost my job last week", "That is a lot to carry. What was the worst part?")
    assert STEPS["quality"](row) == row


def table(texts):
    return np.array([exact_key(text) for text in texts], np.uint64), np.stack([signature(text) for text in texts])


LONG = "my manager moved my desk again and nobody told me why so i sat in the hallway with my laptop until lunch came"


def test_exact_and_near_duplicates():
    texts = [
        LONG,
        "something else entirely about my cat and the rain",
        LONG.upper() + "!",
        LONG + " today",
        "another short one here now",
    ]
    found = duplicates(*table(texts))
    assert found.exact.tolist() == [False, False, True, False, False]
    assert found.near.tolist() == [False, False, False, True, False]


def test_what_is_kept_holds_no_pair_that_is_alike():
    rng = random.Random(4)
    words = [f"w{i}" for i in range(40)]
    bases = [[rng.choice(words) for _ in range(30)] for _ in range(60)]
    texts = []
    for base in bases:
        for _ in range(5):
            copy = list(base)
            copy[rng.randrange(30)] = "changed"
            texts.append(" ".join(copy))
    exact, signatures = table(texts)
    first = duplicates(exact, signatures)
    kept = ~(first.exact | first.near)
    again = duplicates(exact[kept], signatures[kept])
    assert not again.near.any()
    assert kept.sum() < len(texts)


def test_a_leak_is_seen():
    exact, signatures = table([LONG, "quite another text about the sea and a boat", LONG + " today"])
    groups = duplicates(exact, signatures)
    assert leaks(groups, np.array([False, False, True])) == 1
    assert leaks(groups, np.array([True, False, True])) == 0


def test_signatures_are_the_same_in_every_process():
    assert signature("one two three four five")[:4].tolist() == [2030209676, 3089905147, 4166209022, 3673360169]


@given(
    st.dictionaries(st.text("abc", min_size=1, max_size=3), st.integers(1, 500), min_size=1, max_size=12),
    st.integers(1, 3000),
)
def test_allocation_is_exact_and_within_the_strata(sizes, total):
    given_rows = allocate(sizes, total)
    assert sum(given_rows.values()) == min(total, sum(sizes.values()))
    assert all(0 <= given_rows[name] <= sizes[name] for name in sizes)
    if total >= len(sizes):
        assert all(given_rows.values())


def test_allocation_is_proportional():
    assert allocate({"a": 700, "b": 200, "c": 100}, 100) == {"a": 70, "b": 20, "c": 10}


def test_choice_follows_the_order_inside_a_stratum():
    assert choose(["a", "b", "a", "a"], [0.9, 0.5, 0.1, 0.2], {"a": 2, "b": 0}) == [2, 3]


def test_imbalance_leaves_out_what_is_unknown():
    assert imbalance({"a": 90, "b": 30, "unknown": 1}) == 3.0


def test_length_buckets():
    assert [length_bucket(turns) for turns in (2, 3, 8, 16, 17)] == ["2", "3-4", "5-8", "9-16", "17+"]


def test_joined_turns_open_with_the_person():
    said = [("assistant", "hi"), ("user", "a"), ("user", "b"), ("assistant", "c")]
    assert joined(said) == (Turn("user", "a b"), Turn("assistant", "c"))


def test_emotions_that_fit_no_class_are_not_forced():
    assert five_class("devastated") == "sad"
    assert five_class("nostalgic") is None
    assert {corpus.use for corpus in CORPORA.values()} == {"ship", "study"}


@pytest.mark.parametrize("suffix", ["jsonl", "csv", "tsv", "parquet"])
def test_formats_through_a_column_map(tmp_path, suffix):
    path = tmp_path / f"x.{suffix}"
    rows = [{"q": "I am tired", "a": "Long day?", "mood": "sad"}, {"q": "ok", "a": "Good.", "mood": "joy"}]
    if suffix == "jsonl":
        path.write_text("\n".join(json.dumps(row) for row in rows))
    elif suffix == "parquet":
        pyarrow = pytest.importorskip("pyarrow")
        pytest.importorskip("pyarrow.parquet").write_table(pyarrow.Table.from_pylist(rows), path)
    else:
        mark = "\t" if suffix == "tsv" else ","
        path.write_text("\n".join(mark.join(values) for values in [rows[0].keys(), *(row.values() for row in rows)]))
    columns = {"user": "q", "assistant": "a", "emotion": "mood"}
    found = [dialogue_of(record, columns, "x", n) for n, record in enumerate(read_records(str(path)))]
    assert [row.emotion for row in found] == ["sad", "joy"]
    assert found[0].turns == (Turn("user", "I am tired"), Turn("assistant", "Long day?"))
    with pytest.raises(DataError, match="nothing"):
        dialogue_of(rows[0], {"user": "nothing", "assistant": "a"}, "x", 0)


def write_source(path, count=400):
    moods = ["sad", "angry", "happy", "anxious"]
    rng = random.Random(3)
    words = [f"word{i}" for i in range(300)]
    with path.open("w") as file:
        for index in range(count):
            text = " ".join(rng.choice(words) for _ in range(20))
            file.write(
                json.dumps({"u": text, "a": "reply " + text[::-1], "mood": moods[index % 4 if index % 3 else 0]}) + "\n"
            )
        file.write(json.dumps({"u": text, "a": "reply " + text[::-1], "mood": "sad"}) + "\n")
        file.write(json.dumps({"u": "no answer", "a": "", "mood": "sad"}) + "\n")


def config_for(tmp_path, **changes):
    source = tmp_path / "source.jsonl"
    write_source(source)
    settings = {"steps": ["incomplete", "punctuation", "quality"], "sample_rows": 100} | changes
    path = tmp_path / "prepare.toml"
    lines = [f"{key} = {json.dumps(value)}" for key, value in settings.items()]
    path.write_text(
        "\n".join(
            [*lines, 'name = "t"', "near_duplicates = true", "validation_share = 0.2", "imbalance_ratio_max = 3.0"]
        )
        + f'\n[[sources]]\npath = "{source}"\ncolumns = {{user = "u", assistant = "a", emotion = "mood"}}\n'
    )
    return load_prepare_config(path)


def test_the_whole_preparation_and_its_resume(tmp_path):
    config, folder = config_for(tmp_path), tmp_path / "out"
    found = prepare(config, tmp_path, folder, workers=1, resume=False, progress=lambda rows: None)
    rows = [json.loads(line) for line in (folder / "conversations.jsonl").read_text().splitlines()]
    assert (found.rows_in, found.exact_duplicates, found.steps["incomplete"].dropped) == (402, 1, 1)
    assert len(rows) == 100 == found.train + found.validation
    assert found.leaked_texts == found.torn_conversations == 0
    # A quarter is sampled: the split must not depend on what the sample was chosen by.
    assert 10 <= found.validation <= 32
    share = Counter(row["emotion_source"] for row in rows)["sad"] / 100
    assert share == pytest.approx(found.before["emotion"]["sad"] / 402, abs=0.02)
    assert "exact duplicates" in audit(found, "t", 3.0)
    with pytest.raises(RunExists):
        prepare(config, tmp_path, folder, workers=1, resume=False, progress=lambda rows: None)
    before = (folder / "conversations.jsonl").read_bytes()
    (folder / "shard-00000.npz").touch()
    stamp = (folder / "shard-00000.json").stat().st_mtime_ns
    again = prepare(config, tmp_path, folder, workers=1, resume=True, progress=lambda rows: None)
    assert (folder / "shard-00000.json").stat().st_mtime_ns == stamp
    assert again == found
    assert (folder / "conversations.jsonl").read_bytes() == before


def test_total_variation():
    assert total_variation({"a": 1, "b": 1}, {"a": 10}) == 0.5
    assert total_variation({"a": 3}, {"a": 9}) == 0
