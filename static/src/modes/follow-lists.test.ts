import { describe, expect, it } from 'vitest';

import type { FollowUp } from '../api/follow';
import type { Case } from '../api/types';
import { csv } from '../ui/csv';
import { linesOf, rowsOf } from './follow-lists';

const see = (text: string): string => text.replace(/[\u00a0\u202f]/g, ' ');

const one = (id: number, state: string, more: object = {}): Case =>
  ({
    type: 'Feature',
    id,
    geometry: null,
    properties: { reference: `C-${id}`, name: `Personne ${id}`, state, reported_on: '2026-10-01', quarter: null, sector: 'outside', nearest_quarter: null, nearest_quarter_m: null, ...more },
  }) as unknown as Case;

const NOTHING: FollowUp = { on: '2026-11-24', dangers: [], overdue: [], soon: [], reviews: [], waiting: [], awaited: [], uncovered: [] };
const known = (...cases: Case[]) => ({
  cases,
  volunteer: (id: number | null | undefined) => (id === 1 ? 'Amina B.' : null),
  absences: [{ id: 1, volunteer_id: 1, name: 'Amina B.', from_on: '2026-11-20', to_on: '2026-11-30' }],
});

describe('the lists of the follow-up', () => {
  it('say since when, and who waits without ever having heard from us', () => {
    const lines = linesOf(
      { ...NOTHING, overdue: [{ due_on: '2026-11-20', case_id: 1 }], waiting: [{ due_on: '2026-11-08', case_id: 2 }, { due_on: '2026-10-15', case_id: 3 }] },
      known(one(1, 'accompanied', { volunteer_id: 1 }), one(2, 'qualified', { last_contact_on: '2026-10-25' }), one(3, 'reported')),
    );
    expect(lines.overdue.map((line) => [see(line.words), line.volunteer])).toEqual([['prévue vendredi 20 novembre, il y a 4 jours', 'Amina B.']]);
    expect(lines.waiting.map((line) => see(line.words))).toEqual([
      'dernier contact dimanche 25 octobre, il y a 30 jours',
      'signalée jeudi 1er octobre, il y a 54 jours',
    ]);
  });
  it('say until when a proposal can be answered, and do not forget one that came without a deadline', () => {
    const lines = linesOf(
      { ...NOTHING, awaited: [{ due_at: '2026-11-26T10:00:00Z', case_id: 1, volunteer_id: 1 }] },
      known(one(1, 'proposed', { volunteer_id: 1 }), one(2, 'proposed', { volunteer_id: 1 })),
    );
    expect(lines.awaited.map((line) => see(line.words))).toEqual([
      'Amina B. peut répondre jusqu’au jeudi 26 novembre à 11 h 00',
      'proposée à Amina B., sans délai : appelez',
    ]);
  });
  it('say until when a volunteer is away, and leave out a case that has just gone', () => {
    const lines = linesOf({ ...NOTHING, uncovered: [1, 9], dangers: [9] }, known(one(1, 'accompanied', { volunteer_id: 1 })));
    expect(lines.uncovered.map((line) => see(line.words))).toEqual(['Amina B. est de retour après lundi 30 novembre']);
    expect(lines.dangers).toEqual([]);
  });
  it('become a table with references, days late, and no name of a person', () => {
    const lines = linesOf({ ...NOTHING, overdue: [{ due_on: '2026-11-20', case_id: 1 }] }, known(one(1, 'accompanied', { volunteer_id: 1 })));
    const text = csv(rowsOf(lines, [], NOTHING.on));
    expect(text).toContain('Visites en retard;C-1;Hors secteur;2026-11-20;4;Amina B.');
    expect(text).not.toContain('Personne');
  });
});
