"""One question of every kind, for engines near and far."""

from typing import Any

from tests.pictures import picture

TEXT, TEXTS = "a dog on a beach", ["a dog on a beach", "两只猫在睡觉", "red bus"]


def questions(seed: int = 0) -> dict[str, tuple[Any, ...]]:
    """Arguments by the engine's method: what the page asks of a photo and a sentence."""
    photo = picture(seed)
    return {
        "match": (photo, TEXTS),
        "matrix": ([photo, picture(seed + 100)], TEXTS),
        "match_pair": (photo, TEXT),
        "match_background": (),
        "encode_images": ([photo],),
        "encode_texts": (TEXTS,),
        "count_tokens": (TEXT,),
        "sentiment": (photo, TEXT),
        "explain": (photo, TEXT),
        "understood": (TEXTS,),
        "familiar": ([photo],),
        "compare": (photo, TEXT),
        "shapley_values": (photo, TEXT),
        "trace": (photo, TEXT),
        "alpha_curve": (),
        "fusion_table": (),
        "timeline": (photo, TEXT),
        "reconstruct": (photo, TEXT),
        "walk": ((photo, None), (None, TEXT), 0.5),
        "caption": (photo,),
        "answer": (photo, "what is this?"),
        "capabilities": ("matching",),
        "method_notes": (),
        "status": (),
        "hub_models": (),
    }
