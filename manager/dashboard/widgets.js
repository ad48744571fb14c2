// Small things that several views show.

import { h } from './dom.js';
import { count, percent } from './format.js';

const SIGNS = { good: '●', warn: '▲', bad: '◆', idle: '○' };

/** A word with a sign of its own: not the colour alone says how things are. */
export function badge(level, text) {
  return h(
    'span',
    { class: `badge ${level}` },
    h('span', { class: 'sign', 'aria-hidden': 'true' }, SIGNS[level]),
    text,
  );
}

/** A number and its unit, which stands back: `12 ms`. */
export function measure(text) {
  const at = text.search(/ ?(\/s|ms|%|[kMGT]?bit\/s|[KMGT]?i?B|[kMGT]\/s|s|min|h|d)$/);
  if (at <= 0) return text;
  return [text.slice(0, at), h('span', { class: 'unit' }, text.slice(at))];
}

export function button(text, click, { kind = '', disabled = false, label, ...more } = {}) {
  const props = { type: 'button', class: `button ${kind}`, disabled, 'aria-label': label, on: { click }, ...more };
  return h('button', props, text);
}

export function panel(title, { key, aside = null, level = 2 } = {}, ...children) {
  const id = `panel-${(key ?? title).toLowerCase().replaceAll(' ', '-')}`;
  return h(
    'section',
    { class: 'panel', key: key ?? title, 'aria-labelledby': id },
    h('div', { class: 'panel-head' }, h(`h${level}`, { id }, title), aside),
    children,
  );
}

export const empty = (text) => h('p', { class: 'empty' }, text);

/** A line over time without axes; where nothing is known it breaks off. What it says is beside it as text. */
export function sparkline(values, { width = 96, height = 22 } = {}) {
  const most = Math.max(1e-9, ...values.filter((value) => !Number.isNaN(value)));
  const path = linePath(values, width, height - 2, most, 1);
  return h(
    'svg',
    { class: 'spark', viewBox: `0 0 ${width} ${height}`, width, height, 'aria-hidden': 'true' },
    h('path', { d: path }),
  );
}

export function linePath(values, width, height, most, top = 0) {
  let path = '';
  let pen = 'M';
  values.forEach((value, at) => {
    if (Number.isNaN(value)) {
      pen = 'M';
      return;
    }
    const x = (at / Math.max(1, values.length - 1)) * width;
    const y = top + height - (value / most) * height;
    path += `${pen}${x.toFixed(1)} ${y.toFixed(1)}`;
    pen = 'L';
  });
  return path;
}

/** Five shares of one whole; ring 0, which is served first, is the darkest. */
export function ringBar(rings) {
  const total = rings.reduce((sum, share) => sum + share, 0);
  if (total <= 0) return h('span', { class: 'ring-bar none' }, 'no requests');
  const words = rings
    .map((share, ring) => (share > 0 ? `ring ${ring} ${percent(share / total)}` : null))
    .filter((word) => word !== null)
    .join(', ');
  return h(
    'span',
    { class: 'ring-bar', role: 'img', 'aria-label': words, title: words },
    rings.map(
      (share, ring) =>
        share > 0 && h('span', { key: `r${ring}`, class: `ring ring-${ring}`, style: { 'flex-grow': String(share) } }),
    ),
  );
}

export function ringLegend() {
  return h(
    'p',
    { class: 'legend' },
    'Rings:',
    [0, 1, 2, 3, 4].map((ring) =>
      h(
        'span',
        null,
        h('span', { class: `swatch ring-${ring}`, 'aria-hidden': 'true' }),
        ring === 0 ? '0 (first)' : ring === 4 ? '4 (last)' : String(ring),
      ),
    ),
  );
}

/** A share of something that is limited, with its text beside it. */
export function meter(share, text) {
  const part = Number.isFinite(share) ? Math.min(1, Math.max(0, share)) : 0;
  const level = part >= 0.9 ? 'bad' : part >= 0.75 ? 'warn' : '';
  return h(
    'span',
    { class: 'meter' },
    h(
      'span',
      { class: 'meter-track', 'aria-hidden': 'true' },
      h('span', { class: `meter-fill ${level}`, style: { width: `${(part * 100).toFixed(1)}%` } }),
    ),
    h('span', { class: 'meter-text' }, text),
  );
}

export function progress(done, all, label) {
  return h(
    'progress',
    { 'aria-label': label, max: String(Math.max(1, all)), prop: { value: Math.min(done, all) } },
    `${count(done)} of ${count(all)}`,
  );
}

/** A name of any length, cut off where it is long. */
export const clipped = (name) => h('span', { class: 'name clip', title: name }, name);

/** Names in a row, the first two of many. */
export function names(all) {
  if (all.length === 0) return h('span', { class: 'quiet' }, 'none');
  const rest = all.length - 2;
  return h(
    'span',
    { class: 'names clip', title: all.join(', ') },
    all.slice(0, 2).join(', '),
    rest > 0 && h('span', { class: 'quiet' }, ` +${rest}`),
  );
}
