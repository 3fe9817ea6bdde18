"""JSON values for property tests: wild ones, and small ones that are often equal or nearly so."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import strategies as st

decimals = st.decimals(allow_nan=False, allow_infinity=False)
scalars = st.none() | st.booleans() | st.integers() | decimals | st.text(max_size=8)
json_values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=12,
)
json_objects = st.dictionaries(st.text(max_size=5), json_values, max_size=4)

small_values = st.recursive(
    st.sampled_from([None, True, False, 0, 1, Decimal("1.0"), Decimal("0.5"), "", "a", "A", "1"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("ab"), inner, max_size=2),
    max_leaves=5,
)
