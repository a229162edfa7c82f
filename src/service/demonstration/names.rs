//! Invented names: streets of birds, plants, weather and sea; persons; none of them known to exist.

use super::dice::Dice;

/// Gender and number of a noun: masculine, feminine, and their plurals.
#[derive(Clone, Copy)]
enum Form {
    M,
    F,
    Mp,
    Fp,
}
use Form::{F, Fp, M, Mp};

const NOUNS: [(&str, Form); 52] = [
    ("du Goéland", M),
    ("de la Mouette", F),
    ("de l'Avocette", F),
    ("du Cormoran", M),
    ("de la Sterne", F),
    ("du Tadorne", M),
    ("de l'Huîtrier", M),
    ("des Embruns", Mp),
    ("de la Houle", F),
    ("du Galet", M),
    ("des Marées", Fp),
    ("de la Brume", F),
    ("du Noroît", M),
    ("de l'Écume", F),
    ("des Algues", Fp),
    ("du Varech", M),
    ("de la Criste", F),
    ("du Chardon", M),
    ("de l'Oyat", M),
    ("de l'Armoise", F),
    ("de la Giroflée", F),
    ("du Silène", M),
    ("de la Bruyère", F),
    ("du Fenouil", M),
    ("du Troène", M),
    ("de l'Aubépine", F),
    ("du Merle", M),
    ("de la Grive", F),
    ("de la Fauvette", F),
    ("de la Mésange", F),
    ("du Pinson", M),
    ("du Bouvreuil", M),
    ("des Hirondelles", Fp),
    ("du Courlis", M),
    ("de l'Averse", F),
    ("du Grésil", M),
    ("de l'Éclaircie", F),
    ("des Nuages", Mp),
    ("du Givre", M),
    ("de la Rosée", F),
    ("du Phoque", M),
    ("du Homard", M),
    ("de la Crevette", F),
    ("du Bulot", M),
    ("des Voiles", Fp),
    ("du Hauban", M),
    ("de la Bouée", F),
    ("du Cabestan", M),
    ("de la Drisse", F),
    ("du Sextant", M),
    ("des Vanneaux", Mp),
    ("des Pâquerettes", Fp),
];

const ADJECTIVES: [[&str; 4]; 12] = [
    ["Gris", "Grise", "Gris", "Grises"],
    ["Doux", "Douce", "Doux", "Douces"],
    ["Clair", "Claire", "Clairs", "Claires"],
    ["Rieur", "Rieuse", "Rieurs", "Rieuses"],
    ["Lent", "Lente", "Lents", "Lentes"],
    ["Bleu", "Bleue", "Bleus", "Bleues"],
    ["Discret", "Discrète", "Discrets", "Discrètes"],
    ["Léger", "Légère", "Légers", "Légères"],
    ["Voyageur", "Voyageuse", "Voyageurs", "Voyageuses"],
    ["Paisible", "Paisible", "Paisibles", "Paisibles"],
    ["Matinal", "Matinale", "Matinaux", "Matinales"],
    ["Argenté", "Argentée", "Argentés", "Argentées"],
];

/// Gives each street a name that no other has.
pub(super) struct StreetNames {
    nouns: Vec<(&'static str, Form)>,
    given: usize,
}

impl StreetNames {
    pub(super) fn new(dice: &mut Dice) -> Self {
        let mut nouns = NOUNS.to_vec();
        dice.shuffle(&mut nouns);
        Self { nouns, given: 0 }
    }

    /// "Rue du Goéland-Gris" for the kind "Rue". A number is added when all words are used up.
    pub(super) fn next(&mut self, kind: &str) -> String {
        let (round, nth) = (self.given / self.nouns.len(), self.given % self.nouns.len());
        self.given += 1;
        let (noun, form) = self.nouns[nth];
        // Neighbours in the list differ in both words; a noun returns with another adjective.
        let adjective = ADJECTIVES[(round + nth * 5) % ADJECTIVES.len()][form as usize];
        let turn = round / ADJECTIVES.len();
        if turn == 0 { format!("{kind} {noun}-{adjective}") } else { format!("{kind} {noun}-{adjective} {}", turn + 1) }
    }
}

const GIVEN_NAMES: [&str; 48] = [
    "Mélisine",
    "Odélie",
    "Aminah",
    "Théodan",
    "Yselle",
    "Rosalbe",
    "Bastiane",
    "Firmien",
    "Joaquime",
    "Linmei",
    "Aurélise",
    "Corentine",
    "Désirane",
    "Elvise",
    "Fatoumée",
    "Gaspardin",
    "Honorée",
    "Ismène",
    "Jacoba",
    "Karimel",
    "Léontin",
    "Maëlise",
    "Nourane",
    "Octavin",
    "Philibine",
    "Quentine",
    "Rachidel",
    "Solange-Lou",
    "Tancrette",
    "Ursulin",
    "Violaine-Ève",
    "Wassilane",
    "Xavérine",
    "Yacoubé",
    "Zéphirine",
    "Anselmine",
    "Bérengel",
    "Célestan",
    "Dorotine",
    "Émeric-Lô",
    "Faridane",
    "Gisline",
    "Hortensien",
    "Idrissa-Lou",
    "Josépha",
    "Kléberine",
    "Ludivan",
    "Mirandole",
];

const FAMILY_NAMES: [&str; 48] = [
    "Dubrise",
    "Lafictive",
    "Marinvent",
    "Delécume",
    "Vaguelin",
    "Galetoux",
    "Brumenval",
    "Hautvoile",
    "Cordelin",
    "Écumard",
    "Ventdouest",
    "Lagrève-Fictif",
    "Sablonnet",
    "Mouillange",
    "Tempétin",
    "Havrinvent",
    "Cabestel",
    "Duponton",
    "Goëlandier",
    "Rocambel",
    "Fanalou",
    "Misainet",
    "Amarrand",
    "Bouéen",
    "Carénat",
    "Drissou",
    "Estranot",
    "Focquet",
    "Gréementin",
    "Houlier",
    "Iodelle",
    "Jusantin",
    "Lamanage",
    "Mâtereau",
    "Noroîtin",
    "Orinet",
    "Pavoisel",
    "Quillard-Lair",
    "Ressacq",
    "Suroîton",
    "Tanguelle",
    "Varangot",
    "Vigiedor",
    "Yolin",
    "Zostérel",
    "Bitterin",
    "Clapotel",
    "Dundeez",
];

/// Given and family names, no pair twice before all family names are used.
pub(super) struct PersonNames {
    given: Vec<&'static str>,
    family: Vec<&'static str>,
    next: usize,
}

impl PersonNames {
    pub(super) fn new(dice: &mut Dice) -> Self {
        let (mut given, mut family) = (GIVEN_NAMES.to_vec(), FAMILY_NAMES.to_vec());
        dice.shuffle(&mut given);
        dice.shuffle(&mut family);
        Self { given, family, next: 0 }
    }

    /// Given name, family name.
    pub(super) fn next(&mut self) -> (String, String) {
        let nth = self.next;
        self.next += 1;
        let (round, family) = (nth / self.family.len(), nth % self.family.len());
        let given = (nth * 7 + round * 11) % self.given.len();
        (self.given[given].to_owned(), self.family[family].to_owned())
    }
}

/// A number of the blocks that ARCEP keeps for fiction: 01 99 00 and 06 39 98.
pub(super) fn phone(dice: &mut Dice) -> String {
    let block = if dice.chance(0.5) { "01 99 00" } else { "06 39 98" };
    format!("{block} {:02} {:02}", dice.below(100), dice.below(100))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn a_thousand_streets_have_a_thousand_names() {
        let mut names = StreetNames::new(&mut Dice::new(1));
        let all: BTreeSet<String> = (0..1000).map(|_| names.next("Rue")).collect();
        assert_eq!(all.len(), 1000);
    }

    #[test]
    fn an_adjective_agrees_with_its_noun() {
        let mut names = StreetNames::new(&mut Dice::new(1));
        let all: BTreeSet<String> = (0..600).map(|_| names.next("Allée")).collect();
        assert!(all.contains("Allée des Embruns-Doux") && all.contains("Allée de la Houle-Douce"));
        assert!(all.contains("Allée du Goéland-Gris") && all.contains("Allée des Algues-Grises"));
    }

    #[test]
    fn a_hundred_persons_have_a_hundred_names() {
        let mut names = PersonNames::new(&mut Dice::new(1));
        let all: BTreeSet<(String, String)> = (0..100).map(|_| names.next()).collect();
        assert_eq!(all.len(), 100);
    }
}
