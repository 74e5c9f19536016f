// Tables as CSV and charts as PNG, made in the browser: a button `.mm-save` takes the table or the drawing before it.
(() => {
  const NUMBER = /^[+-]?\d[\d.,]*( ?%)?$/;
  const FORMULA = /^[=+\-@\t\r＝＋－＠]/; // a spreadsheet would calculate what begins so
  const STYLES = ['fill', 'fill-opacity', 'stroke', 'stroke-width', 'stroke-dasharray', 'stroke-linecap', 'stroke-linejoin',
    'opacity', 'font-size', 'font-family', 'font-weight', 'text-anchor', 'r'];
  const SCALE = 2, EDGE = 12, LINE = 22; // pixels a pixel; around the drawing; height of a line of the legend

  const read = (node) => node.textContent.replace(/\s+/g, ' ').trim();
  const before = (button, kind) => { // the nearest one above the button
    for (let node = button.previousElementSibling; node; node = node.previousElementSibling) {
      if (node.matches(kind)) return node;
      const inside = node.querySelector(kind);
      if (inside) return inside;
    }
    return null;
  };
  const heading = (button) => {
    const place = button.closest('details, figure, section, .mm-chart, .mm-code') ?? button.parentElement;
    const named = place.querySelector('summary, figcaption strong, header b, h3, h4, span');
    return named ? read(named) : '';
  };
  const nameOf = (button, ending) => {
    const words = [document.body.dataset.tab ?? 'mmdemo', heading(button)].join(' ');
    return `${words.replace(/[^\p{L}\p{N}]+/gu, '-').slice(0, 60).replace(/^-|-$/g, '')}.${ending}`;
  };
  const keep = (blob, name) => {
    const link = document.createElement('a');
    link.href = URL.createObjectURL(blob);
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60000);
  };

  // ---- CSV

  const cell = (node) => {
    const text = read(node), number = text.replace(/^−/, '-');
    const safe = NUMBER.test(number) ? number : FORMULA.test(text) ? `'${text}` : text;
    return `"${safe.replace(/"/g, '""')}"`;
  };
  const csv = (table) => [...table.rows].map((row) => [...row.cells].map(cell).join(',')).join('\r\n');

  // ---- PNG

  // A copy with the styles that it has on this page; as a picture it has no style sheet.
  const dressed = (drawing) => {
    const copy = drawing.cloneNode(true), copies = [copy, ...copy.querySelectorAll('*')];
    [drawing, ...drawing.querySelectorAll('*')].forEach((node, i) => {
      const style = getComputedStyle(node);
      STYLES.forEach((name) => copies[i].style.setProperty(name, style.getPropertyValue(name)));
    });
    return copy;
  };
  const picture = async (drawing) => {
    const copy = dressed(drawing), box = drawing.viewBox.baseVal, shown = drawing.getBoundingClientRect();
    copy.setAttribute('xmlns', 'http://www.w3.org/2000/svg');
    copy.setAttribute('width', shown.width * SCALE);
    copy.setAttribute('height', shown.height * SCALE);
    copy.setAttribute('viewBox', `${box.x} ${box.y} ${box.width} ${box.height}`);
    const image = new Image();
    image.src = `data:image/svg+xml,${encodeURIComponent(new XMLSerializer().serializeToString(copy))}`;
    await image.decode();
    return image;
  };
  // What the colours stand for: the keys beside the drawing, each with its square.
  const keysOf = (button) => {
    const place = button.closest('figure, section, .mm-chart') ?? button.parentElement;
    return [...place.querySelectorAll('.mm-key, .mm-line-key')].map((key) => {
      const mark = getComputedStyle(key, '::before'), filled = mark.backgroundColor !== 'rgba(0, 0, 0, 0)';
      return {text: read(key), colour: filled ? mark.backgroundColor : mark.borderTopColor};
    });
  };
  const png = async (button, drawing) => {
    const image = await picture(drawing), style = getComputedStyle(document.body);
    const lines = [{text: heading(button)}, ...keysOf(button)].filter((line) => line.text);
    const canvas = document.createElement('canvas');
    canvas.width = image.width + 2 * EDGE * SCALE;
    canvas.height = image.height + (2 * EDGE + LINE * lines.length) * SCALE;
    const pen = canvas.getContext('2d');
    pen.fillStyle = style.getPropertyValue('--mm-card').trim() || '#fff';
    pen.fillRect(0, 0, canvas.width, canvas.height);
    pen.scale(SCALE, SCALE);
    pen.drawImage(image, EDGE, EDGE, image.width / SCALE, image.height / SCALE);
    pen.font = '13px system-ui, sans-serif';
    lines.forEach(({text, colour}, i) => {
      const y = 2 * EDGE + image.height / SCALE + LINE * i;
      if (colour) { pen.fillStyle = colour; pen.fillRect(EDGE, y - 2, 10, 10); }
      pen.fillStyle = style.getPropertyValue('--mm-ink').trim() || '#000';
      pen.fillText(text, EDGE + (colour ? 18 : 0), y + 8);
    });
    return new Promise((done) => canvas.toBlob(done, 'image/png'));
  };

  document.addEventListener('click', async (event) => {
    const button = event.target.closest?.('.mm-save');
    if (!button) return;
    const kind = button.dataset.save, found = before(button, kind === 'csv' ? 'table' : 'svg');
    if (!found) return;
    const made = kind === 'csv' ? new Blob(['\ufeff', csv(found)], {type: 'text/csv;charset=utf-8'}) : await png(button, found);
    keep(made, nameOf(button, kind));
  });
})();
