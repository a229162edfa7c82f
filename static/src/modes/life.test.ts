/// The words of a case that is lived: where it stands, what can be done first, why a volunteer is proposed and another is not.
import { describe, expect, it } from 'vitest';

import type { LivedProps, MoveLine } from '../api/life';
import type { LeftOut, Points } from '../api/types';
import { codesOf } from '../text';
import { daysAfter, moveWords, offered, ofName, refusalWords, standing } from './life-words';
import { leftOutWords, reasonAlone, termsOf } from './suit';

const plain = (text: string): string => text.replace(/[\u00a0\u202f]/g, ' ');

const CASE: LivedProps = { reference: 'C-0001', name: 'A', state: 'reported', reported_on: '2026-11-03', quarter: null, sector: 'inside', nearest_quarter: null, nearest_quarter_m: null };
const LEFT: LeftOut = { volunteer_id: 1, name: 'Amina B.', reason: 'full', also: [], duration_s: 1379, limit_s: 1200, away_until_on: null, languages: [], needs: [] };
const NOW = Date.parse('2026-11-24T10:00:00Z');

describe('names', () => {
  it('elides before a vowel, whatever its accent, and before a silent h', () => {
    expect(ofName('Amina B.')).toBe('d’Amina B.');
    expect(ofName('Émile')).toBe('d’Émile');
    expect(ofName('Hortense')).toBe('d’Hortense');
    expect(ofName('Kléberine H.')).toBe('de Kléberine H.');
  });
});

describe('where a case stands', () => {
  it('says the state in a sentence, with the name and the time to answer', () => {
    expect(plain(standing({ ...CASE, state: 'proposed', answer_due_at: '2026-11-25T13:00:00Z' }, 'Amina B.', NOW))).toMatch(/^Proposée à Amina B\. : réponse attendue avant .*25 novembre.* à 14 h 00\.$/);
    expect(plain(standing({ ...CASE, state: 'paused' }, 'Amina B.', NOW))).toBe('Les visites sont en pause. La place d’Amina B. reste gardée.');
  });
  it('says that nobody has answered in time', () => {
    expect(standing({ ...CASE, state: 'proposed', answer_due_at: '2026-11-24T09:00:00Z' }, 'Amina B.', NOW)).toContain('n’a pas répondu à temps');
  });
  it('has a sentence for every state, and never a raw code', () => {
    for (const state of codesOf('case.states')) {
      const text = standing({ ...CASE, state }, 'Amina B.', NOW);
      expect(text, state).not.toBe('');
      expect(text).not.toMatch(/_|[{}]/);
    }
  });
});

describe('what can be done', () => {
  it('puts the act that the state calls for first, and what is rare behind', () => {
    const acts = ['accept', 'decline', 'withdraw', 'contact', 'back_up', 'raise_danger', 'close'];
    expect(offered(acts, { ...CASE, state: 'proposed' }, '2026-11-24')).toEqual({ main: 'accept', atHand: ['decline', 'withdraw', 'contact'], rest: ['back_up', 'close'] });
  });
  it('brings a review forward when it is due', () => {
    const acts = ['contact', 'review', 'pause'];
    expect(offered(acts, { ...CASE, state: 'accompanied', review_on: '2026-11-24' }, '2026-11-24').atHand).toEqual(['review']);
    expect(offered(acts, { ...CASE, state: 'accompanied', review_on: '2026-11-25' }, '2026-11-24').rest).toEqual(['review', 'pause']);
  });
  it('has no main act beside a danger that nobody has dealt with', () => {
    expect(offered(['take_up', 'clear_danger'], CASE, '2026-11-24')).toEqual({ main: null, atHand: ['take_up'], rest: [] });
  });
});

describe('the history', () => {
  const line: MoveLine = { at: '2026-11-24T09:00:00Z', who: 'Camille', act: 'decline', from: 'proposed', to: 'qualified', volunteer: 'Amina B.', why: 'too_far', note: '', undone: false };
  it('says who and why', () => {
    expect(plain(moveWords(line))).toBe('Déclinée par Amina B. : trop loin');
    expect(plain(moveWords({ ...line, act: 'raise_danger', why: 'danger_immediat' }))).toBe('Danger signalé : danger immédiat');
  });
  it('says what was taken back, and nothing raw of what it does not know', () => {
    expect(plain(moveWords({ ...line, act: 'undo', why: 'propose' }))).toBe('Étape annulée : proposée à Amina B.');
    expect(moveWords({ ...line, act: 'a_new_act', why: 'x_y' })).toBe('Autre étape');
  });
  it('has words for each refusal, and leaves others alone', () => {
    for (const code of codesOf('life.refusal')) expect(refusalWords(code)?.next, code).not.toBe('');
    expect(refusalWords('no_streets')).toBeNull();
  });
  it('counts days over the change of the clock', () => {
    expect(daysAfter('2026-10-20', 14)).toBe('2026-11-03');
  });
});

describe('why in this order', () => {
  const points: Points = { walk: 420, load: 135, continuity: -60, language: 0, rest: 0, total: 495 };
  it('names the terms that count, with a real minus', () => {
    expect(plain(termsOf(points, 3, 'building'))).toBe('marche 7 min : 420 · 3 personnes suivies : 135 · connaît l’immeuble : \u221260');
  });
  it('leaves out what counts for nothing', () => {
    expect(plain(termsOf({ ...points, load: 0, continuity: 0 }, 0, null))).toBe('marche 7 min : 420');
  });
});

describe('why not the others', () => {
  it('says what would have to change', () => {
    expect(plain(leftOutWords({ ...LEFT, reason: 'too_far' }, undefined))).toBe('trop loin : 23 min, accepte 20 min');
    expect(plain(leftOutWords({ ...LEFT, reason: 'absent', away_until_on: '2026-11-30' }, undefined))).toMatch(/^absence jusqu’au (lundi )?30 novembre/);
    expect(plain(leftOutWords({ ...LEFT, reason: 'need', needs: ['courses', 'lecture'] }, undefined))).toBe('ne fait pas : courses, lecture');
    expect(leftOutWords({ ...LEFT, reason: 'language', languages: ['uk', 'ru'] }, undefined)).toBe('ne parle ni ukrainien ni russe');
    expect(leftOutWords({ ...LEFT, reason: 'language', languages: ['uk'] }, undefined)).toBe('ne parle pas ukrainien');
  });
  it('tells what would stand in the way besides', () => {
    expect(plain(leftOutWords({ ...LEFT, also: ['too_far', 'declined'] }, undefined))).toBe('complet ; et aussi : trop loin : 23 min, accepte 20 min, a déjà décliné');
  });
  it('never shows a raw code', () => {
    for (const reason of ['need', 'language', 'too_far', 'absent', 'a_new_reason']) expect(reasonAlone(reason)).not.toMatch(/_|[{}]/);
  });
});
