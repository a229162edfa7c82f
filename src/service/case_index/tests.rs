//! The index beside its slow twin, which looks at each case and each of its words by itself.

use proptest::prelude::*;

use super::*;
use crate::domain::case::ReportChannel;

const ALL: Searched = Searched { identity: true, contact: true, place: true };

fn case(i: usize, given: &str, family: &str, phone: &str, address: &str) -> (CaseId, Case) {
    let case = Case {
        reference: format!("C-{:04}", i + 1),
        family_name: family.into(),
        given_name: given.into(),
        phone: phone.into(),
        address: address.into(),
        ..Case::reported(ReportChannel::Voisin, chrono::NaiveDate::default())
    };
    (CaseId(i as i64 + 1), case)
}

fn town() -> Vec<(CaseId, Case)> {
    [
        ("Zoé", "Lefèvre", "+33 6 12 34 56 78", "12 bis rue de l’Écluse, 76600 Le Havre"),
        ("Paul", "Lefebvre", "02 35 19 45 45", "3 quai Neuf, 76600 Le Havre"),
        ("Amina", "Benali", "06.12.34.56.78", "12 bis rue de l'Ecluse, 76600 Le Havre"),
        ("", "Dupont", "", "près du square"),
    ]
    .into_iter()
    .enumerate()
    .map(|(i, (given, family, phone, address))| case(i, given, family, phone, address))
    .collect()
}

fn who(hits: &[Hit]) -> Vec<usize> {
    hits.iter().map(|hit| hit.case).collect()
}

#[test]
fn a_name_is_found_without_accents_from_its_beginning_and_with_one_typo() {
    let index = CaseIndex::build(&town());
    for text in ["lefèvre", "LEFEVRE zoe", "lefe zo", "lefevre"] {
        assert_eq!(who(&index.search(text, ALL, 8))[0], 0, "{text}");
    }
    // A letter wrong, missing, too much, changed with its neighbour; and a word that is only half typed.
    for text in ["benuli", "benli", "bennali", "bneali", "amyna", "duopnt", "dupomt", "benaly amina", "bemal"] {
        assert_eq!(index.search(text, ALL, 8).len(), 1, "{text}");
    }
    assert_eq!(index.search("benali", ALL, 8)[0].why, BTreeSet::from([Resemblance::Name]));
    assert_eq!(index.search("benuli", ALL, 8)[0].why, BTreeSet::from([Resemblance::NearName]));
    assert!(index.search("banuli", ALL, 8).is_empty(), "two typos are another name");
    assert!(index.search("zoe dupont", ALL, 8).is_empty(), "every word must be found");
    assert!(index.search("z", ALL, 8).is_empty() && index.search(" - ", ALL, 8).is_empty());
}

#[test]
fn a_phone_is_found_in_any_writing_and_from_four_digits() {
    let index = CaseIndex::build(&town());
    for text in ["06 12 34 56 78", "+33612345678", "0033 6 12 34 56 78", "06.12.34", "5678"] {
        assert_eq!(who(&index.search(text, ALL, 8)), [0, 2], "{text}");
    }
    assert_eq!(index.search("0612345678", ALL, 8)[0].why, BTreeSet::from([Resemblance::SamePhone]));
    assert_eq!(index.search("lefevre 0612", ALL, 8)[0].why, BTreeSet::from([Resemblance::Name, Resemblance::Phone]));
}

#[test]
fn a_street_with_or_without_its_number_and_a_reference_are_found() {
    let index = CaseIndex::build(&town());
    for text in ["12 rue ecluse", "rue écluse", "ecluze 12 bis", "12 bis rue de l'ecl"] {
        assert_eq!(who(&index.search(text, ALL, 8)), [0, 2], "{text}");
    }
    assert_eq!(who(&index.search("13 rue ecluse", ALL, 8)), [] as [usize; 0], "the house beside is another one");
    for text in ["C-0002", "c0002", "2", "0002"] {
        let hits = index.search(text, ALL, 8);
        assert!(
            hits.iter().any(|hit| hit.case == 1 && hit.why.contains(&Resemblance::Reference)) || text == "2",
            "{text}"
        );
    }
}

#[test]
fn what_may_not_be_seen_is_not_looked_at() {
    let index = CaseIndex::build(&town());
    let nothing = Searched { identity: false, contact: false, place: false };
    for text in ["lefevre", "0612345678", "rue ecluse", "C-0002"] {
        assert!(index.search(text, nothing, 8).is_empty(), "{text}");
        let typed = Typed { name: text, phone: text, address: text };
        assert!(index.duplicates(typed, nothing, 8).is_empty(), "{text}");
    }
    assert!(index.search("0612345678", Searched { contact: true, ..nothing }, 8).len() == 2);
    assert!(index.search("lefevre", Searched { contact: true, ..nothing }, 8).is_empty());
}

#[test]
fn a_duplicate_is_told_with_its_reasons_the_likeliest_first() {
    let index = CaseIndex::build(&town());
    let typed =
        Typed { name: "Zoe LEFEVRE", phone: "06 12 34 56 78", address: "12 bis rue de l’Écluse, 76600 Le Havre" };
    let hits = index.duplicates(typed, ALL, 5);
    assert_eq!(who(&hits), [0, 2]);
    let all = [Resemblance::SamePhone, Resemblance::SameName, Resemblance::SameAddress];
    assert_eq!(hits[0].why, BTreeSet::from(all));
    assert_eq!(hits[1].why, BTreeSet::from([Resemblance::SamePhone, Resemblance::SameAddress]));
    let name = |name| who(&index.duplicates(Typed { name, ..Typed::default() }, ALL, 5));
    assert_eq!(name("Lefevre Zoé"), [0]);
    // `Lefebvre` is one letter from `Lefevre`; a given name that is another one makes another person.
    assert_eq!(name("Lefevre"), [1, 0]);
    assert_eq!(name("Paul Lefevre"), [1]);
    assert_eq!(name("Marie Lefevre"), [] as [usize; 0]);
    assert_eq!(name("Z"), [] as [usize; 0]);
}

// ---- the slow twin

fn slow_word(typed: &[char], text: &str, base: u32) -> Option<u32> {
    chars_of_all(text).iter().filter_map(|word| cost(typed, word)).min().map(|cost| base + cost)
}

fn chars_of_all(text: &str) -> Vec<Vec<char>> {
    text.split(' ').filter(|word| !word.is_empty()).map(|word| word.chars().collect()).collect()
}

fn slow_search(cases: &[(CaseId, Case)], text: &str, limit: usize) -> Vec<Hit> {
    let folded = fold(text);
    let terms = terms(&folded);
    if terms.is_empty() || folded.chars().count() < 2 {
        return Vec::new();
    }
    let mut hits = Vec::new();
    for (i, (_, case)) in cases.iter().enumerate() {
        let own = Folded::of(case);
        let mut sum = Some(0);
        let mut why = BTreeSet::new();
        for term in &terms {
            let found = match term {
                Term::Word(word) => {
                    let best = [slow_word(word, &own.name, 0), slow_word(word, &own.address, IN_ADDRESS)];
                    best.into_iter().flatten().min().map(|cost| (cost, resemblance(cost)))
                }
                Term::Numbers(digits, _) if digits.len() >= PHONE_MIN_DIGITS && own.phone.contains(digits) => {
                    Some((0, if own.phone == *digits { Resemblance::SamePhone } else { Resemblance::Phone }))
                }
                Term::Numbers(_, numbers) => {
                    let words = chars_of_all(&own.address);
                    let one = |number: &Vec<char>| {
                        let begins = words.iter().filter(|word| word.starts_with(number));
                        begins.map(|word| IN_ADDRESS + u32::from(word != number)).min()
                    };
                    numbers.iter().map(one).sum::<Option<u32>>().map(|cost| (cost, Resemblance::Address))
                }
            };
            sum = sum.zip(found.map(|(cost, _)| cost)).map(|(sum, cost)| sum + cost);
            why.extend(found.map(|(_, why)| why));
        }
        if names_reference(&reference_key(&folded), &own.reference) {
            if sum.is_none() {
                why.clear();
            }
            why.insert(Resemblance::Reference);
            sum = Some(0);
        }
        if let Some(sum) = sum {
            hits.push((sum, Hit { case: i, why }));
        }
    }
    hits.sort_by_key(|(cost, hit)| (*cost, hit.case));
    hits.into_iter().take(limit).map(|(_, hit)| hit).collect()
}

fn slow_duplicates(cases: &[(CaseId, Case)], typed: Typed<'_>) -> BTreeMap<usize, BTreeSet<Resemblance>> {
    let mut found = BTreeMap::new();
    let name = chars_of(&fold(typed.name));
    for (i, (_, case)) in cases.iter().enumerate() {
        let mut why = BTreeSet::new();
        let phone = national_phone(typed.phone);
        if phone.len() >= PHONE_MIN_DIGITS && phone == national_phone(&case.phone) {
            why.insert(Resemblance::SamePhone);
        }
        let own = chars_of_all(&Folded::of(case).name);
        if name.iter().any(|word| word.len() > 1)
            && let Some(typos) = name_typos(&name, &own)
        {
            let same = typos == 0 && name.len() == own.len();
            why.insert(if same { Resemblance::SameName } else { Resemblance::NearName });
        }
        if !fold(typed.address).is_empty() && fold(typed.address) == fold(&case.address) {
            why.insert(Resemblance::SameAddress);
        }
        if !why.is_empty() {
            found.insert(i, why);
        }
    }
    found
}

fn people() -> impl Strategy<Value = Vec<(CaseId, Case)>> {
    let one = ("[abcd]{0,5}", "[abcd]{3,6}( [abc]{4})?", "(06 ?[12]{4})?", "([1-3]{1,2} )?rue [abcd]{3,5}");
    prop::collection::vec(one, 0..12).prop_map(|people| {
        let all = people.iter().enumerate();
        all.map(|(i, (given, family, phone, address))| case(i, given, family, phone, address)).collect()
    })
}

proptest! {
    #[test]
    fn the_index_finds_what_looking_at_each_case_finds(
        cases in people(),
        text in "([abcd]{1,6}|[0-3]{1,6}|rue|c-00)( ([abcd]{3,6}|[123]{1,2}|06[12]{2}))?",
    ) {
        let index = CaseIndex::build(&cases);
        prop_assert_eq!(index.search(&text, ALL, 20), slow_search(&cases, &text, 20));
    }

    #[test]
    fn the_duplicates_are_those_that_looking_at_each_case_finds(
        cases in people(),
        name in "[abcd]{0,6}( [abcd]{3,6})?",
        phone in "(\\+336|06)[12]{4}",
        address in "([1-3]{1,2} )?rue [abcd]{3,5}",
    ) {
        let index = CaseIndex::build(&cases);
        let typed = Typed { name: &name, phone: &phone, address: &address };
        let fast: BTreeMap<_, _> =
            index.duplicates(typed, ALL, usize::MAX).into_iter().map(|hit| (hit.case, hit.why)).collect();
        prop_assert_eq!(fast, slow_duplicates(&cases, typed));
    }
}
