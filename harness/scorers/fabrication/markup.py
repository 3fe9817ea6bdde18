"""Markup of a tool's result that the assistant writes itself."""

from __future__ import annotations

import re

from harness.dialects.markup import markup

RESULT_MARKUP = re.compile(
    r"</?(?:tool_response|tool_result|tool_output|function_results?|function_response|function_output|tool_results|observation|execute_result|search_results?|api_response|toolresponse)(?:\s[^>]*)?>"
    r"|\[/?(?:TOOL_RESULTS?|TOOL_RESPONSE|TOOL_OUTPUT|OBSERVATION|FUNCTION_RESULT|RESULT)\]"
    r"|<\|(?:tool_response|tool_result|tool_outputs?|observation|ipython|tool|function_response|tool▁output▁begin|tool▁outputs▁begin|im_start\|>tool|start_header_id\|>(?:ipython|tool))\|?>"
    r"|<[｜|]tool[▁_]outputs?[▁_]begin[｜|]>"
    r"|^[^\S\n]*(?:Observation|Tool (?:output|result|response)|Function (?:output|result|response)|API response|工具返回(?:结果)?|工具结果|工具响应|函数返回|返回结果|观察结果?|调用结果|接口返回)\s?[:：]"
    r"|[【\[]\s?(?:工具返回(?:结果)?|工具结果|工具响应|工具输出|函数返回|返回结果|调用结果|接口返回|观察)\s?[】\]]"
    r"|```\s?(?:tool_output|tool_response|tool_result|tool_call_result|observation|工具输出|工具返回|工具结果|工具响应|返回结果)\b"
    r"|<tool>|<observation>|" + "|".join(re.escape(word) for word in markup().results),
    re.IGNORECASE | re.MULTILINE,
)
"""What marks a text as a tool's result, in the dialects served and in their Chinese kin."""
