"""Preference pairs, the gate, promotion and rollback, manifests."""

import hashlib
import json

import pytest
from attune_contracts.adapter import AdapterManifest
from attune_contracts.chat import Message
from attune_training.errors import DataError, NotPromoted
from attune_training.export.package import build_manifest
from attune_training.feedback.gate import judge
from attune_training.feedback.pairs import Rating, pair_up, read_ratings
from attune_training.feedback.store import history, promote, roll_back
from attune_training.sft.compare import Comparison

GOOD, BAD = "All that work, and it still came out wrong.", "I am your therapist and I promise it will pass."
PERSON = (Message(role="user", content="I failed. Write me at a.b@mail.example.com"),)


def rating(reply, sign, consent=True, **more):
    return Rating(messages=PERSON, reply=reply, rating=sign, consent=consent, **more)


def test_a_liked_and_a_refused_reply_make_a_pair_without_personal_data():
    found = pair_up([rating(GOOD, "up"), rating("Ok.", "down")])
    assert found.pairs == [
        {
            "prompt": [{"role": "user", "content": "I failed. Write me at [email]"}],
            "chosen": [{"role": "assistant", "content": GOOD}],
            "rejected": [{"role": "assistant", "content": "Ok."}],
        }
    ]


def test_an_alternative_pairs_with_the_reply_it_replaced():
    found = pair_up([rating("Ok.", "down", alternative=GOOD)])
    assert [pair["chosen"][0]["content"] for pair in found.pairs] == [GOOD]


def test_without_consent_nothing_is_learned():
    found = pair_up([rating(GOOD, "up", consent=False), rating("Ok.", "down")])
    assert (found.pairs, found.without_consent, found.unpaired) == ([], 1, 1)


def test_a_liked_reply_that_the_linter_refuses_is_left_out():
    found = pair_up([rating(BAD, "up"), rating("Ok.", "down")])
    assert (found.pairs, found.failed_lint) == ([], 1)


def test_a_malformed_line_is_named_without_its_words():
    with pytest.raises(DataError, match="line 2") as refused:
        list(read_ratings(["", json.dumps({"reply": "secret words", "rating": "sideways"})]))
    assert "secret" not in str(refused.value)


def comparison(replies, perplexity=20.0):
    people = [[Message(role="user", content="I failed my exam and nobody knows yet")] for _ in replies]
    return Comparison(people, replies, replies, replies, (50.0, perplexity))


def test_the_gate_lets_an_equal_adapter_through():
    assert judge(comparison([GOOD] * 20), comparison([GOOD] * 20)).passed
    assert judge(comparison([GOOD] * 20), None).passed


@pytest.mark.parametrize(
    ("new", "reason"),
    [
        (comparison([GOOD] * 16 + [BAD] * 4), "first sentences"),
        (comparison([GOOD] * 20, perplexity=22.0), "perplexity"),
        (comparison([" ".join([GOOD] * 8)] * 20), "words"),
    ],
)
def test_the_gate_refuses_what_is_worse_and_says_why(new, reason):
    verdict = judge(new, comparison([GOOD] * 20))
    assert not verdict.passed
    assert any(reason in text for text in verdict.reasons)


def adapter(folder, content):
    folder.mkdir(parents=True)
    (folder / "attune.gguf").write_bytes(content)
    manifest = AdapterManifest(
        schema_version=1, name="attune", base="b", base_revision="r", base_sha256=None, rank=8, alpha=16,
        target_modules=("q_proj",), prompt_version="attune-1", data_sha256="0" * 64, data_licences=("ours",), seed=1,
        created_at="2026-11-22T00:00:00+00:00", scores={}, files={"attune.gguf": hashlib.sha256(content).hexdigest()},
    )  # fmt: skip
    (folder / "manifest.json").write_text(manifest.model_dump_json())
    return folder


def test_promotion_and_the_way_back(tmp_path):
    serving, kept = adapter(tmp_path / "serving", b"one"), tmp_path / "kept"
    for content in (b"two", b"three"):
        promote(adapter(tmp_path / content.decode(), content), serving, kept)
    assert (serving / "attune.gguf").read_bytes() == b"three"
    roll_back(serving, kept)
    assert (serving / "attune.gguf").read_bytes() == b"two"
    roll_back(serving, kept)
    assert (serving / "attune.gguf").read_bytes() == b"one"
    with pytest.raises(NotPromoted):
        roll_back(serving, kept)
    assert [entry["action"] for entry in history(kept)][:2] == ["found", "promote"]


def test_a_tampered_adapter_is_never_promoted(tmp_path):
    serving, new = adapter(tmp_path / "serving", b"one"), adapter(tmp_path / "new", b"two")
    (new / "attune.gguf").write_bytes(b"tampered")
    with pytest.raises(NotPromoted, match="hash"):
        promote(new, serving, tmp_path / "kept")
    assert (serving / "attune.gguf").read_bytes() == b"one"


def test_the_manifest_of_a_run():
    config = {
        "model": {"base": "Qwen/Qwen2-7B-Instruct", "revision": "abc"},
        "lora": {"rank": 16, "alpha": 32, "target_modules": ["q_proj"]},
        "arguments": {"seed": 42},
    }
    facts = {"data_sha256": "d" * 64, "outcome": {"best_loss": 0.851049, "best_step": 1800}}
    manifest = build_manifest(config, facts, "attune", ("ours",), {"adapter_config.json": "e" * 64})
    assert (manifest.base, manifest.base_revision, manifest.base_sha256) == ("Qwen/Qwen2-7B-Instruct", "abc", None)
    assert manifest.scores == {"validation_loss_nats": 0.851, "best_step": 1800.0}
