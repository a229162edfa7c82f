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
