"""One-to-one assignment of least cost: the maximum matching behind parallel calls and unordered arrays."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


def assign(costs: Sequence[Sequence[int]]) -> list[int]:  # noqa: C901 - one published algorithm, kept whole
    """The column for each row of a cost matrix (no more rows than columns), total cost minimal.

    The Hungarian algorithm with potentials, O(rows² · columns): J. Munkres, "Algorithms for the Assignment
    and Transportation Problems", J. SIAM 5 (1957), in the row-by-row form of R. Jonker and A. Volgenant,
    Computing 38 (1987). Exact for integers of any size.
    """
    rows, columns = len(costs), len(costs[0]) if costs else 0
    row_potential, column_potential = [0] * (rows + 1), [0] * (columns + 1)
    owner = [0] * (columns + 1)  # row (from 1) that each column belongs to; column 0 is the row being placed
    came_from = [0] * (columns + 1)
    for row in range(1, rows + 1):
        owner[0] = row
        column = 0
        slack: list[int | None] = [None] * (columns + 1)
        used = [False] * (columns + 1)
        while owner[column]:
            used[column] = True
            here, step, following = owner[column], None, 0
            for other in range(1, columns + 1):
                if used[other]:
                    continue
                reduced = costs[here - 1][other - 1] - row_potential[here] - column_potential[other]
                best = slack[other]
                if best is None or reduced < best:
                    slack[other], came_from[other], best = reduced, column, reduced
                if step is None or best < step:
                    step, following = best, other
            for other in range(columns + 1):
                if used[other]:
                    row_potential[owner[other]] += step or 0
                    column_potential[other] -= step or 0
                elif (rest := slack[other]) is not None:
                    slack[other] = rest - (step or 0)
            column = following
        while column:
            owner[column] = owner[came_from[column]]
            column = came_from[column]
    result = [0] * rows
    for column in range(1, columns + 1):
        if owner[column]:
            result[owner[column] - 1] = column - 1
    return result
