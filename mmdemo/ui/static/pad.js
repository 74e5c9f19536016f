// The drawing pad: drag a box over the photo, by mouse, pen or finger. `element` holds the pad, drawn anew each time.
let start = null;
const per = (event, frame) => [
  Math.min(100, Math.max(0, 100 * (event.clientX - frame.left) / frame.width)),
  Math.min(100, Math.max(0, 100 * (event.clientY - frame.top) / frame.height)),
];
const corners = (event) => {
  const [x, y] = per(event, start.frame);
  return {
    left: Math.min(x, start.x), top: Math.min(y, start.y), right: Math.max(x, start.x), bottom: Math.max(y, start.y),
  };
};
const draw = (box) => {
  const mark = element.querySelector('.mm-drawn');
  if (!mark) return;
  mark.hidden = false;
  mark.style.cssText = `left:${box.left}%;top:${box.top}%;width:${box.right - box.left}%;height:${box.bottom - box.top}%`;
};
element.addEventListener('pointerdown', (event) => {
  const stage = event.target.closest('.mm-stage');
  if (!stage || event.button !== 0) return;
  event.preventDefault();
  const frame = stage.getBoundingClientRect();
  const [x, y] = per(event, frame);
  start = {x: x, y: y, frame: frame};
  element.setPointerCapture(event.pointerId);
});
element.addEventListener('pointermove', (event) => {
  if (start) draw(corners(event));
});
element.addEventListener('pointerup', (event) => {
  if (!start) return;
  const box = corners(event);
  start = null;
  if (box.right - box.left < 1 || box.bottom - box.top < 1) return;
  draw(box);
  trigger('select', box);
});
element.addEventListener('pointercancel', () => { start = null; });
