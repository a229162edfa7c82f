/// Which relay a case came from, how to call back, and whether somebody like this refused before: asked for when the case
/// is opened, and by nobody whose role does not include it. Each asking is in the trail, so it is asked once for a look.
import { fetchOrigin, type RelayOrigin } from '../api/relay-reports';
import { account, can, viewingAs } from '../state/session';
import { t } from '../text';
import { date } from '../text/format';
import { type Child, fill, h } from '../ui/dom';
import { icon } from '../ui/icons';

/// For so long the same look goes on although the page draws it anew.
const LOOK_MS = 60_000;
let last: { readonly key: string; readonly at: number; readonly answer: Promise<RelayOrigin> } | null = null;

function ask(caseId: number): Promise<RelayOrigin> {
  const key = `${caseId}|${account()?.id ?? ''}|${viewingAs.get()?.account_id ?? ''}`;
  if (last?.key === key && Date.now() - last.at < LOOK_MS) return last.answer;
  const answer = fetchOrigin(caseId).catch((error: unknown) => {
    last = null;
    throw error;
  });
  last = { key, at: Date.now(), answer };
  return answer;
}

function told(origin: RelayOrigin): Child {
  return [
    origin.refused_on !== null &&
      h(
        'div',
        { class: 'callout callout-note', role: 'alert' },
        icon('warning'),
        h('div', {}, h('strong', {}, t('relay_origin.refused_title')), h('p', {}, t('relay_origin.refused', { date: date(origin.refused_on) }))),
      ),
    h('p', {}, origin.relay === null ? t('relay_origin.gone') : t('relay_origin.from', { relay: origin.relay })),
    h('p', {}, origin.reporter === null ? t('relay_origin.none') : [t('relay_origin.reporter'), h('strong', {}, origin.reporter)]),
  ];
}

/// `null` for whom it is not.
export function relayOrigin(caseId: number): HTMLElement | null {
  if (!can('accueil', 'coordination')) return null;
  const element = h('div', { class: 'relay-origin' });
  void ask(caseId)
    .then((origin) => fill(element, origin.by_code && told(origin)))
    .catch(() => fill(element, h('p', { class: 'hint' }, t('relay_origin.failed'))));
  return element;
}
