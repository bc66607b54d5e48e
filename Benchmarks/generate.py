#!/usr/bin/env python3
"""Writes synthetic articles, one JSON object a line, for `newsrpc-cli import`. The same seed gives the same bytes.

  generate.py COUNT [--seed N] [--from DAY] [--to DAY] [--body-bytes N] [--pool N] [--in-order]

The texts are Chinese words in random order: they have the lengths, the bytes and the dates of news, and no meaning.
Every article says so, in its source and by the label "synthetic". Dates lie between --from and --to, the days evenly:
one article of each day, then the next of each, or with --in-order all of the first day, then all of the second.

With --body-bytes every body has exactly so many bytes and every other field the same length in every article, so that
all messages are equally long but for the sizes of a few numbers; times are whole seconds and no two are equal. Without
it, lengths and precisions vary as they do on news sites. With --pool the bodies are taken from so many, which is ten
times as fast; titles, dates and all else are each article's own.
"""
import argparse
import datetime
import json
import random
import sys

WORDS = (
    "发展 改革 城市 经济 企业 市场 工作 项目 建设 服务 政策 社会 管理 技术 生产 质量 安全 环境 教育 文化 健康 医疗 "
    "农业 工业 科技 创新 投资 消费 贸易 金融 交通 能源 生态 水利 旅游 体育 人才 就业 养老 住房 社区 乡村 街道 学校 "
    "医院 图书馆 博物馆 实验室 高速公路 铁路 机场 港口 推进 提升 加强 完善 实施 开展 落实 促进 保障 支持 举办 召开 "
    "发布 启动 完成 验收 公布 介绍 表示 指出 认为 强调 今年 去年 近日 目前 下一步 持续 全面 进一步 重点 有效 明显 "
    "稳步 扎实 深入 广泛 首个 多个 全国 全省 全市 地区 基层 群众 居民 专家 记者 负责人 工作人员 志愿者 代表 机构 "
    "部门 单位 团队 平台 体系 机制 标准 规划 方案 措施 成效 经验 数据 报告 活动 会议 论坛 展览 培训 比赛 调研"
).split()
CHANNELS = ["要闻", "国际", "财经", "科技", "教育", "健康", "体育", "文化"]
SOURCES = ["合成新闻社", "合成日报社", "合成晚报社", "合成广播台", "合成电视台"]
SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗"
ZONE = datetime.timezone(datetime.timedelta(hours=8))


class Writer:
    """Makes text of a wanted length."""

    def __init__(self, seed):
        self.random = random.Random(seed)

    def characters(self, count):
        """A run of words, cut to exactly `count` characters."""
        text = ""
        while len(text) < count:
            text += self.random.choice(WORDS)
        return text[:count]

    def sentence(self):
        clauses = [self.characters(self.random.randint(6, 22)) for _ in range(self.random.randint(1, 4))]
        return ",".join(clauses) + "。"

    def paragraph(self, length):
        text = ""
        while len(text) < length:
            text += self.sentence()
        return text

    def body(self, length):
        paragraphs, total = [], 0
        while total < length:
            paragraphs.append(self.paragraph(self.random.randint(60, 260)))
            total += len(paragraphs[-1])
        return "\n\n".join(paragraphs)

    def exact_body(self, byte_count):
        """A body of so many bytes in UTF-8: cut, then filled up with full stops."""
        cut = self.body(byte_count // 3 + 1).encode()[:byte_count].decode(errors="ignore").rstrip("\n")
        return cut + "." * (byte_count - len(cut.encode()))

    def person(self):
        return self.random.choice(SURNAMES) + self.characters(2)


def uniform(writer, number, moment, body_bytes):
    """An article like all others in the length of its fields."""
    return {
        "title": "%s%06d" % (writer.characters(14), number),
        "excerpt": writer.characters(40) + "。",
        "publishTime": moment.isoformat(),
        "publishTimePrecision": "SECOND",
        "channel": writer.random.choice(CHANNELS),
        "source": writer.random.choice(SOURCES),
        "editor": writer.person(),
        "stats": {"viewCount": writer.random.randint(1000, 9999)},
        "languageCode": "zh-Hans",
        "labels": ["synthetic"],
        "body": writer.exact_body(body_bytes),
    }


def various(writer, number, moment, pool):
    """An article as news sites have them."""
    random = writer.random
    precision = random.choices(["DAY", "MINUTE", "SECOND"], [60, 35, 5])[0]
    if precision == "DAY":
        moment = moment.replace(hour=0, minute=0, second=0)
    elif precision == "MINUTE":
        moment = moment.replace(second=0)
    article = {
        "title": "%s(%d)" % (writer.characters(random.randint(12, 30)), number),
        "publishTime": moment.isoformat(),
        "publishTimePrecision": precision,
        "channel": random.choice(CHANNELS),
        "source": random.choice(SOURCES),
        "languageCode": "zh-Hans",
        "labels": ["synthetic"],
        "body": random.choice(pool) if pool else various_body(writer),
    }
    if random.random() < 0.5:
        article["editor"] = writer.person()
    if random.random() < 0.3:
        article["byline"] = {"reporters": [writer.person()]}
    if random.random() < 0.8:
        article["stats"] = {"viewCount": int(random.lognormvariate(5, 1.5)), "commentCount": random.randint(0, 9)}
    return article


def various_body(writer):
    """Median 650 characters, one in twenty above 2,000."""
    return writer.body(min(20000, int(writer.random.lognormvariate(6.5, 0.7))))


def day(text):
    return datetime.datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=ZONE)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("count", type=int)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--from", dest="start", type=day, default=day("2022-01-01"))
    parser.add_argument("--to", type=day, default=day("2026-10-31"), help="the last day")
    parser.add_argument("--body-bytes", type=int)
    parser.add_argument("--pool", type=int, default=0)
    parser.add_argument("--in-order", action="store_true")
    arguments = parser.parse_args()
    days = (arguments.to - arguments.start).days + 1
    writer = Writer(arguments.seed)
    pool = [various_body(writer) for _ in range(arguments.pool)]
    for number in range(arguments.count):
        # Each day has its share; within it, a second that no other article of the day has.
        if arguments.in_order:
            index = number * days // arguments.count
            place = number + index * -arguments.count // days
        else:
            place, index = divmod(number, days)
        moment = arguments.start + datetime.timedelta(days=index, seconds=37 * place % 86400)
        if arguments.body_bytes:
            article = uniform(writer, number, moment, arguments.body_bytes)
        else:
            article = various(writer, number, moment, pool)
        sys.stdout.write(json.dumps(article, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
