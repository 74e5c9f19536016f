"""How the page looks: one accent, one font, and `static/page.css`.

The Latin font is a file that comes with gradio and is served from this machine; Chinese uses whichever font the
reader's system has. Nothing is loaded from anywhere else. Read next: `static/page.css`.
"""

import json

from gradio.themes import Base, Color, LocalFont, Size

from mmdemo.ui.markup import STATIC

CSS_FILES = [
    STATIC / name
    for name in ("page.css", "fusion.css", "attention.css", "caption.css", "question.css", "gallery.css", "hub.css")
]
CHINESE = ("PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "Noto Sans SC", "Source Han Sans SC")
# 700, not 600: the SemiBold file that comes with gradio 6.31 lacks most letters.
FONTS = (LocalFont("IBM Plex Sans", weights=(400, 700)), *CHINESE, "system-ui", "sans-serif")
MONO = ("ui-monospace", "SFMono-Regular", "Menlo", "Consolas", "Noto Sans Mono", "monospace")

ACCENT = Color(
    "#eef3ff", "#dfe8ff", "#c3d3ff", "#9db6ff", "#7592f7", "#4a6be3", "#3355cf", "#2945ab", "#243b88", "#20336d",
    "#141f45",
    name="accent",
)  # fmt: skip
NEUTRAL = Color(
    "#f8f9fb", "#f0f2f6", "#e3e7ee", "#cdd3de", "#98a2b3", "#667085", "#4a5466", "#363f50", "#232a38", "#171d28",
    "#0f141d",
    name="ink",
)  # fmt: skip
RADIUS = Size("2px", "4px", "6px", "8px", "10px", "14px", "18px", name="round")
LIGHT_AND_DARK = {  # a variable of gradio's -> its value on the light page and on the dark one
    "body_background_fill": ("*neutral_50", "*neutral_950"),
    "block_background_fill": ("white", "*neutral_900"),
    "block_border_color": ("*neutral_200", "*neutral_800"),
    "block_label_background_fill": ("white", "*neutral_900"),
    "block_label_text_color": ("*neutral_600", "*neutral_300"),
    "block_title_text_color": ("*neutral_600", "*neutral_300"),
    "input_background_fill": ("white", "*neutral_900"),
    "input_border_color": ("*neutral_300", "*neutral_700"),
    "input_border_color_focus": ("*primary_500", "*primary_400"),
    "button_primary_background_fill": ("*primary_600", "*primary_500"),
    "button_primary_background_fill_hover": ("*primary_700", "*primary_400"),
}


def build_theme() -> Base:
    """Quiet surfaces, one blue, large radius; dark values by gradio's own `*_dark` variables."""
    theme = Base(
        primary_hue=ACCENT, secondary_hue=ACCENT, neutral_hue=NEUTRAL, radius_size=RADIUS, font=FONTS, font_mono=MONO
    )
    return theme.set(
        **{name: light for name, (light, _) in LIGHT_AND_DARK.items()},
        **{f"{name}_dark": dark for name, (_, dark) in LIGHT_AND_DARK.items()},
        block_label_border_width="0px",
        block_title_text_weight="500",
        block_shadow="none",
        button_primary_text_color="white",
        button_large_text_weight="600",
        button_transition="background-color 0.15s",
    )


def error_titles(titles: dict[str, str]) -> str:
    """CSS that heads an error message with words of the page's own language; gradio writes "Error" on every page.

    Args:
        titles: `lang` of the page -> the heading.
    """
    hide = ".toast-title.error { font-size: 0 !important; }"
    return hide + "".join(
        f"html[lang={json.dumps(language)}] .toast-title.error::after"
        f" {{ content: {json.dumps(title, ensure_ascii=False)}; font-size: 15px; }}"
        for language, title in titles.items()
    )
