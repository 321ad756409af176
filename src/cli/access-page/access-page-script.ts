/** The script of the access page: filters and sorts its rows. Without it, the page has the whole table. */
export const accessPageScript = `
'use strict';
const form = document.querySelector('form');
const body = document.querySelector('tbody');
const status = document.querySelector('[role=status]');
const { text, viewer, access, kind, order } = form.elements;
const rows = Array.from(body.rows, (row) => ({
  row,
  text: (row.cells[0].textContent + ' ' + row.cells[row.cells.length - 1].textContent).toLowerCase(),
}));
const byCoordinate = [...rows].sort((one, other) => (one.row.id < other.row.id ? -1 : 1));

function isShown({ row, text: words }) {
  const wanted = text.value.toLowerCase().split(/\\s+/);
  if (!wanted.every((word) => words.includes(word))) return false;
  if (kind.value !== '' && !row.dataset.kinds.split(' ').includes(kind.value)) return false;
  if (viewer.value === '') return true;
  const found = row.cells[Number(viewer.value) + 1].className;
  return access.value === 'some' ? found !== 'refused' : found === access.value;
}

function show() {
  access.disabled = viewer.value === '';
  let count = 0;
  for (const one of rows) {
    one.row.hidden = !isShown(one);
    if (!one.row.hidden) count += 1;
  }
  status.textContent = count + ' of ' + rows.length + ' shown';
}

function sort() {
  body.append(...(order.value === 'coordinate' ? byCoordinate : rows).map(({ row }) => row));
}

function reveal() {
  const row = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (row === null || !body.contains(row)) return;
  if (row.hidden) {
    form.reset();
    show();
    sort();
  }
  row.scrollIntoView({ block: 'center' });
}

form.hidden = false;
form.addEventListener('submit', (event) => event.preventDefault());
form.addEventListener('input', show);
order.addEventListener('change', sort);
form.addEventListener('reset', () => setTimeout(() => { show(); sort(); }));
addEventListener('hashchange', reveal);
show();
reveal();
`;
