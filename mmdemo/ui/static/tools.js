// Below the map: its opacity, and the picture as a file, all in the browser. `element` is the row of tools.
const CAPTION = '16px system-ui, sans-serif';
// A sentence as lines no wider than `room` pixels, broken between words, in Chinese between any two characters.
const PARTS = /[\u2e80-\uffff]|[^\s\u2e80-\uffff]+|\s+/g;
const wrapped = (pen, sentence, room) => sentence.match(PARTS).reduce((lines, part) => {
  const longer = lines[lines.length - 1] + part;
  if (pen.measureText(longer).width <= room) lines[lines.length - 1] = longer;
  else lines.push(part.trimStart());
  return lines;
}, ['']);
const figure = () => document.getElementById('attention-figure');
const opacity = element.querySelector('#attention-opacity');
opacity.addEventListener('input', () => {
  figure().style.setProperty('--mm-opacity', opacity.value / 100);
});
element.querySelector('#attention-grid').addEventListener('change', (event) => {
  figure().classList.toggle('mm-gridded', event.target.checked);
});
element.querySelector('#attention-save').addEventListener('click', () => {
  const photo = figure().querySelector('.mm-photo-shown');
  const map = figure().querySelector('.mm-heat');
  if (!photo) return;
  const said = [figure().querySelector('figure').dataset.caption];
  const verdict = document.querySelector('#attention-test [data-verdict]');
  if (verdict) said.push(verdict.dataset.verdict);
  const canvas = document.createElement('canvas');
  canvas.width = Math.max(photo.naturalWidth, 420);
  const ruler = canvas.getContext('2d');
  ruler.font = CAPTION;
  const lines = said.flatMap((sentence) => wrapped(ruler, sentence, canvas.width - 24));
  const strip = 44 + 22 * lines.length;
  canvas.height = Math.round(photo.naturalHeight * canvas.width / photo.naturalWidth) + strip;
  const pen = canvas.getContext('2d');
  pen.fillStyle = '#ffffff';
  pen.fillRect(0, 0, canvas.width, canvas.height);
  const top = canvas.height - strip;
  pen.drawImage(photo, 0, 0, canvas.width, top);
  pen.globalAlpha = opacity.value / 100;
  pen.drawImage(map, 0, 0, canvas.width, top);
  pen.globalAlpha = 1;
  pen.font = '14px system-ui, sans-serif';
  const ends = [...figure().querySelector('.mm-scale').childNodes].filter((node) => node.nodeType === Node.TEXT_NODE);
  const [low, high] = ends.map((node) => node.textContent);
  const from = 20 + pen.measureText(low).width, to = canvas.width - 20 - pen.measureText(high).width;
  const bar = pen.createLinearGradient(from, 0, to, 0);
  const colours = figure().querySelector('.mm-scale i').style.background.match(/rgb\([^)]*\)/g) || ['#000', '#fff'];
  colours.forEach((colour, i) => bar.addColorStop(i / (colours.length - 1), colour));
  pen.fillStyle = bar;
  pen.fillRect(from, top + 10, to - from, 10);
  pen.fillStyle = '#171d28';
  pen.fillText(low, 12, top + 20);
  pen.fillText(high, to + 8, top + 20);
  pen.font = CAPTION;
  lines.forEach((line, i) => pen.fillText(line, 12, top + 44 + 22 * i));
  const link = document.createElement('a');
  link.href = canvas.toDataURL('image/png');
  link.download = 'attention.png';
  link.click();
});
