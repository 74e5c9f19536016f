// The badge's place: asks for the test of the first map once it is seen (a tab that nobody opens costs nothing), and
// for what its buttons say. The event is `submit`: gradio sends `load` by itself whenever a page opens, seen or not.
// `element` is the place.
const timer = setInterval(() => {
  if (!element.isConnected) return clearInterval(timer);
  if (!element.offsetParent || !element.querySelector('.mm-badge')) return;
  clearInterval(timer);
  if (element.querySelector('.mm-badge-waiting:not(.mm-badge-running)')) trigger('submit', {});
}, 300);
element.addEventListener('click', (event) => {
  const button = event.target.closest('button[data-test]');
  if (!button) return;
  button.disabled = true;
  trigger(button.dataset.test === 'stop' ? 'click' : 'submit', {});
});
