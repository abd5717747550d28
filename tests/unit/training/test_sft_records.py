"""Stopping rule, run folders, the rows of Table I, figures of replies."""

import json

import pytest
from attune_contracts.adapter import AdapterManifest
from attune_contracts.chat import Message
from attune_training.errors import RunExists
from attune_training.run_folder import RunFolder
from attune_training.sft.compare import Comparison, read_replies, sentences, wilson
from attune_training.sft.comparison_note import note
from attune_training.sft.curves import curve_rows, table
from attune_training.sft.stopping import Evaluation, best, plateaued

FALLING = [Evaluation(300, 0.97), Evaluation(600, 0.93), Evaluation(900, 0.90)]


@pytest.mark.parametrize(
    ("evaluations", "stops"),
    [
        (FALLING, False),
        ([*FALLING, Evaluation(1200, 0.91)], False),  # 300 steps behind
        ([*FALLING, Evaluation(1200, 0.91), Evaluation(1500, 0.95)], True),  # 600 steps behind
        ([*FALLING, Evaluation(1400, 0.90)], True),  # no better counts as a plateau: the earliest best is meant
        ([], False),
    ],
)
def test_the_plateau_is_counted_in_steps(evaluations, stops):
    assert plateaued(evaluations, 500) is stops


def test_of_equal_losses_the_earliest_is_the_best():
    assert best([Evaluation(300, 0.9), Evaluation(600, 0.9)]) == Evaluation(300, 0.9)


def test_a_run_is_never_silently_overwritten(tmp_path):
    run = RunFolder(tmp_path / "run")
    run.create({"a": 1}, "data", 7, resume=False)
    assert run.facts()["seed"] == 7
    with pytest.raises(RunExists, match="--resume"):
        run.create({"a": 1}, "data", 7, resume=False)
    run.create({"a": 1}, "data", 7, resume=True)
    for config, data in (({"a": 2}, "data"), ({"a": 1}, "other")):
        with pytest.raises(RunExists, match="another"):
            run.create(config, data, 7, resume=True)


def test_metrics_survive_a_kill_in_the_middle_of_a_line(tmp_path):
    run = RunFolder(tmp_path)
    for step in (10, 20, 30):
        run.append_metrics({"step": step, "loss": 1 / step})
    with run.metrics.open("a") as file:
        file.write('{"step": 40, "lo')
    run.forget_metrics_after(20)
    assert [row["step"] for row in run.read_metrics()] == [10, 20]


def test_table_one_stands_beside_our_rows():
    metrics = [
        {"step": 200, "loss": 1.2},
        {"step": 300, "loss": 1.1},
        {"step": 300, "eval_loss": 1.0},
        {"step": 350, "eval_loss": 0.9},
    ]
    assert curve_rows(metrics) == [(300, 1.1, 1.0), (350, 1.1, 0.9)]
    lines = table(metrics, "qwen2-7b").splitlines()
    assert lines[2] == "| 300 | 1.1000 | 1.0000 | 1.0138 | 0.9724 |"
    assert lines[3].endswith("| – | – |")


def test_wilson_against_a_published_value():
    # 42 of 50: 0.7148 to 0.9166 (Wilson 1927; as computed by R's binom.confint)
    interval = wilson(42, 50)
    assert interval.low == pytest.approx(0.7149, abs=5e-4)
    assert interval.high == pytest.approx(0.9166, abs=5e-4)
    assert wilson(5, 5).high == 1.0


def test_sentences_keep_their_end_marks():
    assert sentences('He said "go." Then what?  Fine!') == ['He said "go.', "Then what?", "Fine!"]


def test_figures_of_replies():
    person = Message(role="user", content="I failed my exam and my dad will not talk to me")
    good, bad = "All that work, and it still came out wrong.", "I am your therapist. Why? What for? "
    reading = read_replies([[person], [person]], [good, bad])
    assert reading.first_sentence_pass.share == 0.5
    assert reading.questions_mean == 1.0
    assert reading.several_questions == 0.5
    assert reading.openings_distinct == 1.0
    assert read_replies([[person]], [""]).reasons == (("empty", 1),)


def test_the_note_shows_figures_and_pairs():
    manifest = AdapterManifest(
        schema_version=1, name="attune", base="b", base_revision="r", base_sha256=None, rank=8, alpha=16,
        target_modules=("q_proj",), prompt_version="attune-1", data_sha256="f" * 64, data_licences=(), seed=1,
        created_at="2026-11-22T00:00:00+00:00", scores={}, files={},
    )  # fmt: skip
    found = Comparison(
        [[Message(role="user", content="hello\nthere")]], ["base\nreply."], ["Ours."], ["Author."], (40.0, 20.0)
    )
    page = note(found, manifest)
    assert "> hello there" in page
    assert "- base: base reply." in page
    assert "| perplexity of the authored reply | 40.0 | 20.0 | – |" in page
    assert json.loads(manifest.model_dump_json())["rank"] == 8
