"""Functions stop at 70 lines, modules say what they are. Sources: house style 5 and 7 in ARCHITECTURE.md."""

import ast

from tests.architecture.repository import name_of, parse, product_modules

FUNCTION_LINES_MAX = 70
MODULE_LINES_MAX = 420


def test_functions_stop_at_seventy_lines() -> None:
    long = [
        f"{name_of(path)}:{node.lineno} {node.name} ({node.end_lineno - node.lineno + 1} lines)"
        for path in product_modules()
        for node in ast.walk(parse(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.end_lineno is not None
        and node.end_lineno - node.lineno + 1 > FUNCTION_LINES_MAX
    ]
    assert not long


def test_modules_stay_readable_in_one_sitting() -> None:
    long = [
        f"{name_of(path)} ({count} lines)"
        for path in product_modules()
        if (count := len(path.read_text(encoding="utf-8").splitlines())) > MODULE_LINES_MAX
    ]
    assert not long


def test_modules_open_with_what_they_are() -> None:
    silent = [
        name_of(path)
        for path in product_modules()
        if path.read_text(encoding="utf-8").strip() and not ast.get_docstring(parse(path))
    ]
    assert not silent


def test_nothing_is_left_undone() -> None:
    marks = ("TO" + "DO", "FIX" + "ME", "XX" + "X ", "NotImplemented" + "Error")
    left = [
        f"{name_of(path)}: {mark}"
        for path in product_modules()
        for mark in marks
        if mark in path.read_text(encoding="utf-8")
    ]
    assert not left
