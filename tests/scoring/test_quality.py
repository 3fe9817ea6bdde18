"""Honest texts have no defect, loops have one; words are counted in every script."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from harness.dialects import scan
from harness.scorers.quality import count_words, leaked_markup, repeated_ending, think_mismatch
from harness.toolschema import Toolset

if TYPE_CHECKING:
    from harness.records import PromptThink

HONEST = {
    "table": "| host | port | state |\n| --- | --- | --- |\n" + "| web-1 | 443 | open |\n" * 8,
    "table of one value": "| day | rain |\n|---|---|\n" + "".join(f"| {day} | 0 mm |\n" for day in range(1, 31)),
    "zeros in a row": "| a | b | c | d | e | f |\n|---|---|---|---|---|---|\n| 0 | 0 | 0 | 0 | 0 | 0 |",
    "check marks in a row": "| " + "yes | " * 3,
    "csv": "time,level,host\n" + "".join(f"2024-03-0{day},info,web-1\n" for day in range(1, 9)),
    "log": "".join(f"[2024-03-05 12:00:{second:02}] GET /health 200\n" for second in range(40)),
    "numbered list": "".join(f"{number}. Restart the service\n" for number in range(1, 25)),
    "chinese list": "".join(f"第{digit}项：检查日志\n" for digit in "一二三四五六七八九十"),
    "chinese enumeration": "请检查:主机、端口、用户、日志、规则、告警、网络、磁盘、内存。",
    "chinese stems": "好好学习,天天向上。慢慢来,常常想,人人都会,事事顺心。",
    "bullets": "- open\n- closed\n" * 3,
    "nine equal bullets": "- none\n" * 9,
    "poem": (
        "Row, row, row your boat,\nGently down the stream.\nMerrily, merrily, merrily, merrily,\nLife is but a dream."
    ),
    "refrain": "Nevermore.\nQuoth the raven.\nNevermore.\nQuoth the raven.\nNevermore.",
    "laughter": "hahaha, that is a good one, hahaha",
    "ellipsis": "Let me think" + "." * 60,
    "rule": "Summary\n" + "-" * 80,
    "wide rule": "Summary\n" + "=" * 99,
    "code": "```python\nfor i in range(4):\n    print(i)\n    print(i)\n    print(i)\n```",
    "closing brackets": "```json\n" + '{"a":' * 8 + "1" + "}" * 8 + "\n```",
    "nested html": "<ul>\n" + "  <li>x</li>\n" * 3 + "</ul>\n" + "</div>\n" * 3,
    "equal code lines": "```\n" + "    0, 0, 0, 0,\n" * 9 + "```",
    "hex dump": "".join(f"{row * 16:08x}  00 00 00 00\n" for row in range(30)),
    "address": "The address is 2001:db8::1 and the mask is 255.255.255.0.",
    "zero bytes": "0x00 0x00 0x00",
    "phone": "Call 555-0100, 555-0101, 555-0102, 555-0103 or 555-0104.",
    "big number": "There are 1000000000 of them, or 1,000,000,000,000.",
    "dates": "2024-01-01, 2024-01-02, 2024-01-03, 2024-01-04, 2024-01-05",
    "emoji": "Done! 🎉🎉🎉",
    "tree": "src\n├── a\n├── b\n├── c\n├── d\n└── e",
    "blank lines": "Yes." + "\n" * 50,
    "three equal lines": "No alerts.\n" * 3,
    "yes three times": "yes yes yes",
    "short": "ok",
    "nothing": "",
}
LOOPS = {
    "sentence": "I will check the alert now. " * 6,
    "chinese sentence": "我将立即检查该警报。" * 5,
    "word": "the answer is is is " + "alert " * 20,
    "numbers": "1234" * 6,
    "json": '{"id": 1}, ' * 9,
    "cut loop": "Checking host web-1. " * 8 + "Checking hos",
    "paragraph": ("The first line of it.\nAnd a second one.\n\n") * 5,
    "long line": ("x" * 150 + " " + "y" * 150 + "\n") * 4,
    "bullet loop": "- none\n" * 40,
    "row loop": "| a | b |\n" * 12,
    "open fence": "```\n" + "print(1)\n" * 30,
    "bangs": "!" * 150,
    "letters": "a" * 400,
    "emoji": "🎉" * 200,
    "spaced letters": "a b c d " * 10,
    "brackets": "[x](y) " * 8,
    "two lines": "yes, indeed\nno, never\n" * 8,
    "windows line ends": "The same line.\r\n" * 6,
}


@pytest.mark.parametrize("text", HONEST.values(), ids=HONEST.keys())
def test_honest_endings_are_no_repeat(text: str) -> None:
    assert not repeated_ending(text)


@pytest.mark.parametrize("text", LOOPS.values(), ids=LOOPS.keys())
def test_loops_are_repeats(text: str) -> None:
    assert repeated_ending("Certainly, here it is.\n" + text)
    assert repeated_ending(text + "\n \t\n")
    assert not repeated_ending(text + "\nThat is all.")


@pytest.mark.parametrize("length", [*range(4, 12), 50, 99, 100, 150, 199, 200])
def test_a_unit_of_any_length_up_to_the_longest(length: int) -> None:
    unit = "".join(chr(0x4E00 + index) for index in range(length))
    for copies, found in ((3, False), (4, True), (5, True), (50, True)):
        assert repeated_ending("Start. " + unit * copies) is found
    half = (length + 1) // 2
    assert repeated_ending("Start. " + unit * 3 + unit[:half])
    assert not repeated_ending("Start. " + unit * 3 + unit[: half - 1])


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", 0),
        (" \n\t", 0),
        ("hello world", 2),
        ("hello,world", 1),
        ("… — ! 🎉", 0),
        ("_ __", 0),
        ("a_b", 1),
        ("5", 1),
        ("½ ² Ⅷ", 3),
        ("你好", 2),
        ("你好，世界。", 4),
        ("a中b", 3),
        ("ﾃｽﾄ テスト てすと", 9),
        ("한국어 하나", 5),
        ("GPT-4的API", 3),
        ("мир שלום سلام नमस्ते", 4),
        ("\u200b", 0),
        ("\U00020000\U00030000", 2),
        ("〇々", 2),
        ("「」、。・", 0),
        ("e\u0301", 1),
        ("https://example.com/a?b=c", 1),
    ],
)
def test_words(text: str, words: int) -> None:
    assert count_words(text) == words


@pytest.mark.parametrize(
    "text",
    [
        "Use <b>bold</b>, <table> and <br/>; x < y > z; a[i] and [1].",
        "The pipe |> and <| of Elm, and a || b.",
        "# Title\n\n- [ ] open\n- [x] done\n\n[INSTALL](install.md)",
        "List<String> items; std::vector<int> v; f<T>(x)",
        "`<tool>` and `<call>` are no tokens; neither are <s1> and <system>.",
        "<think>stray think tags count elsewhere</think>",
        "<|two words|> <||>",
    ],
)
def test_ordinary_markup_is_no_leak(text: str) -> None:
    assert not leaked_markup(text, "")


@pytest.mark.parametrize(
    "token", ["<s>", "[INST]", "<|im_start|>", "</tool_call>", "<start_of_turn>", "<|channel|>", "[/INST]"]
)
def test_a_token_is_a_leak_unless_the_user_wrote_that_token(token: str) -> None:
    assert leaked_markup(f"What {token} means", "")
    assert not leaked_markup(f"What {token} means", f"What is {token}?")
    assert leaked_markup(f"What {token} means", "What is <|other|>?")
    assert leaked_markup(f"{token} and <pad>", f"What is {token}?")


@pytest.mark.parametrize(
    ("text", "prompt_think", "quoted", "defect"),
    [
        ("<think></think>" * 3, "none", "", False),
        ("<think><think></think></think>", "none", "", True),
        ("</think><think>", "open", "", True),
        ("</think><think></think>", "open", "", False),
        ("", "open", "", True),
        ("", "closed", "", False),
        ("<think></think> the tag <think>", "none", "what is <think>", False),
        ("<think></think> the tag </think>", "none", "what is <think>", True),
        ("the tag <think>", "closed", "what is <think>", False),
        ("the tag </think>", "closed", "what is <think>", True),
        ("</think> <think> </think>", "open", "what is </think>", False),
        ("</think> <think>", "open", "<think> and </think>", False),
        ("no tag at all", "open", "<think> and </think>", True),
    ],
)
def test_think_tags_pair(text: str, prompt_think: PromptThink, quoted: str, *, defect: bool) -> None:
    found = scan(text, "hermes", Toolset([]), prompt_think=prompt_think, quoted=quoted)
    assert think_mismatch(found, prompt_think, quoted) is defect
