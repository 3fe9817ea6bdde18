"""Opposite states: what a record is in, and a clause that tells of it another state of the same kind.

States exclude each other within a kind (open and shut, paid and owed, early, late and on time). The table is closed and
in both languages; words that say the same stand for one state, so that a synonym or a translation goes against nothing.
"""

from __future__ import annotations

import re
from functools import lru_cache

from harness.scorers.fabrication.words import after_initial, initials

_KINDS = """
lock: locked, 锁着, 已锁, 锁上, 上锁, 锁好 | unlocked, 未锁, 没锁, 没上锁, 开锁 | jammed, 卡住
gate: open, opened, reopened, 开着, 敞开, 开放, 营业, 未关 | closed, shut, 关闭, 关着, 已关, 关门, 闭馆, 闭园, 停业 | ajar, half open, 半开
debt: paid, settled, paid up, 已付, 付清, 已缴, 缴清, 已支付, 已还, 结清 | unpaid, outstanding, overdue, in arrears, 未付, 未缴, 待付, 待缴, 待支付, 未支付, 欠费, 逾期, 欠缴, 未还, 未结清
work: running, 运行, 运转 | idle, standby, on standby, 待机, 空闲, 闲置, 待命 | stopped, halted, stalled, 停机, 停运, 停止, 已停
net: online, reachable, 在线, 联网 | offline, unreachable, 离线, 掉线, 断网
force: active, enabled, in force, 有效, 启用, 生效, 激活 | inactive, disabled, deactivated, suspended, frozen, blocked, barred, banned, expired, lapsed, revoked, 停用, 禁用, 失效, 冻结, 封禁, 封停, 挂失, 过期, 吊销, 注销
test: passed, pass, passes, conforms, compliant, 通过, 合格, 达标, 及格, 过关 | failed, fail, fails, non-compliant, 未通过, 不通过, 没通过, 不合格, 不达标, 未达标, 不及格, 没过, 未过
stock: in stock, available, 有货, 现货, 有票, 有余 | sold out, out of stock, unavailable, 售罄, 缺货, 无货, 断货, 没货, 无票, 沽清
leave: approved, granted, 批准, 已批, 获批, 批了 | rejected, refused, denied, declined, 驳回, 拒绝, 被拒 | pending, awaiting, under review, in review, queued, 待审, 待批, 审核中, 审批中, 待处理, 排队, 待定
pace: early, ahead of schedule, ahead of time, 提前, 早到 | late, delayed, behind schedule, 晚点, 延误, 迟到, 误点, 延迟 | on time, on schedule, punctual, 准点, 准时, 正点, 按时
trend: rising, rose, rises, increasing, climbing, growing, 上升, 上涨, 上行, 回升, 走高, 增加 | falling, fell, falls, decreasing, declining, dropping, sinking, 下降, 下跌, 下行, 回落, 走低, 减少 | steady, stable, flat, unchanged, level, 平稳, 稳定, 持平, 不变
colour: red, 红色, 红灯, 红的 | amber, orange, 橙色, 橙灯 | yellow, 黄色, 黄灯 | green, 绿色, 绿灯 | blue, 蓝色, 蓝灯 | white, 白色 | black, 黑色 | grey, gray, silver, 灰色, 银色 | brown, 棕色 | pink, 粉色 | purple, violet, 紫色
way: delivered, 签收, 送达, 妥投 | in transit, on its way, on the way, en route, under way, out for delivery, on the van, 运输中, 在途, 途中, 派送中, 路上 | in depot, at depot, at the depot, in the depot, in warehouse, at the warehouse, 待发货, 未发货, 待揽收, 库房 | returned, sent back, 退回
right: allowed, permitted, 允许, 准许 | forbidden, prohibited, banned, 禁止, 不得, 不许, 不准, 不允许
sky: sunny, 晴 | rain, rainy, raining, wet, 小雨, 中雨, 大雨, 阵雨 | cloudy, overcast, 多云, 阴天 | snow, snowing, 小雪, 大雪
use: occupied, taken, 占用, 有人, 入住, 在住 | vacant, unoccupied, empty, 空闲, 空房, 空着, 无人, 空置
sure: confirmed, 已确认 | unconfirmed, tentative, provisional, waitlisted, on the waiting list, 未确认, 待确认, 没确认, 候补
seal: signed, 已签 | unsigned, 未签, 待签, 没签
post: read, 已读 | unread, 未读, 没读
sent: sent, 已发送, 已寄出 | unsent, draft, in draft, 未发, 草稿, 待发送, 待发
access: public, 公开 | restricted, confidential, private, 保密, 涉密, 不公开, 内部
attend: present, attended, showed up, 出席, 到场, 已到, 出勤, 到课 | absent, missed, no-show, no show, 缺席, 未到, 缺勤, 旷课, 没来, 缺课
reply: answered, replied, 已接, 接听, 已回复 | unanswered, 未接, 未回复, 没回复, 没回
health: normal, healthy, ok, okay, fine, nominal, intact, 正常, 良好, 完好 | abnormal, degraded, faulty, broken, unhealthy, damaged, defective, worn, weak, 异常, 故障, 损坏, 受损, 破损, 磨损, 告警, 报警
match: won, win, wins, 获胜, 赢了 | lost, lose, loses, 落败, 输了 | drew, draw, drawn, 平局, 打平
serum: positive, 阳性 | negative, 阴性
grave: critical, severe, 严重 | major | minor, slight, mild, 轻微, 轻度
hours: full-time, full time, 全职 | part-time, part time, 兼职
need: mandatory, required, compulsory, obligatory, 必修, 必填, 必须, 必需 | optional, voluntary, not required, 选修, 选填, 可选, 不需要, 自愿
term: permanent, indefinite, 永久, 长期 | temporary, fixed-term, 临时, 短期
bound: inbound, incoming, 入境, 进站, 流入 | outbound, outgoing, 出境, 出站, 流出
side: upstream, 上游 | downstream, 下游
done: complete, completed, finished, 完成, 已完成, 办结 | incomplete, unfinished, partial, partially, in progress, under way, skipped, 未完成, 没完成, 部分, 进行中, 跳过, 中断
life: alive, 存活 | dead, died, 死亡
risk: high risk, high-risk, 高风险, 高危 | medium risk, moderate risk, 中风险, 中危 | low risk, low-risk, 低风险, 低危
metal: gold, 金卡, 黄金会员 | silver, 银卡, 白银会员 | bronze, 铜卡 | platinum, 白金, 铂金 | diamond, 钻石
mode: automatic, auto, 自动 | manual, by hand, 手动, 人工
climate: cooling, 制冷 | heating, 制热, 供暖 | dehumidifying, 除湿 | ventilating, 送风
shift: day shift, early shift, 白班, 早班 | night shift, 夜班 | late shift, 晚班, 中班
pay: cash, 现金 | by card, credit card, debit card, 刷卡, 信用卡 | bank transfer, wire, 转账 | wechat, 微信 | alipay, 支付宝
place: window, 靠窗 | aisle, 过道, 靠过道
cabin: economy, 经济舱 | business class, 商务舱 | first class, 头等舱
coach: 二等座 | 一等座 | 商务座 | 硬座 | 硬卧 | 软卧
room: single, 单人间, 单人房 | double, 双人间, 双人房, 大床房 | twin, 双床房, 标间 | suite, 套房
rate: fixed, 固定 | variable, floating, 浮动
school: bachelor, bachelor's, 本科, 学士 | master, master's, 硕士 | doctorate, phd, 博士 | 大专, 专科
often: daily, every day, 每天, 每日 | weekly, every week, 每周 | fortnightly, every two weeks, 每两周, 隔周 | monthly, every month, 每月 | quarterly, every quarter, 每季度 | yearly, annually, every year, 每年
hand: left-hand, 左侧, 左边, 左手, 左眼, 左耳, 左膝 | right-hand, 右侧, 右边, 右手, 右眼, 右耳, 右膝
sex: male, 男性 | female, 女性
skill: beginner, beginners, 初级 | intermediate, 中级 | advanced, 高级
bred: vegetarian, 素食 | vegan, 纯素
tongue: english, 英语, 英文 | german, 德语, 德文 | french, 法语, 法文 | spanish, 西班牙语 | italian, 意大利语 | portuguese, 葡萄牙语 | dutch, 荷兰语 | russian, 俄语, 俄文 | japanese, 日语, 日文 | korean, 韩语, 韩文 | arabic, 阿拉伯语 | polish, 波兰语 | turkish, 土耳其语
sale: for sale, on sale, 在售, 在拍 | sold, 已售, 已售出, 成交 | withdrawn, 撤拍, 下架, 撤回 | reserved, 预订, 保留
wed: married, 已婚 | single, unmarried, 未婚 | divorced, 离异, 离婚 | widowed, 丧偶
gone: arrived, 到达, 抵达, 已到 | departed, 出发, 发出, 发车, 驶离, 已离开
stay: checked in, 已入住, 在住 | checked out, 已退房, 离店
soil: wet, damp, moist, 潮湿, 偏湿 | dry, 干燥, 偏干
clean: clean, cleaned, 干净, 已清洁 | dirty, soiled, contaminated, 脏, 污染
full: full, 满员, 已满, 满座 | half full, half empty, 半满 | empty, 空的
sound: silent, muted, 静音 | audible, loud
found: found, located, 找到, 寻获 | missing, lost, not found, 失踪, 失联, 未找到, 没找到
kept: kept, retained, 保留 | removed, deleted, erased, 删除, 清除, 移除
cover: insured, covered, 在保, 保内, 承保 | uninsured, not covered, 脱保, 过保, 保外, 不保
lit: lit, burning, switched on, turned on, 亮着, 点亮 | unlit, out, switched off, turned off, 熄灭, 灭了
due: in time, in date, 未过期, 未到期, 保质期内 | out of date, past its date, past due, 过期, 已到期
"""


def _table() -> dict[str, tuple[tuple[str, int], ...]]:
    found: dict[str, tuple[tuple[str, int], ...]] = {}
    for line in _KINDS.strip().splitlines():
        kind, _, states = line.partition(": ")
        for which, words in enumerate(states.split(" | ")):
            for word in words.split(", "):
                found[word] = (*found.get(word, ()), (kind, which))
    return found


_STATES = _table()
_WORDS = sorted(_STATES, key=len, reverse=True)
_ENGLISH = [word for word in _WORDS if word.isascii()]
_CHINESE = [word for word in _WORDS if not word.isascii() and len(word) > 1]
_FINDER = re.compile(
    rf"[{initials(_ENGLISH)}](?<![a-z\-].)(?:{after_initial(_ENGLISH)})(?![a-z\-])|"
    rf"[{initials(_CHINESE)}](?:{after_initial(_CHINESE)})"
)
_NAY = re.compile(
    r"(?:\b(?:not|never|no longer|cannot|nor|neither|no|nothing|none|nobody|without|isn't|aren't|wasn't|hasn't|didn't)|n['’]t)"
    r"(?: (?:yet|been|be|being|fully|quite|all|any|a|an|the|even|so|really|in|is|are|was|were|has|have))*\s*$|"
    r"(?:未|没有?|不|无|非|别|勿|免|不是|没被|未被|没能|未能|不能|不算|不再|不太|未见|并不|并非)[是被能经予得有]?$"
)
"""What stands before a state that is denied."""
_AHEAD = re.compile(
    r"\b(?:must|should|may|might|can|could|will|would|until|till|when|whenever|if|once|before|unless|after|to be|needs?|have to|has to|let|than|as soon as|"
    r"used to|yet|ever|whether|how|become|becomes|get|gets|going to|want\w*|ask\w*|plan\w*|stay|keep|remain|by (?:our|the|your) (?:rules?|policy))\b|['’](?:ll|d)\b|"
    r"\b(?:for|of|to)\s(?:the\s|an?\s)?$|"
    r"[要须若]|需|应[该当]|可[以能]|(?<!申)请(?!假)|等(?!级)|如果|[才再将想]|会(?!议|员)|能(?=[^够]?$)|[之以]前|之后|以后|是否|有没有|按|规定|原[来先]|曾|上次|最后|天前|当时|或",
)
"""What stands before a state that is not told of now: a wish, a duty, a time to come, a time gone by, another thing."""
_TELLS = re.compile(r"(?:了|中|着|状态|过|的?(?=\W|$))?(?![\u4e00-\u9fff])")
_TOLD = re.compile(r"(?:已经?|目前|现在|处于|是|为|都|均|全部?|仍|还|一直|正|在|被|刚|早|[:：])$")
_SAME_WORD = re.compile(
    r"\s?(?:[:=：]|is|was|是|为)?\s?0(?![.\d])|\s?(?:due|short|ill|out|behind|by|line|rate|limit|time|date|hours?)\b"
)
_PAIRED = frozenset(
    [
        "access",
        "clean",
        "cover",
        "debt",
        "done",
        "due",
        "force",
        "found",
        "gate",
        "kept",
        "life",
        "lit",
        "lock",
        "need",
        "net",
        "post",
        "seal",
        "sent",
        "serum",
        "soil",
        "stay",
        "stock",
        "sure",
        "test",
        "use",
    ]
)
"""The kinds whose first state is denied by the second."""
_BEFORE = 40


@lru_cache(maxsize=8192)
def told_states(text: str) -> frozenset[tuple[str, int]]:
    """The states that a clause in normal form tells as holding now, its negations turned round."""
    found: set[tuple[str, int]] = set()
    for match in _FINDER.finditer(text):
        before, end = text[max(0, match.start() - _BEFORE) : match.start()], match.end()
        if _AHEAD.search(before) or _SAME_WORD.match(text, end):
            continue
        word = match[0]
        told = word.isascii() or word[-1] == "着" or word[0] in "已未没不" or _TELLS.match(text, end) is not None
        if not told and not _TOLD.search(before):
            continue
        denied = _NAY.search(before) is not None
        found |= _meant(match[0], denied=denied)
    return frozenset(found)


def _meant(word: str, *, denied: bool) -> set[tuple[str, int]]:
    """The states that a word names; denied, those of two that exclude each other turned round."""
    if not denied:
        return set(_STATES[word])
    return {(kind, 1 - which) for kind, which in _STATES[word] if kind in _PAIRED and which < _OF_TWO}


@lru_cache(maxsize=8192)
def held_states(text: str) -> frozenset[tuple[str, int]]:
    """The states that a text of an observation in normal form names, a denied one as its opposite."""
    found: set[tuple[str, int]] = set()
    for match in _FINDER.finditer(text):
        denied = _NAY.search(text[max(0, match.start() - _BEFORE) : match.start()]) is not None
        found |= _meant(match[0], denied=denied)
    return frozenset(found)


def state_of_flag(label: str, *, so: bool) -> frozenset[tuple[str, int]]:
    """The state of a field that is called after a state and says whether it is so."""
    states = _STATES.get(label, ())
    if so:
        return frozenset(states)
    return frozenset((kind, 1 - which) for kind, which in states if kind in _PAIRED and which < _OF_TWO)


def state_of_value(value: str) -> frozenset[tuple[str, int]]:
    """The states that a whole short value stands for."""
    return frozenset(_STATES.get(value, ()))


_OF_TWO = 2
