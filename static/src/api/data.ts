/// The layers that the page holds, kept fresh: `/study-area` is asked every five seconds, and when its revision has
/// changed each layer is asked again (unchanged ones answer 304). Only the layers of the access are asked for; when it
/// changes, everything that was held is forgotten, and answers still under way are dropped.
import type { Access, LayerName } from '../state/access';
import { cell, type ReadCell } from '../state/cell';
import type { CoveredBy, Profile } from '../state/route';
import { Conditional, hexesPath, isAbort, isNothingYet, Unreachable } from './client';
import type { Case, CaseHex, Collection, Ground, Hex, Link, Quarter, Relay, Street, StudyArea, Volunteer } from './types';

export const POLL_MS = 5000;

export interface Loadable<T> {
  readonly status: 'loading' | 'ready' | 'failed';
  readonly value: T;
  readonly error: unknown;
}

export interface StreetsValue {
  readonly profile: Profile;
  readonly features: readonly Street[];
}

export interface Data {
  readonly area: ReadCell<StudyArea | null>;
  readonly quarters: ReadCell<Loadable<readonly Quarter[]>>;
  /// Water, green and rails under the streets.
  readonly ground: ReadCell<Loadable<readonly Ground[]>>;
  readonly streets: ReadCell<Loadable<StreetsValue>>;
  readonly cases: ReadCell<Loadable<readonly Case[]>>;
  readonly volunteers: ReadCell<Loadable<readonly Volunteer[]>>;
  readonly relays: ReadCell<Loadable<readonly Relay[]>>;
  readonly links: ReadCell<Loadable<readonly Link[]>>;
  readonly hexes: ReadCell<readonly Hex[]>;
  /// Cases as counts per hexagon; asked for only while they are shown.
  readonly caseHexes: ReadCell<Loadable<readonly CaseHex[]>>;
  /// `false` from a request that nothing answered until one that something did.
  readonly online: ReadCell<boolean>;
  /// Goes up each time what the server holds has changed.
  readonly revision: ReadCell<string | null>;
  start(): void;
  /// Forgets everything, then asks for what this access holds; `null` asks for nothing.
  use(access: Access | null): void;
  /// Somebody else asked, and something answered or nothing did.
  heard(answered: boolean): void;
  refresh(): Promise<void>;
  refreshCases(): Promise<void>;
  useProfile(profile: Profile): void;
  /// `null` stops asking for hexagons.
  useHexes(query: { by: CoveredBy; thresholdMin: number; profile: Profile } | null): void;
  /// Whether the counts per hexagon are shown. Said again after a failure, it asks again.
  useCaseHexes(shown: boolean): void;
}

function layer<F>(path: string) {
  const state = cell<Loadable<readonly F[]>>({ status: 'loading', value: [], error: null });
  let source = new Conditional<Collection<F>>(path);
  return {
    state,
    async load(): Promise<void> {
      const mine = source;
      try {
        const answer = await mine.fetch();
        if (mine !== source) return;
        if (answer !== null) state.set({ status: 'ready', value: answer.features, error: null });
        else if (state.get().status !== 'ready') state.set({ ...state.get(), status: 'ready', error: null });
      } catch (error) {
        if (mine !== source) return;
        if (isNothingYet(error)) {
          state.set({ status: 'ready', value: [], error: null });
          return;
        }
        state.set({ status: state.get().status === 'ready' ? 'ready' : 'failed', value: state.get().value, error });
        throw error;
      }
    },
    forget(): void {
      source = new Conditional<Collection<F>>(path);
      state.set({ status: 'loading', value: [], error: null });
    },
  };
}

export function createData(): Data {
  const area = cell<StudyArea | null>(null);
  const online = cell(true);
  const revision = cell<string | null>(null);
  const quarters = layer<Quarter>('/layers/quarters');
  const ground = layer<Ground>('/layers/ground');
  const cases = layer<Case>('/layers/cases');
  const volunteers = layer<Volunteer>('/layers/volunteers');
  const relays = layer<Relay>('/layers/relays');
  const links = layer<Link>('/layers/matches');
  const caseHexes = layer<CaseHex>('/layers/case-hexes');
  const hexes = cell<readonly Hex[]>([]);

  let access: Access | null = null;
  const has = (name: LayerName): boolean => access?.layers.has(name) ?? false;

  let profile: Profile = 'foot';
  const streets = cell<Loadable<StreetsValue>>({ status: 'loading', value: { profile, features: [] }, error: null });
  const streetSources = new Map<Profile, Conditional<Collection<Street>>>();
  const streetValues = new Map<Profile, readonly Street[]>();

  async function loadStreets(): Promise<void> {
    const asked = profile;
    let source = streetSources.get(asked);
    if (!source) {
      source = new Conditional<Collection<Street>>(`/layers/streets?profile=${asked}`);
      streetSources.set(asked, source);
    }
    try {
      const answer = await source.fetch();
      if (streetSources.get(asked) !== source) return;
      if (answer !== null) streetValues.set(asked, answer.features);
      if (asked !== profile) return;
      const features = streetValues.get(asked) ?? [];
      const held = streets.get();
      if (held.status === 'ready' && held.value.features === features) return;
      streets.set({ status: 'ready', value: { profile: asked, features }, error: null });
    } catch (error) {
      if (streetSources.get(asked) !== source) return;
      if (isNothingYet(error)) {
        streets.set({ status: 'ready', value: { profile: asked, features: [] }, error: null });
        return;
      }
      const held = streets.get();
      streets.set({ ...held, status: held.value.features.length > 0 ? 'ready' : 'failed', error });
      throw error;
    }
  }

  let hexQuery: { by: CoveredBy; thresholdMin: number; profile: Profile } | null = null;
  let hexAbort: AbortController | null = null;
  let hexTimer: ReturnType<typeof setTimeout> | undefined;
  async function loadHexes(): Promise<void> {
    hexAbort?.abort();
    if (hexQuery === null || !has('hexes')) {
      hexes.set([]);
      return;
    }
    const abort = new AbortController();
    hexAbort = abort;
    const resolution = area.get()?.defaults.hex_resolution ?? 10;
    try {
      const answer = await new Conditional<Collection<Hex>>(hexesPath(hexQuery, resolution)).fetch(abort.signal);
      if (!abort.signal.aborted && answer !== null) hexes.set(answer.features);
    } catch (error) {
      if (isNothingYet(error)) hexes.set([]);
      else if (!isAbort(error)) throw error;
    }
  }

  let caseHexesShown = false;

  let study = new Conditional<StudyArea>('/study-area');

  async function guarded(work: () => Promise<unknown>): Promise<boolean> {
    try {
      await work();
      online.set(true);
      return true;
    } catch (error) {
      // A refusal is an answer: the layer that it concerns keeps it.
      online.set(!(error instanceof Unreachable));
      return false;
    }
  }

  async function loadAll(): Promise<void> {
    const jobs: Promise<void>[] = [];
    if (has('quarters')) jobs.push(quarters.load());
    if (has('cases')) jobs.push(cases.load());
    if (has('volunteers')) jobs.push(volunteers.load());
    if (has('relays')) jobs.push(relays.load());
    if (has('case_hexes') && caseHexesShown) jobs.push(caseHexes.load());
    // Without streets there is nothing to ask of them; signed out, only the layers themselves tell.
    if (access?.area !== true || area.get()?.network) {
      if (has('ground')) jobs.push(ground.load());
      if (has('links')) jobs.push(links.load());
      if (has('streets')) jobs.push(loadStreets());
      if (has('hexes')) jobs.push(loadHexes());
    }
    const results = await Promise.allSettled(jobs);
    const failed = results.find((result) => result.status === 'rejected');
    if (failed) throw failed.reason;
  }

  let complete = false;
  async function tick(): Promise<void> {
    const asking = access;
    if (asking === null || asking.layers.size === 0) return;
    await guarded(async () => {
      if (!asking.area) {
        if (complete) return;
        await loadAll();
        if (access === asking) complete = true;
        return;
      }
      const mine = study;
      const answer = await mine.fetch();
      if (mine !== study) return;
      if (answer !== null) area.set(answer);
      if (answer === null && complete) return;
      const next = area.get()?.revision ?? null;
      if (next === revision.get() && complete) return;
      complete = false;
      await loadAll();
      if (access !== asking) return;
      complete = true;
      revision.set(next);
    });
  }

  let running: Promise<void> | null = null;
  function refresh(): Promise<void> {
    if (running === null) {
      const mine = tick().finally(() => {
        if (running === mine) running = null;
      });
      running = mine;
    }
    return running;
  }

  return {
    area,
    quarters: quarters.state,
    ground: ground.state,
    streets,
    cases: cases.state,
    volunteers: volunteers.state,
    relays: relays.state,
    links: links.state,
    hexes,
    caseHexes: caseHexes.state,
    online,
    revision,
    start() {
      setInterval(() => {
        if (!document.hidden) void refresh();
      }, POLL_MS);
      document.addEventListener('visibilitychange', () => {
        if (!document.hidden) void refresh();
      });
    },
    use(next) {
      access = next;
      running = null;
      complete = false;
      study = new Conditional<StudyArea>('/study-area');
      streetSources.clear();
      streetValues.clear();
      hexAbort?.abort();
      clearTimeout(hexTimer);
      hexQuery = null;
      hexes.set([]);
      streets.set({ status: 'loading', value: { profile, features: [] }, error: null });
      for (const one of [quarters, ground, cases, volunteers, relays, links, caseHexes]) one.forget();
      area.set(null);
      revision.set(null);
      void refresh();
    },
    heard: (answered) => online.set(answered),
    refresh,
    async refreshCases() {
      const jobs = [cases.load()];
      if (has('volunteers')) jobs.push(volunteers.load());
      if (has('links') && area.get()?.network) jobs.push(links.load());
      await guarded(() => Promise.all(jobs));
    },
    useProfile(next) {
      if (next === profile) return;
      profile = next;
      const held = streetValues.get(next);
      if (held) streets.set({ status: 'ready', value: { profile: next, features: held }, error: null });
      if (has('streets')) void guarded(loadStreets);
    },
    useHexes(query) {
      hexQuery = query;
      clearTimeout(hexTimer);
      if (query === null) void loadHexes();
      else if (has('hexes') && area.get()?.network) hexTimer = setTimeout(() => void guarded(loadHexes), 200);
    },
    useCaseHexes(shown) {
      const asks = shown && (!caseHexesShown || caseHexes.state.get().status === 'failed');
      caseHexesShown = shown;
      if (asks && has('case_hexes')) void guarded(() => caseHexes.load());
    },
  };
}
