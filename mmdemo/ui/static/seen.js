// The badge's place: asks for the test of the first map once it is seen (a tab that nobody opens costs nothing), and
// for what its buttons say. The event is `submit`: gradio sends `load` by itself whenever a page opens, seen or not.
// `element` is the place; it has no size before it is shown and a badge stands in it.
const seen = new ResizeObserver(() => {
  if (!element.offsetHeight || !element.querySelector('.mm-badge')) return;
  seen.disconnect();
  if (element.querySelector('.mm-badge-waiting:not(.mm-badge-running)')) trigger('submit', {});
});
seen.observe(element);
element.addEventListener('click', (event) => {
  const button = event.target.closest('button[data-test]');
  if (!button) return;
  button.disabled = true;
  trigger(button.dataset.test === 'stop' ? 'click' : 'submit', {});
});
