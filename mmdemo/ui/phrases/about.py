"""Strings of the tab About."""

Pair = tuple[str, str]

ABOUT: dict[str, Pair] = {
    "about.tab": ("About", "关于"),
    "about.lead": ("What runs here, how well it does, and where it fails", "这里运行哪些模型、效果如何、会在哪里出错"),
    "about.device": ("Runs on", "运行设备"),
    "about.latency": ("Last call", "上一次调用"),
    "about.no_call": ("none yet", "还没有"),
    "about.versions": ("Versions", "版本"),
    "about.network": ("Network", "网络"),
    "about.offline": ("never used", "完全不联网"),
    "about.online": ("not needed for these models", "这些模型不需要联网"),
    "about.privacy": (
        "Uploads are cleaned of location data before they are shown, deleted within an hour, and kept nowhere else; of a"
        " gallery small copies stay in memory until about an hour after their visitor last used it.",
        "上传的照片会先去掉位置信息再显示，一小时内删除，不会另外保存；图库的缩小副本只在内存里，上传者最后一次使用约一小时后删除。",
    ),
    "about.memory": (
        "Memory holds all models, what was read of the last 64 photos and 1,024 texts, the last eight photos for a few minutes,"
        " at most 500 open pages, and at most 128 MB of visitors’ galleries in each language.",
        "内存里只有：所有模型、最近 64 张照片和 1024 段文字的读取结果、最近 8 张照片（几分钟）、最多 500 个打开的页面，"
        "以及访客的图库（每种语言的页面最多 128 MB）。",
    ),
    "about.limits": (
        "These are small networks, trained on everyday photos in a few hours so that everyone can run them. They misread"
        " counts, negation, writing inside pictures and anything far from daily life. Do not use them to decide about people.",
        "这些都是小网络，用日常照片训练了几个小时，为的是人人都能跑。它们数不清个数，读不懂否定，认不出图里的字，"
        "离日常生活远的画面也会看错。不要用它们来评判人。",
    ),
    "about.programs": (
        "Programs can ask too, at /match, /sentiment, /attention, /faithfulness, /compare, /ledger, /reconstruct,"
        " /caption, /answer and /search; the link at the foot of this page shows how.",
        "程序也可以调用 /match、/sentiment、/attention、/faithfulness、/compare、/ledger、/reconstruct、/caption、/answer 和 /search，"
        "写法见英文页面底部的链接。",
    ),
    "about.items": ("{n} entries", "共 {n} 项"),
    "about.models": ("Models", "模型"),
    "about.none": ("No model card was found.", "没有找到模型卡片。"),
    "about.match": ("Does it fit?", "是否匹配？"),
    "about.match_lead": (
        "Asked how well a sentence fits a photo: one compares two vectors, one reads word by word.",
        "问一句话和一张照片是否匹配：一个比较两个向量，一个逐词去看。",
    ),
    "about.feeling": ("What feeling?", "什么情绪？"),
    "about.feeling_lead": (
        "Asked for the feeling of the photo, of the sentence, and of both together.",
        "问照片、句子、合起来各是什么情绪。",
    ),
    "about.caption": ("What does it show?", "图里有什么？"),
    "about.caption_lead": (
        "Asked to say in a sentence what a photo shows, in English or Chinese.",
        "问照片里有什么，用一句中文或英文回答。",
    ),
    "about.question": ("Questions about a photo", "看图答问题"),
    "about.question_lead": (
        "Asked a question about a photo, with the photo and without it.",
        "就一张照片提问：看着照片答一遍，不看照片再答一遍。",
    ),
    "about.fusion": ("Both sides joined", "把两边合起来"),
    "about.fusion_lead": (
        "Ten ways of joining a photo and a sentence, and what to do when one of them is missing.",
        "把照片和句子合起来的十种办法，以及缺了一边怎么办。",
    ),
    "about.autoencoder": ("Both sides rebuilt", "把两边还原出来"),
    "about.autoencoder_lead": (
        "Asked for nothing but to give back what it was given, through a narrow code.",
        "不问别的，只要求通过一个窄窄的编码，把看到的还原出来。",
    ),
    "about.systems": ("Whole systems of their time", "各个年代的整套系统"),
    "about.systems_lead": (
        "What the tutorials build, rebuilt and trained here: they are the years of the time machine in Fusion.",
        "教程里搭的整套系统，在这里重新实现、重新训练；“融合”页的时光机里就是它们。",
    ),
    "about.doubt": ("Can the answer be believed?", "答案可信吗？"),
    "about.doubt_lead": (
        "Asked before every answer whether the text can be read at all and whether the picture is like a photo.",
        "每次回答之前先问：这句话读得懂吗？这张图像照片吗？",
    ),
    "about.towers": ("Towers that the others stand on", "其他模型脚下的塔"),
    "about.towers_lead": (
        "Each reads one side only and answers nothing itself; the models above go on from what it says.",
        "每座塔只读一边，自己不回答问题；上面的模型都从它给出的结果往下算。",
    ),
    "about.hub": ("From the Hub, when somebody asks", "可以从 Hub 下载的模型"),
    "about.hub_lead": (
        "Larger models of other makers; nothing of them is fetched before somebody asks. Their figures are their makers’"
        " own, and were not measured here.",
        "别人训练的更大的模型，有人要才会下载。成绩是原作者公布的，没有在这里测过。",
    ),
    "about.state_missing": ("not on this machine yet", "还不在这台机器上"),
    "about.state_fetching": ("on its way", "正在下载"),
    "about.state_here": ("on this machine", "已在这台机器上"),
    "about.state_not_offered": ("not offered here", "这里不提供"),
    "about.state_memory": (
        "not offered here: it needs more memory than models may take",
        "这里不提供：需要的内存超过上限",
    ),
    "about.repository": ("Repository", "仓库"),
    "about.revision": ("Revision", "版本"),
    "about.size": ("Size", "大小"),
    "about.languages": ("Languages", "语言"),
    "about.fetch": ("Fetch it", "下载命令"),
    "about.published": ("Figures of its makers", "原作者公布的成绩"),
    "about.source": ("Source", "出处"),
    "about.files": ("Its files", "文件"),
    "about.file": ("File", "文件名"),
    "about.standing": ("Which model stands on which tower", "哪个模型站在哪座塔上"),
    "about.standing_lead": (
        "Left, what reads the photo; right, what reads the sentence; between them, the models that learn from"
        " both. Where no line arrives, a model reads that side by itself.",
        "左边的塔读照片，右边的塔读句子，中间是在它们之上学习的模型。没有连线的那一边，由模型自己来读。",
    ),
    "about.standing_alt": (
        "Photo and sentence towers, and the models between them. {lines}",
        "照片塔、句子塔和站在上面的模型。{lines}",
    ),
    "about.standing_line": (
        "{model}: photo by {photo}, sentence by {sentence}.",
        "{model}：照片用 {photo}，句子用 {sentence}。",
    ),
    "about.standing_table": ("The same as a table", "同样的内容，列成表"),
    "about.standing_model": ("Model", "模型"),
    "about.standing_photo": ("Photo read by", "读照片的"),
    "about.speed": ("How fast it is", "有多快"),
    "about.speed_lead": (
        "Ratios of two times measured in turns on one machine, so that they hold on others too: the median, and in"
        " brackets the quartiles. “python -m mmdemo.benchmark” measures them again.",
        "都是同一台机器上轮流测得的两个时间之比，换一台机器也有参考价值：先写中位数，括号里是上下四分位数。"
        "运行 python -m mmdemo.benchmark 可以重新测量。",
    ),
    "about.speed_source": (
        "{processor}, {cores} cores, {device}, torch {torch}, threads: {threads}, {dtype}; {date}, seed {seed}.",
        "{processor}，{cores} 核，{device}，torch {torch}，线程数 {threads}，{dtype}；{date}，随机种子 {seed}。",
    ),
    "about.speed_table": ("All figures", "全部数据"),
    "about.speed_quartiles": ("{middle} ({low} to {high})", "{middle}（{low} 到 {high}）"),
    "about.speed_met": ("{goal}, met", "{goal}，达到"),
    "about.speed_missed": ("{goal}, missed", "{goal}，未达到"),
    "about.what": ("What", "内容"),
    "about.ratio": ("Ratio", "比值"),
    "about.goal": ("Goal", "目标"),
    "about.a_second_in_turn": ("Answers a second, one after another", "逐个提问每秒回答数"),
    "about.a_second_at_once": ("At once", "同时提问每秒回答数"),
    "about.p50_ms": ("Median wait, ms", "等待时间中位数（毫秒）"),
    "about.p95_ms": ("95 % wait less, ms", "95% 的等待不超过（毫秒）"),
    "about.errors": ("Errors", "出错"),
    "about.wrong": ("Wrong answers", "答错"),
    "about.standing_sentence": ("Sentence read by", "读句子的"),
    "about.no_tower": ("itself", "自己的网络"),
    "about.pixels": ("Plain pixels", "原始像素"),
    "about.measured": ("Measured", "怎么测的"),
    "about.photo_sources": ("Sources of the photos", "照片来源"),
    "about.calibration": ("Calibration", "校准"),
    "about.findings": ("What it shows", "看得出什么"),
    "about.figures": ("Its figures", "它的成绩"),
    "about.architecture": ("Architecture", "结构"),
    "about.papers": ("Idea from", "思路出自"),
    "about.parameters": ("Parameters", "参数量"),
    "about.trained_on": ("Trained on", "训练数据"),
    "about.licences": ("Licences", "许可"),
    "about.known_failures": ("Known failures", "已知缺陷"),
    "about.recipe": ("Recipe", "训练命令"),
    "about.explained": ("How well each way of explaining it does", "各种解释方法的成绩"),
    "about.explained_note": (
        "Deletion: the area under the answer while the map’s brightest places are blurred away one after the other, minus"
        " that of a random map or of a blob in the middle; a true map is below zero. Insertion gives them back; a true"
        " map is above zero. In brackets the 95 % interval. Own half: of two photos side by side, the map lies on the"
        " one that the sentence describes. Peak in box: the map’s peak is on that photo, pasted small anywhere on"
        " another; in brackets, how often the middle of the picture would be.",
        "删除：按图从最亮处开始一块块模糊，看答案怎么降；数值是曲线下的面积减去随机图、中央光斑的面积，真正有用的图应小于零。"
        "插入：反过来一块块还原，应大于零。方括号里是 95% 置信区间。落在正确一侧：两张照片并排，图落在句子所说的那一张上。"
        "峰值在框内：把那张照片缩小贴在另一张的任意位置，图的最高点落在它上面；括号里是画面正中碰巧落在里面的比例。",
    ),
    "about.explained_source": (
        "{pairs} photos of {dataset}, {split}, seed {seed}, {date}; occlusion fewer.",
        "{dataset} {split} 的 {pairs} 张照片，随机种子 {seed}，{date}；遮挡法用得少一些。",
    ),
    "about.method": ("Method", "方法"),
    "about.deletion_minus_random": ("Deletion − random", "删除 − 随机"),
    "about.deletion_minus_centre": ("Deletion − middle", "删除 − 中央"),
    "about.insertion_minus_random": ("Insertion − random", "插入 − 随机"),
    "about.insertion_minus_centre": ("Insertion − middle", "插入 − 中央"),
    "about.own_half": ("Own half", "落在正确一侧"),
    "about.box_hit": ("Peak in box", "峰值在框内"),
    "about.milliseconds": ("ms", "毫秒"),
    "about.mb": ("Extra MB", "额外内存 MB"),
    "about.random": ("random map", "随机图"),
    "about.centre": ("blob in the middle", "中央光斑"),
    "about.metric": ("Metric", "指标"),
    "about.value": ("Value", "数值"),
    "about.dataset": ("Data set", "数据集"),
    "about.split": ("Split", "划分"),
    "about.n": ("n", "数量"),
    "about.seed": ("Seed", "随机种子"),
    "about.date": ("Date", "日期"),
}
