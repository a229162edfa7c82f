/// What is known of a case, as far as the role may know it (what is not for it is absent, and then not shown), and what
/// to do first if a life is in danger.
import type { Case, CaseProps } from '../api/types';
import { label, t } from '../text';
import { languages, length } from '../text/format';
import { fact } from '../ui/controls';
import { h } from '../ui/dom';
import { icon } from '../ui/icons';
import type { Context } from './context';
import { relayOrigin } from './relay-origin';
import { placeName, quarterName } from './tones';

export function dangerBanner(signs: readonly string[]): HTMLElement | null {
  const immediate = signs.includes('danger_immediat');
  const suicide = signs.includes('idees_suicidaires');
  if (!immediate && !suicide) return null;
  return h(
    'div',
    { class: 'callout callout-danger', role: 'alert' },
    icon('warning'),
    h(
      'div',
      {},
      immediate && [h('strong', {}, t('case.danger.immediate_title')), h('p', {}, t('case.danger.immediate'))],
      suicide && [h('strong', {}, t('case.danger.suicide_title')), h('p', {}, t('case.danger.suicide'))],
      h('p', {}, t('case.danger.held')),
    ),
  );
}

/// Out of the quarters, or not yet found on the map.
export function placeWarning(ctx: Context, p: CaseProps): HTMLElement | null {
  const warn = (title: string, text: string): HTMLElement =>
    h('div', { class: 'callout callout-plain' }, icon('map'), h('div', {}, h('strong', {}, title), h('p', {}, text)));
  const nearest = quarterName(ctx.data.quarters.get().value, p.nearest_quarter);
  if (p.sector === 'outside' && nearest !== null && p.nearest_quarter_m !== null) {
    return warn(t('case.outside_title'), t('case.outside', { quarter: nearest, distance: length(p.nearest_quarter_m) }));
  }
  return p.sector === 'unlocated' ? warn(t('case.unlocated_title'), t('case.unlocated')) : null;
}

export function phoneLink(phone: string): HTMLElement {
  return h('a', { href: `tel:${phone.replace(/[^+\d]/g, '')}` }, phone);
}

export function caseFacts(ctx: Context, one: Case): HTMLElement {
  const p = one.properties;
  const { address = '', phone = '', causes = [], signs = [], notes = '' } = p;
  const spoken = languages(p.languages ?? []);
  return h(
    'dl',
    { class: 'facts' },
    address !== '' && fact(t('case.address'), address),
    fact(t('case.quarter'), placeName(ctx.data.quarters.get().value, p)),
    phone !== '' && fact(t('case.phone'), phoneLink(phone)),
    p.subject !== undefined && fact(t('case.subject'), label('case.subjects', p.subject)),
    causes.length > 0 && fact(t('case.causes'), causes.map((code) => label('case.cause', code)).join(', ')),
    p.duration !== undefined && fact(t('case.duration'), label('case.durations', p.duration)),
    signs.length > 0 && fact(t('case.signs'), signs.map((code) => label('case.sign', code)).join(', ')),
    spoken !== '' && fact(t('case.languages'), spoken),
    p.channel !== undefined && fact(t('case.channel'), label('case.channels', p.channel), p.channel === 'relais' && relayOrigin(one.id)),
    notes !== '' && fact(t('case.notes'), h('span', { class: 'notes' }, notes)),
  );
}
