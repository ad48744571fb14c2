// Numbers and times as people read them, each with its unit.

import { h } from './dom.js';

const DASH = '–';
const plain = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const three = new Intl.NumberFormat('en', { maximumSignificantDigits: 3 });

/** `1,240`, `0.4`, `12.4 k`: three digits say enough, whole numbers up to 9,999 are said in full. */
export function number(value) {
  if (!Number.isFinite(value)) return DASH;
  const size = Math.abs(value);
  if (size >= 9999.5) return scaled(value, 1000, ['', ' k', ' M', ' G', ' T']);
  return size >= 100 ? plain.format(value) : three.format(size < 0.005 ? 0 : Math.round(value * 100) / 100);
}

function scaled(value, step, units) {
  let at = 0;
  while (Math.abs(value) >= step * 0.9995 && at < units.length - 1) {
    value /= step;
    at += 1;
  }
  return three.format(value) + units[at];
}

export const count = (value) => (Number.isFinite(value) ? plain.format(value) : DASH);
export const rate = (value, what = '') => (Number.isFinite(value) ? `${number(value)}${what && ` ${what}`}/s` : DASH);
export const milliseconds = (value) => (Number.isFinite(value) ? `${number(value)} ms` : DASH);
export const bits = (value) =>
  Number.isFinite(value) ? scaled(value, 1000, [' bit/s', ' kbit/s', ' Mbit/s', ' Gbit/s', ' Tbit/s']) : DASH;
export const octets = (value) =>
  Number.isFinite(value) ? scaled(value, 1024, [' B', ' KiB', ' MiB', ' GiB', ' TiB']) : DASH;

/** Of a share, 0 to 1. */
export function percent(share) {
  if (!Number.isFinite(share)) return DASH;
  const value = share * 100;
  if (value > 0 && value < 0.01) return '<0.01 %';
  return `${value >= 10 ? plain.format(value) : three.format(Math.round(value * 100) / 100)} %`;
}

/** `12 s`, `3 min`, `2 h`, `5 d`. */
export function duration(seconds) {
  if (!Number.isFinite(seconds)) return DASH;
  const steps = [
    [86400, 'd'],
    [3600, 'h'],
    [60, 'min'],
  ];
  for (const [size, unit] of steps) {
    if (seconds >= size * 2) return `${Math.floor(seconds / size)} ${unit}`;
  }
  return `${Math.max(0, Math.round(seconds))} s`;
}

export function plural(many, one, more = `${one}s`) {
  return `${count(many)} ${many === 1 ? one : more}`;
}

/** `50.1° N 8.7° E` */
export function place(latitude, longitude) {
  if (!Number.isFinite(latitude) || !Number.isFinite(longitude)) return '';
  const part = (value, positive, negative) => `${Math.abs(value).toFixed(1)}° ${value < 0 ? negative : positive}`;
  return `${part(latitude, 'N', 'S')} ${part(longitude, 'E', 'W')}`;
}

const zones = { utc: 'UTC', local: Intl.DateTimeFormat().resolvedOptions().timeZone };

/** What follows times, so that nobody takes one zone for another. */
export function zoneName(zone) {
  if (zone === 'utc') return 'UTC';
  const parts = new Intl.DateTimeFormat('en-GB', { timeZone: zones.local, timeZoneName: 'short' }).formatToParts();
  return parts.find((part) => part.type === 'timeZoneName').value;
}

function timeText(value, zone, withDate) {
  const time = value instanceof Date ? value : new Date(value);
  if (Number.isNaN(time.getTime())) return DASH;
  const clock = { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' };
  const date = { year: 'numeric', month: '2-digit', day: '2-digit' };
  const options = { ...(withDate ? date : {}), ...clock, timeZone: zones[zone] };
  return new Intl.DateTimeFormat('sv', options).format(time);
}

export const clockTime = (value, zone) => `${timeText(value, zone, false)} ${zoneName(zone)}`;
export const dateTime = (value, zone) => `${timeText(value, zone, true)} ${zoneName(zone)}`;

/** A time of today without its date; the whole of it in the machine-readable form and where one points at it. */
export function timeElement(value, zone, now = new Date()) {
  const time = new Date(value);
  if (Number.isNaN(time.getTime())) return h('span', null, DASH);
  const today = timeText(time, zone, true).slice(0, 10) === timeText(now, zone, true).slice(0, 10);
  const text = timeText(time, zone, !today);
  return h('time', { datetime: time.toISOString(), title: dateTime(time, zone) }, text);
}
