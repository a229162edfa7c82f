/// "Plus de détails": what may be said of somebody, and of who tells it, behind the few fields that a call needs. Made when it
/// is opened, so that it weighs nothing until then.
import type { ReportDraft } from '../state/draft';
import { codesOf, label, t } from '../text';
import { languages as inFrench } from '../text/format';
import { fill, h } from '../ui/dom';
import { choiceField } from './desk-parts';
import type { FormParts } from './report-parts';

/// The languages most spoken in the town.
export const LANGUAGES = ['fr', 'ar', 'en', 'pt', 'es', 'it', 'tr', 'ru', 'uk', 'ro', 'pl', 'zh', 'vi', 'wo', 'bm', 'so', 'sq', 'hy', 'fa'];

export type DetailName = 'reporter_name' | 'reporter_phone' | 'reporter_relation' | 'people' | 'mobility' | 'duration';
export const DETAIL_NAMES: readonly DetailName[] = ['reporter_name', 'reporter_phone', 'reporter_relation', 'people', 'mobility', 'duration'];

/// Signs that are no danger; those have a place of their own.
const QUIET_SIGNS = ['perte_confiance', 'negligence_sante'];

/// Whether anything of it is filled in.
function isFilled(draft: ReportDraft): boolean {
  return DETAIL_NAMES.some((name) => draft[name] !== '') || draft.subject !== '' || draft.causes.length > 0 || draft.languages.length > 0 || draft.signs.some((sign) => QUIET_SIGNS.includes(sign));
}

export function detailsPart<N extends string>(parts: FormParts<N | DetailName>, draft: () => ReportDraft, set: (change: Partial<ReportDraft>) => void): { readonly element: HTMLDetailsElement; open(): void } {
  const body = h('div', { class: 'report-details' });
  const element = h('details', { class: 'more-details' }, h('summary', {}, t('report.details')), body);
  let made = false;

  const line = (name: DetailName, hint: string | null): HTMLElement => parts.line(name, t(`report.${name as 'reporter_name'}`), hint, draft()[name], (value) => set({ [name]: value }));

  const choice = (name: 'mobility' | 'duration', list: string): HTMLElement =>
    parts.field(name, t(`report.${name}`), null, false, ({ id, describedBy }) => {
      const control = h('select', { id, 'aria-describedby': describedBy, on: { change: () => set({ [name]: control.value }) } });
      control.append(h('option', { value: '' }, t('report.unknown')));
      for (const code of codesOf(list).filter((one) => one !== 'inconnue')) control.append(h('option', { value: code }, label(list, code)));
      control.value = draft()[name];
      return { control };
    });

  function many(title: string, codes: readonly string[], words: (code: string) => string, name: 'causes' | 'languages' | 'signs'): HTMLElement {
    const field = choiceField(title, '', codes.map((code) => ({ value: code, label: words(code) })), draft()[name].filter((code) => codes.includes(code)), true, () => {
      const others = draft()[name].filter((code) => !codes.includes(code));
      set({ [name]: [...others, ...field.chosen()] });
    });
    return field.element;
  }

  function make(): void {
    if (made) return;
    made = true;
    const subject: { readonly element: HTMLElement; chosen(): string[] } = choiceField<string>(t('report.subject'), '', codesOf('case.subjects').map((code) => ({ value: code, label: label('case.subjects', code) })), [draft().subject || 'person'], false, () => set({ subject: subject.chosen()[0] ?? '' }));
    fill(
      body,
      h(
        'fieldset',
        { class: 'who' },
        h('legend', { class: 'field-label' }, t('report.reporter')),
        h('p', { class: 'hint' }, t('report.reporter_hint')),
        h('div', { class: 'pair' }, line('reporter_name', null), line('reporter_relation', null)),
        line('reporter_phone', null),
      ),
      subject.element,
      h('div', { class: 'pair' }, line('people', null), choice('mobility', 'case.mobilities')),
      choice('duration', 'case.durations'),
      many(t('case.causes'), codesOf('case.cause').filter((code) => code !== 'inconnue'), (code) => label('case.cause', code), 'causes'),
      many(t('case.signs'), QUIET_SIGNS, (code) => label('case.sign', code), 'signs'),
      h('div', { class: 'languages' }, many(t('case.languages'), LANGUAGES, (code) => inFrench([code]), 'languages')),
    );
  }

  element.addEventListener('toggle', () => {
    if (element.open) make();
  });
  if (isFilled(draft())) {
    make();
    element.open = true;
  }
  return {
    element,
    open() {
      make();
      element.open = true;
    },
  };
}
