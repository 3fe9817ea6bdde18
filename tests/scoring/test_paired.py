"""The statistics of two runs: each formula against a published example or another implementation, and its properties."""

from __future__ import annotations

import functools
import itertools
import math
import random
import statistics
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from harness.paired import (
    Counts,
    design_effect,
    detectable_drop,
    difference,
    flip_rate,
    holm,
    mcnemar,
    pass_hat_k,
)
from selection import slow

# Tests.

MCNEMAR = {
    # (fixed, broken): p. By exact2x2 2.x for R: M. P. Fay, "Exact McNemar's Test and Matching Confidence Intervals"
    # (its vignette), prints 0.06543.
    "Fay": (9, 2, 0.0654296875),
    # A. Agresti, "Categorical Data Analysis" (2002), table 10.1, approval of the prime minister: 150 against 86.
    # This and the others: statsmodels 0.15.0, contingency_tables.mcnemar(exact=True).
    "Agresti": (86, 150, 3.7159361395713866e-05),
    "more": (400, 350, 0.07350777405843484),
    "six of six": (0, 6, 0.03125),
    "one": (1, 0, 1.0),
    "even": (7, 7, 1.0),
    "none": (0, 0, 1.0),
}


@pytest.mark.parametrize(("fixed", "broken", "p"), MCNEMAR.values(), ids=MCNEMAR)
def test_mcnemar_is_that_of_others(fixed, broken, p):
    assert mcnemar(fixed, broken) == pytest.approx(p, rel=1e-12)


@given(st.integers(0, 300), st.integers(0, 300))
def test_mcnemar_is_the_binomial_tail_doubled_whichever_run_is_first(fixed, broken):
    p, flips = mcnemar(fixed, broken), fixed + broken
    tail = sum(math.comb(flips, count) for count in range(min(fixed, broken) + 1)) / 2**flips
    assert p == pytest.approx(min(1.0, 2 * tail), rel=1e-9)
    assert p == mcnemar(broken, fixed)


@pytest.mark.parametrize("counts", [(-1, 0), (0, -1), (-1, -1)])
def test_flips_are_not_negative(counts):
    with pytest.raises(ValueError, match="negative"):
        mcnemar(*counts)


HOLM = {
    # The first: the worked example of Wikipedia, "Holm-Bonferroni method": 4 and 1 are rejected at 0.05, 3 and 2 not.
    # Adjusted values of both: statsmodels 0.15.0, multipletests(method="holm").
    "four": ((0.01, 0.04, 0.03, 0.005), (0.03, 0.06, 0.06, 0.02)),
    "a tie, and one that reaches 1": (
        (0.0142, 0.0001, 0.0317, 0.9, 0.0142, 0.4),
        (0.071, 0.0006, 0.0951, 0.9, 0.071, 0.8),
    ),
    "one": ((0.2,), (0.2,)),
    "none": ((), ()),
}


@pytest.mark.parametrize(("raw", "adjusted"), HOLM.values(), ids=HOLM)
def test_holm_is_that_of_others(raw, adjusted):
    names = [f"metric {number}" for number in range(len(raw))]
    assert holm(dict(zip(names, raw, strict=True))) == pytest.approx(dict(zip(names, adjusted, strict=True)))


p_values = st.dictionaries(st.text(max_size=3), st.floats(0, 1), max_size=8)


@given(p_values)
def test_holm_keeps_keys_and_order_and_lies_between_the_raw_value_and_bonferroni(raw):
    adjusted = holm(raw)
    assert list(adjusted) == list(raw)
    for key, value in adjusted.items():
        assert raw[key] <= value <= min(1.0, len(raw) * raw[key])
    for one, other in itertools.combinations(raw, 2):
        assert raw[one] != raw[other] or adjusted[one] == adjusted[other]
        assert raw[one] > raw[other] or adjusted[one] <= adjusted[other]


@given(p_values, st.floats(0.001, 0.5))
def test_holm_rejects_what_stepping_down_rejects(raw, alpha):
    """Holm's own words: the smallest at alpha/m, the next at alpha/(m-1), until one is not below."""
    rejected = set()
    for place, (key, value) in enumerate(sorted(raw.items(), key=lambda item: item[1])):
        if value * (len(raw) - place) > alpha:
            break
        rejected.add(key)
    assert {key for key, value in holm(raw).items() if value <= alpha} == rejected


@pytest.mark.parametrize("value", [-0.1, 1.1, math.nan])
def test_p_values_lie_between_0_and_1(value):
    with pytest.raises(ValueError, match="between 0 and 1"):
        holm({"one": 0.5, "other": value})


# How much decisions count for.

# C. S. Weil, Food and Cosmetics Toxicology 8 (1970) 177-182, table 1, as in D. A. Williams, Biometrics 31 (1975)
# 949-952: pups that lived for 21 days, of those alive at 4, in each litter. The figures: statsmodels 0.15.0,
# anova_lm of ols("alive ~ C(litter)"), whose mean squares enter the formula for the ICC as in icc() of aod for R.
CONTROL = [(13, 13), (12, 12), (9, 9), (9, 9), (8, 8), (8, 8), (12, 13), (11, 12)]
CONTROL += [(9, 10), (9, 10), (8, 9), (11, 13), (4, 5), (5, 7), (7, 10), (7, 10)]
TREATED = [(12, 12), (11, 11), (10, 10), (9, 9), (10, 11), (9, 10), (9, 10), (8, 9)]
TREATED += [(8, 9), (4, 5), (7, 9), (4, 7), (5, 10), (3, 6), (3, 10), (0, 7)]


@pytest.mark.parametrize(("litters", "effect"), [(CONTROL, 1.2728698305182027), (TREATED, 4.14133111799187)])
def test_the_design_effect_of_litters_is_that_of_others(litters, effect):
    assert design_effect(litters) == pytest.approx(effect, rel=1e-12)
    assert design_effect([*litters[::-1], (0, 0)]) == pytest.approx(effect, rel=1e-12)


EFFECTS = {
    "none": ([], 1),
    "cases without decisions": ([(0, 0), (0, 0)], 1),
    "one decision a case: independent": ([(1, 1), (0, 1), (1, 1)], 1),
    "all right: nothing varies": ([(4, 4), (2, 2)], 1),
    "all alike in a case: a case counts once": ([(5, 5), (0, 5), (5, 5), (0, 5)], 5),
    "less alike than by chance": ([(2, 4)] * 6, 1),
    "one case is one draw": ([(3, 7)], 7),
    "so is one beside cases without decisions": ([(3, 7), (0, 0)], 7),
}


@pytest.mark.parametrize(("cases", "effect"), EFFECTS.values(), ids=EFFECTS)
def test_design_effects_at_the_edges(cases, effect):
    assert design_effect(cases) == pytest.approx(effect)


@given(st.lists(st.integers(0, 9).flatmap(lambda of: st.tuples(st.integers(0, of), st.just(of))), max_size=15))
def test_the_design_effect_is_by_the_f_statistic_and_at_most_the_size_of_the_largest_case(cases):
    """Against scipy's analysis of variance of the decisions themselves."""
    effect = design_effect(cases)
    assert 1 <= effect <= max([of for _, of in cases], default=1) + 1e-9 or effect == 1
    found = [(right, of) for right, of in cases if of]
    sizes = np.array([of for _, of in found])
    within = sum(right * (of - right) for right, of in found)
    if len(found) > 1 and within:
        f = stats.f_oneway(*([1] * right + [0] * (of - right) for right, of in found)).statistic
        mean_size = (sizes.sum() - (sizes**2).sum() / sizes.sum()) / (len(sizes) - 1)
        icc = (f - 1) / (f + mean_size - 1)
        assert effect == pytest.approx(max(1, 1 + ((sizes**2).sum() / sizes.sum() - 1) * icc))


def test_the_design_effect_is_by_how_much_the_variance_of_the_rate_grows():
    """Drawn from beta-binomial cases of unequal sizes, with a known correlation."""
    chance = np.random.default_rng(5)
    sizes, share, icc = np.array([2] * 30 + [4] * 40 + [25] * 10), 0.7, 0.3
    between = 1 / icc - 1
    shares = chance.beta(share * between, (1 - share) * between, (2000, len(sizes)))
    right = chance.binomial(sizes, shares)
    rates = right.sum(axis=1) / sizes.sum()
    grown = rates.var() / (share * (1 - share) / sizes.sum())
    effects = [design_effect(zip(row, sizes.tolist(), strict=True)) for row in right[:500].tolist()]
    assert statistics.mean(effects) == pytest.approx(grown, rel=0.08)


@pytest.mark.parametrize("case", [(3, 2), (-1, 2)])
def test_no_case_has_more_right_than_decisions(case):
    with pytest.raises(ValueError, match="from none to all"):
        design_effect([(1, 1), case])


# The smallest drop that shows.


def connor(decisions, discordance, quantiles=(1.959963984540054, 0.8416212335729143)):
    """Connor's (1987) normal approximation, n = (z_a √ψ + z_b √(ψ - d²))² / d², solved for d."""

    def needed(drop):
        flips = drop + 2 * discordance
        return (quantiles[0] * math.sqrt(flips) + quantiles[1] * math.sqrt(flips - drop * drop)) ** 2 / drop**2

    low, high = 1e-9, 1 - 2 * discordance
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if needed(middle) > decisions else (low, middle)
    return high


def test_the_drop_is_that_of_exact_power_elsewhere():
    """144 pairs, 0.25 against 0.45: power 0.80 in the tests of MESS for R, power_mcnemar_test(method="exact")."""
    assert detectable_drop(144, 0.25, 1) == pytest.approx(0.2, abs=0.001)


@pytest.mark.parametrize(
    ("pairs", "discordance", "drop"),
    # Connor's formula elsewhere: 22 pairs for 0.05 against 0.45 in the tests of MESS for R (method="normal"), 155 for
    # 0.15 against 0.30 in the McNemar calculator of Clinical Trials Tools.
    [(22, 0.05, 0.40), (155, 0.15, 0.15)],
)
def test_connors_approximation_finds_a_little_less_drop_than_the_exact_test_needs(pairs, discordance, drop):
    assert connor(pairs, discordance) == pytest.approx(drop, rel=0.005)
    assert drop < detectable_drop(pairs, discordance, 1) < 1.1 * drop


@pytest.mark.parametrize("discordance", [0.01, *slow([0.1, 0.3])])
def test_with_many_decisions_the_drop_is_connors(discordance):
    assert detectable_drop(1_000_000, discordance, 1) == pytest.approx(connor(1_000_000, discordance), rel=0.01)


def test_without_noise_it_takes_six_that_break():
    """Five of five broken are p = 0.0625. Of six decisions all must break: the drop is the sixth root of the power."""
    assert detectable_drop(5, 0, 1) is None
    assert detectable_drop(6, 0, 1) == pytest.approx(0.8 ** (1 / 6), rel=1e-4)
    assert detectable_drop(6, 0, 1, base=0.9) is None
    assert detectable_drop(6, 0, 1, power=0.5, base=0.9) == pytest.approx(0.5 ** (1 / 6), rel=1e-4)


def test_no_more_decisions_can_break_than_are_right():
    """Broken are the drop and the noise: together at most the rate that drops."""
    drop = detectable_drop(200, 0.02, 1)
    assert detectable_drop(200, 0.02, 1, base=drop + 0.021) == pytest.approx(drop, rel=2e-4)
    assert detectable_drop(200, 0.02, 1, base=drop + 0.019) is None


@pytest.mark.parametrize(
    "asked",
    [
        {"decisions": 0},
        {"decisions": 100, "effect": 101},
        {"decisions": 100, "effect": 20},
        {"discordance": 0.5},
        {"base": 0.02},
        {"base": 0.06},
        {"alpha": 0.0},
    ],
)
def test_there_is_none_where_even_the_largest_would_not_be_found(asked):
    assert detectable_drop(**({"decisions": 200, "discordance": 0.02, "effect": 1} | asked)) is None


@pytest.mark.parametrize(
    "asked",
    [{"decisions": -1}, {"effect": 0.9}, {"discordance": -0.1}, {"alpha": 5}, {"power": 80}, {"base": math.nan}],
)
def test_what_is_no_share_and_no_effect_is_refused(asked):
    with pytest.raises(ValueError, match="between 0 and 1"):
        detectable_drop(**({"decisions": 200, "discordance": 0.02, "effect": 1} | asked))


@settings(max_examples=settings.default.max_examples // 3)
@given(st.integers(40, 3000), st.floats(0, 0.2), st.floats(1, 3))
def test_the_drop_falls_with_decisions_and_rises_with_what_is_asked_of_it(decisions, discordance, effect):
    drop = detectable_drop(decisions, discordance, effect)
    if drop is None:
        return
    assert 0 < drop <= 1 - 2 * discordance
    assert detectable_drop(2 * decisions, discordance, effect) < drop
    assert detectable_drop(decisions, discordance, effect, alpha=0.1) < drop
    assert detectable_drop(decisions, discordance, effect, power=0.7) < drop
    doubled = detectable_drop(decisions, discordance, 2 * effect)
    assert doubled is None or doubled > drop
    assert detectable_drop(decisions, discordance, effect) == drop


@pytest.mark.parametrize(("decisions", "discordance"), [(60, 0.05), (383, 0.03), *slow([(383, 0.0), (2000, 0.1)])])
def test_mcnemar_finds_a_drop_of_that_size_in_eight_of_ten_pairs_of_runs(decisions, discordance):
    drop = detectable_drop(decisions, discordance, 1)
    p_value = functools.cache(mcnemar)
    shares = (discordance, drop + discordance, 1 - drop - 2 * discordance)
    drawn = np.random.default_rng(11).multinomial(decisions, shares, 8000).tolist()
    found = sum(p_value(fixed, broken) <= 0.05 and broken > fixed for fixed, broken, _ in drawn)
    assert found / len(drawn) == pytest.approx(0.8, abs=0.015)


# Repeats.


def test_pass_hat_k_of_a_fair_coin_and_of_one_that_never_fails():
    assert pass_hat_k([(3, 4)], 2) == pytest.approx(0.5)
    assert pass_hat_k([(3, 4), (4, 4)], 2) == pytest.approx(0.75)
    assert pass_hat_k([(3, 4), (1, 1), (0, 1)], 2) == pytest.approx(0.5), "those with one trial are left out"
    assert pass_hat_k([(1, 1)], 2) is None
    assert pass_hat_k([], 1) is None


decisions_tried = st.lists(st.lists(st.booleans(), min_size=1, max_size=5), min_size=1, max_size=6)


@given(decisions_tried, st.integers(1, 5))
def test_pass_hat_k_is_the_share_of_choices_of_k_trials_that_are_all_right(trials, k):
    each = [
        statistics.mean(all(chosen) for chosen in itertools.combinations(outcomes, k))
        for outcomes in trials
        if len(outcomes) >= k
    ]
    found = pass_hat_k([(sum(outcomes), len(outcomes)) for outcomes in trials], k)
    assert found == (pytest.approx(statistics.mean(each)) if each else None)


@given(st.lists(st.integers(0, 6), min_size=1, max_size=8))
def test_pass_hat_1_is_the_mean_accuracy_and_more_trials_are_harder(right):
    counts = [(each, 6) for each in right]
    by_k = [pass_hat_k(counts, k) for k in range(1, 7)]
    assert by_k[0] == pytest.approx(sum(right) / (6 * len(right)))
    assert by_k == sorted(by_k, reverse=True)
    assert by_k[-1] == pytest.approx(right.count(6) / len(right))


@pytest.mark.parametrize(("counts", "k"), [([(1, 1)], 0), ([(3, 2)], 1), ([(-1, 2)], 1)])
def test_counts_of_trials_that_cannot_be_are_refused(counts, k):
    with pytest.raises(ValueError, match=r"at least 1|from none to all"):
        pass_hat_k(counts, k)


@given(st.lists(st.lists(st.sampled_from("abc"), max_size=5), max_size=6))
def test_the_flip_rate_is_the_share_of_pairs_of_trials_that_differ(trials):
    each = [
        statistics.mean(one != other for one, other in itertools.combinations(outcomes, 2))
        for outcomes in trials
        if len(outcomes) > 1
    ]
    assert flip_rate(trials) == (pytest.approx(statistics.mean(each)) if each else None)


def test_half_the_flip_rate_is_what_flips_each_way_between_two_runs():
    """The noise of `detectable_drop` is measured by repeats."""
    chance = random.Random(2)
    shares = [chance.random() ** 0.2 for _ in range(3000)]
    trials = [[chance.random() < share for _ in range(4)] for share in shares]
    broken = statistics.mean(first and not second for first, second, *_ in trials)
    assert flip_rate(trials) / 2 == pytest.approx(broken, abs=0.01)


# Differences.


def test_intervals_of_differences_are_those_of_scipys_bootstrap_of_cases():
    chance = random.Random(9)
    cases = []
    for _ in range(80):
        size, ease = chance.choice((1, 2, 3, 12)), chance.random()
        right = [sum(chance.random() < share for _ in range(size)) for share in (ease, 0.8 * ease)]
        cases.append(Counts(right[0], size, right[1], size))
    found = difference(cases)
    other = stats.bootstrap(
        tuple(np.array(cases, dtype=float).T),
        lambda a, n, b, m, axis: b.sum(axis) / m.sum(axis) - a.sum(axis) / n.sum(axis),
        paired=True,
        vectorized=True,
        method="percentile",
        rng=np.random.default_rng(1),
    ).confidence_interval
    assert (found.low, found.high) == (pytest.approx(other.low, abs=0.005), pytest.approx(other.high, abs=0.005))


def test_samples_without_a_denominator_are_left_out():
    found = difference([Counts(1, 1, 0, 0), Counts(0, 1, 0, 0), Counts(0, 0, 1, 2), Counts(1, 2, 0, 0)])
    assert (found.first.denominator, found.second.denominator) == (4, 2)
    assert found.low is not None
    assert -1 <= found.low <= found.value <= found.high <= 1
    assert difference([Counts(1, 1, 0, 0)]).value is None


def test_large_suites_are_drawn_in_parts_that_make_no_difference(monkeypatch):
    cases = [Counts(number % 3, 3, number % 4, 4) for number in range(50)]
    whole = difference(cases)
    monkeypatch.setattr("harness.paired.bootstrap._AT_ONCE", 100)
    assert difference(cases) == whole


# What waits for the libraries.


def test_nothing_waits_for_numpy_and_scipy_before_there_is_something_to_compare():
    code = "import sys, harness.rollouts, harness.paired as paired; paired.difference([]); paired.mcnemar(0, 0); "
    code += "print(sorted({'numpy', 'scipy'} & set(sys.modules)))"
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ended.stdout == "[]\n"
