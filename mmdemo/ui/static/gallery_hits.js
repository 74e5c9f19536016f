// A button tells the server which hit it is about, and by which event.
element.addEventListener('click', (event) => {
  const {act, place, text, by} = event.target.closest('button[data-act]')?.dataset ?? {};
  if (act) trigger(by ?? 'submit', {act, place: Number(place ?? 0), text: text ?? ''});
});
