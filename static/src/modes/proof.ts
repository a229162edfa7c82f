/// What proves that somebody is gone: what was looked for, where, and what was found.
import type { Proof } from '../api/desks';
import { t, tn } from '../text';
import { count, dateTime } from '../text/format';
import { h } from '../ui/dom';
import { icon } from '../ui/icons';
import { form, part } from './desk-parts';

/// "12 dossiers supprimés ; 84 empreintes cherchées dans la base, son journal et ses sauvegardes : aucune trouvée."
export function proofWords(proof: Pick<Proof, 'cases' | 'needles' | 'found'>): string {
  const needles =
    proof.found === 0
      ? tn('retention.proof_none', proof.needles, count(proof.needles))
      : tn('retention.proof_found', proof.needles, count(proof.needles), { found: tn('retention.proof_found_n', proof.found, count(proof.found)) });
  return t('retention.proof_join', { cases: tn('retention.proof_cases', proof.cases, count(proof.cases)), needles });
}

export function proofPart(proof: Proof): HTMLElement {
  const good = proof.found === 0;
  const lines = (title: string, items: readonly string[]): HTMLElement | false =>
    items.length > 0 && h('div', { class: 'proof-lines' }, h('strong', {}, title), h('ul', { class: 'plain-list' }, items.map((item) => h('li', {}, item))));
  return part(
    t('retention.proof'),
    h(
      'div',
      { class: `callout ${good ? 'callout-good' : 'callout-bad'}` },
      icon(good ? 'check' : 'warning'),
      h('div', {}, h('strong', {}, proofWords(proof)), !good && h('p', {}, t('retention.proof_bad'))),
    ),
    lines(t('retention.proof_where'), proof.where),
    lines(t('retention.proof_remarks'), proof.remarks),
    lines(t('retention.proof_exports'), proof.exports_at.map((at) => dateTime(at))),
  );
}

/// What is erased and not proved yet: says so, and looks again.
export function proveAgain(work: () => Promise<void>): HTMLElement {
  return part(
    t('retention.unproved'),
    h('p', {}, t('retention.unproved_what')),
    form({ button: t('retention.prove_again'), busy: t('retention.proving'), content: [], work }),
  );
}
