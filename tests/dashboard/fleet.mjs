// Made-up overlays for the fake manager to tell of: the same seed makes the same one.

export function random(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

const POPS = [
  ['amsterdam', 52.4, 4.9],
  ['frankfurt', 50.1, 8.7],
  ['new-york', 40.7, -74.0],
  ['singapore', 1.35, 103.8],
];
const BACKENDS = ['dublin-1', 'falkenstein-1', 'virginia-1'];
const SITES = ['shop', 'api', 'docs', 'media', 'accounts', 'search', 'status-page', 'intranet', 'blog', 'payments'];
const DISTANCE = {
  amsterdam: [14, 11, 82],
  frankfurt: [24, 4, 91],
  'new-york': [68, 88, 7],
  singapore: [172, 158, 216],
};

/** How a fleet of a few POPs looks `second` seconds after its beginning. */
export function smallFleet(second = 0, time = new Date()) {
  const chance = random(7 + second);
  const wobble = (value, part = 0.06) => value * (1 + part * (2 * chance() - 1));
  const frontends = POPS.flatMap(([pop]) => [`${pop}-1`, `${pop}-2`]);
  const sites = SITES.map((name, at) => siteAt(name, at, frontends, second, wobble));
  const links = linksOf(frontends, wobble);
  return {
    time: time.toISOString(),
    manager: 'manager-1',
    leader: 'manager-1',
    leads: true,
    epoch: 3,
    revision: 42,
    rollout: {
      from: 41,
      to: 42,
      state: 'spreading',
      wave: 3,
      waves: 4,
      applied: 8,
      gateways: 11,
      gate_left_s: Math.max(0, 24 - (second % 25)),
      reason: '',
    },
    sites,
    links,
    gateways: gatewaysOf(frontends, wobble),
    pops: POPS.map(([name, latitude, longitude]) => ({
      name,
      latitude,
      longitude,
      draining: name === 'singapore',
      frontends: [`${name}-1`, `${name}-2`],
    })),
    drains: [
      {
        target: 'pop:singapore',
        since: new Date(time - 95000).toISOString(),
        by: 'user:ada',
        left: Math.max(0, 840 - 2 * second),
        unit: 'connections',
        done: false,
      },
      {
        target: 'origin:shop:shop-3',
        since: new Date(time - 410000).toISOString(),
        by: 'token:3f21aa',
        left: 0,
        unit: 'exchanges',
        done: true,
      },
    ],
  };
}

/** How a fleet's clients are steered: the last POP drains, the first one is full. */
export function steeringOf(fleet) {
  const pops = list(fleet.pops).map((pop, at, all) => {
    const draining = pop.draining === true;
    return {
      name: pop.name,
      serves: 'front-ends',
      capacity: 2000,
      use: draining ? 0.04 : at === 0 ? 0.91 : 0.42 + at / 20,
      shed: draining ? 1 : at === 0 ? 0.23 : 0,
      draining,
      networks: draining ? 0 : 900 - 10 * at,
      cells: draining ? 0 : 240 - 5 * at,
      demand: draining ? 0 : 1500 - 900 * (at / all.length),
      passed_on: at === 1 ? 410 : 0,
      answers_per_s: draining ? 0.2 : 61.5 - 10 * at,
    };
  });
  pops.push({ ...pops[0], name: 'centre/dublin', serves: 'back-ends', use: 0.2, shed: 0, demand: 0, passed_on: 0 });
  return {
    table: 1795339200,
    atlas: 17,
    settling: false,
    fault: '',
    sites: list(fleet.sites).length,
    classes: 4,
    networks: pops.reduce((sum, pop) => sum + pop.networks, 0),
    queries_per_s: 184.2,
    slotted_resolvers: ['192.0.2.53'],
    pops,
    redirectors: [
      { name: 'ns-1', connected: true, table: 1795339200, behind: false },
      { name: 'ns-2', connected: true, table: 1795339100, behind: true },
      { name: 'ns-3', connected: false, table: 0, behind: false },
    ],
  };
}

const list = (value) => (Array.isArray(value) ? value : []);

function siteAt(name, at, frontends, second, wobble) {
  const day = 1 + 0.25 * Math.sin(second / 23 + at) + 0.1 * Math.sin(second / 7 + 2 * at);
  const requests = wobble((1900 / (at + 1)) * day);
  const share = name === 'accounts' ? 0.024 : 0.0006;
  return {
    name,
    requests_per_s: requests,
    errors_per_s: requests * share,
    refused_per_s: name === 'media' ? 1.2 : 0,
    p95_ms: wobble([48, 31, 22, 140, 66, 37, 12, 95, 28, 54][at]),
    rings: [
      [8, 30, 50, 10, 2],
      [25, 60, 15, 0, 0],
      [2, 10, 80, 8, 0],
      [0, 4, 20, 40, 36],
      [40, 40, 20, 0, 0],
    ][at % 5],
    frontends: frontends.slice(0, 8 - (at % 6)),
    backends: BACKENDS.slice(at % 2, (at % 2) + 2),
    origins: [1, 2, 3].map((number) => ({
      name: `${name}-${number}`,
      backend: BACKENDS[at % 2],
      pending: Math.round(wobble(14 * number, 0.3)),
      capacity: 64,
      up: !(name === 'media' && number === 2),
      draining: name === 'shop' && number === 3,
    })),
    shortage: name === 'media' ? 'no front-end has room for a third of its clients' : '',
  };
}

function linksOf(frontends, wobble) {
  return frontends.flatMap((frontend, of) =>
    BACKENDS.map((backend, at) => {
      const pop = frontend.slice(0, frontend.lastIndexOf('-'));
      const lossy = frontend === 'singapore-2' && backend === 'dublin-1';
      return {
        frontend,
        backend,
        rtt_ms: wobble(DISTANCE[pop][at], 0.03),
        loss_out: wobble(lossy ? 0.031 : 0.0004, 0.5),
        loss_in: wobble(0.0002, 0.5),
        used: Math.min(0.97, wobble(of === 2 && at === 1 ? 0.93 : 0.75 / (1 + at + (of % 4)))),
      };
    }),
  );
}

function gatewaysOf(frontends, wobble) {
  const gateway = (role, name, place, at) => ({
    role,
    name,
    place,
    state: 'serving',
    connected: true,
    release: '0.2.0',
    revision: 42,
    wanted: 42,
    stage: 'applied',
    reason: '',
    cpu: wobble(role === 'backend' ? 0.55 : 0.34 + 0.05 * at),
    memory_octets: wobble(148e6 + at * 9e6),
    exchanges_per_s: wobble(role === 'backend' ? 1900 : 720),
    bits_per_s: wobble(410e6),
    connections: Math.round(wobble(5400)),
    heard_s: 0,
  });
  const all = [
    ...frontends.map((name, at) => gateway('frontend', name, name.slice(0, name.lastIndexOf('-')), at)),
    ...BACKENDS.map((name, at) => gateway('backend', name, name.slice(0, name.lastIndexOf('-')), at)),
  ];
  Object.assign(all[3], {
    revision: 41,
    stage: 'refused',
    reason: 'sites[payments].rules[3].path: "/pay(" is not a path; write it as "/pay%28"',
  });
  Object.assign(all[5], { revision: 41, stage: 'validated' });
  Object.assign(all[6], { state: 'draining', revision: 41, stage: 'none' });
  Object.assign(all[7], { state: 'away', connected: false, heard_s: 47, revision: 41, stage: 'none' });
  return all;
}

/** Many of everything: what a page must stay fluid with. */
export function largeFleet(sites, second = 0) {
  const chance = random(11 + second);
  const few = smallFleet(second);
  const frontends = Array.from({ length: 100 }, (_, at) => `edge-${at + 1}`);
  const backends = Array.from({ length: 100 }, (_, at) => `core-${at + 1}`);
  return {
    ...few,
    sites: Array.from({ length: sites }, (_, at) => ({
      ...few.sites[at % few.sites.length],
      name: `site-${at + 1}`,
      requests_per_s: 100 * chance(),
      frontends: frontends.slice(at % 90, (at % 90) + 4),
      backends: backends.slice(at % 90, (at % 90) + 3),
    })),
    gateways: [...frontends.map((name) => ['frontend', name]), ...backends.map((name) => ['backend', name])].map(
      ([role, name]) => ({ ...few.gateways[0], role, name, cpu: chance() }),
    ),
    pops: Array.from({ length: 20 }, (_, at) => ({
      name: `pop-${at + 1}`,
      latitude: 60 - at,
      longitude: 5 * at,
      draining: false,
      frontends: frontends.slice(at * 5, at * 5 + 5),
    })),
    links: frontends.flatMap((frontend, at) =>
      backends.slice(at % 80, (at % 80) + 12).map((backend) => ({
        frontend,
        backend,
        rtt_ms: 5 + 100 * chance(),
        loss_out: 0.001 * chance(),
        loss_in: 0,
        used: 0.8 * chance(),
      })),
    ),
  };
}

/** Names that would be scripts if a page took them for markup. */
export const HOSTILE = [
  '<img src=x onerror="window.hacked=1">',
  '"><script>window.hacked=1</script>',
  'javascript:window.hacked=1',
  '{{constructor.constructor("window.hacked=1")()}}',
  '\u202Egnp.exe',
  '<svg onload=window.hacked=1>',
];

export function hostileFleet() {
  const fleet = smallFleet();
  fleet.manager = HOSTILE[0];
  fleet.leads = false;
  fleet.leader = HOSTILE[1];
  fleet.rollout = { ...fleet.rollout, state: 'stopped', reason: HOSTILE[1] };
  HOSTILE.forEach((text, at) => {
    Object.assign(fleet.sites[at], { name: text, shortage: text, frontends: [text], backends: [text] });
    Object.assign(fleet.sites[at].origins[0], { name: text, backend: text, up: false });
    Object.assign(fleet.gateways[at], { name: text, place: text, release: text, stage: 'refused', reason: text });
    Object.assign(fleet.links[at], { frontend: text, backend: text });
  });
  Object.assign(fleet.pops[0], { name: HOSTILE[0], frontends: [HOSTILE[0], HOSTILE[1]] });
  Object.assign(fleet.drains[0], { target: HOSTILE[0], by: HOSTILE[1], unit: HOSTILE[2] });
  return fleet;
}
