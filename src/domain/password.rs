//! What a password and a PIN must be: computed guessing work, not a recipe.
//!
//! CNIL, recommendation 2022-100 of 21 July 2022: 80 bits for a password alone, 50 when wrong attempts are slowed down.
//! An alphabet of 26 lower-case and 26 upper-case letters, 10 digits and 37 other signs makes 12 signs of all four kinds,
//! or 14 of the first three, worth 80 bits; a phrase counts 12.9 bits a word (a list of 7776 words), so seven words do:
//! different ones, of four letters at least, and never more than their signs are worth.
//! What goes on by itself (`aaaa`, `1234`, `azerty`, `abcabc`) counts little, and what everybody tries first is refused.

use std::collections::BTreeSet;

use unicode_normalization::UnicodeNormalization;

use super::access::Role;
use super::input::InputError;
use super::text::fold;

/// Bits of a password that stands alone.
const ALONE_BITS: u32 = 80;
/// Bits of a password whose wrong attempts are slowed down.
const SLOWED_BITS: u32 = 50;
/// The longest password, in bytes: Argon2 reads it all.
pub const MAX_BYTES: usize = 256;
/// Bits of one word of a phrase: log2 of 7776.
const WORD_BITS: f64 = 12.9;
/// Fewest letters of a word that counts, what goes on by itself left out.
const WORD_LETTERS: usize = 4;
/// A run of at least so many signs that go on by themselves counts as two.
const RUN: usize = 3;
/// Rows of keys, French and English; neighbours go on by themselves.
const ROWS: [&str; 6] = ["azertyuiop", "qsdfghjklm", "wxcvbn", "qwertyuiop", "asdfghjkl", "zxcvbnm"];
/// What everybody tries first.
const COMMON: [&str; 16] = [
    "motdepasse",
    "password",
    "passwort",
    "bonjour",
    "soleil",
    "doudou",
    "chouchou",
    "jetaime",
    "loulou",
    "iloveyou",
    "welcome",
    "letmein",
    "bienveilleur",
    "lehavre",
    "marseille",
    "admin",
];

/// The least bits for somebody with these roles. Wrong attempts are slowed down for everybody; still, only a volunteer,
/// who sees the people that he or she visits and nobody else, may rely on that.
#[must_use]
pub fn least_bits(roles: &BTreeSet<Role>) -> u32 {
    if roles.len() == 1 && roles.contains(&Role::Bienveilleur) { SLOWED_BITS } else { ALONE_BITS }
}

/// The same password however it was typed: accents as one sign (NFC).
#[must_use]
pub fn normal(password: &str) -> String {
    password.nfc().collect()
}

/// Refuses a password that is too easily guessed. `about` is what is known of its owner: login, name.
///
/// # Errors
/// `weak_password`, with the reason and what to do.
pub fn check(password: &str, about: &[&str], least_bits: u32) -> Result<(), InputError> {
    let weak = |problem: &str, remedy: &str| Err(InputError::new("weak_password", problem, remedy).in_field("new"));
    if password.len() > MAX_BYTES {
        return weak("the password is longer than 256 bytes", "Choose a shorter one");
    }
    let folded = fold(password).replace(' ', "");
    let known = about.iter().flat_map(|text| fold(text).split(' ').map(str::to_owned).collect::<Vec<_>>());
    if known.filter(|word| word.chars().count() >= 4).any(|word| folded.contains(&word)) {
        return weak("the password holds the login or the name", "Choose one that says nothing of its owner");
    }
    if COMMON.iter().any(|word| folded.contains(word)) {
        return weak("the password holds a word that everybody tries first", "Choose other words");
    }
    if bits(password) < least_bits {
        let remedy = if least_bits >= ALONE_BITS {
            "Take 12 signs with capitals, small letters, digits and others, or 14 without others, or seven words of four letters"
        } else {
            "Take 8 signs with capitals, small letters, digits and others, or four words of four letters"
        };
        return weak("the password is too easily guessed", remedy);
    }
    Ok(())
}

/// How many bits of guessing a password is worth, rounded as the CNIL's examples are.
#[must_use]
pub fn bits(password: &str) -> u32 {
    let words: Vec<String> = password
        .split(|c: char| c.is_whitespace() || "-_.,;:'’".contains(c))
        .map(fold)
        .filter(|w| !w.is_empty())
        .collect();
    let signs: Vec<char> = password.chars().collect();
    let by_signs = effective_length(&signs) as f64 * f64::from(alphabet(&signs)).log2();
    let is_phrase = words.len() > 1 && words.iter().all(|word| word.chars().all(char::is_alphabetic));
    let bits = if is_phrase {
        let counts = |word: &&String| effective_length(&word.chars().collect::<Vec<_>>()) >= WORD_LETTERS;
        let by_words = WORD_BITS * words.iter().filter(counts).collect::<BTreeSet<_>>().len() as f64;
        by_words.min(by_signs)
    } else {
        by_signs
    };
    bits.round() as u32
}

/// How many signs there are to choose from, by the kinds that occur.
fn alphabet(signs: &[char]) -> u32 {
    let any = |kind: fn(&char) -> bool, size| if signs.iter().any(kind) { size } else { 0 };
    let size = any(|c| c.is_lowercase(), 26)
        + any(|c| c.is_uppercase(), 26)
        + any(char::is_ascii_digit, 10)
        + any(|c| !c.is_lowercase() && !c.is_uppercase() && !c.is_ascii_digit(), 37);
    size.max(1)
}

/// The length without what goes on by itself.
fn effective_length(signs: &[char]) -> usize {
    let low: Vec<char> = signs.iter().flat_map(|c| c.to_lowercase()).collect();
    // A block that is repeated to the end counts once.
    let period = (1..=low.len() / 2).find(|&p| (p..low.len()).all(|i| low[i] == low[i - p]));
    let low = &low[..period.unwrap_or(low.len())];
    let mut length = usize::from(period.is_some());
    let mut at = 0;
    while at < low.len() {
        let run = run_length(&low[at..]);
        length += if run >= RUN { 2 } else { 1 };
        at += if run >= RUN { run } else { 1 };
    }
    length
}

/// How many signs from the first on go on in one way: the same, the next, the one before, the neighbour's key.
fn run_length(signs: &[char]) -> usize {
    let ways: [fn(char, char) -> bool; 5] = [
        |a, b| a == b,
        |a, b| a.is_alphanumeric() && u32::from(a) + 1 == u32::from(b),
        |a, b| b.is_alphanumeric() && u32::from(b) + 1 == u32::from(a),
        |a, b| ROWS.iter().any(|row| row.contains(&String::from_iter([a, b]))),
        |a, b| ROWS.iter().any(|row| row.contains(&String::from_iter([b, a]))),
    ];
    let longest = |way: &fn(char, char) -> bool| 1 + signs.windows(2).take_while(|pair| way(pair[0], pair[1])).count();
    ways.iter().map(longest).max().unwrap_or(1)
}

/// Refuses a PIN that is not six digits, or one that everybody tries first.
///
/// # Errors
/// `weak_pin`, with the reason and what to do.
pub fn check_pin(pin: &str) -> Result<(), InputError> {
    let weak = |problem: &str, remedy: &str| Err(InputError::new("weak_pin", problem, remedy).in_field("pin"));
    if pin.len() != 6 || !pin.bytes().all(|b| b.is_ascii_digit()) {
        return weak("the PIN is not six digits", "Give six digits");
    }
    let signs: Vec<char> = pin.chars().collect();
    if effective_length(&signs) <= 4 {
        return weak("the PIN is one that everybody tries first", "Choose other digits");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accepted(password: &str, bits: u32) -> bool {
        check(password, &["amina.berger", "Amina Berger"], bits).is_ok()
    }

    #[test]
    fn the_examples_of_the_cnil_are_worth_80_bits_and_one_sign_less_is_not() {
        assert!(accepted("kT7!mQ2%vR9&", 80), "12 signs of four kinds");
        assert!(!accepted("kT7!mQ2%vR9", 80), "11 signs of four kinds");
        assert!(accepted("kT7pmQ2xvR9bLw", 80), "14 signs of three kinds");
        assert!(!accepted("kT7pmQ2xvR9bL", 80), "13 signs of three kinds");
        assert!(accepted("tulipe hangar vitesse ongle mercredi poivre digue", 80), "seven words");
        assert!(!accepted("tulipe hangar vitesse ongle mercredi poivre", 80), "six words");
        assert!(!accepted("tulipe tulipe tulipe tulipe tulipe tulipe tulipe", 80), "one word seven times");
        assert!(
            accepted("kT7!mQ2%", 50) && !accepted("kT7!mQ2", 50),
            "8 signs of four kinds where attempts are slowed"
        );
        assert!(accepted("481957302648173", 50) && !accepted("48195730264817", 50), "15 digits");
    }

    #[test]
    fn what_goes_on_by_itself_counts_little() {
        for easy in [
            "aaaaaaaaaaaaaaaaaaaaaaaa",
            "azertyuiop12",
            "AZERTYuiop123456789!",
            "abcdefghijklmnopqrst",
            "98765432109876543210",
            "kT7!kT7!kT7!kT7!",
            "qsdfghjklm-wxcvbn1A",
            "",
        ] {
            assert!(!accepted(easy, 80), "{easy}: {} bits", bits(easy));
        }
        assert!(!accepted("azertyuiop12", 50));
    }

    #[test]
    fn what_is_known_of_the_owner_or_tried_by_everybody_is_refused() {
        for easy in ["kT7!Amina%vR9&xz", "k-BERGER-7!mQ2%vR9", "xk7Q2-Bonjour-3Vz!", "Mot de passe 7!kQ2%z"] {
            assert_eq!(check(easy, &["amina.berger", "Amina Berger"], 80).expect_err(easy).code, "weak_password");
        }
        assert!(check(&"kT7!".repeat(65), &[], 0).is_err(), "too long to be read");
    }

    #[test]
    fn a_random_password_is_never_mistaken_for_a_pattern() {
        for good in ["kfT7-xM3q-Rw8p-Hz5k", "P9w-Vg4tKx-2mLqR", "été2Zr!vKq8wMx"] {
            assert!(accepted(good, 80), "{good}: {} bits", bits(good));
        }
        assert_eq!(normal("e\u{301}te\u{301}"), "été");
    }

    #[test]
    fn a_pin_is_six_digits_that_not_everybody_tries() {
        for bad in ["", "12345", "1234567", "12345a", "000000", "123456", "654321", "121212", "123123", "111222"] {
            assert!(check_pin(bad).is_err(), "{bad}");
        }
        for good in ["481957", "207613", "112583"] {
            assert!(check_pin(good).is_ok(), "{good}");
        }
    }

    #[test]
    fn a_volunteer_alone_may_rely_on_slowed_attempts() {
        assert_eq!(least_bits(&BTreeSet::from([Role::Bienveilleur])), 50);
        assert_eq!(least_bits(&BTreeSet::from([Role::Bienveilleur, Role::Accueil])), 80);
        assert_eq!(least_bits(&BTreeSet::from([Role::Dpo])), 80);
    }
}
