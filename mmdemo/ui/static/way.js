// The walk: the slider shows another of the pictures that came with it. `element` holds the walk, drawn anew each time.
element.addEventListener('input', (event) => {
  const way = event.target.closest('.mm-way');
  if (!way || event.target.type !== 'range') return;
  const frame = JSON.parse(way.dataset.frames)[Number(event.target.value)];
  way.querySelector('.mm-pixels').src = frame.picture;
  way.querySelector('.mm-way-line').textContent = frame.line;
  event.target.setAttribute('aria-valuetext', frame.line);
});
