"""What a suite can tell: how much its decisions count for, and the smallest drop that they show."""

from __future__ import annotations

from collections import Counter
from math import floor, fsum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_TAIL = 1e-9
"""Probability left out at either end of the number of flips."""
_CLOSE = 1e-4
"""How near a drop is found, as a share of it."""


def design_effect(cases: Iterable[tuple[int, int]] | Mapping[tuple[int, int], int]) -> float:
    """How many times the variance of a rate is that of as many independent decisions; at least 1.

    N decisions in k cases count for N / (design effect) independent ones. It is 1 + (m - 1) ICC with
    m = Σ n_c² / N, the size of the case that a decision is in on average (L. Kish, "Survey Sampling", Wiley 1965;
    of unequal sizes: S. M. Kerry and J. M. Bland, "Unequal cluster sizes for trials in English and Welsh general
    practice", Statistics in Medicine 20 (2001) 377-390): given the ICC, that is the variance of the pooled rate
    Σ r_c / N, exactly. The ICC, the correlation of two decisions of one case, is the analysis of variance estimate
    for binary outcomes (M. S. Ridout, C. G. B. Demétrio and D. Firth, "Estimating intraclass correlation for
    binary data", Biometrics 55 (1999) 137-148; A. Donner, International Statistical Review 54 (1986) 67-82):
    (B - W) / (B + (m_0 - 1) W) with the mean squares between and within cases, B = Σ n_c (r_c/n_c - r/N)² / (k - 1)
    and W = Σ r_c (n_c - r_c) / n_c / (N - k), and m_0 = (N - Σ n_c² / N) / (k - 1). m_0 is less than m where sizes
    differ, and would make too little of the large cases in the first formula.

    One case alone says nothing of how cases differ and is taken for one draw: its number of decisions then.
    Decisions that all come out alike, and none at all, give 1.

    Args:
        cases: (right, of) of each case, or how many cases have which; those without a decision are passed over.

    Raises:
        ValueError: more are right than there are.
    """
    found = Counter({case: count for case, count in Counter(cases).items() if case[1]})
    if not all(0 <= right <= of for right, of in found):
        raise ValueError("a case has from none to all of its decisions right")
    number, decisions = found.total(), sum(of * count for (_, of), count in found.items())
    if number in (0, decisions):
        return 1.0
    size = sum(of * of * count for (_, of), count in found.items()) / decisions
    if number == 1:
        return size
    share = sum(right * count for (right, _), count in found.items()) / decisions
    between = fsum(count * of * (right / of - share) ** 2 for (right, of), count in found.items()) / (number - 1)
    within = fsum(count * right * (of - right) / of for (right, of), count in found.items()) / (decisions - number)
    spread = between + ((decisions - size) / (number - 1) - 1) * within
    return max(1.0, 1 + (size - 1) * (between - within) / spread) if spread > 0 else 1.0


def detectable_drop(
    decisions: int, discordance: float, effect: float, alpha: float = 0.05, power: float = 0.8, *, base: float = 1.0
) -> float | None:
    """The smallest drop of a rate between two runs that `mcnemar` finds with the power wanted, 0 to 1.

    A model held against itself flips decisions too, as many one way as the other: `discordance` each way. A drop
    comes on top of that: a decision is broken with probability drop + discordance and fixed with probability
    discordance, so the rate falls by the drop, and drop + 2 · discordance is the share that flips (the ψ of
    R. J. Connor, "Sample size for testing differences in proportions for the paired-sample design", Biometrics 43
    (1987) 207-211). The flip rate of repeated trials counts both ways: half of it is the discordance.

    The power is that of the exact test, which finds less than Connor's normal approximation says (with a few
    hundred decisions 0.76 to 0.79 for 0.80): the conditional power given the number of flips, averaged over the
    binomial distribution of that number (O. S. Miettinen, "The matched pairs design in the case of all-or-none
    responses", Biometrics 24 (1968) 339-352; S. W. Duffy, "Asymptotic and exact power for the McNemar test and
    its analogue with R controls per case", Biometrics 40 (1984) 1005-1015). Only findings of a drop count, so
    it rises with the drop, and the smallest is found by bisection.

    Args:
        decisions: compared in both runs.
        discordance: share of decisions that flips in either way where nothing changed, 0 to 0.5.
        effect: the design effect, at least 1; decisions / effect, rounded down, are taken for independent.
        alpha: two-sided level of the test.
        power: probability wanted of finding the drop.
        base: the rate that drops. It cannot break more decisions than it has right: a drop is at most base -
            discordance (and 1 - 2 · discordance, all that does not flip anyway).

    Returns:
        The drop as a share (0.05: five points), or None where even the largest would not be found.

    Raises:
        ValueError: a share is not between 0 and 1, or the effect is below 1.
    """
    if decisions < 0 or effect < 1 or not all(0 <= share <= 1 for share in (discordance, alpha, power, base)):
        raise ValueError("shares lie between 0 and 1, a design effect is at least 1")
    count, high = floor(decisions / effect), min(base - discordance, 1 - 2 * discordance)
    if count == 0 or high <= 0 or _power(count, high, discordance, alpha) < power:
        return None
    low = 0.0
    while high - low > _CLOSE * high:
        middle = (low + high) / 2
        if _power(count, middle, discordance, alpha) < power:
            low = middle
        else:
            high = middle
    return high


def _power(count: int, drop: float, discordance: float, alpha: float) -> float:
    """The probability that the exact two-sided McNemar test of independent decisions finds a drop."""
    import numpy as np
    from scipy.stats import binom

    flips = drop + 2 * discordance
    least, most = int(binom.ppf(_TAIL, count, flips)), int(binom.ppf(1 - _TAIL, count, flips))
    flipped = np.arange(max(least, 1), most + 1)
    # The most that may be fixed among so many flips for the test to be significant; -1 where no split is.
    quantile = np.asarray(binom.ppf(alpha / 2, flipped, 0.5))
    critical = quantile - (2 * np.asarray(binom.cdf(quantile, flipped, 0.5)) > alpha)
    found = binom.cdf(critical, flipped, discordance / flips)
    return float(np.sum(binom.pmf(flipped, count, flips) * found))
