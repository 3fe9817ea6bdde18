"""Secrets and phone numbers that something before them tells, and messages about them, which tell none."""

from __future__ import annotations

import json

import pytest

from harness.importers.masking import Mask
from harness.importers.naming import told_by

TOLD = [
    ("password: hunter2", "hunter2"),
    ("Password:\nhunter2", "hunter2"),
    ("- **Password**: hunter2", "hunter2"),
    ("pwd=abc", "abc"),
    ("PGPASSWORD=simple psql -h db", "simple"),
    ("DB_PASSWORD=Sup3rSecretValue", "Sup3rSecretValue"),
    ("mysql -u root --password=geheim", "geheim"),
    ("AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"),
    ("access_token=abcdef1234567890abc", "abcdef1234567890abc"),
    ("https://x.test/?access_token=abcdef123456&b=1", "abcdef123456"),
    ("client_secret=abcdef1234567890", "abcdef1234567890"),
    ("clientSecret: abcdefgh12", "abcdefgh12"),
    ('curl -H "X-Api-Key: abcd1234efgh5678"', "abcd1234efgh5678"),
    ("Authorization: Basic dXNlcjpwYXNzd29yZDEyMw==", "dXNlcjpwYXNzd29yZDEyMw=="),
    ("use github_pat_11ABCDEFG0abcdefghij_klmnopq0123456789", "github_pat_11ABCDEFG0abcdefghij_klmnopq0123456789"),
    ("postgres://admin:pw12@db.test/prod", "pw12"),
    ("redis://:s3cr3tpw@host:6379", "s3cr3tpw"),
    ("<password>hunter2</password>", "hunter2"),
    ("user,password,city\nbob,hunter2,Oslo", "hunter2"),
    ("name | api_key\nbob | abcd1234efgh", "abcd1234efgh"),
    ("my password is hunter2.", "hunter2"),
    ("the password for bob@x.test is P@ssw0rd!", "P@ssw0rd"),
    ("change my password to Tr0ub4dor&3", "Tr0ub4dor&3"),
    ("Log in with password S3cret!23", "S3cret!23"),
    ("Password: `hunter2`", "hunter2"),
    ("The API key abcd1234efgh5678 works", "abcd1234efgh5678"),
    ("密码是admin", "admin"),
    ("密码：hunter2，谢谢", "hunter2"),
    ("我把密码改成了Abc123", "Abc123"),
    ("验证码：482913", "482913"),
    ("verification code is 482913", "482913"),
    ("my PIN is 4821", "4821"),
    ("card 4111 1111 1111 1111 12/27 cvv 123", "123"),
    ('{"password": "swordfish"}', "swordfish"),
    ('{"user": {"credentials": {"passWord": "sword fish9"}}}', "sword fish9"),
    ('{"password": 123456}', "123456"),
    ('{"password": {"old": "hunter2", "new": "swordfish"}}', "swordfish"),
    ('{"phone": {"work": "5551234567"}}', "5551234567"),
    ('{"headers": {"Authorization": "Bearer abc123"}}', "abc123"),
    ('{"name": "DB_PASSWORD", "value": "hunter22"}', "hunter22"),
    ('{"log": "{\\"password\\": \\"hunter2\\"}"}', "hunter2"),
    ("call 0151 23456789", "0151 23456789"),
    ("call me at 5551234567 please", "5551234567"),
    ("call 0151 23456789 or 5551234567", "5551234567"),
    ("my phone number is 5551234567", "5551234567"),
    ("phone_number=015123456789", "015123456789"),
    ('{"phone": "5551234567"}', "5551234567"),
    ('{"contact_number": 5551234567}', "5551234567"),
    ("name|phone\nbob|5551234567", "5551234567"),
    ("手机：5551234567", "5551234567"),
]
NOT_TOLD = [
    "the password is wrong",
    "the password is compromised",
    "my password is not working since yesterday",
    "change the password to something stronger",
    "password: incorrect",
    "password: 8-20 characters, since 2026-01-02; new password: 2026-03-04 10:00",
    "Password: must be at least 8 characters",
    "Forgot your password: click here",
    "Password change on 2026-03-04",
    "password for bob expired 2026-01-02",
    "reset the password for host-01 please",
    "password reset for ticket INC-123456",
    "user=bob password failed for 10.0.0.1",
    '{"password": "is too short"}',
    '{"errors": {"password": ["This field is required."]}}',
    '{"password": "********"}',
    '{"token": "expired", "secret": false, "pin": 4}',
    "Token expired. The token is invalid. token: short",
    "token 2FA login failed",
    "max_tokens: 512 tokens=1024 token_type: bearer",
    "next_page_token: eyAb12cd34ef",
    "primary_key: abc123def, key: value12345",
    "secret_name: prod-db-01, password_last_changed: 2026-01-02",
    "PWD=/home/bob",
    "API key usage: 12345678 requests",
    "api key: see the vault",
    "Authorization: required",
    "The secret is to listen. Secret: Santa",
    "Basic information about the service",
    "sk-learn-compatible-estimator-of-trees",
    "The pin code of the area is 560001",
    "The code is 482913",
    "密码错误，请重试。密码是多少？请重置密码后再登录",
    "call me at 10:30 tomorrow",
    "call on 2026-03-04 10:00",
    "call back about order 1002003004",
    "phone model 1234567, mobile order 1002003004",
    "reach us at 192.168.10.25",
    '{"phone": "N/A"}',
    '{"phone": {"model": "1234567890"}}',
    '{"order": 5551234567, "account": "015123456789"}',
]


@pytest.mark.parametrize(("text", "value"), TOLD)
def test_what_is_told_is_replaced_there_and_wherever_it_stands_again(text, value):
    mask = Mask()
    mask.read(text)
    assert value not in mask.text(text)
    again = mask.text(f"So it is {value}, then.")
    assert value not in again
    assert len(again) == len(f"So it is {value}, then.")
    assert mask.value({"x": value})["x"] == again.removeprefix("So it is ").removesuffix(", then.")


@pytest.mark.parametrize("text", NOT_TOLD)
def test_a_message_about_a_secret_stays(text):
    assert Mask().text(text) == text


@pytest.mark.parametrize(
    ("name", "told"),
    [
        *(
            ("DB_PASSWORD", "password"),
            ("userPassword2", "password"),
            ("password_hash", "password"),
            ("pass", "password"),
        ),
        *(
            ("clientSecret", "secret"),
            ("x-api-key", "token"),
            ("AWS_SECRET_ACCESS_KEY", "token"),
            ("authToken", "token"),
        ),
        *(("work_phone", "phone"), ("phoneNumber", "phone"), ("cell_number", "phone"), ("联系电话", "phone")),
        *(("cvv", "code"), ("mfa_code", "code"), ("Authorization", "header"), ("新密码", "password")),
        *(("password_policy", None), ("token_count", None), ("next_page_token", None), ("primary_key", None)),
        *(("phone_model", None), ("microphone", None), ("order_number", None), ("boarding_pass", None), ("", None)),
    ],
)
def test_the_last_word_of_a_name_says_what_its_value_is(name, told):
    assert told_by(name) == told


def test_a_secret_in_json_text_is_the_one_that_the_argument_holds():
    """Written with escapes it is another text, and the same value."""
    mask = Mask()
    arguments = {"password": 'caf\u00e9"9\\x'}
    observed = (
        json.dumps({"was": arguments["password"]}),
        json.dumps({"was": arguments["password"]}, ensure_ascii=False),
    )
    mask.read(arguments)
    made = mask.value(arguments)["password"]
    assert made != arguments["password"]
    assert [json.loads(mask.text(text)) for text in observed] == [{"was": made}] * 2
