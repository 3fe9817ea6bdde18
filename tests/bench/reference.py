"""REF: the least a run could cost. A bare aiohttp loop that asks, compares with == and writes each response.

python tests/bench/reference.py CASES.jsonl TOOLS.json BASE_URL OUT.jsonl
"""

import asyncio
import json
import sys

import aiohttp


async def main(cases: str, tools: str, url: str, out: str) -> None:
    with open(tools) as file:
        offered = json.load(file)
    with open(cases) as file:
        todo = iter([json.loads(line) for line in file])
    right = 0
    with open(out, "w") as sink:
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:

            async def work() -> None:
                nonlocal right
                for case in todo:
                    messages = [{"role": "user", "content": case["turns"][0]["user"]}]
                    request = {
                        "model": "mock",
                        "messages": messages,
                        "tools": offered,
                        "temperature": 0,
                        "return_token_ids": True,
                    }
                    async with session.post(f"{url}/chat/completions", json=request) as response:
                        answer = json.loads(await response.read())
                    call = answer["choices"][0]["message"]["tool_calls"][0]["function"]
                    expected = case["turns"][1]["expect"]["calls"][0]
                    arguments = json.loads(call["arguments"])
                    right += call["name"] == expected["name"] and arguments == expected["arguments"]
                    sink.write(json.dumps(answer) + "\n")

            await asyncio.gather(*(work() for _ in range(256)))
    print(right)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
