import { expect, it } from 'vitest';

import { markdown } from './markdown';

it('shows headings, lists, bold and code as elements, and markup in the text as text', () => {
  const root = markdown('## Titre\n\nDu **gras** et `code` <b>non</b>\n\n1. un\n2. deux\n   suite\n\n- a\n- b');
  expect(root.querySelector('h4')?.textContent).toBe('Titre');
  expect(root.querySelector('strong')?.textContent).toBe('gras');
  expect(root.querySelector('b')).toBeNull();
  expect([...root.querySelectorAll('ol li')].map((li) => li.textContent)).toEqual(['un', 'deux suite']);
  expect(root.querySelectorAll('ul li')).toHaveLength(2);
});

it('marks what somebody has yet to fill in', () => {
  const mark = markdown('Adresse : [[à compléter]].').querySelector('mark');
  expect(mark?.textContent).toBe('à compléter');
});

it('shows a table with its head, and rows named by their first cell', () => {
  const root = markdown('| Donnée | Durée |\n|---|---|\n| Nom | **2 ans** |\n| Journal | 12 mois |');
  expect([...root.querySelectorAll('thead th')].map((cell) => cell.textContent)).toEqual(['Donnée', 'Durée']);
  expect([...root.querySelectorAll('tbody th')].map((cell) => cell.textContent)).toEqual(['Nom', 'Journal']);
  expect(root.querySelector('td strong')?.textContent).toBe('2 ans');
});
