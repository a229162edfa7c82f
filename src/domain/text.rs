//! Texts compared as people read them: without case, accents or punctuation.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Lower-case words without accents, one space between them: "Rue de l'Épée-d'Or" → `rue de l epee d or`.
///
/// Everything that is neither letter nor digit separates words; `œ` and `æ` become two letters.
#[must_use]
pub fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    let mut gap = false;
    let mut push = |letter: char| {
        if letter.is_alphanumeric() {
            if gap && !folded.is_empty() {
                folded.push(' ');
            }
            gap = false;
            folded.push(letter);
        } else {
            gap = true;
        }
    };
    if text.is_ascii() {
        text.chars().for_each(|c| push(c.to_ascii_lowercase()));
        return folded;
    }
    for c in text.nfkd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase) {
        match c {
            'œ' => "oe".chars().for_each(&mut push),
            'æ' => "ae".chars().for_each(&mut push),
            'ß' => "ss".chars().for_each(&mut push),
            // What a lower-case letter may bring with it (İ → i + dot).
            mark if is_combining_mark(mark) => {}
            other => push(other),
        }
    }
    folded
}

/// The digits of a phone number as it is dialled in France, whatever the writing: `+33 (0)6 12…`, `0033 6 12…` and `06 12…`
/// alike. Of a foreign number the digits; empty without any.
#[must_use]
pub fn national_phone(text: &str) -> String {
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let country = digits.strip_prefix("0033").or_else(|| digits.strip_prefix("33"));
    match country.map(|rest| rest.trim_start_matches('0')).filter(|rest| rest.len() == 9) {
        Some(rest) => format!("0{rest}"),
        None => digits,
    }
}

/// Whether one letter that is wrong, missing or too much, or two neighbours that changed places, at most, is between two
/// words (optimal string alignment distance of 0 or 1). Linear.
#[must_use]
pub fn within_one_typo(a: &[char], b: &[char]) -> bool {
    let head = a.iter().zip(b).take_while(|(x, y)| x == y).count();
    let (a, b) = (&a[head..], &b[head..]);
    let tail = a.iter().rev().zip(b.iter().rev()).take_while(|(x, y)| x == y).count();
    match (&a[..a.len() - tail], &b[..b.len() - tail]) {
        ([] | [_], [] | [_]) => true,
        ([p, q], [r, s]) => p == s && q == r,
        _ => false,
    }
}

/// Whether a word begins as typed, but for one typo.
#[must_use]
pub fn begins_within_one_typo(typed: &[char], word: &[char]) -> bool {
    let shortest = typed.len().saturating_sub(1);
    let longest = (typed.len() + 1).min(word.len());
    (shortest..=longest).any(|length| within_one_typo(typed, &word[..length]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn case_accents_and_punctuation_do_not_count() {
        assert_eq!(fold("Rue de l'Épée-d'Or"), "rue de l epee d or");
        assert_eq!(fold("  CŒUR   Sacré… "), "coeur sacre");
        assert_eq!(fold("12 bis, avenue du 8-Mai-1945"), "12 bis avenue du 8 mai 1945");
        assert_eq!(fold("Rue de l\u{2019}E\u{301}cluse"), "rue de l ecluse");
        assert_eq!(fold("--- '"), "");
    }

    #[test]
    fn every_writing_of_a_phone_number_is_one() {
        for text in ["06 12 34 56 78", "+33612345678", "0033 6.12.34.56.78", "+33 (0)6 12-34-56-78", "33 6 12 34 56 78"]
        {
            assert_eq!(national_phone(text), "0612345678", "{text}");
        }
        assert_eq!(national_phone("+44 20 7946 0000"), "442079460000");
        assert_eq!(national_phone("inconnu"), "");
    }

    /// Slow twin: the table of the optimal string alignment distance.
    fn distance(a: &[char], b: &[char]) -> usize {
        let mut table = vec![vec![0; b.len() + 1]; a.len() + 1];
        for i in 0..=a.len() {
            for j in 0..=b.len() {
                table[i][j] = if i == 0 || j == 0 {
                    i + j
                } else {
                    let change = table[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]);
                    let mut least = change.min(table[i - 1][j] + 1).min(table[i][j - 1] + 1);
                    if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                        least = least.min(table[i - 2][j - 2] + 1);
                    }
                    least
                };
            }
        }
        table[a.len()][b.len()]
    }

    proptest! {
        #[test]
        fn one_typo_is_what_the_whole_table_says(a in "[abc]{0,6}", b in "[abc]{0,6}") {
            let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
            prop_assert_eq!(within_one_typo(&a, &b), distance(&a, &b) <= 1);
            let begins = (0..=b.len()).any(|length| distance(&a, &b[..length]) <= 1);
            prop_assert_eq!(begins_within_one_typo(&a, &b), begins);
        }

        #[test]
        fn folding_twice_changes_nothing_more(text in "\\PC{0,40}") {
            let once = fold(&text);
            prop_assert_eq!(fold(&once), once);
        }
    }
}
