/// "Suivre un signalement": a receipt tells one of four steps and a week, and nothing of the person.
import { Refused } from '../api/client';
import { fetchProgress, type ReceiptProgress } from '../api/relay-reports';
import { groupReceipt, readReceipt } from '../state/receipt';
import { formatRoute } from '../state/route';
import { label, t } from '../text';
import { date } from '../text/format';
import { announce } from '../ui/announce';
import { fill, h } from '../ui/dom';
import { textField } from '../ui/fields';
import { icon } from '../ui/icons';
import { problemBox } from '../ui/problems';
import type { Enter } from './context';
import { said } from './refusals';

export const enterReceipt: Enter = (ctx) => {
  let asking = false;
  const answer = h('div', { class: 'receipt-answer' });
  const ask = h('button', { type: 'submit', class: 'button button-main' }, t('receipt.ask'));
  const number = textField({
    label: t('receipt.label'),
    hint: t('receipt.hint'),
    autocomplete: 'off',
    numeric: true,
    maxlength: 24,
    onInput: (text) => {
      // Only at the end, so that a digit can be mended in the middle.
      if (number.input.selectionStart === text.length) number.input.value = groupReceipt(text);
    },
  });
  number.input.classList.add('receipt-input');

  function told({ progress, week_on: week }: ReceiptProgress): HTMLElement {
    return h(
      'div',
      { class: 'receipt' },
      h('h2', { tabindex: '-1' }, label('receipt.progress', progress)),
      h('p', {}, label('receipt.meaning', progress)),
      h('p', { class: 'hint' }, t('receipt.week', { date: date(week) })),
      h('p', { class: 'hint' }, t('receipt.no_more')),
    );
  }

  async function submit(): Promise<void> {
    if (asking) return;
    answer.replaceChildren();
    const receipt = readReceipt(number.input.value);
    if (receipt === null) {
      number.fail(t('receipt.typo'));
      number.input.focus();
      return;
    }
    asking = true;
    ask.setAttribute('aria-disabled', 'true');
    ask.textContent = t('receipt.asking');
    try {
      const progress = await fetchProgress(receipt);
      fill(answer, told(progress));
      announce(label('receipt.progress', progress.progress));
    } catch (error) {
      const unknown = error instanceof Refused && error.problem.code === 'unknown_receipt';
      fill(answer, problemBox(unknown ? { title: t('receipt.unknown'), next: t('receipt.unknown_next') } : said(error), null));
    } finally {
      asking = false;
      ask.removeAttribute('aria-disabled');
      ask.textContent = t('receipt.ask');
    }
  }

  fill(
    ctx.panel.list,
    h(
      'section',
      { class: 'page relay-page' },
      h('div', { class: 'panel-title' }, h('h1', { tabindex: '-1' }, t('receipt.title')), h('p', { class: 'lead' }, t('receipt.lead'))),
      h(
        'form',
        {
          class: 'report-form',
          novalidate: true,
          on: {
            submit: (event) => {
              event.preventDefault();
              void submit();
            },
          },
        },
        number.element,
        h('div', { class: 'form-actions' }, ask),
      ),
      answer,
      h('a', { class: 'back-link', href: formatRoute({ mode: 'home' }) }, icon('back'), t('relay_report.public')),
    ),
  );
  return () => ctx.panel.clear();
};
