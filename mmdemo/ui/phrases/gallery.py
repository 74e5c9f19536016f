"""Strings of the Gallery tab."""

Pair = tuple[str, str]

GALLERY: dict[str, Pair] = {
    "gallery.tab": ("Gallery", "找照片"),
    "gallery.lead": ("Which of many photos fit?", "许多照片里，哪几张对得上？"),
    "gallery.pick": ("Choose photos, or a zip of them", "选择多张照片，或一个 zip 压缩包"),
    "gallery.pick_hint": (
        "2 to {most} photos, or drop them here; a zip of at most {size} MB.",
        "2 到 {most} 张，也可以拖到这里；zip 不超过 {size} MB。",
    ),
    "gallery.private": (
        "Small copies are kept in memory for this visit only; no other visitor can see them. A reload begins anew, and"
        " about an hour after the last use they are deleted.",
        "只在内存里为这次访问保留缩小的副本，别的访客看不到；刷新页面就从头开始，最后一次使用约一小时后删除。",
    ),
    "gallery.sending": ("Sending {n} of {of} …", "正在上传第 {n} 个，共 {of} 个……"),
    "gallery.send_failed": ("The photos could not be sent. Please try again.", "照片没能传上来，请再试一次。"),
    "gallery.encoding": ("Reading photos: {n} of {of}", "正在读照片：{n} / {of}"),
    "gallery.stop": ("Stop", "停止"),
    "gallery.stopped": ("Stopped. The gallery is as it was.", "已停止，图库和原来一样。"),
    "gallery.examples": ("Use the examples", "用示例照片"),
    "gallery.here_own": ("{n} photos of yours are searched.", "正在您的 {n} 张照片里找。"),
    "gallery.here_examples": ("The {n} example photos are searched.", "正在 {n} 张示例照片里找。"),
    "gallery.skipped": ("{n} left out, and why", "跳过了 {n} 个，原因如下"),
    "gallery.by": ("Search by the page’s", "用什么来找"),
    "gallery.by_text": ("sentence", "句子"),
    "gallery.by_photo": ("photo", "照片"),
    "gallery.by_both": ("photo and sentence", "照片加句子"),
    "gallery.without": ("Less", "减去"),
    "gallery.without_hint": ("what it should be without, such as “snow”", "不想要的，比如“雪”"),
    "gallery.best": ("It fits best", "最匹配的一张"),
    "gallery.nearest": ("Nearest", "最接近的一张"),
    "gallery.nearest_said": ("Nearest: {name}", "最接近的是 {name}"),
    "gallery.none": ("None of these photos fits well", "这些照片里没有一张真正匹配"),
    "gallery.unsure": ("Cannot tell whether one fits", "拿不准有没有匹配的"),
    "gallery.like_said": ("Nearest to", "最像这一张的"),
    "gallery.why": ("Why this one", "为什么是它"),
    "gallery.why_alt": ("Why this one: {name}", "为什么是它：{name}"),
    "gallery.like": ("More like it", "找相似的"),
    "gallery.like_alt": ("More like it: {name}", "找相似的：{name}"),
    "gallery.more_hits": (
        "The first {shown} of {n}; the table has all of them.",
        "这里是前 {shown} 张，共 {n} 张，全部在下面的表里。",
    ),
    "gallery.rank": ("Re-rank the first ten", "给前十张重新排序"),
    "gallery.rank_hint": (
        "A second head reads the sentence word by word over each photo.",
        "另一个模型头会对着每张照片逐词读这句话。",
    ),
    "gallery.all": ("All {n} photos in order", "全部 {n} 张的顺序"),
    "gallery.rank_column": ("Rank", "名次"),
    "gallery.name": ("Photo", "照片"),
    "gallery.why_cosine": (
        "Each photo and each sentence is a vector; the cosine says how near two of them are. Near 0.3 is normal even for a"
        " photo and its own sentence; two photos are nearer, so compare only within one list.",
        "每张照片、每句话都是一个向量，余弦相似度说明两个向量有多近。照片和描述它的句子也常常只有 0.3 左右，"
        "两张照片之间会更高，所以只在同一个列表里比较。",
    ),
    "gallery.why_query": (
        "Photo and sentence together are half of each vector; what stands under “Less” is taken off with the same weight."
        " Whether the first photo fits is said of a sentence alone, by the match head’s measured bounds.",
        "照片加句子时，两个向量各占一半；“减去”里的内容按同样的权重减掉。只有单用句子找时，才按匹配头实测的界限说第一张匹不匹配。",
    ),
    "gallery.why_said": ("{name}: where “{text}” comes from", "{name}：“{text}”来自哪里"),
    "gallery.map_alt": ("Heat map over {name} for “{text}”", "{name} 上的热力图，对应“{text}”"),
    "gallery.against": ("against", "不像"),
    "gallery.for": ("for", "像"),
    "gallery.why_not_proof": (
        "The map explains the cosine. Whether it can be believed is tested on the tab Attention.",
        "这张图解释的是余弦相似度。它可不可信，可以在“注意力”页上测试。",
    ),
    "gallery.ranked": ("The first ten for “{text}”, read again", "“{text}”的前十张，重新读一遍"),
    "gallery.after": ("Now", "现在"),
    "gallery.before": ("Before", "之前"),
    "gallery.ranked_why": (
        "Two towers read photo and sentence apart, so a search takes one product. The cross-attention head reads both"
        " together and is slower; its probability says how likely the pair belongs together.",
        "两座塔分开读照片和句子，所以搜索只要一次乘法。交叉注意力头把两边放在一起读，慢一些；它的概率说明这一对有多可能匹配。",
    ),
    "gallery.ranked_measured": (
        "Do not take the new order for the better one: of {n} English captions of Flickr8k’s validation photos it puts"
        " the right photo first for {after}, the cosine for {before}.",
        "不要以为新顺序更好：在 Flickr8k 验证集的 {n} 句英文说明上，它把对的照片排第一的有 {after}，余弦相似度有 {before}。",
    ),
    "gallery.captions": ("Captions: find each other, recall, map", "配文：互相查找、召回率、平面图"),
    "gallery.captions_lead": (
        "Captions to search through. A CSV needs the column “caption”; with the column “photo” (the file’s name) it is"
        " measured how well photos and captions find each other.",
        "给出一批配文来查找。CSV 要有 caption 列；如果还有 photo 列（文件名），就能测出照片和配文互相找得有多准。",
    ),
    "gallery.lines": ("Captions, one a line", "配文，一行一句"),
    "gallery.lines_hint": ("a dog on a beach", "海边的一只狗"),
    "gallery.lines_button": ("Take these captions", "用这些配文"),
    "gallery.sheet": ("Choose a CSV with captions", "选择带配文的 CSV"),
    "gallery.sheet_hint": (
        "UTF-8 or GBK; columns caption and, if you like, photo",
        "UTF-8 或 GBK；要有 caption 列，可以有 photo 列",
    ),
    "gallery.captions_here": ("Captions here: {n}.", "现在有 {n} 句配文。"),
    "gallery.captions_dropped": (
        "{n} more were left out: empty, too long, or too many.",
        "另有 {n} 句没有用：是空的、太长，或太多了。",
    ),
    "gallery.strangers": ("Captions whose photo is not in the gallery: {n}.", "有 {n} 句配文写的照片不在图库里。"),
    "gallery.captions_near": ("Captions nearest to the page’s photo", "和页面上的照片最接近的配文"),
    "gallery.recall": ("How well they find each other", "互相找得有多准"),
    "gallery.direction": ("Direction", "方向"),
    "gallery.text_to_image": ("caption to photo", "以句找图"),
    "gallery.image_to_text": ("photo to caption", "以图找句"),
    "gallery.chance": ("a blind order", "随便排"),
    "gallery.median": ("Median rank", "名次中位数"),
    "gallery.queries": ("Queries", "查询数"),
    "gallery.recall_why": (
        "R@5 is the share of queries whose own photo, or caption, is among the first five. With few of them a blind order"
        " does well too.",
        "R@5 是自己的照片（或配文）排进前五的查询所占的比例。数量少的时候，随便排也会不错。",
    ),
    "gallery.matrix_heading": ("Photos against captions", "照片对配文"),
    "gallery.matrix": ("the first {n} photos and {k} captions", "前 {n} 张照片和 {k} 句配文"),
    "gallery.close": ("Close the modality gap", "消去模态间隙"),
    "gallery.close_why": (
        "The switch takes the mean of all photos off each photo, and the mean of all captions off each caption.",
        "打开上面的开关，每张照片会减去照片的平均，每句配文会减去配文的平均。",
    ),
    "gallery.map": ("Photos and captions on a plane (PCA)", "照片和配文的平面图（主成分）"),
    "gallery.photos": ("photos", "照片"),
    "gallery.texts": ("captions", "配文"),
    "gallery.flat_alt": (
        "Map of {n} photos and {k} captions. Their means lie {gap} apart; the plane keeps {explained} of the variance.",
        "{n} 张照片和 {k} 句配文的平面图。两边的平均相距 {gap}；平面保留了 {explained} 的方差。",
    ),
    "gallery.gap": (
        "Photos and captions lie in two clouds whose means are {gap} apart: the modality gap. The plane keeps {explained}"
        " of the variance.",
        "照片和配文各成一团，两团的平均相距 {gap}，这就是模态间隙。平面保留了 {explained} 的方差。",
    ),
    "gallery.gap_closed": (
        "The gap of {gap} between the means is taken away; a caption now lies nearer to its photo. The plane keeps"
        " {explained} of the variance.",
        "两团平均之间 {gap} 的间隙已经消去，配文和自己的照片靠近了。平面保留了 {explained} 的方差。",
    ),
}
