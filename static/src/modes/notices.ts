/// The legal notice, the notice on personal data (articles 13 and 14 of the GDPR) and the accessibility statement.
import { bag } from '../state/cell';
import { formatRoute, NOTICES, type NoticeName, type NoticeRoute } from '../state/route';
import { t } from '../text';
import accessibility from '../text/notices/accessibility.md?raw';
import legal from '../text/notices/legal.md?raw';
import personalData from '../text/notices/personal-data.md?raw';
import { fill, h } from '../ui/dom';
import { icon } from '../ui/icons';
import { markdown } from '../ui/markdown';
import type { Enter } from './context';

const SOURCES: Readonly<Record<NoticeName, string>> = { legal, personal_data: personalData, accessibility };

export function noticeLinks(): HTMLElement[] {
  return (Object.keys(NOTICES) as NoticeName[]).map((notice) =>
    h('li', {}, h('a', { href: formatRoute({ mode: 'notice', notice }) }, t(`notices.${notice}`))),
  );
}

export const enterNotice: Enter = (ctx) => {
  const undo = bag();
  undo.add(
    ctx.route.watch((route) => {
      if (route.mode !== 'notice') return;
      const { notice } = route as NoticeRoute;
      const [title = '', ...rest] = SOURCES[notice].trim().split('\n');
      fill(
        ctx.panel.list,
        h(
          'article',
          { class: 'page page-text' },
          h('a', { class: 'back-link', href: formatRoute({ mode: 'home' }) }, icon('back'), t('notices.back')),
          h('h1', { tabindex: '-1' }, title.replace(/^# /, '')),
          markdown(rest.join('\n'), 1),
        ),
      );
      ctx.panel.list.scrollTop = 0;
    }),
  );
  undo.add(() => ctx.panel.clear());
  return undo.empty;
};
