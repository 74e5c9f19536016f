"""Models that write about a picture, as transformers builds them: BLIP's three, and a small chat model that sees.

BLIP reads the picture with a vision transformer, and its text transformer asks it in every layer (Li et al. 2022, arXiv
2201.12086): as a decoder it writes a caption or an answer, as an encoder it says whether a text belongs to a picture.
A chat model puts the picture's patches among the words of a language model (SmolVLM: Marafioti et al. 2025, arXiv
2504.05299). Read next: `writing.py`, `word_maps.py`.
"""

from collections.abc import MutableMapping
from typing import Any

import torch
from torch import Tensor, nn

from mmdemo.errors import IncompatibleError
from mmdemo.tasks.word_maps import Tiles, patch_map
from mmdemo.tasks.writing import Prompt

DESCRIBE = "Describe this image in one sentence."  # what a chat model is asked for a caption
TILES = 2  # to a side: a chat model's own 4 x 4 take a minute on a CPU


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
            model.set_attn_implementation({"vision_config": "sdpa"})  # of many patches, whose attention nobody asks for
        elif hasattr(model, "itm_head"):
            self.able = ("match",)
        else:
            self.able = ("answer",) if hasattr(model, "text_encoder") else ("caption",)

    @property
    def mean_colour(self) -> tuple[int, ...]:
        """The colour that its pictures are centred on: an even picture of it is all zeros to the network."""
        return tuple(round(255 * share) for share in self.processor.image_processor.image_mean)

    @torch.no_grad()
    def caption(self, image: Any, start: str = "") -> Prompt:
        """A caption of an RGB PIL picture, to be written (`writing.write`, `writing.spoken`).

        Args:
            image: the picture.
            start: how the caption begins; of a long one its last words are read.

        Raises:
            IncompatibleError: a model that writes no captions.
        """
        self._require("caption")
        if self.chats:
            return self._chat(image, DESCRIBE, start)
        seen = self._seen(image)
        ids = [self.model.config.text_config.bos_token_id, *self._start(self.model.text_decoder, start)]
        return self._blip(seen, ids, lambda output: patch_map(output.cross_attentions), start)

    @torch.no_grad()
    def answer(self, image: Any, question: str) -> Prompt:
        """The answer to a question about a picture, to be written; arguments and errors as in `caption`.

        BLIP's decoder asks the question that has read the picture, not the picture: each word of an answer has the map
        of the whole question.
        """
        self._require("answer")
        if self.chats:
            return self._chat(image, question)
        given = self._prepared(image, question)
        seen = self._seen(given.pop("pixel_values"))
        every = torch.ones(seen.shape[:2], dtype=torch.long, device=seen.device)
        asked = self.model.text_encoder(
            **given, encoder_hidden_states=seen, encoder_attention_mask=every, output_attentions=True
        )
        where = patch_map(asked.cross_attentions).mean(0, keepdim=True)  # [1, h, w]
        ids = [self.model.config.text_config.bos_token_id]
        return self._blip(asked.last_hidden_state, ids, lambda output: where.expand(output.logits.shape[1], -1, -1))

    @torch.no_grad()
    def match(self, image: Any, text: str) -> float:
        """Probability in [0, 1] that the text belongs to the picture, read word by word over the patches.

        Raises:
            IncompatibleError: a model that compares nothing.
        """
        self._require("match")
        given = self._prepared(image, text)
        seen = self._seen(given.pop("pixel_values"))
        every = torch.ones(seen.shape[:2], dtype=torch.long, device=seen.device)  # transformers leaves it on the CPU
        read = self.model.text_encoder(**given, encoder_hidden_states=seen, encoder_attention_mask=every)
        logits = self.model.itm_head(read.last_hidden_state[:, 0])  # of the class token, [1, 2]: no, yes
        return float(logits.softmax(-1)[0, 1])

    def _require(self, asked: str) -> None:
        if asked not in self.able:
            message = f"This {type(self.model).__name__} can be asked for {', '.join(self.able)}; got {asked}."
            raise IncompatibleError(message)

    def _prepared(self, image: Any, text: str) -> MutableMapping[str, Tensor]:
        """Pixels [1, ...] and ids [1, N]; without marks that a visitor typed himself."""
        given = {"text": self._plain(text), "truncation": True}
        return self.processor(images=image, return_tensors="pt", **given).to(self.model.device)

    def _seen(self, pixels: Any) -> Tensor:
        """BLIP's patches of a picture or of its pixels, the class token first, [1, 1 + h * w, D]."""
        if not isinstance(pixels, Tensor):
            pixels = self.processor(images=pixels, return_tensors="pt").pixel_values.to(self.model.device)
        return self.model.vision_model(pixels).last_hidden_state

    def _plain(self, text: str) -> str:
        for mark in self.processor.tokenizer.all_special_tokens:
            text = text.replace(mark, " ")
        return text

    def _start(self, decoder: nn.Module, start: str) -> list[int]:
        """The tokens of a start, the last ones where they are many."""
        ids = self.processor.tokenizer(self._plain(start), add_special_tokens=False).input_ids
        return ids[-(decoder.config.get_text_config().max_position_embeddings // 4) :]

    def _blip(self, asked: Tensor, ids: list[int], maps: Any, start: str = "") -> Prompt:
        """What BLIP's decoder goes on from: ids [N], and what it asks in every layer, [1, M, D]."""
        inputs = {
            "input_ids": torch.tensor([ids], device=asked.device),
            "encoder_hidden_states": asked,
            "encoder_attention_mask": torch.ones(asked.shape[:2], dtype=torch.long, device=asked.device),
        }
        config = self.model.config.text_config
        ends = config.sep_token_id, config.pad_token_id
        return Prompt(self.model.text_decoder, self.processor.tokenizer, inputs, maps, ends, start, len(ids) - 1)

    def _chat(self, image: Any, wish: str, start: str = "") -> Prompt:
        content = [{"type": "image"}, {"type": "text", "text": self._plain(wish)}]
        asked = self.processor.apply_chat_template([{"role": "user", "content": content}], add_generation_prompt=True)
        own = self.processor.image_processor
        edge = min(own.size["longest_edge"], TILES * own.max_image_size["longest_edge"])
        given = {"images": [image], "text": asked, "size": {"longest_edge": edge}}
        inputs = dict(self.processor(**given, return_tensors="pt").to(self.model.device))
        begun = self._start(self.model, f" {start}") if start else []
        ids = inputs["input_ids"]  # [1, N]
        tiles = Tiles.of(self.processor.tokenizer.decode(ids[0]), ids[0] == self.model.config.image_token_id, inputs)
        inputs["input_ids"] = torch.cat([ids, ids.new_tensor([begun])[:, : len(begun)]], 1)
        inputs["attention_mask"] = torch.ones_like(inputs["input_ids"])
        config = self.model.generation_config
        end = config.eos_token_id if isinstance(config.eos_token_id, int) else config.eos_token_id[0]
        fill = end if config.pad_token_id is None else config.pad_token_id
        return Prompt(self.model, self.processor.tokenizer, inputs, tiles.map, (end, fill), start, len(begun))
