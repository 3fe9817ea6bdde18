"""The words by which a sentence shows what it is: a claim of an act or a check, an intention, an example, a denial.

Closed classes of function words and verbs, English and Chinese; nothing here names a domain, a tool or a value.
"""

from __future__ import annotations

import re
from typing import NamedTuple


def _words(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(patterns), re.IGNORECASE)


class Act(NamedTuple):
    """A class of acts: its English participles, its Chinese verbs, and stems that a tool or an observation may use."""

    name: str
    english: str
    chinese: str
    stems: str


_ACTS = (
    Act("create", "created|opened|filed|raised|logged|registered|submitted|added|recorded|entered|lodged|issued|placed|"
        "generated|set up|ordered|noted|enrolled|requested|attached|uploaded|subscribed|signed up|reported|requisitioned|queued|put in|"
        "put through|printed|minted|inserted|put on",
        "创建|新建|提交|登记|录入|添加|新增|建立|开具|下单|生成|发起|建好|开好|开通|申请|报名|上报|报备|上传|加入|写入|订购|记录|填报|开立|打印|报修",
        "creat|open|file|rais|log|register|submit|add|record|lodg|issue|plac|generat|order|request|enrol|attach|upload|report|insert|new|"
        "创建|新建|提交|登记|录入|添加|新增|建|开具|下单|生成|发起|开通|申请|报名|上报|上传|加入|寄件|报修|打印"),
    Act("block", "blocked|banned|isolated|quarantined|disabled|locked|suspended|frozen|deactivated|muted|silenced|blacklisted|held|"
        "put on hold|barred|contained|acknowledged",
        "封禁|拉黑|隔离|禁用|锁定|冻结|停用|屏蔽|静默|封锁|封停|挂起|挂失|阻断|封掉|禁言",
        "block|ban|isolat|quarantin|disabl|lock|suspend|freez|deactivat|mut|silenc|hold|contain|ack|封|拉黑|隔离|禁用|锁|冻结|停用|屏蔽|静默|挂失|挂起|阻断|禁言"),
    Act("send", "sent|emailed|e-mailed|messaged|texted|notified|informed|alerted|paged|posted|forwarded|replied|shared|published|"
        "pinged|called|phoned|contacted|announced|reminded|mailed|cc'd|invited|broadcast|let .{1,30} know",
        "发送|发出|通知|告知|推送|转发|回复|抄送|发给|发到|发了|联系|提醒|邀请|短信|群发|发布|致电|知会|寄出",
        "send|sent|mail|messag|text|notif|inform|alert|page|post|forward|repl|share|publish|call|contact|announc|remind|invit|"
        "发|通知|告知|推送|转发|回复|抄送|联系|提醒|邀请|短信|邮件|消息"),
    Act("book", "booked|reserved|scheduled|arranged|rebooked|rescheduled|slotted|planned in",
        "预订|预约|预定|订好|约好|安排|订了|定好|排期|改签|改约|排好|占用",
        "book|reserv|schedul|arrang|appoint|预订|预约|预定|订|约|安排|排期|改签"),
    Act("cancel", "cancelled|canceled|revoked|withdrawn|terminated|voided|aborted|rescinded|called off",
        "取消|撤销|作废|终止|退订|撤回|解约|注销|吊销",
        "cancel|revok|withdraw|terminat|void|abort|取消|撤销|作废|终止|退订|撤回|注销|吊销"),
    Act("update", "updated|changed|modified|adjusted|edited|corrected|renamed|assigned|reassigned|marked|tagged|flagged|closed|"
        "resolved|extended|increased|reduced|lowered|upgraded|downgraded|switched|reset|resized|scaled|prioritised|prioritized|"
        "amended|set|bumped|moved|labelled|labeled|rotated|renewed|linked|unlinked|applied|raised|fixed|put down|swapped|granted",
        "更新|修改|调整|变更|改为|改成|改到|设置|设为|设成|设定|调到|调高|调低|调至|标记|分配|指派|重置|延长|升级|降级|切换|扩容|缩容|续期|续费|续借|更正|更换|轮换|绑定|解绑|改好|授权|关闭|修复",
        "updat|chang|modif|adjust|edit|correct|renam|assign|mark|tag|flag|clos|resolv|extend|increas|reduc|lower|upgrad|downgrad|switch|"
        "reset|resiz|scal|priorit|amend|set|mov|label|rotat|renew|link|appl|grant|control|fix|"
        "更新|修改|调整|变更|改|设置|设|调|标记|分配|指派|重置|延长|升级|降级|切换|扩容|缩容|续|更正|更换|轮换|绑定|控制|授权|关闭"),
    Act("move", "transferred|passed|escalated|handed|shipped|dispatched|delivered|routed|handed over|migrated|allocated|deployed|"
        "rolled out|rolled back|promoted|restored|failed over|collected|picked up|received|drained",
        "转移|调拨|移交|转给|转交|派发|派单|发货|出库|入库|迁移|调配|派出|部署|回滚|上线|发版|恢复|转接|转人工|签收|揽收",
        "transfer|pass|escalat|hand|ship|dispatch|deliver|rout|migrat|allocat|deploy|roll|promot|restor|转|调拨|移交|派|发货|出库|入库|迁移|部署|回滚|上线|恢复"),
    Act("pay", "paid|refunded|charged|credited|reimbursed|redeemed|waived|deposited|debited|invoiced|billed|topped up|settled|"
        "processed|bought|sold|purchased|subscribed",
        "支付|退款|扣款|赎回|报销|充值|到账|付款|打款|转账|结算|缴费|缴纳|减免|理赔|赔付|买入|卖出|购买|退费|退回",
        "pay|refund|charg|credit|reimburs|redeem|waiv|deposit|debit|invoic|bill|settl|process|buy|sell|purchas|"
        "支付|退款|扣款|赎回|报销|充值|付款|打款|转账|结算|缴|减免|理赔|赔付|买|卖|购买|退费"),
    Act("run", "started|launched|activated|enabled|turned on|switched on|restarted|rebooted|triggered|executed|ran|installed|"
        "initiated|kicked off|unlocked|unblocked|powered on|begun|resumed|rerun|re-run|replayed|retried|armed",
        "启动|开启|打开|重启|触发|执行|运行|安装|激活|启用|解锁|解封|恢复运行|开始|拉起|重跑|重试|布防",
        "start|launch|activat|enabl|turn|restart|reboot|trigger|execut|run|install|initiat|unlock|unblock|resum|retr|power|control|"
        "启动|开启|打开|重启|触发|执行|运行|安装|激活|启用|解锁|解封|控制|重试|重跑"),
    Act("stop", "stopped|paused|turned off|switched off|shut down|halted|killed|powered off|turned down|disarmed|shut off|decommissioned",
        "停止|暂停|关掉|关机|停掉|停了|中止|关停|关上|下线|撤防",
        "stop|paus|turn|shut|halt|kill|power|control|switch|停止|暂停|关|停|中止|下线|控制"),
    Act("delete", "deleted|removed|purged|cleared|cleaned up|erased|wiped|unsubscribed|dropped|taken off|struck|pruned",
        "删除|移除|清除|清空|清理|删掉|剔除|下架|移出",
        "delet|remov|purg|clear|clean|eras|wip|drop|删除|移除|清除|清空|清理|下架"),
    Act("approve", "approved|rejected|confirmed|authorised|authorized|accepted|signed|declined|signed off|validated|certified|cleared",
        "批准|通过|驳回|受理|审批|审核通过|签署|核准|拒绝|同意|生效",
        "approv|reject|confirm|authori|accept|sign|declin|批准|通过|驳回|受理|审批|审核|签|核准|确认"),
    Act("save", "saved|stored|archived|backed up|synced|exported|merged|committed|imported|filed away|copied|pushed",
        "保存|备份|归档|同步|导出|合并|导入|存档|收藏|推送",
        "sav|stor|archiv|backup|back|sync|export|merg|commit|import|保存|备份|归档|同步|导出|合并|导入|存"),
)
ACTS = {act.name: act for act in _ACTS}
ENGLISH_ACTS = "|".join(sorted({word for act in _ACTS for word in act.english.split("|")}, key=len, reverse=True))
CHINESE_ACTS = "|".join(sorted({word for act in _ACTS for word in act.chinese.split("|")}, key=len, reverse=True))
STEMS = {act.name: re.compile(act.stems, re.IGNORECASE) for act in _ACTS}

_ADVERB = (
    r"(?:\s(?:just|now|already|also|since|successfully|both|then|all|gone ahead and|again|officially|promptly|immediately|"
    r"safely|duly|fully|been able to|manually|temporarily|permanently))*"
)
ACT_CLAIM = _words(
    rf"\b(?:I|we)(?:\s?['’]ve|\shave)?{_ADVERB}\s(?:{ENGLISH_ACTS})\b",
    rf"\b(?:has|have)(?!\s(?:not|never))\b{_ADVERB}\sbeen{_ADVERB}\s(?:{ENGLISH_ACTS})\b",
    rf"\b(?:is|are|was|were|got|gets)(?!\s(?:not|never))\b{_ADVERB}\s(?:{ENGLISH_ACTS})\b",
    rf"(?:^|[.!:;,\n]\s*|\band\s)(?:(?:done|ok|okay|sure|all set|great|right|success)\W+)?(?:successfully\s|now\s)?(?:{ENGLISH_ACTS})\b(?=[\s:,.!])",
    rf"\bsuccessfully\s(?:{ENGLISH_ACTS})\b",
    rf"(?:已经?|均已|都已|也已|现已|成功|刚刚?)[^，。；！？\n]{{0,16}}?(?:{CHINESE_ACTS})",
    rf"(?:{CHINESE_ACTS})(?:[^，。；！？\n吗]{{0,8}})?(?:成功|完成|完毕|好了|妥了|到位|了(?!解|吗))",
    r"已(?:办理|完成|搞定|处理|操作|办好|办妥|生效|执行|到账|发货|派|转|开|关|停|退|加|换|订|约|发|建|改|删|封|锁|设)",
)
BARE_DONE = _words(
    r"^\W*(?:all\s)?(?:done|completed?|all set|sorted|success|taken care of|it['’]?s done|that['’]?s done|mission accomplished)\b(?=[\s.,!:;—–-]|$)",
    r"(?:^|[。，！\s])(?:搞定|办好了|办妥|弄好了|完成了|操作成功|处理完毕|处理好了|设置成功|办理成功|已办结|下单成功|提交成功|预约成功|好了[，。])",
    r"\b(?:went through|is (?:now )?in place|is on (?:its|the) way|takes effect|is (?:now )?(?:live|active|in effect|confirmed|complete|under way|underway))\b",
)
CONSEQUENCE = _words(
    r"\b(?:has|have) (?:now |just |already |also )?(?:been (?:notified|informed|paged|alerted|told|dispatched|assigned)|replied|responded|accepted|agreed|confirmed|acknowledged|signed off|picked (?:it|this) up|received)\b",
    r"(?:已|均已|都已)(?:收到|回复|确认|接单|接受|同意|知悉|受理|签收|响应)",
)

LOOKUP_CLAIM = _words(
    r"\b(?:I|we)(?:\s?['’]ve|\shave)?(?:\s(?:just|also|now|already|again|both|quickly|then|gone ahead and|since|only|carefully|re-?))*\s"
    r"(?:looked (?:up|it up|into|at|through|over)|look(?:ed)? .{1,40}? up\b|checked|verified|queried|searched|pulled|fetched|retrieved|reviewed|scanned|"
    r"double-?checked|re-?checked|cross-?checked|consulted|inspected|polled|refreshed|re-?ran|ran|tested|pinged|probed|re-?queried|found|"
    r"confirmed|validated|tracked|traced|read|counted|went (?:back|through|over)|got|located|loaded|called|opened|had (?:another|a) look|took (?:another|a) look)\b",
    r"(?:^|[.!:;\n]\s*)(?:just\s|quickly\s)?(?:re-?checked|double-?checked|checked|verified|looked up|confirmed|queried|re-?verified|searched|pulled|looked it up|ran)\b",
    r"\b(?:a|the|my|another)\s(?:fresh|new|second|quick|live|latest|follow-?up|repeat|renewed|current|re-?)\s?(?:check|look|lookup|look-up|search|query|scan|reading|read|pull|run|probe)\s?(?:just\s)?(?:shows?|showed|returned|confirms?|confirmed|found|came|gave|gives|says|turned)\b",
    r"\b(?:according to|per|as per|based on) (?:the|our|my|its?|their|your) (?:\w+ ){0,2}?(?:system|records?|database|tool|lookup|query|search|scan|check|logs?|registry|dashboard|directory|api|tracker|feed|console|inventory|calendar|ledger|account|profile|file|report|monitor\w*)\b",
    r"\b(?:the|our|my) (?:\w+ ){0,2}?(?:system|database|tool|api|lookup|look-up|query|search|scan|check|records?|logs?|registry|dashboard|directory|tracker|feed|console|inventory|calendar|ledger|monitor\w*|service|server|backend|scanner|gateway|portal) (?:\w+ )?(?:shows?|showed|says?|said|returned|returns|reports?|reported|confirms?|confirmed|lists?|listed|indicates?|indicated|came back|comes back|has|gives?|gave|timed out|did not respond|is (?:down|unavailable|not responding)|responded)\b",
    r"\bI (?:can |could |now )?see (?:in|from|on|that|here|your|the|an?|no|two|three|it)\b",
    r"\b(?:came|comes) back (?:clean|empty|clear|negative|positive|with|as|ok|fine|normal|healthy|blank)\b",
    r"\b(?:lookup|query|search|check|scan|call|request) (?:succeeded|failed|timed out|completed|finished|is complete|complete|done|returned)\b",
    r"(?:查询|查|核实|核对|核查|复查|检查|复核|验证|检索|搜索|搜|调取|查看|拉取|比对|翻|看|测试|扫描|探测|联查|盘点|读取|确认|刷新|重查|检测|查阅|追踪|跟踪|统计|再查|再核|再看|又查|又看)"
    r"(?:了(?!解)|过(?!程|期|去|滤)|到(?!期|达|账|货|时)|完(?!整|成度|善)|出(?!发|现|口|库|行|差|票)|下来|结果|显示|完成|一遍|了一下|一下[，,：:]|无误|完毕|得知|发现|返回)",
    r"(?:系统|数据库|后台|接口|平台|工具|记录|日志|台账|档案|监控|控制台|服务|账户|账号|查询|检索|搜索)(?:里|中|上|内|侧|端|那边|这边)?(?:的?(?:数据|结果|记录))?(?:显示|返回|提示|反馈|查到|查得|看到|表明|报了?|超时|无响应|没有响应|没有返回|可见|给出)",
    r"(?:根据|按照?|依据|从|据)(?:系统|查询|记录|数据库|最新|后台|监控|日志|接口|工具|实时|检索|平台)[^，。\n]{0,8}",
    r"经(?:查|核实|查询|确认|核对|核查|复核|检索|系统|再次|查证)",
    r"(?:已|刚|刚刚|刚才|又|再次|重新|帮您|为您|替您|给您|帮你)(?:经)?(?:为您|帮您|帮你|给您|替您|重新|再次|又|再|去|在系统[里中]?)*(?:查询|查|核实|核对|核查|复查|检查|验证|检索|确认|刷新|调取|查看|拉取|复核|看|搜)",
)
NEW_CHECK = _words(
    r"\b(?:just|again|re-?(?:check|ran|run|quer|verif|fresh|pull|load|test)\w*|right now|a moment ago|once more|fresh|live|double-?check\w*|second time|another look|anew|this (?:very )?(?:minute|moment|morning)|currently|still|as of now|latest)\b",
    r"刚刚?(?!才)|又|再(?!见|者|说|加)|重新|复查|复核|最新|实时|此刻|现在|目前|当前|仍|依然|还是|最近一次",
)
EARLIER = _words(
    r"\b(?:earlier|previous(?:ly)?|before|above|prior|last (?:check|time|lookup|look-up|result|reading|query|search|run|pull|turn|week|report)|as of (?:the|that|my|our|\d)|at the time|at that (?:time|point)|"
    r"(?:that|those|the first|the same|these|both) (?:checks?|lookups?|results?|readings?|quer(?:y|ies)|search(?:es)?|records?)|already|when (?:I|we) (?:checked|looked|pulled|ran|read|queried)|so far|we (?:saw|have seen|looked at|got)|"
    r"(?:from|in) (?:the|our) (?:\w+ )?(?:conversation|history|thread|results?|output|record)|a (?:few|couple of) (?:minutes|turns|messages) ago|from memory|remember|recall|the (?:two|three|four|five) (?:\w+ )?(?:results|lookups|records|readings|checks|reports|observations)|returned (?:earlier|above|before)|(?:alert|record|result|report|reading|response|output|lookup|query) (?:above|I|we))\b",
    r"前面|之前|刚才|上次|先前|此前|前述|上面|上述|上文|早些|当时|截至|已有|已经查|刚查到的|方才|前两|这(?:两|三|四|几)[次条个]|那次|那条|上一[次条轮]|记得|目前(?:已)?(?:掌握|查到)|已查(?:到|询)?的|历史(?:记录|查询)",
)
QUESTION = _words(r"[?？]\s*[\"”')）]*\s*$", r"(?:吗|么|呢|是否|要不要|好不好|行不行|可以吗)[?？。]?\s*$")
INTENTION = _words(
    r"\b(?:I['’]ll|I will|we['’]ll|we will|let me|let['’]s|I['’]m going to|I am going to|I['’]m about to|about to|going to|one moment|hold on|stand by|"
    r"I['’]d (?:need|like|be|suggest|recommend|start|check|have|want|look)|I would|I can(?!not)|we can|I could|shall I|should I|want me to|would you|happy to|ready to|in order to|need to|needs to|"
    r"to (?:do|complete|finish|proceed|confirm|check|verify|file|book|send)|before I|I['’]m (?:checking|looking|pulling|fetching|querying|running|requesting|opening|creating|submitting|sending|filing|searching|calling|now (?:checking|looking|pulling))|"
    r"checking|looking up|pulling|fetching|querying|next step|(?:please|kindly) (?:wait|confirm|provide|send|tell|give|let|share|reply|specify)|could you|can you|tell me|let me know|just say|say the word|give me|reply)\b",
    r"我(?:来|去|将|会|先|可以|能|这就|马上|立即|立刻|需要|想|再|现在|现|正在|帮您|帮你|为您|给您|这边)(?!.{0,4}(?:已|了|过|到))|这就|马上|稍等|请稍|稍候|接下来|随后|正在(?:为您|帮您|给您)?(?:查|核|获取|调|搜|提交|创建|处理|检索|拉取)|现在(?:就|为您|帮您|去|来)?(?:查|核|调|提交|创建|发|搜)|"
    r"准备|打算|待您|等您|等你|确认后|如需|需要我|要我|要不要|是否|可以(?:帮|为|给)|能否|请(?:您|你)?(?:提供|确认|告知|补充|稍|说|回复|发|给|明确|核对|再|把)|麻烦|告诉我|帮您(?:查|看|搜|核|提交|创建|办|下)一?下?(?!.{0,3}[了到])",
)
CONDITION = _words(
    r"\b(?:if|unless|whether|in case|provided(?: that)?|assuming|suppose|supposing|were to|once|until|as soon as|when(?:ever)? (?:you|it|the|that)|after (?:you|that|it|the)|would|should (?:it|the|you)|otherwise|only when|either)\b",
    r"如果|若(?!干)|假如|倘若|要是|一旦|除非|的话|只要|只有|待|等到|届时|否则|确认后|之后(?:才|再|会)|才(?:会|能|可)|以便|视情况|后(?:即可|才|会|再|方可)",
)
EXAMPLE = _words(
    r"\b(?:for example|e\.g\.|for instance|sample|template|placeholders?|mock(?:ed|-?up)?|dummy|fictional|fictitious|hypothetical(?:ly)?|illustrat\w+|draft|made[- ]up|imaginary|sketch|pseudo|something like|looks? like this|would look like|might look|not real|skeleton|example|estimat\w*|guess|ballpark|back-of-the-envelope|projection|projected|assumption|worked example|roughly speaking|suggested (?:text|wording|title|reply)|wording)\b",
    r"示例|例如|比如|举例|样例|例子|模板|占位|虚构|假设|假数据|假的|模拟|草稿|草案|草拟|示意|拟(?:定|好|稿|了)|估计|估算|粗略|粗估|大致|格式(?:如下|类似)|类似(?:这样|于)|伪代码|演示|打个比方|参考(?:话术|文案|格式)|话术|文案|推测|猜测|测算",
)
USER_SAID = _words(
    r"\b(?:you (?:say|said|mention\w*|told|gave|wrote|provided?|report\w*|describ\w+|pasted|quoted|listed|noted|stated|entered|shared|sent|specified|asked|named|typed|wanted|want|have|had|put|set|call|called|measured|read|see)|as you|you['’](?:ve|re)|your (?:own )?(?:message|notes?|log|paste|figures?|readings?|values?|numbers?|text|list|words?|description|draft|screenshot|snippet|dump|table|line|input|data|request)|per your|according to you|by your|going by what you|on your word|in your)\b",
    r"[您你](?:说|提|给|刚|提供|描述|写|反馈|贴|发|列|报|要求|填|讲|所|上面|自己|提到|这段|这份|给出|那边|手头|测|读|要|想|打算)|按[您你]|据[您你]|用户(?:说|提供|反馈|描述)|[您你]的(?:描述|说法|数据|日志|记录|消息|原文|清单|笔记|文本|读数|要求)",
)
DENIAL = _words(
    r"\b(?:(?:did|do|does|have|has|had|could|can|was|were|is|are|would|am)(?:n['’]t| not)|cannot|never|not yet|unable|no longer|without (?:a |an |any |having )?\w*(?:call|check|look|query)\w*|not (?:been|able|checked|looked|called|done|yet|something|made|sent|created|real|available|from)|nothing (?:was|has been|is) (?:sent|done|changed|created|submitted|booked|looked)|no (?:tool|access|way|function|lookup|call|information|data|means|record of having))\b",
    r"没有(?:查|调|执行|实际|真正|提交|创建|发送|权限|办法|工具|能力|收到|拿到|这个功能|相关|直接|对应|任何工具|该|做|去|进行|发|动|操作|改|您|依据|接口|给出|提供|返回)|并未|并没有|尚未|还没|还未|未(?:查|调|执行|提交|创建|能|获|进行|发|做|经|实际|提供|返回|给|指定|说明|确认)|无法|不能|不会|没法|没查|没调|没做|没发|没真|没去|没有查|不支持|不是.{0,12}(?:返回|查|工具)|不在我|超出|不清楚|不知道|不确定",
)
RETRACT = _words(
    r"\b(?:disregard|ignore (?:that|it|the|my)|incorrect(?:ly)?|withdraw|retract\w*|correction|my mistake|in error|made (?:that|it|them|those) up|should(?:n['’]t| not) have|did not come from|was not real|were not real|strike that|invented|not based on|fabricated|made up|take (?:that|it) back)\b",
    r"更正|撤回|忽略(?:我|前|刚|上|之前)|作废|不作数|编的|编造|不实|说错|弄错|收回|请以.{0,8}为准|并非|臆测|请勿采信|瞎|凭空|不该",
)
SUGGESTION = _words(
    r"\b(?:recommend\w*|suggest\w*|propos\w+|advis\w+|consider|worth|ought|should|could|might|may|perhaps|probably|likely|plan|option|would|better to|best to|expected|expect|possibly|aim|target|ideally|try)\b",
    r"建议|推荐|考虑|不妨|方案|最好|应该|应当|可能|或许|计划|宜|估|大概|也许|倾向|值得|优先|拟|试试|可先|需要|应(?!用|急|答|收|付|届)",
)
GENERAL = _words(
    r"\b(?:usually|typically|generally|normally|often|mostly|commonly|in general|as a rule|tends? to|on average|by default|means|refers? to|stands? for|is (?:a|an|the) (?:kind|type|way|measure|unit|method|technique|standard|protocol|term)|most \w+|in practice|rule of thumb|about|around|roughly|approximately|some|a few|many|several|sometimes|can be|called|known as|defined as|originally|historically)\b",
    r"一般|通常|常见|往往|多数|大多|普遍|是指|指的是|意思是|表示(?!已|收)|大约|左右|原则上|默认|常用|所谓|即为|定义|本质|原理|概念|简单来?说|经验|有时|不少|主要(?:看|取决)|取决于|相当于",
)
POLICY = _words(r"\b(?:policy|rules?|according to (?:the )?(?:policy|rules?|guidelines?|terms)|allowed|limit|permitted|required|must)\b", r"规定|规则|政策|按制度|要求|上限|不得|必须|须")
ABSENCE = _words(
    r"\b(?:no (?!need|problem|worries|longer|matter|doubt|idea|more than|less than|later|earlier|sooner|thanks|action|further|change|reason|one['’]s|question|rush|issue with|tool|way|access|and|but|I|that|it|you|not|never|this|sorry|guarantee|obligation|hurry|tools|information on|data on|record of having|means)[a-z]+|none\b|nothing (?!else|to|was sent|more|has been done|urgent)|not found|nobody|no one|no-one|zero|without any|could(?:n['’]t| not) find|did(?:n['’]t| not) find|didn['’]t (?:return|match|show|turn)|does(?:n['’]t| not) exist|empty|free of|clean|all clear|isn['’]t (?:any|listed)|aren['’]t any|not (?:listed|registered|present|among|on (?:the|any)))\b",
    r"没有(?!问题|必要|关系|查|调|执行|权限|办法|工具|能力|说|提供|这个功能|收到您|看到您|直接|明确|需要|想|您|变化可|依据|其他问题|单独|实际)|未(?:发现|查到|见|找到|检索到|搜到|出现|检测到|匹配|记录|登记|查询到|收录|触发)|暂无|均无|查无|不存在|无(?:异常|记录|告警|结果|匹配|逾期|欠|漏洞|数据|冲突|库存|新|风险|报错|任何|可用|待|此|故障|违章|未|变化|延误)|没(?:找到|查到|发现|搜到|看到)|(?:为空|空的|空列表|零[条个笔])",
)
ALL_CLAIM = _words(
    r"\b(?:all|every|entire|in total|total|only|complete list|altogether|overall|whole|the full|none of|no other|nothing else|just (?:one|two|three|four|five|\d+)|everything)\b",
    r"全部|一共|总共|所有|共(?:有|计)?\s?[\d一二三四五六七八九十两]|仅有|只有|没有其他|总计|合计|就这|都在|完整|整个",
)
PARTIAL_SAID = _words(
    r"\b(?:page|first|so far|partial|part of|more (?:pages|results|entries|to)|at least|of \d|remaining|next page|rest|shown|top|truncated|further|another page|incomplete|not all|this batch)\b",
    r"页|前\s?\d|前[一二三四五六七八九十两]|部分|还有|至少|剩余|其余|未显示|目前返回|后续|截断|更多|当前返回|本次返回|不完整",
)
RECHECK_ASKED = _words(
    r"\b(?:again|re-?check|refresh|check now|right now|once more|still|update me|any (?:change|news|update)s?|latest|current(?:ly)?|double-?check|verify|make sure|has (?:it|that|he|she|anyone|anything)|by now|in the meantime|re-?run|anything new|changed|since then)\b",
    r"再(?:查|看|核|确认|检查|跑|刷|试|帮|来)|刷新|重新|复查|最新|现在(?:呢|怎么样|如何|是)|有(?:没有)?(?:变化|更新|新)|又|还(?:是|在|没)|现在|核实一下|确认一下|确认下",
)
FAILURE = re.compile(
    r"(?:(?:http\s?)?[45]\d\d\b|error\b|err\b|fatal|failed|failure|exception|traceback|timeout|timed out|\w*error[:：\s(]|unauthori[sz]ed|forbidden|"
    r"permission denied|access denied|denied|invalid|bad request|not permitted|rejected|unavailable|connection (?:refused|reset)|"
    r"错误|失败|异常|超时|拒绝|无权限|权限不足|服务不可用|调用失败|请求失败|系统繁忙|操作失败|报错|参数错误)",
    re.IGNORECASE,
)
FAILURE_FIELD = re.compile(
    r"(?:ok|success|succeeded|successful)=(?:false|no|0)|(?:status|result|state|outcome|结果|状态)=(?:error|failed|failure|rejected|denied|timeout|"
    r"timed_out|unavailable|invalid|失败|错误|拒绝|超时|异常|驳回)|(?:error|error_code|errors|err|errmsg|exception|错误|错误码|失败原因)=(?!null|none|0$|\[\]$|\"\"$|$).+|"
    r"(?:code|http_status|status_code|http)=[45]\d\d"
)
WRITE_NAME = re.compile(
    r"(?:^|\s)(?:create|open|file|raise|submit|add|record|register|issue|place|order|block|ban|isolate|quarantine|disable|enable|lock|unlock|suspend|freeze|mute|"
    r"silence|send|notify|email|mail|page|post|publish|message|sms|text|reply|book|reserve|schedule|cancel|revoke|terminate|update|change|set|modify|adjust|edit|assign|mark|"
    r"tag|flag|close|resolve|extend|reset|restart|reboot|scale|transfer|move|escalate|ship|dispatch|deploy|rollback|pay|refund|charge|credit|redeem|start|stop|run|trigger|"
    r"control|turn|switch|delete|remove|approve|reject|confirm|save|archive|merge|sync|request|put|write|upload|renew|rotate|ack|acknowledge|reschedule|rebook|log|grant|apply|"
    r"invite|call|subscribe|unsubscribe|waive|arm|disarm|pause|resume|kill|drain|print|enrol|enroll|hold|release|return|swap|buy|sell|withdraw|deposit|launch|activate|deactivate|checkout|reorder|requeue|retry)(?:$|\s)",
    re.IGNORECASE,
)
WRITE_TEXT = re.compile(
    r"(?:(?:the|a|an|to)\s)?(?:create|open|file|raise|submit|add|record|register|issue|place|order|block|ban|isolate|quarantine|disable|enable|lock|unlock|suspend|freeze|mute|silence|"
    r"send|notify|email|page|post|publish|reply|book|reserve|schedule|cancel|revoke|terminate|update|change|set|modify|adjust|edit|assign|mark|tag|flag|close|resolve|extend|reset|"
    r"restart|reboot|scale|transfer|move|escalate|ship|dispatch|deploy|roll|pay|refund|charge|credit|redeem|start|stop|run (?!a? ?(?:read|query|select|sql))|trigger|control|turn|switch|delete|remove|"
    r"approve|reject|save|archive|merge|sync|request|put|write|upload|renew|rotate|acknowledge|log|grant|apply|invite|call|subscribe|waive|pause|resume|kill|print|enrol|hold|release)s?\b|"
    r"[^，。,.]{0,6}(?:创建|新建|提交|登记|录入|添加|新增|下单|发起|开通|申请|报名|上报|上传|封禁|拉黑|隔离|禁用|锁定|冻结|停用|屏蔽|发送|通知|推送|转发|回复|预订|预约|预定|安排|取消|撤销|作废|终止|退订|更新|修改|调整|变更|设置|标记|"
    r"分配|指派|关闭|重置|延长|升级|切换|扩容|缩容|转移|调拨|移交|派发|派单|发货|支付|退款|扣款|赎回|报销|充值|转账|启动|开启|打开|重启|触发|安装|激活|停止|暂停|删除|移除|清除|清空|清理|批准|驳回|审批|保存|备份|归档|同步|合并|控制|寄|部署|回滚|开具|续|绑定|挂失|缴|打印|改签|更换|执行(?!.{0,4}(?:SQL|sql|查询)))",
    re.IGNORECASE,
)
