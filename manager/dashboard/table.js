// Tables that can be sorted, filtered and leafed through: fifty rows are on the page, however many there are.

import { h } from './dom.js';
import { count } from './format.js';
import { button, empty } from './widgets.js';

const PAGE = 50;
const HOLD_MS = 5000; // what is sorted by changing numbers is put in order this often, so that it can be read

const views = new Map(); // by a table's id: how it is looked at

function viewOf(table) {
  if (!views.has(table.id)) {
    views.set(table.id, { sort: table.sort, down: table.down === true, page: 0, filter: '', order: null, since: 0 });
  }
  return views.get(table.id);
}

/**
 * `table`: id, caption, columns, rows, key(row), sort (a column's id), down, search(row) → text, changed() to show it
 * anew, none (what to say of no rows). A column: id, title, cell(row), by(row) (what it is sorted by), number, head.
 */
export function dataTable(table) {
  const view = viewOf(table);
  const found = filtered(table, view);
  const rows = ordered(table, view, found);
  const pages = Math.max(1, Math.ceil(rows.length / PAGE));
  view.page = Math.min(view.page, pages - 1);
  const shown = rows.slice(view.page * PAGE, (view.page + 1) * PAGE);
  return h(
    'div',
    { class: 'table-block', key: table.id },
    (table.rows.length > 8 || view.filter !== '') && tools(table, view, found.length),
    h(
      'div',
      { class: 'table-scroll', role: 'region', tabindex: '0', 'aria-label': `${table.caption}, table` },
      h(
        'table',
        null,
        h('caption', { class: 'unseen' }, table.caption),
        h(
          'thead',
          null,
          h(
            'tr',
            null,
            table.columns.map((column) => heading(table, view, column)),
          ),
        ),
        h(
          'tbody',
          null,
          shown.map((row) => tableRow(table, row)),
        ),
      ),
    ),
    shown.length === 0 && empty(view.filter === '' ? (table.none ?? 'There is none.') : 'Nothing fits the filter.'),
    pages > 1 && pager(table, view, rows.length, pages),
  );
}

function filtered(table, view) {
  const words = view.filter
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
  if (words.length === 0) return table.rows;
  return table.rows.filter((row) => {
    const text = table.search(row).toLowerCase();
    return words.every((word) => text.includes(word));
  });
}

function ordered(table, view, rows) {
  const column = table.columns.find((each) => each.id === view.sort);
  if (column === undefined) return rows;
  const now = Date.now();
  const held = view.order !== null && now - view.since < HOLD_MS && rows.every((row) => view.order.has(table.key(row)));
  if (!held) {
    const sorted = [...rows].sort((a, b) => compare(column.by(a), column.by(b)) * (view.down ? -1 : 1));
    view.order = new Map(sorted.map((row, at) => [table.key(row), at]));
    view.since = now;
    return sorted;
  }
  return [...rows].sort((a, b) => view.order.get(table.key(a)) - view.order.get(table.key(b)));
}

const collator = new Intl.Collator('en', { numeric: true });

function compare(a, b) {
  if (typeof a === 'string') return collator.compare(a, b);
  return (Number.isNaN(a) ? -Infinity : a) - (Number.isNaN(b) ? -Infinity : b) || 0;
}

function heading(table, view, column) {
  const sorted = view.sort === column.id;
  const order = sorted ? (view.down ? 'descending' : 'ascending') : null;
  const props = { scope: 'col', class: column.number ? 'number' : '', 'aria-sort': order };
  if (column.by === undefined) return h('th', props, column.title);
  const sortBy = () => {
    view.down = sorted ? !view.down : column.number === true;
    view.sort = column.id;
    view.order = null;
    table.changed();
  };
  return h(
    'th',
    props,
    h(
      'button',
      { type: 'button', class: 'sort', on: { click: sortBy } },
      column.title,
      h('span', { class: 'sort-sign', 'aria-hidden': 'true' }, sorted ? (view.down ? '▼' : '▲') : ''),
    ),
  );
}

function tableRow(table, row) {
  return h(
    'tr',
    { key: table.key(row), class: table.rowClass?.(row) },
    table.columns.map((column) =>
      column.head
        ? h('th', { scope: 'row' }, column.cell(row))
        : h('td', { class: column.number ? 'number' : '' }, column.cell(row)),
    ),
  );
}

function tools(table, view, found) {
  const type = (event) => {
    view.filter = event.target.value;
    view.page = 0;
    table.changed();
  };
  const id = `${table.id}-filter`;
  return h(
    'div',
    { class: 'tools' },
    h('label', { for: id }, 'Filter'),
    h('input', {
      id,
      type: 'search',
      autocomplete: 'off',
      spellcheck: 'false',
      prop: { value: view.filter },
      on: { input: type },
    }),
    h(
      'span',
      { class: 'quiet', role: 'status' },
      found === table.rows.length ? `${count(found)} in all` : `${count(found)} of ${count(table.rows.length)}`,
    ),
  );
}

function pager(table, view, rows, pages) {
  const turn = (by) => () => {
    view.page += by;
    table.changed();
  };
  const first = view.page * PAGE;
  return h(
    'nav',
    { class: 'pager', 'aria-label': `Pages of ${table.caption}` },
    button('Previous', turn(-1), { disabled: view.page === 0 }),
    h('span', { role: 'status' }, `${count(first + 1)}–${count(Math.min(rows, first + PAGE))} of ${count(rows)}`),
    button('Next', turn(1), { disabled: view.page >= pages - 1 }),
  );
}
