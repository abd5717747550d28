"""The error tree: stable codes, and problems that repeat nothing."""

import inspect

import pytest
from attune_contracts.problem import FieldFault
from attune_kit import errors
from attune_kit.errors import AttuneError, Invalid, TooManyRequests

TREE = [value for value in vars(errors).values() if inspect.isclass(value) and issubclass(value, AttuneError)]


@pytest.mark.parametrize("kind", TREE)
def test_every_error_has_a_problem(kind: type[AttuneError]) -> None:
    problem = kind("Do this.").problem("req-12345")
    assert problem.status == kind.status
    assert problem.code == kind.code
    assert problem.type == f"https://attune.example/problems/{kind.code.replace('_', '-')}"
    assert problem.detail == "Do this."
    assert problem.request_id == "req-12345"


def test_leaves_have_codes_of_their_own() -> None:
    leaves = [kind for kind in TREE if not kind.__subclasses__() and kind is not errors.Unavailable]
    assert len({kind.code for kind in leaves}) == len(leaves)


def test_a_code_may_be_more_exact_than_its_class() -> None:
    error = TooManyRequests("Wait.", code="daily_quota", retry_after_s=3)
    assert error.problem(None).code == "daily_quota"
    assert error.problem(None).type.endswith("/daily-quota")
    assert TooManyRequests.code == "quota_exceeded"


def test_field_faults_are_kept_in_order() -> None:
    faults = [FieldFault(field="a", message="x"), FieldFault(field="b", message="y")]
    assert Invalid("two", errors=faults).problem(None).errors == tuple(faults)
