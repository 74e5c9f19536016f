"""Models that write about a picture, as transformers builds them: BLIP's three, and a small chat model that sees.

BLIP reads the picture with a vision transformer, and its text transformer asks it in every layer (Li et al. 2022, arXiv
2201.12086): as a decoder it writes a caption or an answer, as an encoder it says whether a text belongs to a picture.
A chat model puts the picture's patches among the words of a language model (SmolVLM: Marafioti et al. 2025, arXiv
2504.05299). transformers' own `generate` writes: the likeliest token each time, or a beam of several texts.
"""

from collections.abc import MutableMapping
from typing import Any

import torch
from torch import Tensor, nn

from mmdemo.errors import IncompatibleError

DESCRIBE = "Describe this image in one sentence."  # what a chat model is asked for a caption


class VisionLanguage(nn.Module):
    """One model and what prepares its pictures and texts.

    Args:
        model: transformers' `BlipForConditionalGeneration`, `BlipForQuestionAnswering`, `BlipForImageTextRetrieval`,
            or one that is asked in a chat (`Idefics3ForConditionalGeneration`).
        processor: its processor.

    Attributes:
        able: what it can be asked: "caption", "answer", "match".
    """

    def __init__(self, model: nn.Module, processor: Any) -> None:
        super().__init__()
        self.model, self.processor = model, processor
        self.chats = bool(getattr(processor, "chat_template", None))
        if self.chats:
            self.able = ("caption", "answer")
        elif hasattr(model, "itm_head"):
            self.able = ("match",)
        else:
            self.able = ("answer",) if hasattr(model, "text_encoder") else ("caption",)

    def caption(self, image: Any, begun: str = "", longest: int = 30, beams: int = 1) -> str:
        """What is in an RGB PIL picture, in a sentence.

        Args:
            image: the picture.
            begun: how the sentence begins; a chat model takes it as the wish.
            longest: most tokens that are written.
            beams: how many texts are followed at once; 1 takes the likeliest token each time.

        Raises:
            IncompatibleError: a model that writes no captions.
        """
        self._require("caption")
        if self.chats:
            return self._chat(image, begun or DESCRIBE, longest, beams)
        return self._write(self._prepared(image, begun or None), longest, beams)

    def answer(self, image: Any, question: str, longest: int = 20, beams: int = 1) -> str:
        """The answer to a question about a picture; arguments and errors as in `caption`."""
        self._require("answer")
        if self.chats:
            return self._chat(image, question, longest, beams)
        return self._write(self._prepared(image, question), longest, beams)

    @torch.no_grad()
    def match(self, image: Any, text: str) -> float:
        """Probability in [0, 1] that the text belongs to the picture, read word by word over the patches.

        Raises:
            IncompatibleError: a model that compares nothing.
        """
        self._require("match")
        given = self._prepared(image, text)
        seen = self.model.vision_model(given.pop("pixel_values")).last_hidden_state  # [1, N, D]
        every = torch.ones(seen.shape[:2], dtype=torch.long, device=seen.device)  # transformers leaves it on the CPU
        read = self.model.text_encoder(**given, encoder_hidden_states=seen, encoder_attention_mask=every)
        logits = self.model.itm_head(read.last_hidden_state[:, 0])  # of the class token, [1, 2]: no, yes
        return float(logits.softmax(-1)[0, 1])

    def _require(self, asked: str) -> None:
        if asked not in self.able:
            message = f"This {type(self.model).__name__} can be asked for {', '.join(self.able)}; got {asked}."
            raise IncompatibleError(message)

    def _prepared(self, image: Any, text: str | None) -> MutableMapping[str, Tensor]:
        """Pixels [1, ...], and ids [1, N] where there is a text; without marks that a visitor typed himself."""
        given = {} if text is None else {"text": self._plain(text), "truncation": True}
        return self.processor(images=image, return_tensors="pt", **given).to(self.model.device)

    def _plain(self, text: str) -> str:
        for mark in self.processor.tokenizer.all_special_tokens:
            text = text.replace(mark, " ")
        return text

    def _chat(self, image: Any, wish: str, longest: int, beams: int) -> str:
        content = [{"type": "image"}, {"type": "text", "text": self._plain(wish)}]
        asked = self.processor.apply_chat_template([{"role": "user", "content": content}], add_generation_prompt=True)
        inputs = self.processor(images=[image], text=asked, return_tensors="pt").to(self.model.device)
        return self._write(inputs, longest, beams, inputs["input_ids"].shape[1])

    @torch.no_grad()
    def _write(self, inputs: Any, longest: int, beams: int, asked: int = 0) -> str:
        """What the model writes, without the first `asked` tokens and without marks."""
        ids = self.model.generate(**inputs, max_new_tokens=longest, num_beams=beams, do_sample=False)  # [1, N]
        return self.processor.decode(ids[0, asked:], skip_special_tokens=True).strip()
