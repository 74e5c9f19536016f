// Gradio speaks English by itself: what a widget or a message of its own says is replaced by the page's own words
// (`phrases/gradio.py`). Only gradio's places are looked at, never an answer, and never what a visitor has written.
(() => {
  const places = '.mm-photo, .toast-body, footer, .overflow-menu, #fusion-alpha';
  const attributes = ['aria-label', 'title', 'alt'];
  const table = window.mmWords.map(([words, own]) => [new RegExp(`^${words}$`, 's'), own]);
  const said = (english) => {
    const words = english?.trim();
    const row = words && table.find(([pattern]) => pattern.test(words));
    return row ? words.replace(row[0], row[1]) : words;
  };
  const speak = (node) => {
    const element = node.nodeType === Node.TEXT_NODE ? node.parentElement : node;
    if (!(element instanceof Element && element.closest(places))) return; // a comment is no element
    if (element !== node) {
      const own = said(node.data);
      if (own !== node.data.trim()) node.data = node.data.replace(/\S.*\S|\S/s, () => own);
      return;
    }
    attributes.filter((name) => element.hasAttribute(name)).forEach((name) => {
      const own = said(element.getAttribute(name));
      if (own !== element.getAttribute(name).trim()) element.setAttribute(name, own);
    });
  };
  const speakWithin = (node) => {
    speak(node);
    if (node.nodeType !== Node.ELEMENT_NODE) return;
    const within = document.createTreeWalker(node, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT);
    while (within.nextNode()) speak(within.currentNode);
  };
  new MutationObserver((changes) => changes.forEach((change) => {
    if (change.type === 'childList') change.addedNodes.forEach(speakWithin);
    else speak(change.target);
  })).observe(document, {subtree: true, childList: true, characterData: true, attributeFilter: attributes});
  // What is dropped on a photo goes the way of a chosen file: gradio would take the old photo away first, and ignore a
  // file of another kind without a word.
  document.addEventListener('drop', (event) => {
    const input = event.target.closest?.('.mm-photo')?.querySelector('input[type=file]');
    if (!input || !event.dataTransfer?.files.length || event.target.closest('button.upload-container')) return;
    event.preventDefault();
    event.stopPropagation();
    event.target.dispatchEvent(new DragEvent('dragleave', {bubbles: true}));
    input.files = event.dataTransfer.files;
    input.dispatchEvent(new Event('change'));
  }, true);
})();
