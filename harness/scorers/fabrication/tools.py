"""What the offered tools say of themselves."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from harness import jsonvalue
from harness.scorers.fabrication.forms import normal
from harness.scorers.fabrication.values import keys_of
from harness.scorers.fabrication.words import token_set

_WRITES = (
    "create|open|file|raise|submit|add|record|register|issue|place|order|block|ban|isolate|quarantine|disable|enable|lock|unlock|suspend|freeze|mute|"
    "silence|send|notify|email|mail|page|post|publish|message|sms|text|reply|book|reserve|schedule|cancel|revoke|terminate|update|change|set|modify|adjust|edit|assign|mark|"
    "tag|flag|close|resolve|extend|reset|restart|reboot|scale|transfer|move|escalate|ship|dispatch|deploy|roll|rollout|rollback|pay|refund|charge|credit|redeem|start|stop|trigger|"
    "control|turn|switch|swap|delete|remove|approve|reject|confirm|save|archive|merge|sync|request|req|put|write|upload|renew|rotate|ack|acknowledge|reschedule|rebook|log|grant|apply|"
    "invite|call|subscribe|unsubscribe|waive|arm|disarm|pause|resume|kill|drain|print|enrol|enroll|hold|release|return|buy|sell|withdraw|deposit|launch|activate|deactivate|checkout|"
    "reorder|requeue|retry|rerun|rebuild|resend|reopen|reassign|abort|adj|upd|del|cmd|feedback|comment|note|action|patch|push|promote|advance|hide|ban"
)
_WRITE_NAME = re.compile(rf"(?:^|[\s_.])(?:{_WRITES})(?:$|[\s_.])", re.IGNORECASE)
_WRITE_TEXT = re.compile(
    rf"(?:(?:the|a|an|to)\s)?(?:{_WRITES})s?\b(?! (?:book|log|record|price|balance|history|status|list|calendar)s?\b)|"
    r"[^，。,.]{0,8}(?:创建|新建|提交|登记|录入|添加|新增|追加|下单|发起|开通|申请|报名|上报|上传|封禁|拉黑|隔离|禁用|锁定|冻结|停用|屏蔽|发送|通知|推送|转发|回复|预订|预约|预定|安排|取消|撤销|作废|终止|退订|"
    r"更新|修改|调整|变更|设置|标记|分配|指派|关闭|重置|延长|升级|切换|扩容|缩容|转移|调拨|移交|派发|派单|发货|支付|退款|扣款|赎回|报销|充值|转账|启动|开启|打开(?!的)|重启|触发|安装|激活|停止|暂停|删除|移除|清除|清空|清理|"
    r"批准|驳回|审批|保存|备份|归档|同步|合并|控制|寄|部署|回滚|开具|续|绑定|挂失|缴|打印|改签|更换|执行(?!.{0,4}(?:SQL|sql|查询))|处置|推进|反馈|叫车|发邮件|发短信|打电话|拉合闸|挂号|催)|"
    r"(?:远程|强制|站内|一键|批量)*(?:发(?!票|行|电|货[记状])|扩|补(?!贴|考)|拦|派|禁|取号|购|买|卖|置顶|下[架发单]|退(?!货率)|重[发启跑]|开[关启]|[关拉合]闸?[阀闸]|复位|广播|占座|改|转[入出])",
    re.IGNORECASE,
)
_READ_TEXT = re.compile(
    r"(?:查|获取|读|取(?!号)|列|搜索|检索|get|list (?!an? )|look|search|find|read|fetch|query|show|latest|current|returns|"
    r"(?:describe|check|count|connect|verify|ask|view|see|trace|track|locate|poll|scan|inspect|retrieve|test|compare|calculate|compute|estimate|convert)s?\b|"
    r"(?:an?|one|last|next|free|live) )",
    re.IGNORECASE,
)
_READ_NOUN = re.compile(
    r"(?:open(?! (?:an?|the|or|up)\b)|\w+(?<!note)(?<!alarm)(?<!comment)) (?:of|by|under|in|on|at|with)\b|open \w+s (?:\w+ ){0,2}(?:of|on|in)\b|"
    r"(?!改|修|更|变|调|设|登|录|填|加|新|写|上|提|补|存|保|删|清|同步)[^，。：:,;；]{0,12}(?:详情|明细|记录|状态|统计|年限|进度|信息|清单|档案|余额|单价|情况|流水)(?:CSV|XML)?(?=$|[，。：:,;；])",
    re.IGNORECASE,
)
"""A description that is a noun phrase: its first word governs no object, or what heads it is a kind of information."""
_IMPERATIVE = re.compile(r"(?!where|when|what|which|runs?\b)[a-z]+s? (?:an?|the|another|out|two|all)\b", re.IGNORECASE)
"""A first word that an article follows is no noun, so it is a verb: a tool that acts, unless the verb is one of reading."""


class ToolCard(NamedTuple):
    """One offered tool: its name, its text in normal form, what stands in it, and whether it changes anything."""

    name: str
    text: str
    words: frozenset[str]
    keys: frozenset[str]
    writes: bool
    about: str


@lru_cache(maxsize=4096)
def tool_card(tool: str) -> ToolCard:
    """The card of a tool given as the JSON text of its OpenAI form."""
    value = jsonvalue.loads(tool)
    function = (value.get("function") or {}) if isinstance(value, dict) else {}
    name, description = str(function.get("name") or ""), str(function.get("description") or "")
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).replace("_", " ")
    reads = _READ_TEXT.match(description) is not None
    reads = reads or _READ_NOUN.match(description) is not None
    acts = (_WRITE_TEXT.match(description), _IMPERATIVE.match(description), _WRITE_NAME.match(spaced))
    writes = not reads and any(acts) if description else _WRITE_NAME.search(spaced) is not None
    text = normal(f"{spaced} {tool}").replace("_", " ")
    return ToolCard(name, text, token_set(text), keys_of(tool), writes, description)
