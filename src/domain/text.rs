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

#[cfg(test)]
mod tests {
    use super::fold;
    use proptest::prelude::*;

    #[test]
    fn case_accents_and_punctuation_do_not_count() {
        assert_eq!(fold("Rue de l'Épée-d'Or"), "rue de l epee d or");
        assert_eq!(fold("  CŒUR   Sacré… "), "coeur sacre");
        assert_eq!(fold("12 bis, avenue du 8-Mai-1945"), "12 bis avenue du 8 mai 1945");
        assert_eq!(fold("Rue de l\u{2019}E\u{301}cluse"), "rue de l ecluse");
        assert_eq!(fold("--- '"), "");
    }

    proptest! {
        #[test]
        fn folding_twice_changes_nothing_more(text in "\\PC{0,40}") {
            let once = fold(&text);
            prop_assert_eq!(fold(&once), once);
        }
    }
}
