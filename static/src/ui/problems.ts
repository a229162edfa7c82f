/// Says in French what went wrong, that nothing was lost, and what to do: never a raw code.
import { t, tn } from '../text';
import { type Child, h } from './dom';
import { icon } from './icons';

/// What is needed of a refusal; the fields of RFC 9457.
export interface RefusalFacts {
  readonly status: number;
  readonly code?: string | undefined;
  readonly requestId?: string | undefined;
  readonly waitS?: number | undefined;
}

export interface Said {
  readonly title: string;
  readonly next: string;
}

/// "Réessayez dans 2 minutes."
export function waiting(seconds: number): string {
  if (seconds < 60) return tn('errors.wait_seconds', seconds);
  return tn('errors.wait_minutes', Math.ceil(seconds / 60));
}

/// `null` facts: nothing answered.
export function say(facts: RefusalFacts | null): Said {
  if (facts === null) return { title: t('errors.unreachable'), next: t('errors.unreachable_next') };
  const next =
    facts.requestId !== undefined && facts.requestId !== ''
      ? t('errors.unexpected_next', { id: facts.requestId })
      : t('errors.unexpected_plain');
  switch (facts.status) {
    case 401:
      return { title: t('errors.session_over'), next: t('errors.session_over_next') };
    case 403:
      if (facts.code === 'view_as_reads_only') return { title: t('errors.view_as'), next: t('errors.view_as_next') };
      if (facts.code === 'sign_in_with_password') return { title: t('errors.password_first'), next: t('errors.password_first_next') };
      return { title: t('errors.not_allowed'), next: t('errors.not_allowed_next') };
    case 429:
      return { title: t('errors.too_many'), next: waiting(facts.waitS ?? 60) };
    case 404:
      return { title: t('errors.not_found'), next: t('coordination.unknown_next') };
    case 409:
      if (facts.code === 'no_streets') return { title: t('errors.no_network'), next: t('coverage.no_network_next') };
      if (facts.code === 'no_quarters') return { title: t('errors.no_quarters'), next: t('errors.no_quarters_next') };
      return { title: t('errors.conflict'), next: t('errors.unexpected_plain') };
    case 413:
      return { title: t('errors.too_large'), next: t('errors.unexpected_plain') };
    case 503:
      return { title: t('errors.not_ready'), next };
    default:
      return { title: t('errors.unexpected'), next };
  }
}

export function problemBox(said: Said, onRetry: (() => void) | null): HTMLElement {
  return h(
    'div',
    { class: 'callout callout-bad', role: 'alert' },
    icon('warning'),
    h(
      'div',
      {},
      h('strong', {}, said.title),
      h('p', {}, said.next),
      onRetry && h('button', { class: 'button', type: 'button', on: { click: onRetry } }, t('common.retry')),
    ),
  );
}

/// An empty place that says the next step.
export function emptyBox(title: string, next: string | null, command: string | null, ...more: Child[]): HTMLElement {
  return h(
    'div',
    { class: 'empty' },
    h('p', { class: 'empty-title' }, title),
    next !== null && h('p', {}, next),
    command !== null && h('code', { class: 'command' }, command),
    more,
  );
}

/// Grey lines that appear only when loading lasts (the style sheet waits 300 ms).
export function skeleton(lines: number): HTMLElement {
  return h(
    'div',
    { class: 'skeleton' },
    h('span', { class: 'visually-hidden' }, t('common.loading')),
    Array.from({ length: lines }, () => h('span', { class: 'skeleton-line', 'aria-hidden': 'true' })),
  );
}
