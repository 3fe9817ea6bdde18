"""Harmless text for variants, English and Chinese, each with the words of its field: it is used where none occurs."""

from __future__ import annotations

from typing import Any, Literal

Language = Literal["en", "zh"]


def _tool(name: str, description: str, **members: dict[str, Any]) -> dict[str, Any]:
    parameters = {
        "type": "object",
        "properties": members,
        "required": list(members)[:1],
        "additionalProperties": False,
    }
    return {"type": "function", "function": {"name": name, "description": description, "parameters": parameters}}


_TEXT, _COUNT = {"type": "string"}, {"type": "integer", "minimum": 1}
DISTRACTORS: tuple[tuple[tuple[str, ...], dict[str, Any]], ...] = (
    (
        ("piano", "pianos", "tune", "tuning", "instrument", "music", "钢琴", "调音", "乐器"),
        _tool("tune_piano", "Book the tuner for one of the practice-room pianos.", piano=_TEXT, pitch_hz=_COUNT),
    ),
    (
        ("tide", "tides", "harbour", "harbor", "port", "sea", "潮", "港", "海"),
        _tool("get_tide_table", "Times of high and low water at a harbour.", harbour=_TEXT, day=_TEXT),
    ),
    (
        ("telescope", "observatory", "star", "stars", "planet", "望远镜", "天文", "星"),
        _tool("point_telescope", "Point the observatory's telescope at an object in the sky.", object=_TEXT),
    ),
    (
        ("choir", "singer", "voice", "concert", "song", "合唱", "歌", "演唱"),
        _tool("seat_choir_singer", "Assign a singer of the choir to a row.", singer=_TEXT, row=_COUNT),
    ),
    (
        ("bee", "bees", "hive", "honey", "beekeeper", "蜂", "蜜"),
        _tool("weigh_beehive", "Read the scale below a beehive.", hive=_TEXT),
    ),
    (
        ("loom", "weave", "weaving", "yarn", "textile", "织", "纱", "布"),
        _tool("set_loom_pattern", "Load a weaving pattern into a loom.", loom=_TEXT, pattern=_TEXT),
    ),
    (
        ("greenhouse", "plant", "plants", "tomato", "seed", "seeds", "irrigation", "温室", "番茄", "种子", "浇"),
        _tool("water_seedlings", "Water one bench of seedlings in the greenhouse.", bench=_TEXT, litres=_COUNT),
    ),
    (
        ("chess", "game", "player", "opening", "棋", "对局"),
        _tool("suggest_chess_opening", "Name a chess opening for a style of play.", style=_TEXT),
    ),
    (
        ("ski", "slope", "slopes", "lift", "snow", "滑雪", "雪", "缆车"),
        _tool("groom_ski_slope", "Send the snow groomer to a slope tonight.", slope=_TEXT),
    ),
    (
        ("bread", "dough", "bakery", "oven", "flour", "面包", "面团", "烤"),
        _tool("proof_dough", "Set the proofing cabinet of the bakery.", hours=_COUNT, humidity=_COUNT),
    ),
    (
        ("fossil", "museum", "exhibit", "visitor", "化石", "博物馆", "展"),
        _tool("relabel_exhibit", "Print a new label for an exhibit of the museum.", exhibit=_TEXT, text=_TEXT),
    ),
    (
        ("crossword", "puzzle", "riddle", "字谜", "谜"),
        _tool("draw_crossword", "Draw the grid of a crossword.", width=_COUNT, height=_COUNT),
    ),
)
"""Tools of far-off fields, each with the words, English and Chinese, at which it is left out."""

FORMALITIES: tuple[tuple[str, str], ...] = (
    ("", "Part of the public interface, version 2."),
    ("", "Needs no set-up before its first use."),
    ("", "Unknown fields in the answer are to be ignored."),
    ("Stable operation.", "See the reference for the list of fields that are returned."),
    ("Stable operation.", "Maintained by the integration team."),
)
"""What stands before and after a tool's description."""

FRAGMENTS: tuple[tuple[tuple[str, ...], dict[Language, str]], ...] = (
    (
        ("canteen", "lunch", "menu", "food", "meal", "食堂", "午餐", "菜", "餐"),
        {
            "en": "Canteen notes. Soup is served from half past eleven; the salad bar stays open until two. "
            "Trays go back to the shelf beside the door.",
            "zh": "食堂须知。汤从十一点半开始供应，沙拉台开放到两点。用餐后请把托盘放回门边的架子。",
        },
    ),
    (
        ("bicycle", "bike", "bikes", "parking", "garage", "自行车", "停车", "车库"),
        {
            "en": "Bicycle cellar. The racks on the left are for the first floor, those on the right for visitors. "
            "Frames without a sticker are moved at the end of the quarter.",
            "zh": "自行车棚说明。左侧车架供一层使用，右侧供访客使用。没有贴标签的车辆会在季度末移走。",
        },
    ),
    (
        ("choir", "singing", "rehearsal", "concert", "合唱", "排练", "演出"),
        {
            "en": "Company choir. Rehearsals take place in the large hall, basses sit by the window. "
            "Newcomers are welcome and need not read notes.",
            "zh": "员工合唱团。排练在大厅进行，低声部坐在靠窗一侧。欢迎新成员，不需要会识谱。",
        },
    ),
    (
        ("plant", "plants", "watering", "flower", "flowers", "绿植", "浇水", "花", "植物"),
        {
            "en": "Office plants. The tall ferns like shade and are watered by the gardeners; please do not move pots "
            "onto the radiators.",
            "zh": "办公室绿植。高的蕨类喜阴，由园艺人员负责浇水；请不要把花盆放在暖气上。",
        },
    ),
    (
        ("library", "book", "books", "shelf", "reading", "图书", "书", "阅读", "借"),
        {
            "en": "Reading corner. Novels stand by author and travel guides by continent. "
            "A borrowed volume may be kept until the next person asks for it.",
            "zh": "阅读角。小说按作者排列，旅行指南按大洲排列。借走的书可以一直保留到有人想看为止。",
        },
    ),
    (
        ("table tennis", "tournament", "sport", "sports", "racket", "乒乓", "比赛", "球拍", "运动"),
        {
            "en": "Table tennis. Rackets hang beside the kitchen. Whoever loses fetches the balls from under the sofa.",
            "zh": "乒乓球。球拍挂在茶水间旁边。输的一方负责把沙发底下的球捡回来。",
        },
    ),
)
"""What a retrieval might return beside the point, each with the words at which it is left out."""

RETRIEVED: dict[Language, str] = {
    "en": "Retrieved fragments (they may have nothing to do with the request):",
    "zh": "检索到的片段（可能与请求无关）：",
}

SMALL_TALK: dict[Language, tuple[tuple[str, str], ...]] = {
    "en": (
        ("Good morning!", "Good morning! I am here whenever you need something."),
        ("How are you today?", "I am well, thank you for asking. I hope you are too."),
        ("I still need my coffee before anything else.", "Take your time and enjoy it. I will be here."),
        ("It is so quiet around here at this hour.", "Quiet hours have their charm. Tell me when you want to begin."),
        ("Nice to be back after the long weekend.", "Welcome back! It is good to have you here again."),
        ("My chair squeaks like a rusty gate.", "That sounds distracting. I hope it gives you some peace soon."),
    ),
    "zh": (
        ("早上好！", "早上好！有需要的话随时告诉我。"),
        ("你今天怎么样？", "我很好，谢谢关心，希望你也一切顺利。"),
        ("我得先喝口咖啡缓一缓。", "慢慢来，不着急，我一直在。"),
        ("这个点儿周围可真安静。", "安静的时候也挺好的。准备好了就告诉我。"),
        ("放完长假回来，感觉还不错。", "欢迎回来！很高兴又见到你。"),
        ("我的椅子一直吱呀吱呀响。", "听起来有点烦人，希望它能安静一会儿。"),
    ),
}
"""What is said before the matter in hand, and the answer to it, in which nothing is claimed."""

GREETINGS: dict[Language, tuple[str, ...]] = {
    "en": (
        "I hope your day is going well.",
        "It is good to have you here.",
        "I do appreciate your patience with me.",
        "Thank you for being there.",
    ),
    "zh": ("辛苦你了。", "非常感谢你一直在。", "希望你今天一切顺利。", "有你在真好。"),
}
"""Politeness that asks for nothing."""

HURRIES: dict[Language, tuple[str, ...]] = {
    "en": ("I am in a bit of a rush today.", "There is not much time today.", "I am on the go."),
    "zh": ("我今天有点赶时间。", "时间有点紧。", "我人在路上。"),
}
"""Haste that asks for nothing else."""
