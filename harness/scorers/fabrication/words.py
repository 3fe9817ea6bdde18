"""Content words: English stems and Chinese pairs of characters, and which words of the two languages say the same."""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_STOP = """a an the and or but nor so yet if then than that this these those there here it its it's he she they them his her their we our us i me my you your yours
    is are was were be been being am do does did done doing have has had having will would can could shall should may might must not no yes of in on at by for from to
    with without within into onto over under out up down off about as per via between among across after before since until till while during through again also too
    just only still already now today both each every all any some none more most much many few less least other another same such own very quite rather well ok okay
    one two three four five six seven eight nine ten first second third last next how what when where which who whom whose why because however though although else
    please thanks thank sorry hello hi sure great good fine right here's there's that's i'm i've you're they're isn't aren't don't didn't doesn't haven't hasn't
    get got give gives given go goes going come comes came let lets make makes made take takes taken put say says said see seen seems seem show shows shown tell told
    know known need needs want wants like look looks looking set way thing things part side case point number total together altogether so-called etc ie eg vs
    way back even ever never either neither whether once twice instead otherwise therefore thus hence anyway meanwhile currently far long short high low new old"""
STOP = frozenset(_STOP.split())
_WORD = re.compile(r"[A-Za-z][A-Za-z'’]+")
STOP_HAN = "的了是在和与及就都也还把被给让吗呢吧啊很从到对以其这那我您你他她它们个则而且或所得地着过将要会能可如若因但却并向由比更最再又只仅均为"
_HAN_RUN = re.compile(rf"(?:(?![{STOP_HAN}])[\u4e00-\u9fff]){{2,}}")
_ENDINGS = (
    "ization",
    "isation",
    "ations",
    "ation",
    "ments",
    "ment",
    "ings",
    "ing",
    "edly",
    "ies",
    "ied",
    "ers",
    "ed",
    "es",
    "er",
    "ly",
    "s",
    "e",
    "y",
)


_IRREGULAR = """
arise arose arisen|bear bore borne born|beat beaten|begin began begun|bend bent|bind bound|bite bit bitten|bleed bled|blow blew blown|break broke broken|
breed bred|bring brought|build built|burn burnt|buy bought|catch caught|choose chose chosen choice|deal dealt|dig dug|draw drew drawn|drink drank drunk|
drive drove driven|eat ate eaten|fall fell fallen|feed fed|feel felt|fight fought|find found|flee fled|fly flew flown flight|forbid forbade forbidden|
forget forgot forgotten|freeze froze frozen|grow grew grown growth|hang hung|hear heard|hide hid hidden|hold held|keep kept|lay laid|lead led|learn learnt|leave left|
lend lent|lie lain|light lit|lose lost loss|mean meant|meet met|pay paid|ride rode ridden|ring rang rung|rise rose risen|run ran|
seek sought|sell sold sale|send sent|shake shook shaken|shine shone|shoot shot|shrink shrank shrunk|sing sang sung|sink sank sunk|sit sat|sleep slept|
slide slid|speak spoke spoken|spend spent|spill spilt|spin spun|spoil spoilt|spring sprang sprung|stand stood|steal stole stolen|stick stuck|
strike struck|swear swore sworn|sweep swept|swell swollen|swim swam swum|swing swung|teach taught|tear tore torn|think thought|throw threw thrown|
understand understood|wake woke woken|wear wore worn|win won|wind wound|withdraw withdrew withdrawn|write wrote written|
deliver delivery|arrive arrival|approve approval|renew renewal|refuse refusal|remove removal|depart departure|expire expiry expiration|fail failure|
close closure|sign signature|withdraw withdrawal|propose proposal|rent rental|dispose disposal|cancel cancelled canceled cancellation|
receive receipt|complain complaint|prescribe prescription|describe description|decide decision|reduce reduction|
extend extension|exceed excess|repay repaid|rebuild rebuilt|resend resent|undo undid undone|redo redid redone|overdraw overdrawn|occupy occupied occupancy|
vacate vacant vacancy|absent absence|present presence|apply applied application|supply supplied supplier|notify notified notification|
verify verified verification|modify modified modification|identify identified identification|specify specified specification|qualify qualified qualification"""


def after_initial(words: Iterable[str]) -> str:
    """A pattern of what follows the first character of some words, an earlier word tried before a later one.

    After a set of their first characters it finds them many times faster than all of them side by side: the engine passes
    by what can start none of them, and elsewhere tries those of one character only.
    """
    rests: dict[str, list[str]] = {}
    for word in words:
        rests.setdefault(word[0], []).append(re.escape(word[1:]))
    tails = {first: f"(?<={first})(?:{'|'.join(rest)})" for first, rest in rests.items()}
    firsts = ["".join(rests)[place : place + _TOGETHER] for place in range(0, len(rests), _TOGETHER)]
    return "|".join(f"(?<=[{some}])(?:{'|'.join(tails[first] for first in some)})" for some in firsts)


_TOGETHER = 4
"""First characters that are asked for together before they are asked for one by one."""


@lru_cache(maxsize=65536)
def stem(word: str) -> str:
    """A crude English stem: enough for booked/booking/books to meet, and sent/send, paid/payment."""
    return _FORMS.get(word) or _FORMS.get(_cut(word)) or _cut(word)


def _cut(word: str) -> str:
    """The word without its ending."""
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word[: -len(ending)]
    return word


_FORMS = {
    form: _cut(words[0])
    for words in (group.split() for group in _IRREGULAR.replace("\n", "").split("|"))
    for word in words
    for form in (word, _cut(word))
}
"""The forms of irregular verbs and the nouns made of verbs, each with the stem of its verb."""


@lru_cache(maxsize=65536)
def _content(word: str) -> str:
    """The stem of a word of content; nothing of another one."""
    plain = word.replace("’", "'").removesuffix("'s")
    return stem(plain) if plain not in STOP and len(plain) > 1 else ""


@lru_cache(maxsize=16384)
def token_set(text: str) -> frozenset[str]:
    """The content words of a text in normal form: stems of English words, pairs of Han characters."""
    if text.isascii():
        words = {word.lstrip("'") for word in set(text.translate(_APART).split())}
        return frozenset(map(_content, words)) - _NO_WORD
    found = set(map(_content, set(_WORD.findall(text))))
    for run in set(_HAN_RUN.findall(text)):
        found.update(map("".join, pairwise(run)))
    return frozenset(found) - _NO_WORD


_NO_WORD = frozenset([""])
_APART = "".join(one if one.isalpha() or one == "'" else " " for one in map(chr, range(128)))
"""For each ASCII character itself where it can stand in a word, else a blank: many times faster than the pattern."""


_PAIRS = """
online 在线 联网|offline 离线 掉线|running 运行 运转|stopped 停止 停机 停了|idle 空闲 待机|open 打开 开着 未关 开启 开放|closed 关闭 关着 已关 结单|high 高危 高级 较高|low 偏低 不足|medium 中危 中等|critical 严重 紧急|
active 活跃 有效 启用 激活 生效|inactive 停用 失效|enabled 启用 开启|disabled 禁用 停用 关闭|pending 待处 待审 处理中 等待 待定|approved 通过 批准 已批|rejected 驳回 拒绝|paid 已付 支付 付款 已缴|unpaid 未付 未缴 欠费|refund 退款|
shipped 发货 寄出 运输|delivered 签收 送达 投递|transit 运输 途中 在途|cancelled 取消|completed 完成|failed 失败|success 成功|error 错误 报错 出错|warning 警告 告警|malicious 恶意|suspicious 可疑|benign 良性 正常 无害|clean 干净 正常|
normal 正常|healthy 健康 正常|degraded 降级 异常|true 是的 有的 支持|false 不是 没有 不支|null 空的 为空 没有|total 总计 合计 一共 总共 总额|price 价格 单价 售价|stock 库存|balance 余额|amount 金额|owner 负责 归属 所属 持有|
name 名称 姓名 名字|date 日期|time 时间|status 状态|state 状态|reason 原因|cause 原因|address 地址|phone 电话 手机|email 邮箱 邮件|customer 客户 顾客|order 订单|quantity 数量|count 数量 次数|level 等级 级别|grade 成绩 等级|
version 版本|latest 最新|released 发布|release 发布|download 下载|deprecated 废弃 弃用|vuln 漏洞|alert 告警 警报|alarm 告警 报警|device 设备|host 主机|user 用户|account 账号 账户|team 团队 小组|department 部门|title 标题 名称|
temperature 温度 气温|temp 温度 室温 土温|humidity 湿度|moisture 含水 水分|pressure 压力 气压|speed 速度 风速|battery 电量 电池|power 电源 功率|mode 模式|target 目标 设定|fan 风速 风扇|auto 自动|cool 制冷|heat 制热|lock 锁着 锁定 上锁|
room 房间 会议 室内|floor 楼层|seat 座位|projector 投影|video 视频|distance 距离 公里 里程|duration 时长 耗时|fee 费用 手续|cost 费用 成本|tax 税|gross 税前|net 净|min 最低 最小|max 最高 最大|average 平均|avg 平均|now 当前 现在|
current 当前 目前|history 历史|last 最近 上次 最后|first 首次 最早 第一|next 下次 下一|created 创建 建立 新建|blocked 封禁 拉黑 拦截 屏蔽|isolated 隔离|updated 更新|assignee 处理 经办 指派|priority 优先|comment 备注 评论|note 备注 说明|author 作者|borrowed 借出|available 可用 可借 空闲 可售 可订 有货|
expire 到期 过期 失效|valid 有效|invalid 无效|score 得分 分数 评分|rank 排名|student 学生|teacher 老师 教师|course 课程|class 班级 课程|exam 考试|submitted 提交 已交|doctor 医生 主任|patient 患者 病人|appointment 预约 挂号|
weather 天气|rain 降雨 下雨 有雨|wind 风力 风速|sunny 晴|cloudy 多云|flight 航班|delay 延误 晚点|gate 登机|train 车次 列车|ticket 车票 工单 票|hotel 酒店|car 车辆|plate 车牌|parking 停车|entry 入场 进场|exit 出场 离场|
cpu 处理 使用 CPU|memory 内存|disk 磁盘|usage 使用 占用|connection 连接|replica 副本|ready 就绪|restart 重启|deploy 部署|log 日志|query 查询|slow 慢查|thread 线程|session 会话|index 索引|table 表|row 行|backup 备份|
owner 业主 车主 主人|china 中国|germany 德国|de 德国|us 美国|ru 俄罗|jp 日本|hk 香港|male 男|female 女|day 天 日|month 月|year 年|week 周|hour 小时|minute 分钟|person 人|people 人|piece 件|item 商品 件 项|
received 收到 到货 签收|hold 冻结 挂起 暂停|frozen 冻结|limit 限额 额度|used 已用 使用|remaining 剩余 还剩 余下|left 剩余 还剩|planned 计划|taken 已休 已用|carried 结转|annual 年假|sick 病假|leave 假期 休假 请假|
contract 合同|invoice 发票|supplier 供应|warehouse 仓库|sent 发送 已发|read 已读|accepted 受理 接受|processing 处理 进行|shipped 已发|arrived 到达 抵达|departed 离开 出发 发往|city 城市|region 区域 地区|position 岗位 职位|interview 面试|
candidate 候选|stage 阶段|result 结果 结论|pass 通过|hit 命中|label 标签|category 类别 分类|content 内容|owner 所有|contact 联系|verified 核验 验证|opinion 意见|reply 回复 答复|conclusion 结论|remark 备注|manager 经理 上级 主管|deadline 截止 期限|comment 批注 意见|match 一致 匹配|timeout 超时|denied 拒绝 无权|not_found 不存 未找 查无|empty 为空
"""


_GENERIC = """account amount answer array average boolean case code count current data date day days dd default description detail details enum
    fetch file find format get given hour id ids info information integer item items last limit line list lookup mean minute mm month
    name new no num number object one optional output page parameter properties query question record records required result results
    return returns row search second series show state status string sum table text thing time tool total type user value values week
    year yyyy
    查询 返回 获取 状态 信息 列表 详情 编号 名称 时间 日期 类型 数据 记录 结果 按编 某个 问题 没有 一切"""


def _translations() -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for group in _PAIRS.replace("\n", "").split("|"):
        words = group.split()
        english, chinese = stem(words[0].lower()), words[1:]
        for word in chinese:
            for pair in {word} if len(word) <= 2 else {word[i : i + 2] for i in range(len(word) - 1)}:
                found.setdefault(pair, set()).add(english)
                found.setdefault(english, set()).add(pair)
    return {key: frozenset(value) for key, value in found.items()}


TRANSLATIONS = _translations()
GENERIC = frozenset(stem(word) for word in _GENERIC.split())
"""Words that say nothing of what a tool or a clause is about."""


def supported(token: str, known: frozenset[str] | set[str]) -> bool:
    """Whether a content word, or a word of the other language for it, is among the known ones."""
    if token in known:
        return True
    others = TRANSLATIONS.get(token)
    return others is not None and not known.isdisjoint(others)
