import { describe, expect, it } from 'vitest';

import type { AuditRow } from '../api/desks';
import type { Role } from '../api/types';
import { codesOf, label } from '../text';
import { actWords, auditQuery, filtersOf, howMany, NO_FILTERS, paramsOf, reasonWords, sentence } from './audit-words';
import { clockWords, urgency } from './clock-words';
import { sameReference } from './desk-parts';
import { deskModes } from './desks';
import { drawPassword } from './draw-password';
import { proofWords } from './proof';

/// Makes the invisible visible: ~ no-break space, _ narrow no-break space.
const see = (text: string): string => text.replaceAll('\u00a0', '~').replaceAll('\u202f', '_');

describe('a deadline', () => {
  it('says what is left, the last day, and how late it is, in the right number', () => {
    expect(clockWords(12)).toBe('Restent 12 jours');
    expect(clockWords(1)).toBe('Reste 1 jour');
    expect(clockWords(0)).toBe('Dernier jour');
    expect(clockWords(-1)).toBe('En retard de 1 jour');
    expect(clockWords(-3)).toBe('En retard de 3 jours');
    expect(see(clockWords(-1200))).toBe('En retard de 1_200 jours');
  });
  it('asks to be looked at in its last week, and is late only once it has passed', () => {
    expect([8, 7, 0, -1].map(urgency)).toEqual(['calm', 'soon', 'soon', 'late']);
  });
});

describe('filters of the trail', () => {
  const some = { ...NO_FILTERS, from: '2026-11-01', to: '2026-11-23', actor: 'account:3', act: 'list', resource: 'cases', subject: '0123456789abcdef' };
  it('come back from the address as they went there', () => {
    expect(filtersOf(paramsOf(some))).toEqual(some);
    expect(paramsOf(NO_FILTERS)).toEqual({});
    expect(howMany(some)).toBe(6);
  });
  it('leave out what is not understood', () => {
    expect(filtersOf({ du: 'hier', qui: 'account:x', acte: 'DROP TABLE', personne: 'Lefebvre' })).toEqual(NO_FILTERS);
  });
  it('become the query that the server reads', () => {
    expect(auditQuery(NO_FILTERS, null, 50)).toBe('limit=50');
    expect(auditQuery({ ...NO_FILTERS, from: '2026-11-01', actor: 'account:3' }, 'a/1', 50)).toBe('from=2026-11-01&actor=account%3A3&before=a%2F1&limit=50');
    expect(auditQuery(NO_FILTERS, null, null)).toBe('');
  });
});

describe('a row of the trail', () => {
  const row: AuditRow = {
    chain_id: 'a',
    seq: 1,
    at: '2026-11-23T07:12:00Z',
    actor: 'account:3',
    actor_name: 'Camille D.',
    act: 'list',
    resource: 'cases',
    subject: '',
    records: 60,
    outcome: 'done',
    reason: '',
  };
  it('can be read alone', () => {
    expect(sentence(row)).toBe('Camille D. a lu la liste des situations (60)');
    expect(sentence({ ...row, act: 'read', records: 1, subject: 'ab' })).toBe('Camille D. a lu une situation');
    expect(sentence({ ...row, act: 'export', records: 1200 }).replaceAll('\u202f', '_')).toBe('Camille D. a exporté des situations (1_200)');
  });
  it('says what was refused as something that was wanted', () => {
    const refused = { ...row, actor: 'nobody', actor_name: null, act: 'sign_in', resource: 'sessions', records: 1, outcome: 'refused' };
    expect(see(sentence(refused))).toBe('Quelqu’un qui n’était pas connecté a voulu ouvrir une session~: refusé');
  });
  it('names whoever has no name', () => {
    expect(sentence({ ...row, actor: 'command_line', actor_name: null })).toMatch(/^La ligne de commande du serveur a lu/);
    expect(sentence({ ...row, actor_name: null })).toMatch(/^Un compte qui n’existe plus \(n° 3\) a lu/);
  });
  it('shows no code for any act on anything, known or not', () => {
    for (const act of [...codesOf('audit.acts'), 'a_new_act']) {
      for (const resource of [...codesOf('audit.resources'), 'a_new_thing']) {
        for (const outcome of ['done', 'refused']) {
          const words = actWords({ ...row, act, resource, outcome });
          expect(words, `${act} ${resource}`).not.toMatch(/[_{}]|undefined/);
          expect(words.length).toBeGreaterThan(8);
        }
      }
    }
  });
  it('translates the reasons that the service notes, and leaves those of people alone', () => {
    expect(reasonWords({ act: 'sign_in', reason: 'wrong PIN' })).toBe('code court faux');
    expect(reasonWords({ act: 'refuse', reason: 'GET see_cases' })).toBe('voir les situations');
    expect(see(reasonWords({ act: 'refuse', reason: 'POST sign_off_retention: same_person' }))).toBe('signer une suppression_; qui a préparé la liste ne la signe pas');
    expect(reasonWords({ act: 'refuse', reason: 'POST report_cases: a_new_code' })).toContain('n’était pas possible');
    expect(reasonWords({ act: 'break', reason: 'put_back' })).toBe('la chaîne a été remise dans un état antérieur.');
    expect(reasonWords({ act: 'list', reason: 'seen as account:4' })).toContain('n° 4');
    expect(reasonWords({ act: 'break_glass', reason: 'Voisine sans nouvelles.' })).toBe('Voisine sans nouvelles.');
    const see_ = (reason: string): string => see(reasonWords({ act: 'verify', reason }));
    expect(see_('run 3: 84 needles, 0 found')).toBe('84 empreintes cherchées, 0 retrouvée');
    expect(see_('request 3: 84 needles, 0 found')).toBe('84 empreintes cherchées, 0 retrouvée');
    expect(see_('refusal: 84 needles, 2 found')).toBe('84 empreintes cherchées, 2 retrouvées');
    expect(see_('details, request 4')).toBe('correction, demande n° 4');
    expect(see_('request 4 carried out')).toBe('demande n° 4 satisfaite');
    expect(see_('volunteer erased')).toBe('bénévole effacé');
    expect(see_("relay's report, seen as account:4")).toBe('d’où vient le signalement_; vu en tant que quelqu’un d’autre (compte n° 4)');
    expect(see_("relay's report, emergency")).toBe('d’où vient le signalement_; accès d’urgence');
    expect(see_('unknown sticker code')).toBe('code d’autocollant inconnu');
    expect(see_('run 3')).toBe('liste n° 3');
    expect(see_('kept from 2025-11')).toBe('gardé depuis novembre 2025');
    expect(see_('opposition of 2025-03-02 passed over: a sign of danger')).toBe('malgré le refus du 2 mars 2025~: un signe de danger');
    expect(reasonWords({ act: 'segment', reason: 'a:12 b:7' })).toBe('');
  });
});

describe('roles', () => {
  const roles: readonly Role[] = ['accueil', 'coordination', 'pilotage', 'diffusion', 'bienveilleur', 'dpo', 'administration'];
  it('each have a word and a sentence on what they see', () => {
    expect(codesOf('roles')).toEqual(roles);
    expect(codesOf('accounts.role')).toEqual(roles);
    for (const role of roles) expect(label('accounts.role', role)).toMatch(/^\p{Lu}.{30,}\.$/u);
  });
  it('open the desks that are theirs, and no other', () => {
    const open = (role: Role): string[] => deskModes.filter((mode) => mode.roles.includes(role)).map((mode) => mode.name);
    expect(open('dpo')).toEqual(['rights', 'informing', 'audit', 'retention', 'register']);
    expect(open('coordination')).toEqual(['informing', 'retention']);
    expect(open('administration')).toEqual(['accounts']);
    for (const role of ['accueil', 'pilotage', 'diffusion', 'bienveilleur'] as const) expect(open(role)).toEqual([]);
  });
});

describe('the proof of a purge', () => {
  it('says what was erased, looked for and found', () => {
    expect(see(proofWords({ cases: 12, needles: 84, found: 0 }))).toBe('12 dossiers supprimés_; 84 empreintes cherchées dans la base, son journal et ses sauvegardes~: aucune trouvée.');
    expect(see(proofWords({ cases: 1, needles: 1, found: 0 }))).toBe('1 dossier supprimé_; 1 empreinte cherchée dans la base, son journal et ses sauvegardes~: aucune trouvée.');
    expect(proofWords({ cases: 12, needles: 84, found: 2 })).toContain('2 retrouvées.');
  });
});

it('takes a typed reference however it is written, and nothing else', () => {
  expect(sameReference(' c–0012 ', 'C-0012')).toBe(true);
  expect(sameReference('C-0013', 'C-0012')).toBe(false);
  expect(sameReference('', '')).toBe(false);
});

it('draws passwords that are strong, readable and never the same', () => {
  const drawn = Array.from({ length: 50 }, drawPassword);
  expect(new Set(drawn).size).toBe(50);
  for (const one of drawn) expect(one).toMatch(/^(?:[a-kmnp-zA-HJ-NP-Z2-9]{4}-){3}[a-kmnp-zA-HJ-NP-Z2-9]{4}$/);
});
