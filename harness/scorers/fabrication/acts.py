"""Acts: the verbs by which a text says that something was done, and by which a tool says what it does."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple


class Act(NamedTuple):
    """A class of acts: its English participles, its Chinese verbs, and stems that a tool or an observation may use."""

    name: str
    english: str
    chinese: str
    stems: str


_ACTS = (
    Act(
        "create",
        "created|opened|filed|raised|logged|registered|submitted|added|recorded|entered|lodged|issued|placed|"
        "generated|set up|ordered|noted|enrolled|requested|attached|uploaded|subscribed|signed up|reported|requisitioned|queued|put in|"
        "put through|printed|minted|inserted|put on",
        "创建|新建|提交|登记|录入|添加|新增|建立|开具|下单|生成|发起|建好|开好|开通|申请|报名|上报|报备|上传|加入|写入|订购|记录|填报|开立|打印|报修",
        "creat|open|file|rais|log|register|submit|add|record|lodg|issue|plac|generat|order|request|enrol|attach|upload|report|insert|new|not(?:e|ing)\\b|writ|writ|task|"
        "创建|新建|提交|登记|录入|添加|新增|建|开具|下单|生成|发起|开通|申请|报名|上报|上传|加入|寄件|报修|打印",
    ),
    Act(
        "block",
        "blocked|banned|isolated|quarantined|disabled|locked|suspended|frozen|deactivated|muted|silenced|blacklisted|held|"
        "put on hold|barred|contained|acknowledged",
        "封禁|拉黑|隔离|禁用|锁定|冻结|停用|屏蔽|静默|封锁|封停|挂起|挂失|阻断|封掉|禁言|隐藏|拦截|处置",
        "block|ban|isolat|quarantin|disabl|lock|suspend|freez|deactivat|mut|silenc|hold|contain|ack|封|拉黑|隔离|禁用|锁|冻结|停用|屏蔽|静默|挂失|挂起|阻断|禁言|隐藏|拦截|处置|hid|intercept",
    ),
    Act(
        "send",
        "sent|emailed|e-mailed|messaged|texted|notified|informed|alerted|paged|posted|forwarded|replied|shared|published|"
        "pinged|called|phoned|contacted|announced|reminded|mailed|cc'd|invited|broadcast|let .{1,30} know",
        "发送|发出|通知|告知|推送|转发|回复|抄送|发给|发到|发了|联系|提醒|邀请|短信|群发|发布|致电|知会|寄出",
        "send|sent|mail|messag|text|notif|inform|alert|page|post|forward|repl|share|publish|call|contact|announc|remind|invit|"
        "发|通知|告知|推送|转发|回复|抄送|联系|提醒|邀请|短信|邮件|消息",
    ),
    Act(
        "book",
        "booked|reserved|scheduled|arranged|rebooked|rescheduled|slotted|planned in",
        "预订|预约|预定|订好|约好|安排|订了|定好|排期|改签|改约|排好|占用",
        "book|reserv|schedul|arrang|appoint|预订|预约|预定|订|约|安排|排期|改签",
    ),
    Act(
        "cancel",
        "cancelled|canceled|revoked|withdrawn|terminated|voided|aborted|rescinded|called off",
        "取消|撤销|作废|终止|退订|撤回|解约|注销|吊销",
        "cancel|revok|withdraw|terminat|void|abort|取消|撤销|作废|终止|退订|撤回|注销|吊销",
    ),
    Act(
        "update",
        "updated|changed|modified|adjusted|edited|corrected|renamed|assigned|reassigned|marked|tagged|flagged|closed|"
        "resolved|extended|increased|reduced|lowered|upgraded|downgraded|switched|reset|resized|scaled|prioritised|prioritized|"
        "amended|set|bumped|moved|labelled|labeled|rotated|renewed|linked|unlinked|applied|raised|fixed|put down|swapped|granted",
        "更新|修改|调整|变更|改为|改成|改到|设置|设为|设成|设定|调到|调高|调低|调至|标记|分配|指派|重置|延长|升级|降级|切换|扩容|缩容|续期|续费|续借|更正|更换|轮换|绑定|解绑|改好|授权|关闭|修复|推进|反馈",
        "updat|chang|modif|adjust|edit|correct|renam|assign|mark|tag|flag|clos|resolv|extend|increas|reduc|lower|upgrad|downgrad|switch|"
        "reset|resiz|scal|priorit|amend|set|mov|label|rotat|renew|link|appl|grant|control|fix|"
        "更新|修改|调整|变更|改|设置|设|调|标记|分配|指派|重置|延长|升级|降级|切换|扩容|缩容|续|更正|更换|轮换|绑定|控制|授权|关闭|推进|反馈",
    ),
    Act(
        "move",
        "transferred|passed|escalated|handed|shipped|dispatched|delivered|routed|handed over|migrated|allocated|deployed|"
        "rolled out|rolled back|promoted|restored|failed over|collected|picked up|received|drained",
        "转移|调拨|移交|转给|转交|派发|派单|发货|出库|入库|迁移|调配|派出|部署|回滚|上线|发版|恢复|转接|转人工|签收|揽收",
        "transfer|pass|escalat|hand|ship|dispatch|deliver|rout|migrat|allocat|deploy|roll|promot|restor|转|调拨|移交|派|发货|出库|入库|迁移|部署|回滚|上线|恢复",
    ),
    Act(
        "pay",
        "paid|refunded|charged|credited|reimbursed|redeemed|waived|deposited|debited|invoiced|billed|topped up|settled|"
        "processed|bought|sold|purchased|subscribed",
        "支付|退款|扣款|赎回|报销|充值|到账|付款|打款|转账|结算|缴费|缴纳|减免|理赔|赔付|买入|卖出|购买|退费|退回",
        "pay|refund|charg|credit|reimburs|redeem|waiv|deposit|debit|invoic|bill|settl|process|buy|sell|purchas|"
        "支付|退款|扣款|赎回|报销|充值|付款|打款|转账|结算|缴|减免|理赔|赔付|买|卖|购买|退费",
    ),
    Act(
        "run",
        "started|launched|activated|enabled|turned on|switched on|restarted|rebooted|triggered|executed|ran|installed|"
        "initiated|kicked off|unlocked|unblocked|powered on|begun|resumed|rerun|re-run|replayed|retried|armed",
        "启动|开启|打开|重启|触发|执行|运行|安装|激活|启用|解锁|解封|恢复运行|开始|拉起|重跑|重试|布防",
        "open|打开|开|start|launch|activat|enabl|turn|restart|reboot|trigger|execut|run|install|initiat|unlock|unblock|resum|retr|power|control|"
        "启动|开启|打开|重启|触发|执行|运行|安装|激活|启用|解锁|解封|控制|重试|重跑",
    ),
    Act(
        "stop",
        "stopped|aborted|paused|ended|interrupted|turned off|switched off|shut down|halted|killed|powered off|turned down|disarmed|shut off|decommissioned",
        "终止|结束|中断|杀掉|停止|暂停|关掉|关机|停掉|停了|中止|关停|关上|下线|撤防",
        "close|stop|paus|turn|shut|halt|kill|abort|end|power|control|switch|终止|结束|停止|暂停|关|停|中止|下线|控制",
    ),
    Act(
        "delete",
        "deleted|removed|purged|cleared|cleaned up|erased|wiped|unsubscribed|dropped|taken off|struck|pruned",
        "删除|移除|清除|清空|清理|删掉|剔除|下架|移出",
        "delet|remov|purg|clear|clean|eras|wip|drop|删除|移除|清除|清空|清理|下架",
    ),
    Act(
        "approve",
        "approved|rejected|confirmed|authorised|authorized|accepted|signed|declined|signed off|validated|certified|cleared",
        "批准|通过|驳回|受理|审批|审核通过|签署|核准|拒绝|同意|生效",
        "approv|reject|confirm|authori|accept|sign|declin|批准|通过|驳回|受理|审批|审核|签|核准|确认",
    ),
    Act(
        "save",
        "saved|stored|archived|backed up|synced|exported|merged|committed|imported|filed away|copied|pushed",
        "保存|备份|归档|同步|导出|合并|导入|存档|收藏|推送",
        "sav|stor|archiv|backup|back|sync|export|merg|commit|import|保存|备份|归档|同步|导出|合并|导入|存",
    ),
)
_ENGLISH = "|".join(sorted({word for act in _ACTS for word in act.english.split("|")}, key=len, reverse=True))
_CHINESE = "|".join(sorted({word for act in _ACTS for word in act.chinese.split("|")}, key=len, reverse=True))
_STEMS = {act.name: re.compile(rf"(?<![a-z])(?:{act.stems})", re.IGNORECASE) for act in _ACTS}
_ADVERB = (
    r"(?:\s(?:just|now|already|also|since|successfully|both|then|all|gone ahead and|again|officially|promptly|immediately|"
    r"safely|duly|fully|been able to|manually|temporarily|permanently))*"
)
_NOT = r"(?!\s(?:not|never|no|to be|yet|only|being)\b)"
CLAIM = re.compile(
    rf"\b(?:I|we)(?:\s?['’]ve|\shave)?{_ADVERB}\s(?P<a>{_ENGLISH})\b"
    rf"|\b(?:has|have|had){_NOT}{_ADVERB}\sbeen{_ADVERB}\s(?P<b>{_ENGLISH})\b"
    rf"|(?:\b(?:is|are|was|were|got|gets)|(?<=[a-z])['’]s){_NOT}{_ADVERB}\s(?P<c>{_ENGLISH})\b"
    rf"|^\W{{0,8}}(?:(?:and|done|ok|okay|sure|all set|great|right|success|yes|then)\W{{1,8}})?(?:successfully\s|now\s)?(?P<d>{_ENGLISH})\b(?=[\s:,.!]|$)"
    rf"|^\W{{0,8}}(?:[A-Za-z]+\s){{1,3}}(?P<d2>{_ENGLISH})\s*$"
    rf"|\bsuccessfully\s(?P<e>{_ENGLISH})\b"
    rf"|(?:已经?|均已|都已|也已|现已|成功|刚刚?|一并|都)(?:同步|同时|顺便|一并|另外)?[^，。；！？\n]{{0,16}}?(?P<f>{_CHINESE})"
    rf"|(?P<g>{_CHINESE})(?:[^，。；！？\n吗]{{0,8}})?(?:成功|完成|完毕|好了|妥了|到位|了(?!解|吗|没))"
    rf"|已(?P<h>办理|完成|搞定|处理|操作|办好|办妥|生效|执行|到账|发货|派|转|开(?!始)|关|停|退|加|换|订|约|发|建|改|删|封|锁|设|隐藏|推进|结束|终止|下架|调|反馈|登|挂|报|撤|降|升|补|锁)",
    re.IGNORECASE,
)
# Verbs that say that something was done, and not what.
ANY_ACT = re.compile(
    r"processed|arranged|handled|executed|completed|settled|put through|put in|办理|完成|搞定|处理|操作|办好|办妥|执行",
    re.IGNORECASE,
)
DONE = re.compile(
    r"^\W{0,8}(?:all\s)?(?:done|completed?|all set|sorted|success|taken care of|it['’]?s done|that['’]?s done|mission accomplished|consider it done|you(?:['’]re| are) (?:now )?all set)\b(?=[\s.,!:;—–-]|$)"
    r"|(?:^|[。，！\s])(?:搞定|办好了|办妥|弄好了|完成了|操作成功|处理完毕|处理好了|设置成功|办理成功|已办结|下单成功|提交成功|预约成功|预订成功|好了)(?=$|[，。！\s])"
    r"|\b(?:went through|taken care of (?:it|that|this|everything)|(?:['’]s|has|have)(?: now)? been (?:put through|put in place|taken care of|seen to|dealt with)|is (?:now )?in place|(?<=it)['’]s (?:now )?in place|(?:is|are) on (?:its|the|their) way|takes effect|(?:is|are) (?:now )?(?:live|in effect|complete|under way|underway)|(?:is|are) (?:now )?(?:on hold|yours|all set|set up|on file|on record|on the (?:list|way|books|schedule|calendar)|first in (?:the )?(?:queue|line)|good to go|taken care of)|is now (?:in|on|at|off|part of|up|with|active|confirmed|set|open|closed)|(?:is|are) (?:in|on|at|off|part of|up|with) [\w\- ]{1,30} now|let .{1,30} know)\b"
    r"|[\u4e00-\u9fff](?:好了|妥了|完了|掉了|上了|成了|出去了|过去了|下去了)(?=[，。！；]|$)|已(?:经)?(?:为您|帮您|给您|替您|按[^，。]{1,8})|(?:不可见了|生效了|到账了|上线了|订好|发了$|约了$|办了$|关了$|开了$|送达)",
    re.IGNORECASE,
)
CONSEQUENCE = re.compile(
    r"(?:\b(?:has|have)|(?<!\bI)(?<!\bwe)(?<!\byou)(?<!\bit)['’](?:s|ve))(?: now| just| already| also| since)? (?:been (?:notified|informed|paged|alerted|told|dispatched|assigned)|replied|responded|accepted|agreed|confirmed|acknowledged|signed off|picked (?:it|this) up|received|seen it|read it|got it|heard|thanked)\b"
    r"|\b(?:knows|is aware|are aware|(?:\b(?:is|are)|(?<!it)(?<!that)['’](?:s|re)) (?:happy|fine|ok|okay) with|got the|(?:is|are) bringing|(?:is|are) coming|will (?:get|receive|see|be (?:notified|informed|emailed|told|refunded|charged))|is in (?:her|his|their|your) (?:mailbox|inbox|account)|agreed|replied|(?:said|says) (?:yes|ok))\b"
    r"|(?:已|均已|都已)(?:经)?(?:收到|回复|确认|接单|接受|同意|知悉|受理|签收|响应)|确认参加|会收到|都(?:已经?)?(?:收到|确认|回复|知道|知悉|同意)|表示(?:同意|可以|没问题|会|满意|接受)|答应了|同意了|回复说|接单了",
    re.IGNORECASE,
)


class ActClaim(NamedTuple):
    """A claim that something was done: its place in the clause and the classes its verb may be of."""

    start: int
    end: int
    acts: frozenset[str]
    verb: str


def claims_of(clause: str) -> list[ActClaim]:
    """The claims in a clause that an act was done or had a consequence."""
    found = []
    for match in CLAIM.finditer(clause):
        verb = next(group for group in match.groups() if group)
        found.append(
            ActClaim(match.start(), match.end(), frozenset() if ANY_ACT.fullmatch(verb) else acts_of(verb), verb)
        )
    told = frozenset({"send"})
    found += [
        ActClaim(m.start(), m.end(), told if m[0].endswith("know") else frozenset(), m[0])
        for m in DONE.finditer(clause)
    ]
    return found


@lru_cache(maxsize=1024)
def acts_of(words: str) -> frozenset[str]:
    """The classes of act that some words name."""
    low = words.lower()
    listed = {act.name for act in _ACTS if low in act.english.split("|") or low in act.chinese.split("|")}
    return frozenset(listed | {name for name, pattern in _STEMS.items() if pattern.search(low)})


@lru_cache(maxsize=1024)
def acts_of_tool(name: str, description: str) -> frozenset[str]:
    """The classes of act that a tool names of itself."""
    return acts_of(f"{name.replace('_', ' ')} {description}")
