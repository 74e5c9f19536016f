"""What every row of the benchmark compares with what, in both languages, and the goal it was given.

"x of y" means x divided by y. Read next: `rows.py`, `table.py`.
"""

from typing import NamedTuple


class Name(NamedTuple):
    """Of one row.

    Args:
        en, zh: what is divided by what.
        goal: of the median; None where it only stands for comparison.
        at_least: whether the ratio should reach the goal instead of staying under it.
        short: whether it stands in README too.
    """

    en: str
    zh: str
    goal: float | None = None
    at_least: bool = False
    short: bool = False


BEYOND = (
    "time outside the engine's method, of a whole call of an empty gradio endpoint, the same photo uploaded to both"
)
BEYOND_ZH = "引擎计算以外的用时 ÷ 空 gradio 接口一次完整调用的用时（两边上传同样的照片）"
NAMES: dict[str, Name] = {
    "forward_text": Name("Text tower, one text, of the image tower, one photo", "文字塔读一句 ÷ 图像塔看一张"),
    "forward_ten_texts": Name("Text tower, ten texts in a batch, of the image tower", "文字塔一批读十句 ÷ 图像塔看一张"),
    "match_cold": Name(
        "engine.match, new photo and ten new texts, of both bare forwards",
        "engine.match：新照片加十句新文字 ÷ 两座塔单独计算",
    ),
    "match_new_photo": Name(
        "engine.match, new photo, ten known texts, of the bare image forward",
        "engine.match：新照片加十句已知文字 ÷ 图像塔单独计算",
        1.2, short=True,
    ),
    "match_new_text": Name(
        "engine.match, known photo, one new text of ten, of the bare text forward",
        "engine.match：已知照片，十句里有一句是新的 ÷ 文字塔单独计算",
    ),
    "match_warm": Name(
        "engine.match, known photo, ten known texts, of the bare image forward",
        "engine.match：照片和十句文字都已知 ÷ 图像塔单独计算",
        short=True,
    ),
    "page_empty": Name(
        "An empty gradio endpoint: upload, queue, answer {} (the floor of the rows below)",
        "空的 gradio 接口：上传、排队、返回 {}（下面各行的基准）",
    ),
    **{
        f"page_{name}": Name(f"/{name}: {BEYOND}", f"/{name}：{BEYOND_ZH}", 1.5)
        for name in
        ("match", "sentiment", "attention", "compare", "ledger", "reconstruct", "caption", "answer", "search")
    },
    "page_mean": Name(f"Mean of the nine endpoints: {BEYOND}", f"九个接口的平均：{BEYOND_ZH}", 1.5, short=True),
    "pipeline_repeated": Name(
        "CLIP ViT-B/32 with ten labels, known photo and labels, of transformers' zero-shot pipeline",
        "CLIP ViT-B/32 配十个标签，照片和标签都已知 ÷ transformers 的零样本流水线",
        0.4, short=True,
    ),
    "pipeline_new_labels": Name(
        "The same with new labels, of the pipeline", "同上，标签是新的 ÷ 流水线", 1.05
    ),
    "pipeline_new_photo": Name(
        "The same with a new photo, of the pipeline", "同上，照片是新的 ÷ 流水线", 1.05, short=True
    ),
    "gradcam": Name(
        "Grad-CAM of one text on our tower, of the package grad-cam", "在同一座塔上做 Grad-CAM ÷ grad-cam 软件包", short=True
    ),
    "index": Name(
        "engine.index, 64 photos, of a plain DataLoader and encoder loop as in clip-retrieval",
        "engine.index 读 64 张照片 ÷ 像 clip-retrieval 那样的 DataLoader 加编码循环",
        short=True,
    ),
    "differ_1": Name(
        "1 visitor in a thread, times as fast as without", "1 位访客（单独线程）是直接提问的几倍快"
    ),
    "differ_8": Name(
        "8 visitors at once, different photos, times as fast as one after another",
        "8 位访客同时提问，照片各不相同，是逐个提问的几倍快",
    ),
    "differ_32": Name(
        "32 visitors at once, different photos, times as fast as one after another",
        "32 位访客同时提问，照片各不相同，是逐个提问的几倍快",
        3.0, True, True,
    ),
    "differ_64": Name(
        "64 visitors at once, different photos, times as fast as one after another",
        "64 位访客同时提问，照片各不相同，是逐个提问的几倍快",
    ),
    "repeat_1": Name(
        "1 visitor in a thread, a photo of four, times as fast as without", "1 位访客（单独线程），四张照片之一，是直接提问的几倍快"
    ),
    "repeat_8": Name(
        "8 visitors at once, four photos among them, times as fast as one after another",
        "8 位访客同时提问，共四张照片，是逐个提问的几倍快",
    ),
    "repeat_32": Name(
        "32 visitors at once, four photos among them, times as fast as one after another, each photo kept",
        "32 位访客同时提问，共四张照片，是逐个提问（照片读过即保留）的几倍快",
    ),
    "repeat_64": Name(
        "64 visitors at once, four photos among them, times as fast as one after another, each photo kept",
        "64 位访客同时提问，共四张照片，是逐个提问（照片读过即保留）的几倍快",
    ),
    "anew_32": Name(
        "32 visitors at once, four photos among them, times as fast as one after another, each read anew",
        "32 位访客同时提问，共四张照片，是逐个提问（每次重新读图）的几倍快",
        6.0, True, True,
    ),
    "more_than_32": Name(
        "Answers a second of 64 visitors at once, of 32, different photos", "64 位访客每秒的回答数 ÷ 32 位访客，照片各不相同",
        1.0, True, True,
    ),
    "memory": Name(
        "Memory kept after 2,000 calls, of that after 1,000", "2000 次调用后占用的内存 ÷ 1000 次调用后", 1.01, short=True
    ),
    "start_page": Name(
        "From nothing to the first page, of importing gradio, torch and transformers",
        "从启动到第一个页面 ÷ 只导入 gradio、torch 和 transformers",
        1.2, short=True,
    ),
    "start_answer": Name(
        "From nothing to the first answer of /match, of the same imports", "从启动到 /match 的第一个回答 ÷ 同样的导入", 1.5,
        short=True,
    ),
}  # fmt: skip
