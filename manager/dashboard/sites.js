// Sites: all of them in a table, and each by itself.

import { h } from './dom.js';
import { count, milliseconds, number, percent, plural, rate } from './format.js';
import { errorShare } from './model.js';
import { dataTable } from './table.js';
import { KEPT_SECONDS } from './history.js';
import {
  badge,
  clipped,
  empty,
  linePath,
  measure,
  meter,
  names,
  panel,
  ringBar,
  ringLegend,
  sparkline,
} from './widgets.js';

export function sites(app) {
  const { status } = app;
  return h(
    'div',
    { key: 'sites' },
    h('h1', { tabindex: '-1' }, 'Sites'),
    panel('All sites', { key: 'all-sites', aside: ringLegend() }, siteTable(app, status.sites, 'sites', 'name')),
  );
}

const link = (name) => `#/sites/${encodeURIComponent(name)}`;

/** `sort`: the column by which it begins to be sorted; none: as the rows come. */
export function siteTable(app, rows, id, sort) {
  return dataTable({
    id,
    rows,
    sort,
    caption: 'Sites',
    changed: app.changed,
    key: (site) => site.name,
    none: 'There are no sites yet.',
    search: (site) => [site.name, ...site.frontends, ...site.backends].join(' '),
    columns: siteColumns(app, sort !== undefined),
  });
}

function siteColumns({ history }, sortable) {
  const columns = [
    { id: 'name', title: 'Site', head: true, by: (site) => site.name, cell: nameCell },
    {
      id: 'requests',
      title: 'Requests',
      number: true,
      by: (site) => site.requests,
      cell: (site) => measure(rate(site.requests)),
    },
    { id: 'trend', title: 'Last 3 min', cell: (site) => sparkline(history.site(site.name, 'requests', 180)) },
    { id: 'p95', title: 'p95', number: true, by: (site) => site.p95, cell: (site) => measure(milliseconds(site.p95)) },
    { id: 'errors', title: 'Errors', number: true, by: errorShare, cell: errorCell },
    { id: 'rings', title: 'Rings 0 to 4', cell: (site) => ringBar(site.rings) },
    {
      id: 'frontends',
      title: 'Front-ends',
      by: (site) => site.frontends.length,
      cell: (site) => names(site.frontends),
    },
    { id: 'backends', title: 'Back-ends', by: (site) => site.backends.length, cell: (site) => names(site.backends) },
    { id: 'origins', title: 'Origins', by: (site) => upOrigins(site) / site.origins.length, cell: originsCell },
  ];
  return sortable ? columns : columns.map(({ by, ...column }) => column);
}

function nameCell(site) {
  return [
    h('a', { href: link(site.name) }, clipped(site.name)),
    site.shortage !== '' && h('span', { title: site.shortage }, badge('warn', 'short')),
  ];
}

function errorCell(site) {
  const share = errorShare(site);
  const text = measure(percent(share));
  return share < 0.01 ? text : badge(share >= 0.05 ? 'bad' : 'warn', text);
}

const upOrigins = (site) => site.origins.filter((origin) => origin.up).length;

function originsCell(site) {
  const up = upOrigins(site);
  const text = `${up} of ${site.origins.length} up`;
  return up === site.origins.length ? h('span', { class: 'nowrap' }, text) : badge(up === 0 ? 'bad' : 'warn', text);
}

// --- One site ---

export function site(app, name) {
  const found = app.status.sites.find((each) => each.name === name);
  const head = [h('p', { class: 'path' }, h('a', { href: '#/sites' }, 'Sites')), h('h1', { tabindex: '-1' }, name)];
  if (found === undefined) return h('div', { key: `site ${name}` }, head, empty('There is no such site.'));
  return h(
    'div',
    { key: `site ${name}` },
    head,
    found.shortage !== '' && h('p', { class: 'reason' }, badge('warn', 'short of gateways'), ` ${found.shortage}`),
    h(
      'div',
      { class: 'trio' },
      trend(app, name, 'requests', 'Requests', rate),
      trend(app, name, 'p95', '95th percentile', milliseconds),
      trend(app, name, 'errors', 'Errors', rate),
    ),
    h('div', { class: 'pair' }, rings(found), gateways(found)),
    panel('Origins', { key: 'origins' }, originTable(app, found)),
  );
}

const WIDTH = 320;
const HEIGHT = 96;

function trend({ history }, name, what, title, say) {
  const values = history.site(name, what);
  const known = values.filter((value) => !Number.isNaN(value));
  const most = niceTop(Math.max(0, ...known));
  const now = values.at(-1) ?? NaN;
  const least = known.length === 0 ? NaN : Math.min(...known);
  const summary = `${title} now ${say(now)}; in the last minutes from ${say(least)} to ${say(Math.max(...known))}`;
  return panel(
    title,
    { key: what, aside: h('span', { class: 'big' }, measure(say(now))) },
    h(
      'figure',
      { class: 'trend', role: 'img', 'aria-label': summary },
      h(
        'svg',
        { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: 'none', 'aria-hidden': 'true' },
        [0, 0.5, 1].map((part) => h('path', { class: 'grid', d: `M0 ${HEIGHT * part}H${WIDTH}` })),
        h('path', { class: 'trend-line', d: linePath(values, WIDTH, HEIGHT, most) }),
      ),
      h('span', { class: 'axis top', 'aria-hidden': 'true' }, say(most)),
      h('span', { class: 'axis bottom', 'aria-hidden': 'true' }, '0'),
      h(
        'figcaption',
        { 'aria-hidden': 'true' },
        h('span', null, `${KEPT_SECONDS / 60} min ago`),
        h('span', null, 'now'),
      ),
    ),
  );
}

/** A round number that is not below any value. */
function niceTop(most) {
  if (most <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(most));
  return [1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10].map((step) => step * power).find((top) => top >= most);
}

function rings(found) {
  const total = found.rings.reduce((sum, share) => sum + share, 0);
  return panel(
    'Priority rings',
    { key: 'rings' },
    h('div', { class: 'ring-large' }, ringBar(found.rings)),
    h(
      'table',
      null,
      h('caption', { class: 'unseen' }, 'Requests by ring'),
      h(
        'thead',
        null,
        h(
          'tr',
          null,
          h('th', { scope: 'col' }, 'Ring'),
          h('th', { scope: 'col', class: 'number' }, 'Share'),
          h('th', { scope: 'col', class: 'number' }, 'Requests'),
        ),
      ),
      h(
        'tbody',
        null,
        found.rings.map((share, ring) =>
          h(
            'tr',
            null,
            h(
              'th',
              { scope: 'row' },
              h('span', { class: `swatch ring-${ring}`, 'aria-hidden': 'true' }),
              `${ring}${ring === 0 ? ', served first' : ''}`,
            ),
            h('td', { class: 'number' }, measure(percent(total > 0 ? share / total : NaN))),
            h('td', { class: 'number' }, measure(rate(total > 0 ? (found.requests * share) / total : NaN))),
          ),
        ),
      ),
    ),
  );
}

function gateways(found) {
  const block = (title, all) => [
    h('h3', null, `${title} (${count(all.length)})`),
    all.length === 0
      ? empty('none')
      : h(
          'ul',
          { class: 'chips' },
          all.map((name) => h('li', { key: name }, name)),
        ),
  ];
  return panel(
    'Gateways',
    { key: 'gateways' },
    h('p', { class: 'quiet' }, `${rate(found.refused)} refused for want of room`),
    block('Front-ends', found.frontends),
    block('Back-ends', found.backends),
  );
}

function originTable(app, found) {
  return dataTable({
    id: 'origins',
    caption: `Origins of ${found.name}`,
    rows: found.origins,
    sort: 'name',
    changed: app.changed,
    key: (origin) => `${origin.name} ${origin.backend}`,
    search: (origin) => `${origin.name} ${origin.backend}`,
    columns: [
      { id: 'name', title: 'Origin', head: true, by: (origin) => origin.name, cell: (origin) => clipped(origin.name) },
      {
        id: 'backend',
        title: 'Seen from back-end',
        by: (origin) => origin.backend,
        cell: (origin) => clipped(origin.backend || 'none'),
      },
      { id: 'state', title: 'State', by: originState, cell: (origin) => badge(...ORIGIN_STATES[originState(origin)]) },
      {
        id: 'pending',
        title: 'Pending requests',
        by: (origin) => origin.pending / origin.capacity,
        cell: (origin) =>
          meter(origin.pending / origin.capacity, `${number(origin.pending)} of ${plural(origin.capacity, 'place')}`),
      },
    ],
  });
}

const ORIGIN_STATES = [
  ['bad', 'left alone'],
  ['warn', 'draining'],
  ['good', 'up'],
];
const originState = (origin) => (!origin.up ? 0 : origin.draining ? 1 : 2);
