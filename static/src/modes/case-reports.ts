/// What was reported of somebody, each time, and by whom: for those who take reports. Loaded when the file is opened.
import { fetchReports, isAbort } from '../api/client';
import type { Report, Reports } from '../api/types';
import { can } from '../state/session';
import { label, t, tn } from '../text';
import { dateTime } from '../text/format';
import { fact } from '../ui/controls';
import { fill, h } from '../ui/dom';
import { problemBox } from '../ui/problems';
import { phoneLink } from './case-facts';
import { said } from './refusals';

function reporterWords({ reporter }: Report): HTMLElement | null {
  if (!reporter) return null;
  const words = [reporter.name, reporter.relation].filter((word) => word !== '').join(', ');
  if (words === '' && reporter.phone === '') return null;
  return h('p', { class: 'told-by' }, t('case.reports.by', { who: words === '' ? t('case.reports.somebody') : words }), reporter.phone !== '' && [' · ', phoneLink(reporter.phone)]);
}

function one(report: Report): HTMLElement {
  return h(
    'li',
    { class: 'told' },
    h('p', { class: 'told-head' }, h('time', { datetime: report.at }, dateTime(report.at)), report.channel !== undefined && [' · ', label('case.channels', report.channel)]),
    report.seen !== undefined && h('p', { class: 'notes' }, report.seen),
    report.signs !== undefined && report.signs.length > 0 && h('p', { class: 'hint' }, report.signs.map((code) => label('case.sign', code)).join(', ')),
    report.danger_action !== undefined && report.danger_action !== '' && h('p', { class: 'told-done' }, h('strong', {}, t('case.reports.done')), ' ', report.danger_action),
    reporterWords(report),
  );
}

function content({ reports, mobility, people }: Reports): HTMLElement | null {
  const household = [
    mobility !== undefined && mobility !== 'inconnue' && fact(t('case.mobility'), label('case.mobilities', mobility)),
    people !== undefined && fact(t('case.people'), tn('case.people_count', people)),
  ].filter((part): part is HTMLElement => part !== false);
  if (reports.length === 0 && household.length === 0) return null;
  return h(
    'section',
    { class: 'detail-facts', 'aria-label': t('case.reports.title') },
    household.length > 0 && h('dl', { class: 'facts' }, household),
    reports.length > 0 && [h('h3', {}, tn('case.reports.count', reports.length)), h('ol', { class: 'told-list' }, reports.map(one))],
  );
}

/// Nothing for a role that may not read them.
export function caseReports(caseId: number): { readonly element: HTMLElement; refresh(): void; leave(): void } {
  const element = h('div', { class: 'case-reports' });
  const abort = new AbortController();
  async function load(): Promise<void> {
    try {
      const reports = await fetchReports(caseId, abort.signal);
      const made = content(reports);
      if (!abort.signal.aborted) fill(element, made);
    } catch (error) {
      if (!isAbort(error)) fill(element, problemBox(said(error), () => void load()));
    }
  }
  if (can('accueil', 'coordination')) void load();
  return { element, refresh: () => void load(), leave: () => abort.abort() };
}
