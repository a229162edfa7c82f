/// The guides, notices and registers are written in a small part of Markdown: headings, paragraphs, lists, tables, bold,
/// italics, code, and `[[…]]` for what somebody has yet to fill in, which is marked. Shown as elements.
import { typography } from '../text';
import { type Child, h } from './dom';

function inline(text: string): Child[] {
  return text.split(/(\*\*[^*]+\*\*|\*[^*]+\*|`[^`]+`|\[\[[^\]]+\]\])/).map((part) => {
    if (part.startsWith('**')) return h('strong', {}, typography(part.slice(2, -2)));
    if (part.length > 2 && part.startsWith('*') && part.endsWith('*')) return h('em', {}, typography(part.slice(1, -1)));
    if (part.startsWith('[[')) return h('mark', { class: 'to-complete' }, typography(part.slice(2, -2)));
    if (part.startsWith('`')) return h('code', {}, part.slice(1, -1));
    return typography(part);
  });
}

/// The cells of a line such as `| a | b |`.
function cells(line: string): string[] {
  return line
    .replace(/^\||\|$/g, '')
    .split('|')
    .map((cell) => cell.trim());
}

/// Lines that all begin with `|`: a head, a rule, the rows. The first cell of a row names it.
function table(lines: readonly string[]): HTMLElement {
  const [head = '', , ...rows] = lines;
  return h(
    'div',
    { class: 'table-box', tabindex: '0', role: 'group', 'aria-label': typography(cells(head).join(', ')) },
    h(
      'table',
      {},
      h('thead', {}, h('tr', {}, cells(head).map((cell) => h('th', { scope: 'col' }, inline(cell))))),
      h('tbody', {}, rows.map((row) => h('tr', {}, cells(row).map((cell, i) => (i === 0 ? h('th', { scope: 'row' }, inline(cell)) : h('td', {}, inline(cell))))))),
    ),
  );
}

export function markdown(source: string, headingsFrom = 3): HTMLElement {
  const root = h('div', { class: 'prose' });
  for (const block of source.replace(/<!--[\s\S]*?-->/g, '').split(/\n{2,}/)) {
    const text = block.trim();
    if (text === '') continue;
    const heading = /^(#{1,4}) (.+)$/.exec(text);
    if (heading) {
      const level = Math.min(6, headingsFrom - 1 + (heading[1] as string).length) as 3 | 4 | 5 | 6;
      root.append(h(`h${level}`, {}, inline(heading[2] as string)));
      continue;
    }
    const lines = text.split('\n');
    if (lines.length > 2 && lines.every((line) => line.startsWith('|'))) {
      root.append(table(lines));
      continue;
    }
    const numbered = /^\d+\. /.test(lines[0] as string);
    if (numbered || (lines[0] as string).startsWith('- ')) {
      const items: string[] = [];
      for (const line of lines) {
        if (/^(?:\d+\.|-) /.test(line)) items.push(line.replace(/^(?:\d+\.|-) /, ''));
        else items[items.length - 1] += ` ${line.trim()}`;
      }
      root.append(h(numbered ? 'ol' : 'ul', {}, items.map((item) => h('li', {}, inline(item)))));
      continue;
    }
    root.append(h('p', {}, inline(lines.join(' '))));
  }
  return root;
}
