// The photos of the matrix: a press on a cross tells the server which one goes. `element` holds the tray.
element.addEventListener('click', (event) => {
  const button = event.target.closest('button[data-index]');
  if (button) trigger('click', {index: Number(button.dataset.index)});
});
