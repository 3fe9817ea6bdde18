"""The tree of errors, and what each says."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness import errors
from harness.errors import HarnessError, InputError, NotComparableError, Problem, ServerError, UsageError


@pytest.mark.parametrize(
    ("error", "parents", "code"),
    [
        (UsageError, (HarnessError,), 2),
        (InputError, (UsageError, HarnessError), 2),
        (NotComparableError, (HarnessError,), 3),
        (ServerError, (HarnessError,), 4),
    ],
)
def test_tree_and_exit_codes(error: type[HarnessError], parents: tuple[type, ...], code: int) -> None:
    assert error.__mro__[1 : 1 + len(parents)] == parents
    assert error.exit_code == code


def test_the_docstring_draws_the_whole_tree() -> None:
    assert errors.__doc__ is not None
    for name, item in vars(errors).items():
        if isinstance(item, type) and issubclass(item, Exception):
            assert name in errors.__doc__


def test_none_is_a_value_error() -> None:
    """Judging catches ValueError for bad lines; trouble with files and servers must pass through."""
    assert not issubclass(HarnessError, ValueError)


@pytest.mark.parametrize(
    ("problem", "text"),
    [
        (Problem("a.jsonl", 7, "/expect", "is missing"), "a.jsonl:7: /expect: is missing"),
        (Problem("a.jsonl", 7, "", "is missing"), "a.jsonl:7: is missing"),
        (Problem("a.yaml", 0, "", "cannot be read"), "a.yaml: cannot be read"),
        (Problem("a.yaml", 0, "/x", "unknown key"), "a.yaml: /x: unknown key"),
    ],
)
def test_a_problem_names_its_place(problem: Problem, text: str) -> None:
    assert str(problem) == text


def test_input_error_lists_every_problem() -> None:
    error = InputError([Problem("a", 1, "", "one"), Problem("b", 2, "/x", "two")])
    assert str(error) == "a:1: one\nb:2: /x: two"
    assert [problem.line for problem in error.problems] == [1, 2]


def test_input_error_with_one_problem() -> None:
    error = InputError.single(Path("folder/a"), "bad", line=3, where="/x")
    assert error.problems == (Problem(str(Path("folder/a")), 3, "/x", "bad"),)
