// Questions: an answer to another question than the one in the box is marked as old. `element` holds the answer; it is
// looked at when a new one stands there, and when the box changes (`events.py`).
const spoken = (text) => text.trim().replace(/\s+/g, ' ');
mm.question = (typed) => {
  const known = element.querySelector('[data-question]');
  const text = typed ?? document.querySelector('#question-text :is(textarea, input)')?.value;
  const old = known && text !== undefined && spoken(known.dataset.question) !== spoken(text);
  document.getElementById('question-result')?.toggleAttribute('data-old', Boolean(old));
};
new MutationObserver(() => mm.question()).observe(element, {childList: true, subtree: true});
