"""Repeats of the same decisions by the same model: how reliable it is, and how far it differs from itself."""

from __future__ import annotations

from collections import Counter
from math import comb, fsum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Sequence


def pass_hat_k(counts: Iterable[tuple[int, int]], k: int) -> float | None:
    """pass^k: the probability that k trials of a decision are all right, mean over decisions, 0 to 1.

    Of n trials with c right, C(c, k) / C(n, k) of the choices of k are all right: without bias, by trials that
    differ (S. Yao, N. Shinn, P. Razavi and K. Narasimhan, "τ-bench: A benchmark for tool-agent-user interaction
    in real-world domains", arXiv:2406.12045 (2024)). pass^1 is the mean accuracy.

    Args:
        counts: (right, trials) of each decision (or case); those with fewer than k trials are left out.
        k: at least 1.

    Returns:
        None where no decision has k trials.

    Raises:
        ValueError: k is below 1, or more are right than were tried.
    """
    if k < 1:
        raise ValueError("k is at least 1")
    found = Counter((right, trials) for right, trials in counts if trials >= k)
    if not all(0 <= right <= trials for right, trials in found):
        raise ValueError("from none to all of a decision's trials are right")
    if not found:
        return None
    return fsum(count * comb(right, k) / comb(trials, k) for (right, trials), count in found.items()) / found.total()


def flip_rate(trials: Iterable[Sequence[Hashable]]) -> float | None:
    """The probability that two different trials of a decision come out differently, mean over decisions, 0 to 1.

    The noise floor of a model against itself. Of n trials of which n_o came to outcome o it is
    1 - Σ n_o (n_o - 1) / (n (n - 1)), without bias (E. H. Simpson, "Measurement of diversity", Nature 163 (1949)
    688). Of outcomes right and wrong half of it flips each way: the discordance of `detectable_drop`.

    Args:
        trials: of each decision its outcomes, one a trial; those with fewer than two are left out.

    Returns:
        None where no decision has two.
    """
    rates = [_differing(outcomes) for outcomes in trials if len(outcomes) > 1]
    return fsum(rates) / len(rates) if rates else None


def _differing(outcomes: Sequence[Hashable]) -> float:
    alike = sum(count * (count - 1) for count in Counter(outcomes).values())
    return 1 - alike / (len(outcomes) * (len(outcomes) - 1))
