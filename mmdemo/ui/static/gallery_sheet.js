// A CSV travels within the call; of one that is too large only its size.
element.addEventListener('change', ({target}) => {
  const [file] = target.files, reader = new FileReader();
  target.value = '';
  reader.onload = () => trigger('submit', {csv: reader.result.split(',')[1] ?? '', size: file.size});
  if (file) reader.readAsDataURL(file.size > target.dataset.most ? new Blob() : file);
});
