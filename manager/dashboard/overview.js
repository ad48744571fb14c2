// The first page: how the whole is, what needs a look, and what happened last.

import { h } from './dom.js';
import { count, duration, milliseconds, percent, plural, rate, timeElement } from './format.js';
import { errorShare } from './model.js';
import { overlay } from './overlay.js';
import { siteTable } from './sites.js';
import { eventList } from './events.js';
import { badge, button, measure, panel, progress, sparkline } from './widgets.js';

const FIRST_CONCERNS = 6;
const MOST_CONCERNS = 100;
const MOST_SITES = 8;
const MOST_EVENTS = 12;

export function overview(app) {
  const { status } = app;
  return h(
    'div',
    { class: 'overview', key: 'overview' },
    h('h1', { class: 'unseen', tabindex: '-1' }, 'Overview'),
    tiles(app),
    h(
      'div',
      { class: 'columns' },
      h(
        'div',
        { class: 'wide' },
        panel('Overlay', { key: 'overlay' }, overlay(status, app.changed)),
        panel(
          'Busiest sites',
          {
            key: 'busiest',
            aside: h('a', { href: '#/sites' }, `All ${plural(status.sites.length, 'site')}`),
          },
          siteTable(app, busiest(app), 'busiest-sites'),
        ),
      ),
      h(
        'div',
        { class: 'narrow' },
        concerns(app),
        rollout(status.rollout),
        drains(app),
        panel(
          'Events',
          { key: 'events', aside: h('a', { href: '#/events' }, 'All events') },
          eventList(app, app.events.slice(0, MOST_EVENTS)),
        ),
      ),
    ),
  );
}

function busiest({ status, history }) {
  return [...status.sites]
    .map((site) => ({ site, mean: history.mean(site.name, 'requests') }))
    .sort((a, b) => b.mean - a.mean)
    .slice(0, MOST_SITES)
    .map((each) => each.site);
}

function tiles({ status, history }) {
  const { totals } = status;
  const share = errorShare(totals);
  const behind = status.gateways.length - totals.applied;
  return h(
    'dl',
    { class: 'tiles', 'aria-label': 'The whole overlay' },
    tile(
      'Requests',
      rate(totals.requests),
      `${plural(status.sites.length, 'site')}`,
      sparkline(history.total(180), { width: 72 }),
    ),
    tile(
      'Errors',
      percent(share),
      `${rate(totals.errors)} failed, ${rate(totals.refused)} refused`,
      share >= 0.01 && badge(share >= 0.05 ? 'bad' : 'warn', share >= 0.05 ? 'high' : 'raised'),
    ),
    tile('Slowest site, p95', milliseconds(totals.worst?.p95), totals.worst?.name ?? ''),
    tile(
      'Gateways serving',
      `${count(totals.serving)} of ${count(status.gateways.length)}`,
      `${count(status.gateways.filter((gateway) => gateway.connected).length)} connected`,
    ),
    tile(
      'Links',
      count(status.links.length),
      totals.lossiest === null ? '' : `most loss ${percent(totals.lossiest.loss)}`,
    ),
    tile(
      'Revision',
      count(status.revision),
      status.gateways.length === 0
        ? 'no gateways yet'
        : behind === 0
          ? 'in use everywhere'
          : `${plural(behind, 'gateway')} not there yet`,
    ),
  );
}

function tile(name, value, note, more = null) {
  return h(
    'div',
    { class: 'tile', key: name },
    h('dt', null, name),
    h(
      'dd',
      null,
      h('span', { class: 'big' }, measure(value)),
      more,
      h('span', { class: 'note clip', title: note }, note),
    ),
  );
}

let allConcerns = false; // rather than the first few

function concerns({ status, changed }) {
  const found = status.concerns;
  const shown = found.slice(0, allConcerns ? MOST_CONCERNS : FIRST_CONCERNS);
  const turn = () => {
    allConcerns = !allConcerns;
    changed();
  };
  const rest = found.length - FIRST_CONCERNS;
  const words = allConcerns
    ? 'Show the first alone'
    : `Show ${count(Math.min(rest, MOST_CONCERNS - FIRST_CONCERNS))} more`;
  return panel(
    'Needs attention',
    { key: 'attention', aside: found.length > 0 && h('span', { class: 'quiet' }, count(found.length)) },
    found.length === 0
      ? h('p', { class: 'well' }, badge('good', 'All is well'))
      : h('ul', { class: 'concerns' }, shown.map(concern)),
    rest > 0 && button(words, turn, { kind: 'small', 'aria-expanded': String(allConcerns) }),
  );
}

function concern({ level, subject, text, href }) {
  return h(
    'li',
    { key: `${subject} ${text.slice(0, 12)}` },
    badge(level, level === 'bad' ? 'fault' : 'warning'),
    h('a', { href }, subject),
    ` ${text}`,
  );
}

// --- A revision on its way to the gateways ---

const ROLLOUT = { spreading: ['idle', 'spreading'], done: ['good', 'done'], stopped: ['bad', 'stopped'] };

export function rollout(told) {
  if (told === null) return null;
  const [level, word] = ROLLOUT[told.state] ?? ['idle', told.state];
  return panel(
    'Rollout',
    { key: 'rollout', aside: badge(level, word) },
    h(
      'p',
      null,
      h('a', { href: `#/revisions/${told.to}` }, `Revision ${count(told.to)}`),
      h('span', { class: 'quiet' }, ` after ${count(told.from)}`),
    ),
    h('ol', { class: 'waves', 'aria-label': `Wave ${told.wave} of ${told.waves}` }, waveItems(told)),
    progress(told.applied, told.gateways, 'Gateways that have it in use'),
    h(
      'p',
      { class: 'quiet' },
      `in use on ${count(told.applied)} of ${plural(told.gateways, 'gateway')}`,
      told.state === 'spreading' &&
        told.gateLeft > 0 &&
        `; this wave proves itself for ${duration(told.gateLeft)} more`,
    ),
    told.reason !== '' && h('p', { class: 'reason' }, told.reason),
  );
}

function waveItems({ wave, waves, state }) {
  const many = Number.isFinite(waves) ? Math.min(waves, 12) : 0;
  return Array.from({ length: many }, (_, at) => {
    const number = at + 1;
    const done = state === 'done' || number < wave;
    const now = !done && number === wave;
    const word = done ? 'done' : now ? (state === 'stopped' ? 'stopped' : 'now') : 'to come';
    return h('li', { class: done ? 'done' : now ? `now ${state}` : '' }, `Wave ${number}`, h('span', null, word));
  });
}

// --- What is being emptied ---

function drains(app) {
  const { drains: all } = app.status;
  if (all.length === 0) return null;
  return panel(
    'Drains',
    { key: 'drains', aside: h('span', { class: 'quiet' }, count(all.length)) },
    h(
      'ul',
      { class: 'drains' },
      all.map((drain) =>
        h(
          'li',
          { key: drain.target },
          h(
            'div',
            { class: 'drain-head' },
            h('strong', { class: 'clip', title: drain.target }, drain.target),
            drain.done ? badge('good', 'empty') : badge('warn', 'draining'),
            button('Undo', () => app.undrain(drain.target), {
              kind: 'small',
              label: `Undo the drain of ${drain.target}`,
            }),
          ),
          drainProgress(app, drain),
          h(
            'p',
            { class: 'quiet' },
            'since ',
            timeElement(drain.since, app.zone),
            drain.by !== '' && ` by ${drain.by}`,
          ),
        ),
      ),
    ),
  );
}

function drainProgress(app, drain) {
  if (drain.done) return null;
  const most = app.drainStart(drain);
  return [
    progress(most - drain.left, most, `Emptied of ${drain.target}`),
    h('p', null, `${count(drain.left)} ${drain.unit} left`),
  ];
}
