// The parts that need no browser.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { difference } from '../../manager/dashboard/diff.js';
import * as format from '../../manager/dashboard/format.js';
import { History } from '../../manager/dashboard/history.js';
import { backOff } from '../../manager/dashboard/live.js';
import { readStatus } from '../../manager/dashboard/model.js';
import { EventParser } from '../../manager/dashboard/sse.js';
import { h } from '../../manager/dashboard/dom.js';
import { hostileFleet, random, smallFleet } from './fleet.mjs';

test('events are the same wherever the stream is split', () => {
  const stream =
    ': hello\nevent: status\ndata: {"a":\ndata: 1}\n\r\ndata:two\r\n\r\nevent: nothing\n\nid: 7\nevent:x\ndata\n\n';
  const wanted = [
    { name: 'status', data: '{"a":\n1}' },
    { name: 'message', data: 'two' },
    { name: 'x', data: '' },
  ];
  for (let first = 0; first <= stream.length; first += 1) {
    for (let second = first; second <= stream.length; second += 1) {
      const parser = new EventParser();
      const pieces = [stream.slice(0, first), stream.slice(first, second), stream.slice(second)];
      assert.deepEqual(
        pieces.flatMap((piece) => parser.push(piece)),
        wanted,
        `${first} ${second}`,
      );
    }
  }
});

test('a diff names what was added, removed and changed by key', () => {
  const before = {
    hosts: ['a'],
    weight: 1,
    origins: [
      { name: 'x', port: 1 },
      { name: 'y', port: 2 },
    ],
    empty: {},
  };
  const after = {
    hosts: ['a', 'b'],
    weight: 1,
    origins: [
      { name: 'y', port: 2 },
      { name: 'z', port: 3 },
    ],
    tls: null,
  };
  assert.deepEqual(difference(before, after), [
    { path: 'empty', before: '{}', after: null },
    { path: 'hosts', before: '["a"]', after: '["a","b"]' },
    { path: 'origins[x].name', before: '"x"', after: null },
    { path: 'origins[x].port', before: '1', after: null },
    { path: 'origins[z].name', before: null, after: '"z"' },
    { path: 'origins[z].port', before: null, after: '3' },
    { path: 'tls', before: null, after: 'null' },
  ]);
  assert.deepEqual(
    difference(null, {
      list: [
        { name: 'a', v: 1 },
        { name: 'a', v: 2 },
      ],
    }).map((row) => row.path),
    ['list[0].name', 'list[0].v', 'list[1].name', 'list[1].v'],
  );
  assert.deepEqual(difference(before, structuredClone(before)), []);
});

/** A random JSON value. */
function someValue(chance, depth) {
  const kind = Math.floor(chance() * (depth > 0 ? 6 : 3));
  const many = Math.floor(chance() * 4);
  if (kind === 0) return Math.floor(chance() * 3);
  if (kind === 1) return chance() < 0.5;
  if (kind === 2) return 'abc'[Math.floor(chance() * 3)];
  if (kind === 3) return Array.from({ length: many }, () => someValue(chance, 0));
  const object = () =>
    Object.fromEntries(Array.from({ length: many }, (_, at) => [`k${at}`, someValue(chance, depth - 1)]));
  return kind === 4 ? object() : Array.from({ length: many }, object);
}

test('a diff is empty exactly where two values are the same, and is its own mirror image', () => {
  const chance = random(5);
  for (let round = 0; round < 2000; round += 1) {
    const [a, b] = [{ v: someValue(chance, 3) }, { v: someValue(chance, 3) }];
    const mirrored = difference(b, a).map(({ path, before, after }) => ({ path, before: after, after: before }));
    assert.deepEqual(difference(a, b), mirrored);
    assert.deepEqual(difference(a, structuredClone(a)), []);
    const same = JSON.stringify(a) === JSON.stringify(b);
    assert.equal(difference(a, b).length === 0, same, JSON.stringify([a, b]));
  }
});

test('numbers have their units and three digits', () => {
  assert.equal(format.rate(1240), '1,240/s');
  assert.equal(format.rate(12400), '12.4 k/s');
  assert.equal(format.rate(0.4), '0.4/s');
  assert.equal(format.rate(NaN), '–');
  assert.equal(format.milliseconds(12.345), '12.4 ms');
  assert.equal(format.percent(0.0314), '3.14 %');
  assert.equal(format.percent(0.00001), '<0.01 %');
  assert.equal(format.percent(1), '100 %');
  assert.equal(format.bits(2.4e9), '2.4 Gbit/s');
  assert.equal(format.octets(200 * 1024 * 1024), '200 MiB');
  assert.equal(format.duration(47), '47 s');
  assert.equal(format.duration(3 * 3600), '3 h');
  assert.equal(format.place(50.11, -8.68), '50.1° N 8.7° W');
  assert.equal(format.plural(1, 'gateway'), '1 gateway');
  assert.equal(format.plural(1000, 'site'), '1,000 sites');
});

test('times say their zone', () => {
  const time = '2026-11-22T02:03:04.567Z';
  assert.equal(format.clockTime(time, 'utc'), '02:03:04 UTC');
  assert.equal(format.dateTime(time, 'utc'), '2026-11-22 02:03:04 UTC');
  assert.match(format.clockTime(time, 'local'), /^\d\d:\d\d:\d\d \S+$/);
  assert.match(format.dateTime('never', 'utc'), /–/);
});

test('history keeps the last five minutes, with gaps where nothing was told', () => {
  const history = new History();
  const tell = (second, requests) =>
    history.take(
      readStatus({
        time: new Date(second * 1000).toISOString(),
        sites: [{ name: 'a', requests_per_s: requests }],
      }),
    );
  for (let second = 1000; second < 1400; second += 1) if (second < 1390 || second > 1394) tell(second, second);
  const values = history.site('a', 'requests', 20);
  assert.equal(values.length, 20);
  assert.deepEqual(values.slice(0, 10), [1380, 1381, 1382, 1383, 1384, 1385, 1386, 1387, 1388, 1389]);
  assert.deepEqual(values.slice(10), [NaN, NaN, NaN, NaN, NaN, 1395, 1396, 1397, 1398, 1399]);
  assert.equal(history.site('a', 'requests').filter((value) => !Number.isNaN(value)).length, 295);
  assert.equal(history.mean('a', 'requests') > 1370, true);
  tell(9000, 1); // after a long night
  assert.equal(history.site('a', 'requests').filter((value) => !Number.isNaN(value)).length, 1);
  tell(8000, 1); // the clock went back
  assert.equal(history.site('a', 'requests').length, 300);
  assert.deepEqual(history.site('b', 'requests'), []);
});

test('the back-off grows to half a minute, and is not the same for all', () => {
  assert.equal(backOff(0, 0), 500);
  assert.equal(backOff(0, 1), 1000);
  assert.equal(backOff(3, 1), 8000);
  assert.equal(backOff(50, 1), 30000);
  assert.equal(backOff(50, 0), 15000);
});

test('what needs a look comes with the worst first', () => {
  const found = readStatus(smallFleet()).concerns;
  assert.equal(found[0].level, 'bad');
  assert.match(found[0].text, /refused revision 42/);
  const subjects = found.map((each) => each.subject);
  for (const subject of ['frontend:singapore-2', 'media', 'accounts']) assert.ok(subjects.includes(subject), subject);
  assert.deepEqual(readStatus({}).concerns, []);
});

test('a status of any shape is read', () => {
  const chance = random(3);
  const odd = [null, 7, 'x', [], {}, [null], [7], ['x'], [{}], [[]], true];
  const keys = Object.keys(smallFleet());
  for (let round = 0; round < 3000; round += 1) {
    const told = Object.fromEntries(keys.map((key) => [key, odd[Math.floor(chance() * odd.length)]]));
    const status = readStatus(told);
    new History().take(status);
  }
  readStatus(hostileFleet());
});

test('a link leads to this page or this server', () => {
  for (const href of ['javascript:alert(1)', 'https://example.com/', '//example.com', 'data:text/html,x', ' #/']) {
    assert.throws(() => h('a', { href }, 'x'), href);
  }
  for (const href of ['#/sites', '/openapi.json']) assert.equal(h('a', { href }).attributes.href, href);
});
