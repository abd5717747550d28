"""The whole training chain, then a conversation through the gateway with the adapter that it produced."""

import json
import os
import subprocess
from pathlib import Path

import httpx2
import pytest
from attune_contracts.dialogue import CONSENT_VERSION

from tests.support.processes import run_stack

PYTHON = Path(os.environ.get("TRAINING_PYTHON", ".venv-train/bin/python"))
# Long enough for a busy machine of two cores; alone it takes about three minutes.
CHAIN_S_MAX = 900

pytestmark = [
    pytest.mark.training,
    # One worker trains; two at once would each take the other's core.
    pytest.mark.xdist_group("chain"),
    pytest.mark.timeout(CHAIN_S_MAX + 120),
    pytest.mark.skipif(not PYTHON.exists(), reason="the training environment is not installed (make setup-train)"),
]


@pytest.fixture(scope="module")
def chain(tmp_path_factory):
    """The output folder of `train-smoke`, and what each stage reported."""
    out = tmp_path_factory.mktemp("chain") / "out"
    done = subprocess.run(
        [str(PYTHON), "-W", "ignore", "-m", "attune_training", "train-smoke", "--out", str(out)],
        check=False, capture_output=True, text=True, timeout=CHAIN_S_MAX,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    lines = [json.loads(line) for line in done.stdout.splitlines() if line.startswith('{"stage"')]
    return out, {line["stage"]: line for line in lines}


def test_every_stage_reports(chain):
    _, stages = chain
    assert stages["prepare"]["leaked"] == 0
    assert stages["sweep"]["statuses"] == ["diverged", "finished"]
    assert stages["generate qwen2"]["tokens"] > 0
    assert stages["export smollm2"]["files"] == ["adapter_config.json", "adapter_model.safetensors", "attune.gguf"]
    assert min(stages["serve smollm2"]["words"]) > 0
    assert stages["merge smollm2"]["logits_apart"] < 0.2


def test_a_person_talks_to_the_adapter_that_was_just_trained(chain, tmp_path):
    out, _ = chain
    with run_stack(tmp_path / "var", {"ATTUNE_INFERENCE_ADAPTER_DIR": str(out / "adapter")}) as stack:
        client = httpx2.Client(base_url=stack.url, timeout=60)
        session = client.post("/v1/sessions", json={"consent": {"version": CONSENT_VERSION}}).json()
        headers = {"Authorization": f"Bearer {session['token']}", "Accept": "application/json"}
        answer = client.post(
            f"/v1/sessions/{session['id']}/messages", json={"text": "I failed my exam and feel awful."}, headers=headers
        )
        client.close()
    assert answer.status_code == 200
    reply = answer.json()
    assert reply["text"]
    assert reply["degraded"] is False


def test_inference_refuses_the_adapter_when_one_byte_differs(chain, tmp_path):
    out, _ = chain
    tampered = tmp_path / "adapter"
    tampered.mkdir()
    for file in (out / "adapter").iterdir():
        content = bytearray(file.read_bytes())
        if file.suffix == ".gguf":
            content[-1] ^= 1
        (tampered / file.name).write_bytes(content)
    with pytest.raises(RuntimeError), run_stack(tmp_path / "var", {"ATTUNE_INFERENCE_ADAPTER_DIR": str(tampered)}):
        pass
