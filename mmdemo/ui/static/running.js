// The button that stops what a place of the page works on. The place stops waiting at once; the server is told.
const PLACES = {map: 'attention-figure', parts: 'attention-parts', sanity: 'attention-sanity'};
element.addEventListener('click', (event) => {
  const button = event.target.closest('button[data-stop]');
  if (!button) return;
  document.getElementById(PLACES[button.dataset.stop])?.removeAttribute('aria-busy');
  trigger('click', {});
});
