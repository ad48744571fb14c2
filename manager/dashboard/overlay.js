// The overlay as a picture: POPs with their front-ends on the left, back-ends on the right, a line for each link. Each
// line ends at a row of its own that says round trip, loss and use, so labels never lie on each other.

import { h } from './dom.js';
import { milliseconds, percent, place, plural, rate } from './format.js';
import { isLossy, useLevel } from './model.js';
import { badge, empty, measure } from './widgets.js';

const MOST_LINKS = 40; // in the picture; the table has them all
const CHOSEN_LINKS = 24; // of more than that
const HEAD = 28; // heights in CSS pixels, as in style.css
const ROW = 23;
const GAP = 10;

let picked = null; // {frontend} or {backend} or both: what is pointed at stands out
let wanted = ''; // the filter's text

export function overlay(status, changed) {
  const links = chosenLinks(status);
  const fitting = fittingLinks(status);
  const left = leftColumn(status, links);
  const right = rightColumn(status, links);
  const height = Math.max(left.height, right.height);
  spread(left, height);
  spread(right, height);
  return h(
    'div',
    { class: 'overlay' },
    filterLine(status, fitting.length, links.length, changed),
    left.groups.length + right.groups.length === 0
      ? empty(
          wanted !== ''
            ? 'Nothing fits.'
            : 'There are no gateways yet. Each one comes with a token of its own: ringway enrol --help.',
        )
      : h(
          'div',
          { class: 'overlay-body', style: { '--height': `${height}px` } },
          h(
            'ul',
            { class: 'overlay-side left', 'aria-label': 'POPs and front-ends' },
            left.groups.map((group) => popGroup(group, status, changed)),
          ),
          lines(links, left, right, height),
          h(
            'ul',
            { class: 'overlay-side right', 'aria-label': 'Back-ends and their links' },
            right.groups.map((group) => backendGroup(group, status, changed)),
          ),
        ),
    status.links.length > 0 && legend(),
  );
}

// --- What is in it ---

function fittingLinks(status) {
  const word = wanted.trim().toLowerCase();
  if (word === '') return status.links;
  const site = status.sites.find((each) => each.name.toLowerCase() === word);
  if (site !== undefined) {
    return status.links.filter(
      (link) => site.frontends.includes(link.frontend) && site.backends.includes(link.backend),
    );
  }
  const popOf = popsByFrontend(status);
  return status.links.filter((link) =>
    [link.frontend, link.backend, popOf.get(link.frontend)?.name ?? ''].some((name) =>
      name.toLowerCase().includes(word),
    ),
  );
}

/** Of too many those that are busiest or lose the most. */
function chosenLinks(status) {
  const links = fittingLinks(status);
  if (links.length <= MOST_LINKS) return links;
  const weight = (link) => (link.used || 0) + 10 * link.loss;
  return [...links].sort((a, b) => weight(b) - weight(a)).slice(0, CHOSEN_LINKS);
}

/** Gateways that no line leads to are shown too, where all are. */
function unlinked(status, role) {
  const all = wanted === '' && status.gateways.length <= MOST_LINKS && status.links.length <= MOST_LINKS;
  return all ? status.gateways.filter((gateway) => gateway.role === role).map((gateway) => gateway.name) : [];
}

function popsByFrontend(status) {
  return new Map(status.pops.flatMap((pop) => pop.frontends.map((name) => [name, pop])));
}

const byName = (a, b) => a.localeCompare(b, 'en', { numeric: true });

// --- Where things are: columns of groups, each a head and rows ---

function leftColumn(status, links) {
  const popOf = popsByFrontend(status);
  const names = [...new Set([...links.map((link) => link.frontend), ...unlinked(status, 'frontend')])].sort(byName);
  const groups = new Map();
  for (const name of names) {
    const pop = popOf.get(name) ?? null;
    const key = pop?.name ?? '';
    if (!groups.has(key)) groups.set(key, { key, pop, rows: [] });
    groups.get(key).rows.push(name);
  }
  return column([...groups.values()].sort((a, b) => byName(a.key, b.key)));
}

function rightColumn(status, links) {
  const groups = new Map(unlinked(status, 'backend').map((name) => [name, { key: name, rows: [] }]));
  for (const link of links) {
    if (!groups.has(link.backend)) groups.set(link.backend, { key: link.backend, rows: [] });
    groups.get(link.backend).rows.push(link);
  }
  for (const group of groups.values()) group.rows.sort((a, b) => byName(a.frontend, b.frontend));
  return column([...groups.values()].sort((a, b) => byName(a.key, b.key)));
}

function column(groups) {
  const rows = groups.reduce((total, group) => total + HEAD + group.rows.length * ROW, 0);
  return { groups, height: rows + Math.max(0, groups.length - 1) * GAP };
}

/** The shorter column has the same room around each group. */
function spread(side, height) {
  const room = (height - side.height) / Math.max(1, side.groups.length);
  let top = room / 2;
  for (const group of side.groups) {
    group.top = top;
    top += HEAD + group.rows.length * ROW + GAP + room;
  }
}

// --- What it looks like ---

function lines(links, left, right, height) {
  const starts = startsOf(left, links);
  const ends = new Map();
  for (const group of right.groups) {
    group.rows.forEach((link, at) => ends.set(link.id, group.top + HEAD + (at + 0.5) * ROW));
  }
  return h(
    'svg',
    {
      class: 'overlay-lines',
      viewBox: `0 0 100 ${height}`,
      preserveAspectRatio: 'none',
      'aria-hidden': 'true',
      style: { height: `${height}px` },
    },
    links.map((link) =>
      h('path', {
        key: link.id,
        class: `line ${useLevel(link.used)}${isLossy(link) ? ' lossy' : ''} ${emphasis(link)}`,
        d: `M0 ${starts.get(link.id)}C45 ${starts.get(link.id)} 55 ${ends.get(link.id)} 100 ${ends.get(link.id)}`,
        'stroke-width': (1.2 + 5 * Math.min(1, link.used || 0)).toFixed(1),
      }),
    ),
  );
}

/** The links of one front-end begin beside each other, in the order of where they lead. */
function startsOf(left, links) {
  const starts = new Map();
  for (const group of left.groups) {
    group.rows.forEach((name, at) => {
      const own = links.filter((link) => link.frontend === name).sort((a, b) => byName(a.backend, b.backend));
      const middle = group.top + HEAD + (at + 0.5) * ROW;
      const step = Math.min(5, (ROW - 8) / Math.max(1, own.length));
      own.forEach((link, of) => starts.set(link.id, (middle + (of - (own.length - 1) / 2) * step).toFixed(1)));
    });
  }
  return starts;
}

function emphasis(link) {
  if (picked === null) return '';
  const meant =
    (picked.frontend ?? link.frontend) === link.frontend && (picked.backend ?? link.backend) === link.backend;
  return meant ? 'picked' : 'faded';
}

function pointing(what, changed) {
  const pick = (value) => () => {
    picked = value;
    changed();
  };
  return { mouseenter: pick(what), mouseleave: pick(null) };
}

function popGroup({ key, pop, rows, top }, status, changed) {
  return h(
    'li',
    { class: 'overlay-group', key: `pop ${key}`, style: { top: `${top}px` } },
    h(
      'div',
      { class: 'overlay-head' },
      h('strong', null, pop === null ? 'No POP' : pop.name),
      pop?.draining === true
        ? badge('warn', 'draining')
        : h('span', { class: 'quiet' }, pop === null ? '' : place(pop.latitude, pop.longitude)),
    ),
    h(
      'ul',
      null,
      rows.map((name) => frontendRow(name, status, changed)),
    ),
  );
}

function frontendRow(name, status, changed) {
  const gateway = status.gateways.find((each) => each.role === 'frontend' && each.name === name);
  return h(
    'li',
    { class: 'overlay-row', key: name, on: pointing({ frontend: name }, changed) },
    h('span', { class: 'clip', title: name }, name),
    stateOf(gateway),
    load(gateway),
  );
}

/** Nothing of who is away: what it said last is not so any more. */
function load(gateway) {
  if (isAway(gateway)) return null;
  return [
    h('span', { class: 'figure' }, measure(rate(gateway.exchanges))),
    h('span', { class: 'figure' }, measure(percent(gateway.cpu)), h('span', { class: 'unit' }, ' CPU')),
  ];
}

const isAway = (gateway) => gateway === undefined || gateway.state === 'away' || !gateway.connected;

function backendGroup({ key, rows, top }, status, changed) {
  const gateway = status.gateways.find((each) => each.role === 'backend' && each.name === key);
  return h(
    'li',
    { class: 'overlay-group', key, style: { top: `${top}px` } },
    h(
      'div',
      { class: 'overlay-head', on: pointing({ backend: key }, changed) },
      h('strong', { class: 'clip', title: key }, key),
      stateOf(gateway),
      load(gateway),
    ),
    h(
      'ul',
      null,
      rows.map((link) => linkRow(link, changed)),
    ),
  );
}

function linkRow(link, changed) {
  const on = pointing({ frontend: link.frontend, backend: link.backend }, changed);
  return h(
    'li',
    { class: `overlay-row ${emphasis(link)}`, key: link.id, on },
    h('span', { class: 'clip', title: link.frontend }, h('span', { class: 'unseen' }, 'from '), link.frontend),
    h('span', { class: 'figure' }, h('span', { class: 'unseen' }, 'round trip '), measure(milliseconds(link.rtt))),
    h(
      'span',
      { class: `figure ${isLossy(link) ? 'warn-text' : ''}` },
      isLossy(link) && h('span', { 'aria-hidden': 'true' }, '▲ '),
      measure(percent(link.loss)),
      h('span', { class: 'unit' }, ' loss'),
    ),
    h(
      'span',
      { class: `figure ${useLevel(link.used) === 'full' ? 'bad-text' : ''}` },
      measure(percent(link.used)),
      h('span', { class: 'unit' }, ' used'),
    ),
  );
}

function stateOf(gateway) {
  if (isAway(gateway)) return badge('bad', 'away');
  if (gateway.stage === 'refused') return badge('bad', 'refused');
  if (gateway.state === 'serving') return null;
  return badge(gateway.state === 'foreign' ? 'bad' : 'warn', gateway.state);
}

function filterLine(status, fitting, shown, changed) {
  if (status.links.length <= 8 && wanted === '') return null;
  const type = (event) => {
    wanted = event.target.value;
    changed();
  };
  return h(
    'div',
    { class: 'tools' },
    h('label', { for: 'overlay-filter' }, 'Only'),
    h('input', {
      id: 'overlay-filter',
      type: 'search',
      placeholder: 'gateway, POP or site',
      autocomplete: 'off',
      spellcheck: 'false',
      prop: { value: wanted },
      on: { input: type },
    }),
    h(
      'span',
      { class: 'quiet' },
      shown < fitting
        ? [
            `the ${shown} busiest or lossiest of ${plural(fitting, 'link')}: `,
            h('a', { href: '#/links' }, 'all of them'),
          ]
        : `${plural(fitting, 'link')}`,
    ),
  );
}

function legend() {
  const sample = (level, words) =>
    h(
      'span',
      null,
      h(
        'svg',
        { class: 'sample', viewBox: '0 0 28 10', width: 28, height: 10, 'aria-hidden': 'true' },
        h('path', {
          class: `line ${level}`,
          d: 'M0 5H28',
          'stroke-width': { low: 1.6, middle: 3, high: 5, full: 6.2, lossy: 2 }[level],
        }),
      ),
      words,
    );
  return h(
    'p',
    { class: 'legend overlay-legend' },
    'Used of capacity:',
    sample('low', 'below 25 %'),
    sample('middle', '25 to 60 %'),
    sample('high', '60 to 90 %'),
    sample('full', '90 % and more'),
    sample('lossy', 'dashed: loses 2 % or more'),
  );
}
