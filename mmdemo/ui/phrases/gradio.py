"""What gradio says by itself, in English on every page, and what stands there instead.

A pattern of the whole of its English -> (English, Chinese); "$1" is the pattern's first group. The first row that fits
counts. Read next: `../static/gradio_words.js`.
"""

from mmdemo.ui.phrases.errors import ERRORS
from mmdemo.ui.phrases.pages import PAGE

Pair = tuple[str, str]

GRADIO: dict[str, Pair] = {
    # toasts
    r'HTTP \d+: \{"detail": ?"(.*)"\}': ("$1", "$1"),  # a sentence of ours, as an upload's answer is shown
    r"Invalid file types?: .*\.hei[cf]\. Only .*": ERRORS["image_heic"],
    r"Invalid file types?: .*": ERRORS["image_not_picture"],
    r"This application is currently busy\..*": ERRORS["places_taken"],
    r"Connection to the server was lost\..*": (
        "The server does not answer. The page tries again by itself and is loaded anew as soon as it is back.",
        "连不上服务器。页面会自动重试，恢复后会重新载入。",
    ),
    r"(?:Connection errored out\.|Could not parse server response|Failed to fetch|Load failed|NetworkError when).*": (
        "The server does not answer. Your photo and text are kept; check the connection and try again.",
        "连不上服务器。照片和文字都还在，请检查网络后再试。",
    ),
    r"(?:An error occurred\.?|Error uploading file|Unexpected error|Unknown error|An unknown error .*|HTTP \d+: .*)": (
        PAGE["error.unexpected"]
    ),
    r"Error": ("Error", "出错了"),
    r"Warning": ("Warning", "注意"),
    r"Info": ("Info", "提示"),
    r"Success": ("Success", "完成"),
    r"Close": ("Close", "关闭"),
    # the photo
    r"Fullscreen": ("Fullscreen", "全屏"),
    r"Exit fullscreen mode": ("Exit fullscreen mode", "退出全屏"),
    r"Remove Image": ("Remove photo", "移除照片"),
    r"File upload": ("Choose a photo", "选择照片"),
    r"Upload file": ("Upload a photo", "上传照片"),
    r"Paste from clipboard": ("Paste from clipboard", "从剪贴板粘贴"),
    r"Click to upload or drop files": ("Click to upload or drop a photo", "点击上传，或把照片拖到这里"),
    r"Uploading \d+\s+files?\.\.\.": ("Uploading…", "正在上传……"),
    # the rest
    r"number input for (.*)": ("$1", "$1，输入数字"),
    r"range slider for (.*)": ("$1", "$1，滑块"),
    r"Reset to default value": ("Reset to default value", "恢复默认值"),
    r"More tabs": ("More tabs", "更多标签页"),
    r"Gradio footer navigation": ("About this app", "关于本页"),
}
