//! Finding an address by what somebody types: exactly, for an import, or from its beginning, for a search field.
//!
//! Everything is compared without case, accents or punctuation, and with the usual abbreviations written out
//! (`av st-leon` = `Avenue Saint-Léon`). The index is in memory; a search looks at each street once, which for a city of
//! 2,000 streets is well under a millisecond. A city-wide geocoder with typing errors is another thing and comes later.

use std::collections::{BTreeMap, HashMap};

use crate::domain::address::Address;
use crate::domain::text::fold;

/// Longest query that is looked at, in characters.
const QUERY_MAX_CHARS: usize = 200;
/// Words after which a text no longer says where the house is, but where in the house.
const INSIDE_THE_HOUSE: [&str; 14] = [
    "appt",
    "apt",
    "appartement",
    "app",
    "bat",
    "batiment",
    "esc",
    "escalier",
    "etage",
    "porte",
    "hall",
    "residence",
    "chez",
    "boite",
];

/// Addresses, ready to be found.
#[derive(Debug, Clone, Default)]
pub struct AddressIndex {
    addresses: Vec<Address>,
    streets: Vec<Street>,
    /// Streets by their words; the same name may exist in several communes.
    by_name: HashMap<String, Vec<usize>>,
    by_id: HashMap<String, usize>,
}

/// A street of one commune.
#[derive(Debug, Clone)]
struct Street {
    words: Vec<String>,
    place: Vec<String>,
    /// Indices of its addresses, by ascending number, suffix and identifier.
    addresses: Vec<usize>,
}

/// What somebody typed, understood as number, suffix and words.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Query<'a> {
    number: u32,
    suffix: Option<&'a str>,
    words: &'a [String],
}

impl AddressIndex {
    /// Builds the index. The order of `addresses` does not change what is found.
    #[must_use]
    pub fn build(addresses: Vec<Address>) -> Self {
        let mut groups: BTreeMap<(Vec<String>, Vec<String>), Vec<usize>> = BTreeMap::new();
        for (i, address) in addresses.iter().enumerate() {
            let place = fold(&format!("{} {}", address.postcode, address.city));
            let place = place.split(' ').filter(|word| !word.is_empty()).map(str::to_owned).collect();
            groups.entry((words(&address.street), place)).or_default().push(i);
        }
        let mut index = Self::default();
        for ((words, place), mut members) in groups {
            members.sort_by_key(|i| {
                let address = &addresses[*i];
                (address.number, fold(&address.suffix), &address.id)
            });
            index.by_name.entry(words.join(" ")).or_default().push(index.streets.len());
            index.streets.push(Street { words, place, addresses: members });
        }
        for (i, address) in addresses.iter().enumerate() {
            index.by_id.entry(address.id.clone()).or_insert(i);
        }
        index.addresses = addresses;
        index
    }

    /// Every address, in the order in which they were given.
    #[must_use]
    pub fn addresses(&self) -> &[Address] {
        &self.addresses
    }

    /// The address that bears an identifier.
    #[must_use]
    pub fn by_id(&self, id: &str) -> Option<&Address> {
        self.by_id.get(id).map(|i| &self.addresses[*i])
    }

    /// The one address that a text names: number, suffix, street, then perhaps postcode and commune. `None` when there is
    /// no such address, or one in several communes and the text does not say which.
    #[must_use]
    pub fn exact(&self, text: &str) -> Option<&Address> {
        if text.chars().count() > QUERY_MAX_CHARS {
            return None;
        }
        let typed = typed_words(text);
        readings(&typed).into_iter().find_map(|query| self.exact_reading(&query))
    }

    fn exact_reading(&self, query: &Query<'_>) -> Option<&Address> {
        let known = written_out(query.words);
        // The longest street name wins: the rest must then be the commune.
        (1..=known.len()).rev().find_map(|cut| {
            let (street, rest) = known.split_at(cut);
            let rest = rest.iter().take_while(|word| !INSIDE_THE_HOUSE.contains(&word.as_str()));
            let rest: Vec<&String> = rest.filter(|word| !matches!(word.as_str(), "cedex" | "france")).collect();
            let mut found = self.by_name.get(&street.join(" "))?.iter().filter_map(|street| {
                let street = &self.streets[*street];
                let here = rest.iter().all(|word| street.place.contains(word));
                let house = |i: &&usize| {
                    let address = &self.addresses[**i];
                    address.number == query.number && fold(&address.suffix) == query.suffix.unwrap_or_default()
                };
                street.addresses.iter().find(house).filter(|_| here)
            });
            let first = found.next()?;
            found.next().is_none().then(|| &self.addresses[*first])
        })
    }

    /// Up to `limit` addresses for what has been typed so far: a number, if any, and the beginnings of words of the street
    /// or commune, in any order. The best come first, and the same text always gives the same list.
    #[must_use]
    pub fn search(&self, text: &str, limit: usize) -> Vec<&Address> {
        let text: String = text.chars().take(QUERY_MAX_CHARS).collect();
        let typed = typed_words(&text);
        if typed.is_empty() || limit == 0 {
            return Vec::new();
        }
        let mut found: Vec<usize> = Vec::with_capacity(limit);
        for query in readings(&typed).iter().filter(|query| !query.words.is_empty()) {
            self.add_houses(query, limit, &mut found);
        }
        // "8 mai" may be the beginning of a name after all.
        self.add_streets(&typed, limit, &mut found);
        found.into_iter().map(|i| &self.addresses[i]).collect()
    }

    /// Streets whose words begin as typed, best first.
    fn matching(&self, typed: &[String]) -> Vec<&Street> {
        let typed = written_out(typed);
        let mut matching: Vec<((usize, usize, usize), usize)> =
            (0..self.streets.len()).filter_map(|i| Some((self.streets[i].rank(&typed)?, i))).collect();
        matching.sort_unstable();
        matching.into_iter().map(|(_, i)| &self.streets[i]).collect()
    }

    /// Houses with the number, then those whose number begins so; where there is none at all, the nearest.
    fn add_houses(&self, query: &Query<'_>, limit: usize, found: &mut Vec<usize>) {
        let mut houses: Vec<(usize, usize)> = Vec::new();
        for (rank, street) in self.matching(query.words).into_iter().enumerate() {
            houses.extend(street.addresses.iter().map(|i| (rank, *i)));
        }
        let near = houses.iter().filter_map(|(rank, i)| {
            let address = &self.addresses[*i];
            if address.number == query.number {
                let wanted = query.suffix.is_none_or(|suffix| fold(&address.suffix).starts_with(suffix));
                return Some(((u8::from(!wanted), 0, *rank), *i));
            }
            begins_with(address.number, query.number).then_some(((2, address.number, *rank), *i))
        });
        let mut ranked: Vec<_> = near.collect();
        if ranked.is_empty() {
            let far = |(rank, i): (usize, usize)| ((3, self.addresses[i].number.abs_diff(query.number), rank), i);
            ranked = houses.into_iter().map(far).collect();
        }
        // A stable sort: equals stay in their street's own order.
        ranked.sort_by_key(|(key, _)| *key);
        for (_, i) in ranked {
            if found.len() >= limit {
                break;
            }
            if !found.contains(&i) {
                found.push(i);
            }
        }
    }

    /// The first house of each matching street, then the second of each, and so on.
    fn add_streets(&self, typed: &[String], limit: usize, found: &mut Vec<usize>) {
        let matching = self.matching(typed);
        let longest = matching.iter().map(|street| street.addresses.len()).max().unwrap_or(0);
        for turn in 0..longest.min(limit) {
            for street in &matching {
                if found.len() >= limit {
                    return;
                }
                if let Some(i) = street.addresses.get(turn).filter(|i| !found.contains(i)) {
                    found.push(*i);
                }
            }
        }
    }
}

impl Street {
    /// How well the typed words begin this street's words: fewer is better; `None` when one begins none of them.
    /// (words found only in the commune's name, gaps between words found in the street's, first word found)
    fn rank(&self, typed: &[String]) -> Option<(usize, usize, usize)> {
        let (mut elsewhere, mut gaps, mut first, mut expected) = (0, 0, None, None);
        for word in typed {
            let begins = |own: &String| own.starts_with(word.as_str());
            // The word that follows the last one found, if it fits; else the first that fits.
            let next = expected.filter(|place| self.words.get(*place).is_some_and(begins));
            match next.or_else(|| self.words.iter().position(begins)) {
                Some(place) => {
                    gaps += usize::from(expected.is_some_and(|expected| expected != place));
                    first = first.or(Some(place));
                    expected = Some(place + 1);
                }
                None if self.place.iter().any(begins) => elsewhere += 1,
                None => return None,
            }
        }
        Some((elsewhere, gaps, first.unwrap_or(usize::MAX)))
    }
}

/// Whether the digits of one number begin with those of another: 120 begins with 12.
fn begins_with(mut number: u32, beginning: u32) -> bool {
    while number > beginning {
        number /= 10;
    }
    number == beginning && beginning > 0
}

/// Words as typed, folded.
fn typed_words(text: &str) -> Vec<String> {
    fold(text).split(' ').filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

/// A street's words in the form in which they are compared.
fn words(street: &str) -> Vec<String> {
    written_out(&typed_words(street))
}

/// Abbreviations written out: of the kind of street at the beginning, of titles anywhere.
fn written_out(words: &[String]) -> Vec<String> {
    let whole = |(place, word): (usize, &String)| {
        let kind = match word.as_str() {
            "r" => "rue",
            "av" | "ave" => "avenue",
            "bd" | "bld" | "blvd" | "boul" | "bvd" => "boulevard",
            "pl" => "place",
            "all" => "allee",
            "ch" | "che" | "chem" => "chemin",
            "imp" => "impasse",
            "sq" => "square",
            "rte" => "route",
            "crs" => "cours",
            "pass" => "passage",
            "qu" => "quai",
            other => other,
        };
        let title = match word.as_str() {
            "st" => "saint",
            "ste" => "sainte",
            "dr" => "docteur",
            "gal" | "gen" => "general",
            "mal" => "marechal",
            "pdt" => "president",
            "cdt" => "commandant",
            other => other,
        };
        if place == 0 && kind != word { kind } else { title }.to_owned()
    };
    words.iter().enumerate().map(whole).collect()
}

/// The ways in which words may be a number, a suffix and a street: "12 a …" may be house 12 A, or a street that begins
/// with "a". Without a number at the beginning there is none.
fn readings(typed: &[String]) -> Vec<Query<'_>> {
    let Some((first, rest)) = typed.split_first() else { return Vec::new() };
    let digits = first.len() - first.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let (number, glued) = first.split_at(digits);
    let Some(number) = number.parse().ok().filter(|number| *number <= 9999) else { return Vec::new() };
    if !glued.is_empty() {
        return vec![Query { number, suffix: Some(glued), words: rest }];
    }
    let plain = Query { number, suffix: None, words: rest };
    match rest.split_first() {
        Some((suffix, words)) if is_suffix(suffix) => vec![Query { number, suffix: Some(suffix), words }, plain],
        _ => vec![plain],
    }
}

fn is_suffix(word: &str) -> bool {
    matches!(word, "bis" | "ter" | "quater" | "quinquies")
        || (word.len() == 1 && word.bytes().all(|b| b.is_ascii_lowercase()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::position::LonLat;
    use proptest::prelude::*;

    fn address(number: u32, suffix: &str, street: &str, place: &str) -> Address {
        let (postcode, city) = place.split_once(' ').unwrap_or(("", place));
        Address {
            id: format!("{number}{suffix}-{street}-{place}"),
            number,
            suffix: suffix.into(),
            street: street.into(),
            postcode: postcode.into(),
            city: city.into(),
            position: LonLat::try_new(0.1, 49.5).expect("in range"),
        }
    }

    fn town() -> AddressIndex {
        AddressIndex::build(vec![
            address(12, "", "Rue des Mouettes", "76600 Le Havre"),
            address(12, "bis", "Rue des Mouettes", "76600 Le Havre"),
            address(120, "", "Rue des Mouettes", "76600 Le Havre"),
            address(3, "", "Rue des Mouettes", "76600 Le Havre"),
            address(3, "", "Rue des Mouettes", "76620 Sainte-Adresse"),
            address(4, "a", "Avenue Saint-Léon", "76620 Le Havre"),
            address(5, "", "Avenue Saint-Léon", "76620 Le Havre"),
            address(8, "", "Rue du 8 Mai 1945", "76600 Le Havre"),
            address(1, "", "Rue de l'Écluse", "76600 Le Havre"),
            address(7, "", "Allée A. Camus", "76600 Le Havre"),
            address(9, "", "Cour de la Mouette", "76600 Le Havre"),
            address(2, "", "Rue du Havre", "76133 Épouville"),
        ])
    }

    fn exact(text: &str) -> Option<String> {
        town().exact(text).map(Address::label)
    }

    fn search(text: &str, limit: usize) -> Vec<String> {
        town().search(text, limit).into_iter().map(Address::label).collect()
    }

    #[test]
    fn an_address_is_found_however_it_is_written() {
        let bis = Some("12 bis Rue des Mouettes, 76600 Le Havre".to_owned());
        for text in [
            "12 bis rue des Mouettes",
            "12bis Rue des mouettes, 76600 LE HAVRE",
            "12 BIS, R DES MOUETTES 76600",
            "12 bis rue des mouettes le havre cedex",
            "12-bis rue des mouettes, appt 34, bâtiment B",
        ] {
            assert_eq!(exact(text), bis, "{text}");
        }
        assert_eq!(exact("4 A av st leon").as_deref(), Some("4 a Avenue Saint-Léon, 76620 Le Havre"));
        assert_eq!(exact("7 Allée A. Camus").as_deref(), Some("7 Allée A. Camus, 76600 Le Havre"));
        assert_eq!(exact("8 rue du 8 mai 1945").as_deref(), Some("8 Rue du 8 Mai 1945, 76600 Le Havre"));
        assert_eq!(exact("1 rue de l\u{2019}ecluse").as_deref(), Some("1 Rue de l'Écluse, 76600 Le Havre"));
    }

    #[test]
    fn what_is_not_there_or_not_certain_is_not_guessed() {
        for text in [
            "",
            "12",
            "rue des mouettes",
            "13 rue des Mouettes",
            "12 ter rue des Mouettes",
            "3 rue des Mouettes",
            "12 rue des Mouettes Paris",
        ] {
            assert_eq!(exact(text), None, "{text}");
        }
        assert!(exact("3 rue des Mouettes 76620").is_some_and(|label| label.ends_with("Sainte-Adresse")));
        assert_eq!(exact(&"1 ".repeat(1000)), None);
    }

    #[test]
    fn a_search_answers_while_somebody_types() {
        assert_eq!(
            search("12 rue des mou", 8),
            [
                "12 Rue des Mouettes, 76600 Le Havre",
                "12 bis Rue des Mouettes, 76600 Le Havre",
                "120 Rue des Mouettes, 76600 Le Havre",
            ]
        );
        assert_eq!(search("12b mouet", 1), ["12 bis Rue des Mouettes, 76600 Le Havre"]);
        assert_eq!(search("ecl", 8), ["1 Rue de l'Écluse, 76600 Le Havre"]);
        assert_eq!(search("av saint le", 1), ["4 a Avenue Saint-Léon, 76620 Le Havre"]);
        assert_eq!(search("3 mouettes sainte", 8), ["3 Rue des Mouettes, 76620 Sainte-Adresse"]);
        assert_eq!(search("8 mai", 1), ["8 Rue du 8 Mai 1945, 76600 Le Havre"]);
        assert_eq!(search("13 rue des mouettes 76600", 1), ["12 Rue des Mouettes, 76600 Le Havre"]);
        assert_eq!(
            search("mouet", 3),
            [
                "3 Rue des Mouettes, 76600 Le Havre",
                "3 Rue des Mouettes, 76620 Sainte-Adresse",
                "9 Cour de la Mouette, 76600 Le Havre",
            ]
        );
        assert_eq!(search("zzz", 8), [""; 0]);
        assert_eq!(search("", 8), [""; 0]);
        assert_eq!(search("12 rue", 0), [""; 0]);
    }

    #[test]
    fn an_identifier_finds_its_address() {
        let town = town();
        let first = &town.addresses()[0];
        assert_eq!(town.by_id(&first.id), Some(first));
        assert_eq!(town.by_id("none"), None);
    }

    #[test]
    fn thirty_thousand_addresses_answer_in_a_few_milliseconds() {
        let addresses: Vec<Address> = (0..30_000)
            .map(|i| address(i % 15 + 1, "", &format!("Rue de l'Oiseau {} Bleu", i / 15), "76600 Le Havre"))
            .collect();
        let index = AddressIndex::build(addresses);
        let queries =
            ["1", "12 rue", "12 rue de l ois", "7 oiseau 1999 bleu", "le havre", "15 r d l o b 76600 le havre"];
        let start = std::time::Instant::now();
        for query in queries {
            assert!(!index.search(query, 8).is_empty(), "{query}");
        }
        let each = start.elapsed() / queries.len() as u32;
        println!("30,000 addresses: {each:?} a search");
        assert!(each.as_millis() < 200, "{each:?}, even without optimisation on a busy machine");
    }

    proptest! {
        #[test]
        fn the_order_of_the_file_changes_nothing(order in Just((0..12_usize).collect::<Vec<_>>()).prop_shuffle(), text in "(12? )?[a-z]{0,3}( [a-z]{0,3})?") {
            let town = town();
            let shuffled = AddressIndex::build(order.iter().map(|i| town.addresses()[*i].clone()).collect());
            prop_assert_eq!(town.search(&text, 5), shuffled.search(&text, 5));
            prop_assert_eq!(town.exact(&text), shuffled.exact(&text));
        }

        #[test]
        fn every_label_finds_its_own_address(i in 0..12_usize) {
            let town = town();
            let address = &town.addresses()[i];
            prop_assert_eq!(town.exact(&address.label()), Some(address));
            prop_assert_eq!(town.search(&address.label(), 1), vec![address]);
        }

        #[test]
        fn no_text_makes_a_search_panic(text in "\\PC{0,60}") {
            let town = town();
            let _ = (town.search(&text, 5), town.exact(&text));
        }
    }
}
