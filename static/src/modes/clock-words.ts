/// A deadline in words: what is left of it, or how late it is.
import { t, tn } from '../text';
import { count } from '../text/format';
import { h } from '../ui/dom';

/// From here on a deadline asks to be looked at.
const SOON_DAYS = 7;

export type Urgency = 'late' | 'soon' | 'calm';

export function urgency(daysLeft: number): Urgency {
  if (daysLeft < 0) return 'late';
  return daysLeft <= SOON_DAYS ? 'soon' : 'calm';
}

/// "Restent 12 jours", "Dernier jour", "En retard de 3 jours".
export function clockWords(daysLeft: number): string {
  if (daysLeft < 0) return tn('desk.late', -daysLeft, count(-daysLeft));
  return daysLeft === 0 ? t('desk.today') : tn('desk.left', daysLeft, count(daysLeft));
}

const LOOK: Readonly<Record<Urgency, string>> = { late: 'tag tag-danger', soon: 'tag tag-waiting', calm: 'tag' };

export function clockTag(daysLeft: number): HTMLElement {
  return h('span', { class: LOOK[urgency(daysLeft)] }, clockWords(daysLeft));
}
