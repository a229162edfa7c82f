/// Cases as counts per hexagon: the drawing on the map and its twin in words. The server leaves out what would tell of
/// somebody; here nothing is counted, added up or guessed.
import type { CaseHex, Quarter } from '../api/types';
import type { CountHex } from '../map';
import { accessOf } from '../state/access';
import { bag } from '../state/cell';
import { can, roles } from '../state/session';
import { label, t, tn } from '../text';
import { announce } from '../ui/announce';
import { fill, h } from '../ui/dom';
import { emptyBox, problemBox, skeleton } from '../ui/problems';
import { type CountStep, symbol } from '../ui/symbols';
import { settle, walkable } from '../ui/walker';
import type { Context } from './context';
import { said } from './refusals';
import { quarterName } from './tones';

const ROW = '.hex-row';
const BANDS = ['5_to_9', '10_to_19', '20_to_49', '50_or_more'];

/// A band that this page does not know is at least the smallest one.
function stepOf(cell: CaseHex): CountStep {
  return Math.max(1, BANDS.indexOf(cell.properties.band) + 1) as CountStep;
}

/// "Quartier Massillon — 5 à 9 situations".
export function caseHexLine(cell: CaseHex, quarters: readonly Quarter[]): string {
  const band = label('case_hexes.bands', cell.properties.band, 'case_hexes.band_other');
  const quarter = quarterName(quarters, cell.properties.quarter);
  return quarter === null ? t('case_hexes.line_outside', { band }) : t('case_hexes.line', { quarter, band });
}

/// By quarter, in the order of their names; in each the largest first.
export function caseHexLines(cells: readonly CaseHex[], quarters: readonly Quarter[]): { cell: CaseHex; line: string; which: string | null }[] {
  const name = (cell: CaseHex): string => quarterName(quarters, cell.properties.quarter) ?? '\uffff';
  const sorted = [...cells].sort((a, b) => name(a).localeCompare(name(b), 'fr') || stepOf(b) - stepOf(a) || (a.id < b.id ? -1 : 1));
  return sorted.map((cell) => {
    const same = sorted.filter((other) => other.properties.quarter === cell.properties.quarter);
    const which = same.length > 1 ? t('case_hexes.which', { n: same.indexOf(cell) + 1, of: same.length }) : null;
    return { cell, line: caseHexLine(cell, quarters), which };
  });
}

/// What the map draws, the largest last, above: the cells of one hexagon on a border are drawn once, with a mark for each.
export function countHexesOf(cells: readonly CaseHex[], quarters: readonly Quarter[]): CountHex[] {
  const places = new Map<string, CaseHex[]>();
  for (const { cell } of caseHexLines(cells, quarters)) {
    const place = JSON.stringify(cell.geometry.coordinates);
    places.set(place, [...(places.get(place) ?? []), cell]);
  }
  const drawn = [...places.values()].map((held) => ({
    cells: held.map((cell) => cell.id),
    geometry: (held[0] as CaseHex).geometry,
    step: Math.max(...held.map(stepOf)) as CountStep,
    mark: held.map((cell) => label('case_hexes.marks', cell.properties.band, 'case_hexes.mark_other')).join('\n'),
    tip: held.map((cell) => caseHexLine(cell, quarters)).join(' · '),
  }));
  return drawn.sort((a, b) => a.step - b.step);
}

/// The layer's switch with, while it is on, its list; `null` for a role that does not have the layer.
export function caseHexSection(ctx: Pick<Context, 'data' | 'map' | 'layers'>): { element: HTMLElement; drop: () => void } | null {
  if (!accessOf(roles(), false).layers.has('case_hexes')) return null;
  const undo = bag();
  const { data, map, layers } = ctx;
  const box = h('input', {
    type: 'checkbox',
    on: { change: () => layers.set({ ...layers.get(), case_hexes: box.checked }) },
  });
  const explained = h('p', { class: 'hint' }, t('case_hexes.explained'));
  const list = h('ul', { class: 'rows', 'aria-label': t('map.case_hexes') });
  const state = h('div', {});
  walkable(list, ROW);
  let told = '';

  function tell(text: string): void {
    if (text !== told && text !== '') announce(text);
    told = text;
  }

  function render(): void {
    const on = layers.get().case_hexes;
    box.checked = on;
    for (const part of [explained, list, state]) part.hidden = !on;
    const { status, value, error } = data.caseHexes.get();
    if (!on || status !== 'ready') {
      list.replaceChildren();
      if (!on || status === 'loading') fill(state, on && skeleton(2));
      else fill(state, problemBox(said(error), () => data.useCaseHexes(true)));
      if (!on) tell('');
      return;
    }
    const focused = list.contains(document.activeElement) ? (document.activeElement as HTMLElement).dataset['key'] : undefined;
    fill(list, caseHexLines(value, data.quarters.get().value).map(row));
    settle(list, ROW);
    if (focused !== undefined) list.querySelector<HTMLElement>(`[data-key="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
    if (value.length > 0) state.replaceChildren();
    else fill(state, emptyBox(t('case_hexes.empty'), t(can('coordination') ? 'case_hexes.empty_next_coordination' : 'case_hexes.empty_next'), null));
    tell(value.length > 0 ? tn('case_hexes.shown', value.length) : t('case_hexes.empty'));
  }

  function row({ cell, line, which }: ReturnType<typeof caseHexLines>[number]): HTMLElement {
    const light = (): void => map.highlightCaseHex(cell.id);
    const dim = (): void => map.highlightCaseHex(null);
    return h(
      'li',
      {},
      h(
        'button',
        {
          type: 'button',
          class: 'row hex-row',
          'data-key': cell.id,
          on: {
            click: () => map.fitTo(cell.geometry.coordinates.flat()),
            mouseenter: light,
            mouseleave: dim,
            focus: light,
            blur: dim,
          },
        },
        symbol(`count-${stepOf(cell)}`),
        h('span', { class: 'row-text' }, h('span', {}, line), which !== null && h('span', { class: 'row-sub' }, which)),
      ),
    );
  }

  undo.add(layers.watch(render));
  undo.add(data.caseHexes.changed(render));
  undo.add(data.quarters.changed(render));
  undo.add(() => map.highlightCaseHex(null));
  const element = h(
    'section',
    { class: 'case-hexes', 'aria-label': t('map.case_hexes') },
    h('label', { class: 'check' }, box, h('span', {}, t('map.case_hexes'))),
    explained,
    list,
    state,
  );
  return { element, drop: undo.empty };
}
