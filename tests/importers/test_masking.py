"""Secrets and personal data in conversations: found by their form, replaced by harmless ones of the same form."""

from __future__ import annotations

import json
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
        *(("2223003122003222", "card"), ("6011 1111 1111 1117", "card"), ("3782 822463 10005", "card")),
        *(("de89 3704 0044 0532 0130 00", "iban"), ("GB29 NWBK 6016 1331 9268 19", "iban")),
        *(("josé.garcía@acme.com", "mail"), ("анна@почта.example.com", "mail")),
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
        *("550e8400-e29b-41d4-a716-446655440000", "4006381333931", "9783161484100", "1700000000", "1.2.3.4567"),
        *(
            "card 1234 5678 9012 3456",
            "123456199013450018",
            "9400110200881234567890",
            "3 12 45 66 71 22 90 11 04",
            "000-12-3456",
        ),
        *("00:1a:2b:3c:4d:5e", "3f6fcd5a1b2c", "DE12 3456 items", "2026-03-04 10:20:30", "GPIO 4111-1111-1111-1112"),
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
        ("+1 415 555 2671", "4155552671"),
        ("josé@corp.com", "JOSE\u0301@corp.com"),
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


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("card 4111 1111 1111 1111 12/27", " 12/27"),
        ("card 4111 1111 1111 1111 123", " 123"),
        ("card 4111-1111-1111-1111-12/27", "-12/27"),
        ("iban DE89 3704 0044 0532 0130 00 BIC COBADEFFXXX", " BIC COBADEFFXXX"),
        ("iban GB29 NWBK 6016 1331 9268 19 OK", " OK"),
        ("call +1 415 555 2671 12 times", " 12 times"),
    ],
)
def test_what_follows_a_number_is_no_part_of_it(text, kept):
    """A pattern takes as much as it can, and the check digits of that are wrong."""
    mask = Mask()
    masked = mask.text(text)
    assert sum(mask.counts.values()) == 1
    assert masked != text
    assert masked.endswith(kept)


@pytest.mark.parametrize(
    "text", ["jane@corp.com", "4111111111111111", "+14155552671", "219-09-9999", "sk-abcdEFGH1234567890abcd"]
)
@pytest.mark.parametrize("text_of_json", ["one\n{}\ttwo", "{}\n", "\n{}", "é {}"])
def test_json_text_stays_json_and_is_masked_like_the_value_in_it(text, text_of_json):
    """An escaped line break ends in a letter, which is no part of what follows."""
    value = {"note": text_of_json.format(text)}
    mask = Mask()
    masked = mask.value(value)
    assert text not in masked["note"]
    assert json.loads(mask.text(json.dumps(value))) == masked
    assert json.loads(mask.text(json.dumps(value, ensure_ascii=False))) == masked


def test_a_number_stays_a_number_of_as_many_digits():
    """A Chinese id whose replacement ended in X was no number any more."""
    mask = Mask()
    ids = [
        *(110105194912310003, 110105194912310011, 110105194912310038, 110105194912310046, 110105194912310054),
        *(110105194912310062, 110105194912310070, 110105194912310089, 110105194912310097, 110105194912310118),
        *(4111111111111111, 13812345678, 5, 0, -7),
    ]
    mask.read({"phone": 5551234, "pin": 1000})
    masked = mask.value([*ids, 5551234, 1000])
    assert all(type(value) is int for value in masked)
    assert [len(str(value)) for value in masked] == [len(str(value)) for value in [*ids, 5551234, 1000]]
    assert len(set(masked)) == len(masked)
    assert not set(masked) & {110105194912310003, 4111111111111111, 13812345678, 5551234, 1000}
    assert masked[-5:-2] == [5, 0, -7]


@pytest.mark.parametrize(
    ("value", "pattern"),
    [
        ("+14155552671", r"\+1[2-9]\d{2}[2-9]\d{6}"),
        ("13812345678", r"1[3-9]\d{9}"),
        ("5500000000000004", r"5[1-5]\d{14}"),
        ("378282246310005", r"3[47]\d{13}"),
        ("GB29NWBK60161331926819", r"GB\d{2}[A-Z]{4}\d{14}"),
        ("password=9f86d081884c7d65", r"password=[0-9a-f]{16}"),
        ("api_key=AKIAIOSFODNN7EXAMPLE", r"api_key=AKIA[A-Z0-9]{16}"),
        ("password: Hunter-2", r"password: [A-Z][a-z]{5}-\d"),
    ],
)
def test_a_replacement_has_the_shape_that_a_schema_may_ask_for(value, pattern):
    masked = Mask().text(value)
    assert masked != value
    assert re.fullmatch(pattern, masked)


def test_what_the_tools_declare_stays():
    """An argument has to be one that its schema allows."""
    schema = {
        "properties": {"password": {"enum": ["reset1"]}, "to": {"const": "help@corp.com", "description": "Not b@x.com"}}
    }
    mask = Mask(public=schema)
    value = {"password": "reset1", "to": "help@corp.com", "cc": "b@x.com, c@x.com"}
    assert mask.value(value) == {**value, "cc": "b@x.com, person1@example.com"}
    assert mask.counts == {"mail": 1}


def test_what_is_read_later_is_known_before():
    mask = Mask()
    first, later = "Use hunter2 and 5551234567.", {"password": "hunter2", "phone": "555-123-4567"}
    mask.read(first)
    mask.read(later)
    masked = mask.text(first)
    assert masked == "Use masked1 and 5552014567."
    assert mask.value(later) == {"password": "masked1", "phone": "555-201-4567"}


def test_a_replacement_is_no_value_of_the_conversation_and_no_other_replacement():
    mask = Mask()
    mask.read("password: masked1")
    mask.read("password: hunter2")
    mask.read("a@x.com person1@example.com")
    made = mask.text("masked1 hunter2 a@x.com person1@example.com").split()
    assert len(set(made)) == 4
    assert not set(made) & {"masked1", "hunter2", "a@x.com", "person1@example.com"}


def test_the_same_conversation_is_masked_alike_every_time():
    text = 'call +14155552671, a@x.com, {"password": "hunter2"}, 4111111111111111, token=abcd1234efgh'
    assert len({Mask().text(text) for _ in range(3)}) == 1


def test_a_key_block_goes_whole():
    block = "-----BEGIN RSA PRIVATE KEY-----\nMIIabc\nq/x=\n-----END RSA PRIVATE KEY-----"
    mask = Mask()
    made = mask.text(block)
    assert "MII" not in made
    assert json.loads(mask.text(json.dumps({"key": block}))) == {"key": made}


def test_numbers_and_texts_inside_values_and_in_keys():
    mask = Mask()
    masked = mask.value({"jane@corp.com": [4111111111111111, True, 5, None], "to": "jane@corp.com"})
    card = int(mask.text("4111 1111 1111 1111").replace(" ", ""))
    assert masked == {"person1@example.com": [card, True, 5, None], "to": "person1@example.com"}
