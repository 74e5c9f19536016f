// Photos of a gallery are sent one by one, as every upload is; then the server is told where they lie.
let going = null;
const way = (sentence, busy) => {
  element.querySelector('[role="status"]').textContent = sentence;
  element.querySelector('.mm-stop').hidden = !busy;
};
const send = async (file, signal) => {
  const form = new FormData();
  form.append('files', file, file.name);
  const answer = await fetch('gradio_api/upload?gallery=1', {method: 'POST', body: form, signal});
  const got = await answer.json();
  if (!answer.ok) throw Object.assign(new Error(), {said: got.detail});
  return got;
};
element.addEventListener('change', async ({target}) => {
  const files = [...target.files], {most, sending, failed} = target.dataset, paths = [];
  target.value = ''; // the same ones may be chosen again
  if (!files.length) return;
  going?.abort();
  const {signal} = going = new AbortController();
  try {
    for (const [i, file] of files.slice(0, files.length > most ? 0 : most).entries()) { // of too many none is sent
      way(sending.replace('{n}', i + 1).replace('{of}', files.length), true);
      paths.push(...await send(file, signal));
    }
    way('', false);
    trigger('submit', {paths: paths.join('\n'), count: Math.max(files.length, paths.length)});
  } catch (error) {
    if (going.signal === signal) way(signal.aborted ? '' : error.said ?? failed, false);
  }
});
element.addEventListener('click', (event) => { if (event.target.closest('.mm-stop')) going?.abort(); });
