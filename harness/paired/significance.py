"""Whether decisions that flipped between two runs flipped by chance, for one metric and for several."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


def mcnemar(fixed: int, broken: int) -> float:
    """The exact two-sided p-value of McNemar's test, 0 to 1; 1 where nothing flipped.

    Where neither run is better, a decision that flips is as likely fixed as broken: of n = fixed + broken,
    fixed is binomial with 1/2, and p is the probability of a split at least as uneven (Q. McNemar, "Note on the
    sampling error of the difference between correlated proportions or percentages", Psychometrika 12 (1947)
    153-157; exact: F. Mosteller, "Some statistical problems in measuring the subjective response to drugs",
    Biometrics 8 (1952) 220-226). It takes decisions for independent. Those of one case are not, so it goes with
    the interval of `difference`, which knows.

    Args:
        fixed: decisions that the first run has wrong and the second right.
        broken: decisions that the first run has right and the second wrong.

    Raises:
        ValueError: a count is negative.
    """
    if min(fixed, broken) < 0:
        raise ValueError("counts of decisions are not negative")
    if fixed == broken:
        return 1.0
    from scipy.stats import binomtest

    return float(binomtest(fixed, fixed + broken).pvalue)


def holm(p_values: Mapping[str, float]) -> dict[str, float]:
    """P-values adjusted for their number by Holm's step-down procedure, under the same keys in the same order.

    The i-th smallest of m becomes the largest of (m - j + 1) p_(j) over j ≤ i, at most 1; what is below alpha then
    is significant with at most the probability alpha of any false alarm, however the tests depend on one another
    (S. Holm, "A simple sequentially rejective multiple test procedure", Scandinavian Journal of Statistics 6
    (1979) 65-70; as adjusted p-values: S. P. Wright, Biometrics 48 (1992) 1005-1013).

    Args:
        p_values: of every test that decides together, 0 to 1 each.

    Raises:
        ValueError: one is not between 0 and 1.
    """
    if not all(0 <= value <= 1 for value in p_values.values()):
        raise ValueError("p-values lie between 0 and 1")
    adjusted, largest = dict(p_values), 0.0
    for place, key in enumerate(sorted(p_values, key=lambda key: p_values[key])):
        largest = max(largest, min(1.0, (len(p_values) - place) * p_values[key]))
        adjusted[key] = largest
    return adjusted
