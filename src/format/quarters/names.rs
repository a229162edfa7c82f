//! Names of quarters: compared without accents, case and hyphens, and turned into identifiers.

use crate::domain::text::fold;

/// Fields that usually hold a name, in the order of preference, folded.
const USUAL_FIELDS: [&str; 16] = [
    "nom",
    "name",
    "libelle",
    "nom quartier",
    "nom quart",
    "quartier",
    "nom du quartier",
    "lib quartier",
    "l qu",
    "lib",
    "label",
    "nom iris",
    "lib iris",
    "libiris",
    "libelle iris",
    "nomiris",
];

/// An ASCII identifier: "Saint-Léon" → `saint-leon`. Empty when nothing ASCII is left.
#[must_use]
pub fn slug(name: &str) -> String {
    let mut slug = String::new();
    for c in fold(name).chars() {
        match c {
            c if c.is_ascii_alphanumeric() => slug.push(c),
            ' ' if !slug.is_empty() && !slug.ends_with('-') => slug.push('-'),
            _ => {}
        }
    }
    slug.truncate(slug.trim_end_matches('-').len());
    slug
}

/// Whether a text could have come out of [`slug`] and is more than a row number.
pub(super) fn is_slug(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_lowercase()) && slug(text) == text
}

/// The usual name field among those of a file, as the file writes it.
pub(super) fn guess_field<'a>(fields: &[&'a str]) -> Option<&'a str> {
    USUAL_FIELDS.iter().find_map(|usual| fields.iter().copied().find(|field| fold(field) == *usual))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accents_case_and_hyphens_do_not_matter() {
        for name in ["Saint-Léon", "SAINT LEON", "saint  léon ", "Saint‑Le\u{301}on"] {
            assert_eq!(slug(name), "saint-leon", "{name}");
        }
        assert_eq!(slug("Cœur-d’Œuvre"), "coeur-d-oeuvre");
        assert_eq!(slug("--- ???"), "");
        assert_eq!(slug("Ленинград 3"), "3");
    }

    #[test]
    fn a_row_number_is_no_slug() {
        assert!(is_slug("saint-leon") && is_slug("q1"));
        assert!(!is_slug("12") && !is_slug("Saint") && !is_slug("a--b") && !is_slug(""));
    }

    #[test]
    fn the_name_field_is_guessed_in_the_order_of_preference() {
        assert_eq!(guess_field(&["code", "NOM_IRIS", "NOM"]), Some("NOM"));
        assert_eq!(guess_field(&["code", "Nom_Iris"]), Some("Nom_Iris"));
        assert_eq!(guess_field(&["code", "Libellé"]), Some("Libellé"));
        assert_eq!(guess_field(&["code"]), None);
    }
}
