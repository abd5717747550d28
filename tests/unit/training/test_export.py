"""The W4A16 recipe, agreement of texts, the command line as a whole."""

import ast
import json
from pathlib import Path

import pytest
import yaml
from attune_training.__main__ import build_parser, main
from attune_training.export.merge import CALIBRATION_ROWS, quantise_files


def test_the_quantising_command_and_its_files(tmp_path):
    command = quantise_files(
        tmp_path / "merged", tmp_path / "w4a16", tmp_path / "recipe", ["text"] * (CALIBRATION_ROWS + 5)
    )
    script, model, rows, recipe, target = command[1:]
    assert (model, target) == (str(tmp_path / "merged"), str(tmp_path / "w4a16"))
    modifier = yaml.safe_load(Path(recipe).read_text())["quant_stage"]["quant_modifiers"]["GPTQModifier"]
    assert (modifier["scheme"], modifier["ignore"]) == ("W4A16", ["lm_head"])
    assert len(Path(rows).read_text().splitlines()) == CALIBRATION_ROWS
    names = [
        node.func.id
        for node in ast.walk(ast.parse(Path(script).read_text()))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    ]
    assert names == ["load_dataset", "oneshot"]


COMMANDS = [
    "prepare", "spelling-check", "sft", "compare", "sweep", "export", "export-check", "merge", "feedback", "promote",
    "rollback", "train-smoke",
]  # fmt: skip


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself_without_the_training_environment(command, capsys):
    with pytest.raises(SystemExit) as left:
        build_parser().parse_args([command, "--help"])
    assert left.value.code == 0
    assert command in capsys.readouterr().out


def test_a_dry_run_prints_the_resolved_configuration(capsys):
    assert main(["sft", "training/configs/sft/qwen2-7b.toml", "--dry-run", "--set", "lora.rank=8"]) == 0
    printed = capsys.readouterr().out
    assert json.loads(printed[: printed.rindex("}") + 1])["lora"]["rank"] == 8
    assert "GiB" in printed


def test_an_expected_failure_is_one_line_and_a_code(capsys):
    assert main(["sft", "training/configs/sft/qwen2-7b.toml", "--dry-run", "--set", "model.quantisation=none"]) == 2
    assert capsys.readouterr().err.startswith("DoesNotFit: ")


def test_the_sweep_lists_its_points(capsys):
    assert main(["sweep", "training/configs/sweep/paper.toml", "--dry-run"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 81
