/// The guides are written in a small part of Markdown: headings, paragraphs, lists, bold, code. Shown as elements.
import { typography } from '../text';
import { type Child, h } from './dom';

function inline(text: string): Child[] {
  return text.split(/(\*\*[^*]+\*\*|`[^`]+`)/).map((part) => {
    if (part.startsWith('**')) return h('strong', {}, typography(part.slice(2, -2)));
    if (part.startsWith('`')) return h('code', {}, part.slice(1, -1));
    return typography(part);
  });
}

export function markdown(source: string, headingsFrom = 3): HTMLElement {
  const root = h('div', { class: 'prose' });
  for (const block of source.replace(/<!--[\s\S]*?-->/g, '').split(/\n{2,}/)) {
    const text = block.trim();
    if (text === '') continue;
    const heading = /^(#{1,3}) (.+)$/.exec(text);
    if (heading) {
      const level = Math.min(6, headingsFrom - 1 + (heading[1] as string).length) as 3 | 4 | 5 | 6;
      root.append(h(`h${level}`, {}, inline(heading[2] as string)));
      continue;
    }
    const lines = text.split('\n');
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
