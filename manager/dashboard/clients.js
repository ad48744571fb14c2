// Where clients go: what redirectors are told of each POP, and whom it is given. Read while it is looked at.

import { h } from './dom.js';
import { count, duration, percent, plural, rate } from './format.js';
import { dataTable } from './table.js';
import { badge, clipped, empty, measure, meter, panel } from './widgets.js';

const object = (value) => (value !== null && typeof value === 'object' ? value : {});
const list = (value) => (Array.isArray(value) ? value.map(object) : []);
const real = (value) => (typeof value === 'number' && Number.isFinite(value) ? value : NaN);
const text = (value) => (typeof value === 'string' ? value : '');

/** What GET /v1/steering says, made whole. */
export function readSteering(value) {
  const told = object(value);
  const pops = list(told.pops).map((pop) => ({
    name: text(pop.name),
    ofBackends: pop.serves === 'back-ends',
    use: real(pop.use),
    shed: real(pop.shed),
    draining: pop.draining === true,
    networks: real(pop.networks),
    cells: real(pop.cells),
    demand: real(pop.demand),
    passedOn: real(pop.passed_on),
    answers: real(pop.answers_per_s),
  }));
  const all = pops.reduce((sum, pop) => sum + (pop.demand || 0), 0);
  for (const pop of pops) pop.share = all > 0 ? (pop.demand || 0) / all : 0;
  return {
    table: real(told.table),
    settling: told.settling === true,
    fault: text(told.fault),
    networks: real(told.networks),
    queries: real(told.queries_per_s),
    slotted: Array.isArray(told.slotted_resolvers) ? told.slotted_resolvers.map(text) : [],
    pops,
    redirectors: list(told.redirectors).map((redirector) => ({
      name: text(redirector.name),
      connected: redirector.connected === true,
      table: real(redirector.table),
      behind: redirector.behind === true,
    })),
  };
}

/** What is known of the steering; read each second as long as somebody looks. */
export class Steering {
  #app;
  #reading = false;
  told = null;
  error = '';

  constructor(app) {
    this.#app = app;
  }

  async load() {
    if (this.#reading) return;
    this.#reading = true;
    try {
      this.told = readSteering(await this.#app.api.get('/v1/steering'));
      this.error = '';
    } catch (problem) {
      this.error = problem.message;
    }
    this.#reading = false;
    this.#app.changed();
  }
}

export function clients(app) {
  const { told, error } = app.steering;
  return h(
    'div',
    { key: 'clients', class: 'clients' },
    h('h1', { tabindex: '-1' }, 'Clients'),
    error !== '' && h('p', { class: 'notice bad', role: 'alert' }, `Where clients go cannot be read: ${error}`),
    told === null ? error === '' && h('p', { class: 'plain' }, 'Waiting for the manager…') : views(app, told),
  );
}

function views(app, told) {
  if (!(told.table > 0)) {
    return empty('There is no steering table: this manager does not lead, or nothing is served yet.');
  }
  return [
    told.fault !== '' &&
      h('p', { class: 'notice warn', role: 'status' }, badge('warn', 'The atlas is an old one'), ` ${told.fault}`),
    panel(
      'Where clients are sent',
      { key: 'pops', aside: h('span', { class: 'quiet' }, summary(told)) },
      dataTable({
        id: 'steering',
        caption: 'POPs and their clients',
        rows: told.pops,
        sort: 'name',
        changed: app.changed,
        key: (pop) => pop.name,
        search: (pop) => pop.name,
        none: 'No POP serves anything yet.',
        columns: columns(),
      }),
    ),
    panel('Redirectors', { key: 'redirectors' }, redirectors(told)),
  ];
}

function summary(told) {
  const words = [`table ${count(told.table)}`, plural(told.networks, 'network'), `${rate(told.queries, 'queries')}`];
  if (told.slotted.length > 0) words.push(`${plural(told.slotted.length, 'large resolver')} in slots of time`);
  return words.join(', ');
}

function columns() {
  const figure = (id, title, say) => ({
    id,
    title,
    number: true,
    by: (pop) => pop[id],
    cell: (pop) => measure(say(pop[id])),
  });
  return [
    {
      id: 'name',
      title: 'POP',
      head: true,
      by: (pop) => pop.name,
      cell: (pop) => [clipped(pop.name), pop.ofBackends && h('span', { class: 'under' }, 'back-ends by name')],
    },
    {
      id: 'share',
      title: 'Of all demand',
      by: (pop) => pop.share,
      cell: ({ share }) =>
        h(
          'span',
          { class: 'meter' },
          h(
            'span',
            { class: 'meter-track', 'aria-hidden': 'true' },
            h('span', { class: 'meter-fill', style: { width: `${(share * 100).toFixed(1)}%` } }),
          ),
          h('span', { class: 'meter-text' }, percent(share)),
        ),
    },
    figure('demand', 'Demand', (value) => rate(value)),
    { id: 'use', title: 'Use', by: (pop) => pop.use, cell: ({ use }) => meter(use, percent(use)) },
    { id: 'shed', title: 'Passes on', by: (pop) => pop.shed, cell: shedCell },
    figure('passedOn', 'From others', (value) => rate(value)),
    figure('cells', 'Cells', count),
    figure('networks', 'Networks', count),
    figure('answers', 'Answers', (value) => rate(value)),
  ];
}

function shedCell({ shed, draining }) {
  const words = percent(shed);
  if (draining) return badge('warn', `draining: ${words}`);
  return shed > 0 ? badge('warn', words) : h('span', { class: 'quiet' }, 'nothing');
}

function redirectors(told) {
  if (told.redirectors.length === 0) return empty('No redirector has come yet.');
  return h(
    'ul',
    { class: 'chips' },
    told.redirectors.map((redirector) =>
      h('li', { key: redirector.name }, `${redirector.name} `, standing(redirector, told.table)),
    ),
  );
}

/** A table is made each second. */
function standing({ connected, behind, table }, newest) {
  if (!connected) return badge('bad', 'away');
  if (behind) return badge('warn', table > 0 ? `${duration(newest - table)} behind` : 'has no table');
  return badge('good', 'answers by it');
}
