/// Who it may be: people who were reported before and look like what is being typed, with why. A warning beside the form and
/// never a wall, for households share phones; and what was told can be added to the file that is there.
import { findDuplicates, isAbort } from '../api/client';
import type { FoundCase, Placed, SoFar } from '../api/types';
import { formatRoute } from '../state/route';
import { label, t, tn } from '../text';
import { date } from '../text/format';
import { announce } from '../ui/announce';
import { fill, h } from '../ui/dom';
import { icon } from '../ui/icons';

const REST_MS = 350;

export interface DuplicatesPart {
  readonly element: HTMLElement;
  /// Looks again, shortly after the last change.
  look(): void;
  leave(): void;
}

/// Why somebody was found, in words.
export function reasonTags(why: readonly string[]): HTMLElement {
  return h('span', { class: 'reasons' }, why.map((code) => h('span', { class: 'tag tag-reason' }, label('reports.why', code))));
}

export function nameOf(found: FoundCase): string {
  return found.name === undefined || found.name === '' ? t('coordination.nameless') : found.name;
}

export function duplicatesPart(soFar: () => SoFar, onPlace: (place: Placed | null) => void, onAttach: (found: FoundCase) => void): DuplicatesPart {
  const element = h('div', { class: 'duplicates' });
  let timer: ReturnType<typeof setTimeout> | undefined;
  let abort: AbortController | null = null;
  let asked = '';
  let shown = '';

  function card(found: FoundCase): HTMLElement {
    const like = (...codes: string[]): string => (codes.some((code) => found.why.includes(code)) ? 'alike' : '');
    return h(
      'li',
      { class: 'duplicate' },
      h(
        'div',
        { class: 'duplicate-who' },
        h('strong', { class: like('same_name', 'near_name') }, nameOf(found)),
        h('span', { class: 'reference' }, found.reference ?? ''),
        h('span', { class: 'tag' }, label('case.states', found.state)),
      ),
      reasonTags(found.why),
      h(
        'p',
        { class: 'hint' },
        found.phone !== undefined && found.phone !== '' && [h('span', { class: like('same_phone') }, found.phone), ' · '],
        h('span', { class: like('same_address') }, found.address ?? ''),
        found.reported_on !== undefined && [' · ', t('coordination.reported', { date: date(found.reported_on) })],
      ),
      h(
        'div',
        { class: 'duplicate-acts' },
        h('button', { type: 'button', class: 'button', 'aria-label': t('report.duplicates.attach_to', { reference: found.reference ?? '' }), on: { click: () => onAttach(found) } }, icon('plus'), t('report.duplicates.attach')),
        h('a', { class: 'button button-quiet', href: formatRoute({ mode: 'reports', view: 'case', id: found.id }), 'aria-label': t('report.duplicates.open_of', { reference: found.reference ?? '' }) }, t('report.duplicates.open')),
      ),
    );
  }

  function render(candidates: readonly FoundCase[]): void {
    const next = JSON.stringify(candidates);
    if (next === shown) return;
    shown = next;
    if (candidates.length === 0) {
      element.replaceChildren();
      return;
    }
    fill(
      element,
      h(
        'section',
        { class: 'callout callout-plain', 'aria-label': t('report.duplicates.title') },
        icon('search'),
        h('div', {}, h('strong', {}, t('report.duplicates.title')), h('p', {}, t('report.duplicates.lead')), h('ul', { class: 'duplicate-list' }, candidates.map(card))),
      ),
    );
    announce(tn('report.duplicates.said', candidates.length), 400);
  }

  async function ask(): Promise<void> {
    const typed = soFar();
    const what = JSON.stringify(typed);
    if (what === asked) return;
    asked = what;
    abort?.abort();
    const nothing = [typed.address, typed.family_name, typed.given_name, typed.phone].every((text) => text.trim().length < 2) && typed.position === null;
    if (nothing) {
      render([]);
      onPlace(null);
      return;
    }
    const mine = new AbortController();
    abort = mine;
    try {
      const found = await findDuplicates(typed, mine.signal);
      if (mine.signal.aborted) return;
      render(found.candidates);
      onPlace(found.place);
    } catch (error) {
      // The warning is a help: without it the report is taken all the same.
      if (!isAbort(error)) asked = '';
    }
  }

  return {
    element,
    look() {
      clearTimeout(timer);
      timer = setTimeout(() => void ask(), REST_MS);
    },
    leave() {
      clearTimeout(timer);
      abort?.abort();
    },
  };
}
