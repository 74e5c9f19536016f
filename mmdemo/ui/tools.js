// Below the map: its opacity, and the picture as a file, all in the browser. `element` is the row of tools.
const figure = () => document.getElementById('attention-figure');
const opacity = element.querySelector('#attention-opacity');
opacity.addEventListener('input', () => {
  figure().style.setProperty('--mm-opacity', opacity.value / 100);
});
element.querySelector('#attention-save').addEventListener('click', () => {
  const photo = figure().querySelector('.mm-photo-shown');
  const map = figure().querySelector('.mm-heat');
  if (!photo) return;
  const strip = 64;
  const canvas = document.createElement('canvas');
  canvas.width = Math.max(photo.naturalWidth, 420);
  canvas.height = Math.round(photo.naturalHeight * canvas.width / photo.naturalWidth) + strip;
  const pen = canvas.getContext('2d');
  pen.fillStyle = '#ffffff';
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.drawImage(photo, 0, 0, canvas.width, canvas.height - strip);
  pen.globalAlpha = opacity.value / 100;
  pen.drawImage(map, 0, 0, canvas.width, canvas.height - strip);
  pen.globalAlpha = 1;
  const bar = pen.createLinearGradient(12, 0, canvas.width - 12, 0);
  const colours = element.querySelector('.mm-scale i').style.background.match(/rgb\([^)]*\)/g) || ['#000', '#fff'];
  colours.forEach((colour, i) => bar.addColorStop(i / (colours.length - 1), colour));
  pen.fillStyle = bar;
  pen.fillRect(12, canvas.height - strip + 10, canvas.width - 24, 10);
  pen.fillStyle = '#171d28';
  pen.font = '16px system-ui, sans-serif';
  pen.fillText(figure().querySelector('figure').dataset.caption, 12, canvas.height - 14, canvas.width - 24);
  const link = document.createElement('a');
  link.href = canvas.toDataURL('image/png');
  link.download = 'attention.png';
  link.click();
});
