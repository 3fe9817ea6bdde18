"""Values are found again in every form, and follow from few operands."""

from __future__ import annotations

import pytest

from harness.scorers.fabrication.grounding import Grounding
from harness.scorers.fabrication.peers import Peers
from harness.scorers.fabrication.reading import read
from harness.scorers.fabrication.trajectory import Trajectory
from harness.scorers.fabrication.values import keys_of, values_of


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("12,000", "1.2万"),
        ("12000", "twelve thousand"),
        ("2024-03-05", "3月5日"),
        ("March 5", "2024-03-05"),
        ("14:30", "下午2点半"),
        ("三个", "3"),
        ("35点", "35"),
        ("14-day notice", "14"),
    ],
)
def test_forms_of_one_value_share_a_key(one, other):
    assert keys_of(one) & keys_of(other)


@pytest.mark.parametrize(
    ("observed", "told"),
    [
        ("40 and 60", "100 together"),
        ("sent 10:00, read 10:25", "25 minutes later"),
        ('[{"n": 4, "price": 2.5}, {"n": 2, "price": 10}]', "30 in all"),
        ("18452", "1.8万"),
        ("opens at 18:30, takes 1 h 45", "over at 20:15"),
        ("due 2026-08-03T22:00Z", "北京时间8月4日早上6点"),
        ("8589934592 bytes", "8.59 GB"),
        ('{"sow_months": [3, 4, 5]}', "sow from March to May"),
        ("ZP-88121; status=out for delivery", "88121 is on its way"),
        ("revenue,profit\n97350800,-4120600", "lost 4.1 million on 97.4 million"),
        ("start: 2026-07-06\ndays: 5", "ends on 10 July"),
        ("06:58Z arrive", "arrived at 07:58 UTC+1"),
        ('{"T": "1306"}', "at 13:06"),
        ("05/14 16:02 Delivered", "5月14日送达"),
        ("14-Apr 08:12 accepted", "accepted on 14 April"),
        ('{"hit": 0.9132}', "8.68% missed"),
        ("<c><price_upper>198</price_upper><price_lower>128</price_lower></c>", "70 cheaper"),
        ("stage=a auc=0.871 by=x\nstage=b auc=0.884 by=y", "0.013 better"),
    ],
)
def test_what_follows_is_derived(observed, told):
    messages = [{"role": "user", "content": "?"}, {"role": "tool", "content": observed}]
    statuses = {one.status for one in Grounding(Trajectory(messages, [])).place(told)}
    assert statuses <= {"observed", "derived", "counted", "worked", "free"}


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("184.6 million", [184_600_000]),
        ("5 million and 6 thousand", [5_000_000, 6_000]),
        ("half past ten and four o'clock", [10, 4]),
        ("two hundred and five", [205]),
        ("two 450W supplies", [2, 450]),
    ],
)
def test_scales_and_units_in_words_belong_to_their_number(text, numbers):
    assert [value.number for value in values_of(text)] == numbers


def test_several_fields_in_a_line_are_one_record():
    (entry,) = read("name=churn stage=to go live auc=0.884 by=anders").entries
    assert dict(entry.fields) == {"name": "churn", "stage": "to go live", "auc": "0.884", "by": "anders"}


def test_lines_of_one_form_make_columns():
    messages = [{"role": "user", "content": "?"}]
    messages += [
        {"role": "tool", "content": f"gauge A {text}"} for text in ("level 41.2m flow 90", "level 44.7m flow 75")
    ]
    assert [one.status for one in Grounding(Trajectory(messages, [])).place("up by 3.5")] == ["counted"]


def test_a_date_of_another_year_is_another_date():
    messages = [{"role": "user", "content": "?"}, {"role": "tool", "content": '{"ends": "2026-11-30"}'}]
    grounding = Grounding(Trajectory(messages, []))
    assert [one.status for one in grounding.place("30 November 2027")] == ["novel"]
    assert [one.status for one in grounding.place("30 November")] == ["observed"]


def test_an_earlier_answer_without_observation_grounds_nothing():
    messages = [{"role": "user", "content": "?"}, {"role": "assistant", "content": "It is 8841."}]
    assert [one.status for one in Grounding(Trajectory(messages, [])).place("8841")] == ["said"]


@pytest.mark.parametrize(
    ("system", "observed", "asked", "told"),
    [
        ("Deposits are six weeks' rent.", '{"rent": 1560, "floor": 3}', "deposit?", "2,160"),
        ("Today is 2026-06-18.", '{"issued": "2026-04-28"}', "how old", "51"),
        ("", "item,kwh\na,412.6\nb,398.1\nc,655.9\nd,403.4", "without the third?", "404.7"),
        ("Probation is six months.", '{"start": "2026-07-13"}', "until when", "12 January 2027"),
    ],
)
def test_operands_may_be_left_unsaid(system, observed, asked, told):
    messages = [
        {"role": "system", "content": system},
        {"role": "user", "content": "?"},
        {"role": "tool", "content": observed},
        {"role": "user", "content": asked},
    ]
    assert {one.status for one in Grounding(Trajectory(messages, [])).place(told)} <= {"derived", "counted", "worked"}


@pytest.mark.parametrize(("told", "there"), [("22.04.2026", "2026-04-22"), ("9/1/2026", "2026-01-09")])
def test_dates_with_dots_and_strokes(told, there):
    assert keys_of(told) & keys_of(there)


@pytest.mark.parametrize(
    ("asked", "peer"),
    [("T-20", True), ("and the 5th", True), ("prod?", True), ("Bergen?", True), ("in kg?", False), ("那合计呢", False)],
)
def test_a_request_for_a_peer_of_what_was_called_for(asked, peer):
    arguments = '{"id": "T-19", "day": "2026-05-04", "env": "staging", "place": "Oslo"}'
    call = {"id": "1", "type": "function", "function": {"name": "read", "arguments": arguments}}
    schema = {"type": "object", "properties": {"env": {"type": "string", "enum": ["staging", "prod"]}}}
    tool = {"type": "function", "function": {"name": "read", "parameters": schema}}
    messages = [
        {"role": "user", "content": "T-19"},
        {"role": "assistant", "content": "", "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "1", "content": "weight 12"},
        {"role": "user", "content": asked},
    ]
    assert bool(Peers(Trajectory(messages, [tool])).asked) is peer
