"""The sentence of every error that a visitor can meet, by its code."""

Pair = tuple[str, str]

ERRORS: dict[str, Pair] = {
    "image_missing": ("There is no photo. Upload one or pick an example.", "还没有照片。请上传一张，或选一个例子。"),
    "image_empty": ("This file is empty (0 bytes). Choose another photo.", "这个文件是空的（0 字节）。请换一张照片。"),
    "image_not_picture": (
        "This file is not a picture. JPEG, PNG, WebP, GIF, BMP, TIFF, PPM and ICO can be read.",
        "这个文件不是图片。可以读 JPEG、PNG、WebP、GIF、BMP、TIFF、PPM 和 ICO。",
    ),
    "image_not_uploaded": (
        "Upload the photo first: only a file that was uploaded here can be read.",
        "请先上传照片：这里只读上传过的文件。",
    ),
    "image_unread_kind": (
        "{kind} is not read here. Save the picture as JPEG or PNG first.",
        "这里读不了 {kind} 图片。请先另存为 JPEG 或 PNG。",
    ),
    "image_too_much_work": (
        "This picture is stored in far too many steps to be read. Save it again as JPEG or PNG.",
        "这张图片的存储步骤太多，读不了。请重新另存为 JPEG 或 PNG。",
    ),
    "image_too_slow": (
        "Reading this picture took too long. Save it smaller, as JPEG or PNG.",
        "读这张图片花的时间太长。请缩小后存为 JPEG 或 PNG。",
    ),
    "image_damaged": (
        "This picture is damaged or cut off. Save it again or choose another one.",
        "这张图片已损坏或不完整。请重新保存，或换一张。",
    ),
    "image_heic": (
        "HEIC photos cannot be read here. Save it as JPEG or PNG first.",
        "这里读不了 HEIC 照片。请先另存为 JPEG 或 PNG。",
    ),
    "image_svg": (
        "SVG drawings cannot be read here. Export it as PNG or JPEG first.",
        "这里读不了 SVG 图形。请先导出为 PNG 或 JPEG。",
    ),
    "image_too_many_pixels": (
        "This picture is too large: {width} × {height} pixels. At most {limit} pixels can be read; make it smaller first.",
        "这张图片太大：{width} × {height} 像素。最多 {limit} 像素，请先缩小。",
    ),
    "image_too_many_bytes": (
        "This file is too large: {got} bytes. At most {limit} bytes can be read; save it smaller first.",
        "这个文件太大：{got} 字节。最多 {limit} 字节，请先压缩。",
    ),
    "call_count": (
        "This call does not fit: {expected} values are expected, {came} came. “Use via API” shows which.",
        "这个请求不对：应有 {expected} 个值，收到 {came} 个。页面底部的 API 说明写着要哪些。",
    ),
    "call_kind": (
        "This call does not fit: its values are of another kind. “Use via API” shows what is expected.",
        "这个请求不对：值的类型不符。页面底部的 API 说明写着要什么。",
    ),
    "call_unknown": ("There is no such endpoint or event here.", "这里没有这个接口。"),
    "call_too_long": (
        "This request is too long: at most {limit} bytes can be read.",
        "请求太长：最多 {limit} 字节。",
    ),
    "call_slow": ("This request came too slowly and was ended.", "请求传得太慢，已经中止。"),
    "page_leaving": (
        "The server is shutting down. Please come back in a moment.",
        "服务器正在关闭，请稍后再来。",
    ),
    "places_taken": (
        "Many people are asking at the moment. Please try again in a few seconds.",
        "现在提问的人很多，请过几秒再试。",
    ),
    "places_yours": (
        "{most} of your questions are still waiting. Please wait for an answer first.",
        "你还有 {most} 个问题在等待，请先等一个回答。",
    ),
    "one_picture": ("Upload one picture at a time.", "请一次上传一张图片。"),
    "disk_full": (
        "The server has no room for your photo. Please try again in a few minutes.",
        "服务器没有地方存照片了，请过几分钟再试。",
    ),
    "port_taken": (
        "Port {port} is taken. Stop what runs there, or set GRADIO_SERVER_PORT to another one.",
        "端口 {port} 已被占用。请先停掉占用它的程序，或把 GRADIO_SERVER_PORT 设为别的端口。",
    ),
    "unreached": (
        "The page could not be reached on this machine. Is there a proxy for localhost, or is the machine very busy?",
        "本机打不开这个页面。是不是给 localhost 设了代理，或者机器太忙？",
    ),
    "folder_closed": (
        "The folder for uploads cannot be written: {folder} ({why}). Set GRADIO_TEMP_DIR to another one.",
        "上传文件夹写不进去：{folder}（{why}）。请用 GRADIO_TEMP_DIR 另设一个。",
    ),
    "engine_busy": (
        "Too many questions are waiting at the moment. Please try again in a few seconds.",
        "等待回答的问题太多，请过几秒再试。",
    ),
    "engine_late": (
        "No answer came in time, because many are asking. Please try again in a few seconds.",
        "提问的人太多，没能及时回答，请过几秒再试。",
    ),
    "engine_away": (
        "The machines that read photos and sentences do not answer at the moment. Please try again in a few seconds.",
        "读图读句子的机器暂时没有响应，请过几秒再试。",
    ),
    "asker_left": ("Whoever asked has left.", "提问的人已经离开。"),
    "text_missing": ("There is no text. Write at least one sentence.", "还没有文字。请至少写一句。"),
    "text_too_long": (
        "This text is too long: {got} characters. At most {limit} can be read; shorten it.",
        "文字太长：{got} 个字符。最多 {limit} 个，请缩短。",
    ),
    "matrix_size": (
        "A matrix takes 1 to {limit} photos and 1 to {limit} sentences; these are {images} and {texts}.",
        "矩阵可以放 1 到 {limit} 张照片和 1 到 {limit} 句话；现在是 {images} 张、{texts} 句。",
    ),
    "bad_temperature": (
        "The temperature must be a number from {low} to {high}; this is {got}.",
        "温度必须是 {low} 到 {high} 之间的数；现在是 {got}。",
    ),
    "caption_count": ("Ask for 1 to {limit} captions; this is {got}.", "一次可以要 1 到 {limit} 句，现在是 {got}。"),
    "question_language": (
        "{title} reads questions in: {languages}. Ask in such a language, or pick another model.",
        "{title} 只读得懂用这些语言提的问题：{languages}。请换一种语言提问，或换一个模型。",
    ),
    "caption_language": (
        "{title} writes captions in: {languages}. It cannot write “{got}”; ask for another language, or another model.",
        "{title} 只会用这些语言写句子：{languages}。写不了“{got}”，请换一种语言，或换一个模型。",
    ),
    "caption_temperature": (
        "The temperature of captions must be a number from 0 to {most}; this is {got}.",
        "说话的温度必须是 0 到 {most} 之间的数；现在是 {got}。",
    ),
    "question_missing": (
        "There is no question. Type one about the photo, or pick an example.",
        "还没有问题。请对照片提一个问题，或选一个例子。",
    ),
    "question_offers": (
        "A question may offer at most {limit} answers to choose from; this one offers {got}.",
        "一个问题最多给 {limit} 个选项，现在有 {got} 个。",
    ),
    "gallery_size": (
        "A gallery takes 2 to {most} photos; here are {got}.",
        "图库可以放 2 到 {most} 张照片，这里有 {got} 张。",
    ),
    "gallery_few": (
        "Of {came} photos {read} could be read, and a gallery needs two. {name}: {why}",
        "{came} 张照片里能用的只有 {read} 张，图库至少要两张。{name}：{why}",
    ),
    "gallery_away": (
        "Your gallery was put away to make room for others. Load it again.",
        "为了给别人腾地方，您的图库已经收走，请重新载入。",
    ),
    "gallery_k": ("Ask for 1 to {most} photos; this is {got}.", "一次可以要 1 到 {most} 张照片，现在是 {got}。"),
    "photo_twice": ("It is the same photo as {name}, and is kept once.", "和 {name} 是同一张，只留一张。"),
    "zip_damaged": ("This zip is damaged. Pack the photos again.", "这个 zip 已损坏。请重新打包。"),
    "zip_too_large": (
        "This zip unpacks to more than {limit} bytes. Pack fewer photos, or smaller ones.",
        "这个 zip 解开后超过 {limit} 字节。请少放几张，或先缩小。",
    ),
    "zip_entry": (
        "It is locked, a link, or packed in a way that is not read here. Pack it again as a plain zip.",
        "它加了密、是链接，或用了这里读不了的压缩方式。请按普通 zip 重新打包。",
    ),
    "csv_column": (
        "The CSV has no column named caption. Its columns: {columns}.",
        "CSV 里没有 caption 列，现有的列：{columns}。",
    ),
    "csv_encoding": ("This CSV cannot be read. Save it as CSV UTF-8.", "这个 CSV 读不了。请另存为 CSV UTF-8。"),
    "csv_empty": ("The column caption holds no text.", "caption 列里没有文字。"),
    "csv_too_large": (
        "This CSV has {got} bytes; at most {limit} can be read. Keep the columns caption and photo only.",
        "这个 CSV 有 {got} 字节，最多 {limit} 字节。请只留 caption 和 photo 两列。",
    ),
    "nothing_given": ("Give a photo, a sentence, or both.", "请给一张照片、一句话，或两样都给。"),
    "unknown_choice": (
        "“{got}” is not a choice here. Choose one of: {choices}.",
        "没有“{got}”这个选项。可选：{choices}。",
    ),
    "both_needed": (
        "Give a photo and a sentence; one of them is missing.",
        "照片和句子都要有，现在缺一样。",
    ),
    "no_alpha": (
        "Only the weighted sum has an alpha; “{fusion}” has none.",
        "只有加权和才有 α，“{fusion}”没有。",
    ),
    "bad_alpha": (
        "Alpha must be a number from 0 (photo only) to 1 (sentence only); “{alpha}” is not.",
        "α 必须是 0（只看照片）到 1（只看句子）之间的数，“{alpha}”不行。",
    ),
    "unknown_word": (
        "“{word}” is not a word of this text. Its words: {words}.",
        "这句话里没有“{word}”。其中的词：{words}。",
    ),
    "method_does_not_fit": (
        "The method “{method}” cannot explain this answer. These can: {choices}.",
        "“{method}”这种方法解释不了这个答案。可以用：{choices}。",
    ),
    "no_such_option": (
        "The method “{method}” has no {what} to choose.",
        "“{method}”这种方法不能选{what}。",
    ),
    "rival_without_own": (
        "Of two sentences to compare, the first must be the one explained, “{text}”; “{first}” is another.",
        "比较两句话时，第一句必须是正在解释的“{text}”，而不是“{first}”。",
    ),
    "outside_grid": (
        "There is no such place in the map. It has {rows} rows and {columns} columns; asked was {got}.",
        "热力图里没有这个位置。它有 {rows} 行 {columns} 列，而问的是 {got}。",
    ),
    "bad_steps": ("A curve has 2 to 100 steps; “{got}” is not possible.", "曲线可以有 2 到 100 步，“{got}”不行。"),
    "other_explanation": (
        "This map belongs to another photo or sentence. Explain this pair first.",
        "这张热力图属于另一张照片或另一句话。请先解释现在这一对。",
    ),
    "share_outside": (
        "The share of the way must be between 0 and 1; “{got}” is not.",
        "位置要在 0 到 1 之间，“{got}”不行。",
    ),
    "bad_k": (
        "Ask for 1 to {most} stored pairs; “{k}” is not such a number.",
        "最多只存了 {most} 对，请要 1 到 {most} 之间的整数，“{k}”不行。",
    ),
    "no_box": (
        "Draw a box on the photo first, or type four corners from 0 to 100.",
        "请先在照片上画一个框，或输入四个 0 到 100 的数。",
    ),
    "last_word": (
        "This is the only word; nothing would be left to ask about.",
        "只有这一个词，去掉就没有可问的了。",
    ),
    "not_fetched": (
        "{title} is not on this machine yet. Fetch it with `python -m mmdemo fetch {name}`.",
        "{title} 还不在本机。请用 `python -m mmdemo fetch {name}` 下载。",
    ),
    "fetch_offline": (
        "{title} is not on this machine, and HF_HUB_OFFLINE forbids fetching it. Unset it, then run `python -m mmdemo fetch {name}`.",
        "{title} 不在本机，而 HF_HUB_OFFLINE 禁止下载。请先取消这个环境变量，再运行 `python -m mmdemo fetch {name}`。",
    ),
    "fetch_no_route": (
        "The Hub could not be reached, so {title} was not fetched. Check the network, then run `python -m mmdemo fetch {name}`.",
        "连不上 Hub，{title} 没有下载。请检查网络，再运行 `python -m mmdemo fetch {name}`。",
    ),
    "fetch_denied": (
        "The Hub does not give {title} to everyone ({status}). Sign in with `hf auth login`, then run `python -m mmdemo fetch {name}`.",
        "Hub 不向所有人提供 {title}（{status}）。请先用 `hf auth login` 登录，再运行 `python -m mmdemo fetch {name}`。",
    ),
    "fetch_gone": (
        "The Hub has no {repository} at revision {revision} ({status}). Update this program, then run `python -m mmdemo fetch {name}`.",
        "Hub 上没有 {repository} 的 {revision} 版本（{status}）。请更新本程序，再运行 `python -m mmdemo fetch {name}`。",
    ),
    "fetch_server": (
        "The Hub could not answer ({status}), so {title} was not fetched. Wait a little, then run `python -m mmdemo fetch {name}`.",
        "Hub 暂时答不了（{status}），{title} 没有下载。请稍等，再运行 `python -m mmdemo fetch {name}`。",
    ),
    "fetch_no_file": (
        "{repository} on the Hub has no {file}, which {title} needs. Update this program, then run `python -m mmdemo fetch {name}`.",
        "Hub 上的 {repository} 没有 {title} 所需的 {file}。请更新本程序，再运行 `python -m mmdemo fetch {name}`。",
    ),
    "fetch_cut": (
        "{file} of {title} stopped at {done} of {size}. What came is kept: to go on from there, wait a little, then run `python -m mmdemo fetch {name}`.",
        "{title} 的 {file} 停在 {done}，共 {size}。已下载的部分会保留，可以接着下。请稍等，再运行 `python -m mmdemo fetch {name}`。",
    ),
    "fetch_checksum": (
        "{file} of {title} is not what it should be and was deleted: its sha256 is {found}, expected was {expected}. Check the network, then run `python -m mmdemo fetch {name}`.",
        "{title} 的 {file} 内容不对，已经删除：它的 sha256 是 {found}，应为 {expected}。请检查网络，再运行 `python -m mmdemo fetch {name}`。",
    ),
    "fetch_no_space": (
        "{title} needs {need} more, and the disk has {free} left. Make room, then run `python -m mmdemo fetch {name}`.",
        "{title} 还需要 {need}，磁盘只剩 {free}。请腾出空间，再运行 `python -m mmdemo fetch {name}`。",
    ),
    "fetch_closed": (
        "The folder for models of the Hub cannot be written ({why}), so {title} was not fetched. Let HF_HOME name another one, then run `python -m mmdemo fetch {name}`.",
        "存放 Hub 模型的文件夹写不进去（{why}），{title} 没有下载。请用 HF_HOME 另设一个，再运行 `python -m mmdemo fetch {name}`。",
    ),
    "fetch_broke": (
        "Fetching {title} ended unexpectedly. Report it, then run `python -m mmdemo fetch {name}`.",
        "{title} 的下载意外中断。请报告这个问题，再运行 `python -m mmdemo fetch {name}`。",
    ),
    "fetch_not_offered": (
        "{title} is not offered here. Whoever owns this machine can list it in MMDEMO_MODELS, then run `python -m mmdemo fetch {name}`.",
        "这里不提供 {title}。机器的主人可以把它加进 MMDEMO_MODELS，再运行 `python -m mmdemo fetch {name}`。",
    ),
    "fetch_memory": (
        "{title} needs {size} of memory, and models may take {bound} here. Raise MMDEMO_MEMORY_GB, then run `python -m mmdemo fetch {name}`.",
        "{title} 需要 {size} 内存，而这里的模型最多用 {bound}。请调高 MMDEMO_MEMORY_GB，再运行 `python -m mmdemo fetch {name}`。",
    ),
    "fetch_kind": (
        "{file} of {title} is no safetensors and no settings, so it is not fetched. Update this program, then run `python -m mmdemo fetch {name}`.",
        "{title} 的 {file} 既不是 safetensors 也不是设置文件，不会下载。请更新本程序，再运行 `python -m mmdemo fetch {name}`。",
    ),
}
