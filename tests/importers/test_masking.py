"""Secrets and personal data in conversations: found by their form, replaced by harmless ones of the same form."""

from __future__ import annotations

import re

import pytest

from harness.importers.masking import Mask


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        *(
            ("jane.doe+shop@mail.example-corp.com", "mail"),
            ("4111 1111 1111 1111", "card"),
            ("5500-0000-0000-0004", "card"),
        ),
        *(("378282246310005", "card"), ("DE89 3704 0044 0532 0130 00", "iban"), ("GB82WEST12345698765432", "iban")),
        *(
            ("+1 (415) 555-2671", "phone"),
            ("415-555-2671", "phone"),
            ("+44 20 7946 0958", "phone"),
            ("13812345678", "phone"),
            ("138 1234 5678", "phone"),
            ("010-62345678", "phone"),
        ),
        *(("11010519491231002X", "chinese id"), ("529.982.247-25", "cpf"), ("219-09-9999", "social security number")),
        *(
            ("sk-abcdEFGH1234567890abcd", "secret"),
            ("ghp_abcdefghijklmnopqrst1234", "secret"),
            ("AKIAIOSFODNN7EXAMPLE", "secret"),
        ),
        *(
            ("Bearer abcdefghijklmnop123456", "secret"),
            ("api_key=abcd1234efgh", "secret"),
            ("password: hunter2hunter2", "secret"),
        ),
        ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0.c2lnbmF0dXJl", "secret"),
    ],
)
@pytest.mark.parametrize("around", ["{}", "It is {}, please.", '{{"value": "{}"}}', "我的是{}。"])
def test_found_and_replaced(text, kind, around):
    mask = Mask()
    masked = mask.text(around.format(text))
    assert mask.counts == {kind: 1}
    assert text not in masked
    assert masked != mask.text(around.format(""))


@pytest.mark.parametrize(
    "text",
    [
        *(
            "2026-03-04T10:00:00Z",
            "order 1002003004",
            "A-7402",
            "12,345.67",
            "4111 1111 1111 1112",
            "1.2.3",
            "v10.20.30",
        ),
        *(
            "1699999999999",
            "ticket 123-45",
            "a@b",
            "token: short",
            "GB82WEST12345698765433",
            "110105194912310021",
            "#W2378156",
        ),
        *("192.0.2.44", "100000000000", "0000000000000000", "the password is wrong", "credit_card_9513926"),
    ],
)
def test_what_only_looks_like_it_stays(text):
    assert Mask().text(text) == text


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("4111 1111 1111 1111", "4111111111111111"),
        ("Jane@Corp.com", "jane@corp.com"),
        ("DE89 3704 0044 0532 0130 00", "DE89370400440532013000"),
        ("+1 415 555 2671", "415-555-2671"),
    ],
)
def test_one_value_in_two_forms_stays_one(one, other):
    mask = Mask()
    first, second = mask.text(one), mask.text(other)
    bare = re.compile(r"[\s-]|^\+\d")
    assert bare.sub("", first).lower()[-10:] == bare.sub("", second).lower()[-10:]
    assert sum(mask.counts.values()) == 1


def test_two_values_stay_two_and_the_last_digits_stay():
    masked = Mask().text("a@x.com b@x.com 4111111111111111 5500000000000004 +14155552671 +14155552672")
    mails, cards, phones = masked.split()[:2], masked.split()[2:4], masked.split()[4:]
    assert len({*mails, *cards, *phones}) == 6
    assert [card[-4:] for card in cards] == ["1111", "0004"]
    assert [phone[-4:] for phone in phones] == ["2671", "2672"]


def test_replacements_pass_the_checks_of_what_they_replace():
    """So that a tool's schema, or a check digit told in the conversation, stays right."""
    masked = Mask().text("4111111111111111 DE89370400440532013000 11010519491231002X 529.982.247-25")
    again = Mask()
    again.text(masked)
    assert set(again.counts) == {"card", "iban", "chinese id", "cpf"}


def test_masking_twice_changes_nothing_more():
    mask = Mask(ips=True)
    text = mask.text("jane@corp.com 4111111111111111 +14155552671 sk-abcdEFGH1234567890abcd 203.0.113.77")
    assert mask.text(text) == text


def test_addresses_only_where_asked():
    assert Mask().text("from 203.0.113.77") == "from 203.0.113.77"
    assert Mask(ips=True).text("from 203.0.113.77 and 2001:db8:1:2:3:4:5:6") == "from 192.0.2.1 and 2001:db8::2"


def test_numbers_and_texts_inside_values_but_no_keys():
    mask = Mask()
    masked = mask.value({"jane@corp.com": [4111111111111111, True, 5], "to": "jane@corp.com"})
    assert masked["to"] == "person1@example.com"
    assert masked["jane@corp.com"] == [int(mask.text("4111 1111 1111 1111").replace(" ", "")), True, 5]
