// The box follows the four numbers that are typed: left, top, right, bottom, in per cent of the photo.
(...given) => {
  const mark = document.querySelector('#attention-pad .mm-drawn');
  if (!mark) return;
  const [width, left, height, top] = [[given[0], given[2]], [given[1], given[3]]].flatMap((two) => {
    const [low, high] = two.map((value) => Math.min(100, Math.max(0, Number(value)))).sort((a, b) => a - b);
    return [high - low, low];
  });
  mark.hidden = false;
  mark.style.cssText = `left:${left}%;top:${top}%;width:${width}%;height:${height}%`;
}
