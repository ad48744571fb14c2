// Gateways and the links between them, as tables.

import { h } from './dom.js';
import { bits, count, duration, milliseconds, octets, percent, plural, rate } from './format.js';
import { isLossy } from './model.js';
import { dataTable } from './table.js';
import { badge, button, clipped, measure, meter, panel } from './widgets.js';

const STATES = {
  serving: ['good', 'serving'],
  draining: ['warn', 'draining'],
  away: ['bad', 'away'],
  foreign: ['bad', 'foreign'],
};

export function gateways(app) {
  const { gateways: rows } = app.status;
  return h(
    'div',
    { key: 'gateways' },
    h('h1', { tabindex: '-1' }, 'Gateways'),
    foreign(app, rows),
    panel(
      'All gateways',
      { key: 'all-gateways', aside: summary(rows) },
      dataTable({
        id: 'gateways',
        caption: 'Gateways',
        rows,
        sort: 'name',
        changed: app.changed,
        key: (gateway) => gateway.id,
        none: 'No gateway has been seen yet.',
        search: (gateway) => `${gateway.id} ${gateway.place} ${gateway.state} ${gateway.stage} ${gateway.release}`,
        columns: gatewayColumns(app),
      }),
    ),
  );
}

/** Gateways that know more than this manager: nothing is sent to them until somebody says so. */
function foreign(app, rows) {
  const many = rows.filter((gateway) => gateway.state === 'foreign').length;
  if (many === 0) return null;
  return h(
    'p',
    { class: 'reason', key: 'foreign' },
    badge('bad', 'foreign'),
    ` ${plural(many, 'gateway')} with a revision in use that this manager does not know; nothing is sent there. `,
    button('Take over…', () => app.takeOver(), { kind: 'small' }),
  );
}

const ROLES = { frontend: 'front-end', backend: 'back-end', redirector: 'redirector' };

function summary(rows) {
  const behind = rows.filter((gateway) => gateway.revision !== gateway.wanted).length;
  return h('span', { class: 'quiet' }, behind === 0 ? 'all have what they should have' : `${count(behind)} behind`);
}

function gatewayColumns(app) {
  return [
    {
      id: 'name',
      title: 'Gateway',
      head: true,
      by: (gateway) => gateway.id,
      cell: ({ name, role }) => [
        clipped(name),
        h('span', { class: 'under' }, ROLES[role] ?? role),
      ],
    },
    { id: 'place', title: 'Place', by: (gateway) => gateway.place, cell: (gateway) => clipped(gateway.place) },
    { id: 'state', title: 'State', by: (gateway) => gateway.state, cell: stateCell },
    { id: 'revision', title: 'Revision', by: (gateway) => gateway.revision - gateway.wanted, cell: revisionCell },
    { id: 'cpu', title: 'CPU', by: (gateway) => gateway.cpu, cell: ({ cpu }) => meter(cpu, percent(cpu)) },
    number('memory', 'Memory', octets, 'memory'),
    number('exchanges', 'Requests', rate, 'exchanges'),
    number('bits', 'Traffic', bits, 'bits'),
    number('connections', 'Connections', count, 'connections'),
    { id: 'release', title: 'Release', by: (gateway) => gateway.release, cell: (gateway) => gateway.release },
    { id: 'drain', title: 'Drain', cell: (gateway) => drainButton(app, gateway) },
  ];
}

function number(id, title, say, from) {
  return { id, title, number: true, by: (row) => row[from], cell: (row) => measure(say(row[from])) };
}

function stateCell({ state, connected, heard }) {
  const [level, word] = STATES[state] ?? ['idle', state || 'not known'];
  const silent = !connected || heard >= 3;
  return [
    badge(level, word),
    silent && Number.isFinite(heard) && h('span', { class: 'under' }, `heard ${duration(heard)} ago`),
  ];
}

function revisionCell({ revision, wanted, stage, reason }) {
  if (stage === 'refused') {
    return [
      badge('bad', `${count(wanted)} refused`),
      h('span', { class: 'under' }, `uses ${count(revision)}`),
      h('span', { class: 'under reason-text bad-text' }, reason || 'no reason given'),
    ];
  }
  if (revision === wanted) return [count(revision), h('span', { class: 'under' }, 'in use')];
  return [
    badge('warn', `${count(revision)}, wanted ${count(wanted)}`),
    h('span', { class: 'under' }, stage === 'validated' ? 'validated' : 'on its way'),
  ];
}

function drainButton(app, gateway) {
  if (gateway.role === 'redirector') return null;
  const drained = app.status.drains.some((drain) => drain.target === gateway.id);
  return drained
    ? button('Undo', () => app.undrain(gateway.id), { kind: 'small', label: `Undo the drain of ${gateway.id}` })
    : button('Drain…', () => app.drain(gateway.id), { kind: 'small', label: `Drain ${gateway.id}` });
}

export function links(app) {
  const { links: rows } = app.status;
  return h(
    'div',
    { key: 'links' },
    h('h1', { tabindex: '-1' }, 'Links'),
    panel(
      'All links',
      { key: 'all-links', aside: h('span', { class: 'quiet' }, plural(rows.length, 'link')) },
      dataTable({
        id: 'links',
        caption: 'Links',
        rows,
        sort: 'frontend',
        changed: app.changed,
        key: (link) => link.id,
        none: 'No gateways are linked yet.',
        search: (link) => link.id,
        columns: [
          {
            id: 'frontend',
            title: 'Front-end',
            head: true,
            by: (link) => link.id,
            cell: (link) => clipped(link.frontend),
          },
          { id: 'backend', title: 'Back-end', by: (link) => link.backend, cell: (link) => clipped(link.backend) },
          number('rtt', 'Round trip', milliseconds, 'rtt'),
          { id: 'out', title: 'Loss out', number: true, by: (link) => link.lossOut, cell: (l) => loss(l, l.lossOut) },
          { id: 'in', title: 'Loss in', number: true, by: (link) => link.lossIn, cell: (l) => loss(l, l.lossIn) },
          {
            id: 'used',
            title: 'Used of capacity',
            by: (link) => link.used,
            cell: ({ used }) => meter(used, percent(used)),
          },
        ],
      }),
    ),
  );
}

const loss = (link, share) =>
  isLossy({ loss: share }) ? badge('warn', measure(percent(share))) : measure(percent(share));
