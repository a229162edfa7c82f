/// The layers that the page holds, kept fresh: `/study-area` is asked every five seconds, and when its revision has
/// changed each layer is asked again (unchanged ones answer 304).
import { cell, type ReadCell } from '../state/cell';
import type { CoveredBy, Profile } from '../state/route';
import { Conditional, hexesPath, isAbort, isNothingYet, Unreachable } from './client';
import type { Case, Collection, Ground, Hex, Link, Quarter, Relay, Street, StudyArea, Volunteer } from './types';

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
  /// `false` from a request that nothing answered until one that something did.
  readonly online: ReadCell<boolean>;
  /// Goes up each time what the server holds has changed.
  readonly revision: ReadCell<string | null>;
  start(): void;
  refresh(): Promise<void>;
  refreshCases(): Promise<void>;
  useProfile(profile: Profile): void;
  /// `null` stops asking for hexagons.
  useHexes(query: { by: CoveredBy; thresholdMin: number; profile: Profile } | null): void;
}

function layer<F>(path: string) {
  const state = cell<Loadable<readonly F[]>>({ status: 'loading', value: [], error: null });
  const source = new Conditional<Collection<F>>(path);
  return {
    state,
    async load(): Promise<void> {
      try {
        const answer = await source.fetch();
        if (answer !== null) state.set({ status: 'ready', value: answer.features, error: null });
        else if (state.get().status !== 'ready') state.set({ ...state.get(), status: 'ready', error: null });
      } catch (error) {
        if (isNothingYet(error)) {
          state.set({ status: 'ready', value: [], error: null });
          return;
        }
        state.set({ status: state.get().status === 'ready' ? 'ready' : 'failed', value: state.get().value, error });
        throw error;
      }
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
  const hexes = cell<readonly Hex[]>([]);

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
      if (answer !== null) streetValues.set(asked, answer.features);
      if (asked !== profile) return;
      const features = streetValues.get(asked) ?? [];
      const held = streets.get();
      if (held.status === 'ready' && held.value.features === features) return;
      streets.set({ status: 'ready', value: { profile: asked, features }, error: null });
    } catch (error) {
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
    if (hexQuery === null) {
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

  const study = new Conditional<StudyArea>('/study-area');

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
    const people = [quarters.load(), cases.load(), volunteers.load(), relays.load()];
    // Without streets there is nothing to ask of them.
    const network = area.get()?.network ? [ground.load(), links.load(), loadStreets(), loadHexes()] : [];
    const results = await Promise.allSettled([...people, ...network]);
    const failed = results.find((result) => result.status === 'rejected');
    if (failed) throw failed.reason;
  }

  let complete = false;
  async function tick(): Promise<void> {
    await guarded(async () => {
      const answer = await study.fetch();
      if (answer !== null) area.set(answer);
      if (answer === null && complete) return;
      const next = area.get()?.revision ?? null;
      if (next === revision.get() && complete) return;
      complete = false;
      await loadAll();
      complete = true;
      revision.set(next);
    });
  }

  let running: Promise<void> | null = null;
  function refresh(): Promise<void> {
    running ??= tick().finally(() => {
      running = null;
    });
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
    online,
    revision,
    start() {
      void refresh();
      setInterval(() => {
        if (!document.hidden) void refresh();
      }, POLL_MS);
      document.addEventListener('visibilitychange', () => {
        if (!document.hidden) void refresh();
      });
    },
    refresh,
    async refreshCases() {
      const ways = area.get()?.network ? [links.load()] : [];
      await guarded(() => Promise.all([cases.load(), volunteers.load(), ...ways]));
    },
    useProfile(next) {
      if (next === profile) return;
      profile = next;
      const held = streetValues.get(next);
      if (held) streets.set({ status: 'ready', value: { profile: next, features: held }, error: null });
      if (area.get()?.network) void guarded(loadStreets);
    },
    useHexes(query) {
      hexQuery = query;
      clearTimeout(hexTimer);
      if (query === null) void loadHexes();
      else if (area.get()?.network) hexTimer = setTimeout(() => void guarded(loadHexes), 200);
    },
  };
}
