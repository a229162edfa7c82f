//! Finding somebody who was reported before: by phone in any writing, by name with a typing error, by street.
//!
//! The database cannot be asked, for it sees only what is sealed: the index is in memory, with the people. Words are few
//! beside cases (most streets and given names are borne by many), so a search looks at each known word once, which takes
//! about a millisecond for 10,000 cases; which cases bear a word is written beside it. What is found is what looking at
//! each case would find, which a test does.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::domain::case::{Case, CaseId};
use crate::domain::closed_list::closed_list;
use crate::domain::text::{begins_within_one_typo, fold, national_phone, within_one_typo};

closed_list!(
    /// Why somebody was found.
    Resemblance {
        Reference = "reference",
        SamePhone = "same_phone",
        Phone = "phone",
        SameName = "same_name",
        Name = "name",
        NearName = "near_name",
        SameAddress = "same_address",
        Address = "address",
        NearAddress = "near_address",
    }
);

/// Longest text that is looked at, in characters.
const QUERY_MAX_CHARS: usize = 200;
/// Most words of it that are looked for.
const QUERY_MAX_WORDS: usize = 12;
/// Words shorter than this are taken as they are written: nearly all are one letter from another.
const TYPO_MIN_CHARS: usize = 4;
/// Fewer digits than this are no part of a phone number.
const PHONE_MIN_DIGITS: usize = 4;

/// Which groups of fields may be looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Searched {
    /// Reference and names.
    pub identity: bool,
    /// Phone.
    pub contact: bool,
    /// Address.
    pub place: bool,
}

/// Somebody who was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hit {
    /// Index among the cases.
    pub case: usize,
    /// Why.
    pub why: BTreeSet<Resemblance>,
}

/// What is known so far of somebody who is being reported.
#[derive(Debug, Clone, Copy, Default)]
pub struct Typed<'a> {
    /// Given and family name, in any order.
    pub name: &'a str,
    /// As written.
    pub phone: &'a str,
    /// As written, or as it stands in the list of addresses.
    pub address: &'a str,
}

/// Words, each with the cases that bear it.
#[derive(Debug, Default)]
struct Words {
    words: Vec<(Vec<char>, Vec<u32>)>,
}

impl Words {
    fn build<'a>(texts: impl Iterator<Item = &'a str>) -> Self {
        let mut words: HashMap<&str, Vec<u32>> = HashMap::new();
        for (case, text) in texts.enumerate() {
            for word in text.split(' ').filter(|word| !word.is_empty()) {
                let cases = words.entry(word).or_default();
                if cases.last() != Some(&(case as u32)) {
                    cases.push(case as u32);
                }
            }
        }
        let mut words: Vec<(&str, Vec<u32>)> = words.into_iter().collect();
        words.sort_unstable();
        Self { words: words.into_iter().map(|(word, cases)| (word.chars().collect(), cases)).collect() }
    }
}

/// How well a word is the one that was typed, best first; `None` when it is another.
fn cost(typed: &[char], word: &[char]) -> Option<u32> {
    if typed == word {
        return Some(0);
    }
    if word.starts_with(typed) {
        return Some(1);
    }
    if typed.len() < TYPO_MIN_CHARS {
        return None;
    }
    if within_one_typo(typed, word) {
        return Some(2);
    }
    begins_within_one_typo(typed, word).then_some(3)
}

/// A word of an address is worse than one of a name.
const IN_ADDRESS: u32 = 4;

const fn resemblance(cost: u32) -> Resemblance {
    match cost {
        0 | 1 => Resemblance::Name,
        2 | 3 => Resemblance::NearName,
        4 | 5 => Resemblance::Address,
        _ => Resemblance::NearAddress,
    }
}

/// What must be found of a case: a word, or a row of numbers that may be a phone.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Term {
    Word(Vec<char>),
    Numbers(String, Vec<Vec<char>>),
}

fn terms(folded: &str) -> Vec<Term> {
    let mut terms: Vec<Term> = Vec::new();
    for word in folded.split(' ').filter(|word| !word.is_empty()).take(QUERY_MAX_WORDS) {
        let chars: Vec<char> = word.chars().collect();
        if !word.bytes().all(|b| b.is_ascii_digit()) {
            terms.push(Term::Word(chars));
        } else if let Some(Term::Numbers(digits, numbers)) = terms.last_mut() {
            digits.push_str(word);
            numbers.push(chars);
        } else {
            terms.push(Term::Numbers(word.to_owned(), vec![chars]));
        }
    }
    for term in &mut terms {
        if let Term::Numbers(digits, _) = term {
            *digits = national_beginning(digits);
        }
    }
    terms
}

/// Digits as they would stand in a number dialled in France, also while it is only half typed.
fn national_beginning(digits: &str) -> String {
    match digits.strip_prefix("0033").or_else(|| digits.strip_prefix("33")) {
        Some(rest) if digits.starts_with("00") || rest.len() >= 9 => format!("0{}", rest.trim_start_matches('0')),
        _ => digits.to_owned(),
    }
}

/// Letters and digits alone: `C-0042`, `c0042` and `C 0042` alike.
fn reference_key(folded: &str) -> String {
    folded.replace(' ', "")
}

/// Whether the typed text names a reference: from its beginning, with a digit at least, or its number alone.
fn names_reference(typed: &str, reference: &str) -> bool {
    if !typed.bytes().any(|b| b.is_ascii_digit()) {
        return false;
    }
    let number = || reference.trim_start_matches(|c: char| !c.is_ascii_digit()).trim_start_matches('0');
    reference.starts_with(typed)
        || (typed.bytes().all(|b| b.is_ascii_digit())
            && number() == typed.trim_start_matches('0')
            && !number().is_empty())
}

/// The least number of typing errors, 0 or 1, with which every word of the shorter name is a word of the other; `None` when
/// there are more.
fn name_typos(a: &[Vec<char>], b: &[Vec<char>]) -> Option<u32> {
    fn pair(short: &[Vec<char>], long: &[Vec<char>], used: u32, typos: u32) -> Option<u32> {
        let Some((word, rest)) = short.split_first() else { return Some(typos) };
        let mut best: Option<u32> = None;
        for (at, other) in long.iter().enumerate().filter(|(at, _)| used & (1 << at) == 0) {
            let same = word == other;
            let near =
                !same && typos == 0 && word.len().min(other.len()) >= TYPO_MIN_CHARS && within_one_typo(word, other);
            if same || near {
                let found = pair(rest, long, used | (1 << at), typos + u32::from(near));
                best = [best, found].into_iter().flatten().min();
            }
        }
        best
    }
    let (short, long) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    if short.is_empty() || long.len() > 31 { None } else { pair(short, long, 0, 0) }
}

fn chars_of(folded: &str) -> Vec<Vec<char>> {
    folded.split(' ').filter(|word| !word.is_empty()).take(QUERY_MAX_WORDS).map(|word| word.chars().collect()).collect()
}

/// The words of a case that are looked at.
#[derive(Debug)]
struct Folded {
    name: String,
    address: String,
    phone: String,
    reference: String,
}

impl Folded {
    fn of(case: &Case) -> Self {
        Self {
            name: fold(&format!("{} {}", case.given_name, case.family_name)),
            address: fold(&case.address),
            phone: national_phone(&case.phone),
            reference: reference_key(&fold(&case.reference)),
        }
    }
}

/// The index over the cases of one moment.
#[derive(Debug)]
pub struct CaseIndex {
    cases: Vec<Folded>,
    names: Words,
    streets: Words,
    by_phone: HashMap<String, Vec<u32>>,
    by_address: HashMap<String, Vec<u32>>,
}

impl CaseIndex {
    /// Builds it: about 40 ms for 10,000 cases.
    #[must_use]
    pub fn build(cases: &[(CaseId, Case)]) -> Self {
        let cases: Vec<Folded> = cases.iter().map(|(_, case)| Folded::of(case)).collect();
        let mut by_phone: HashMap<String, Vec<u32>> = HashMap::new();
        let mut by_address: HashMap<String, Vec<u32>> = HashMap::new();
        for (i, case) in cases.iter().enumerate() {
            if case.phone.len() >= PHONE_MIN_DIGITS {
                by_phone.entry(case.phone.clone()).or_default().push(i as u32);
            }
            if !case.address.is_empty() {
                by_address.entry(case.address.clone()).or_default().push(i as u32);
            }
        }
        Self {
            names: Words::build(cases.iter().map(|case| case.name.as_str())),
            streets: Words::build(cases.iter().map(|case| case.address.as_str())),
            by_phone,
            by_address,
            cases,
        }
    }

    /// Whoever bears every word that was typed, or its beginning, one typing error in a word allowed; best first, then by
    /// the order of the cases. At most `limit`.
    #[must_use]
    pub fn search(&self, text: &str, searched: Searched, limit: usize) -> Vec<Hit> {
        let text: String = text.chars().take(QUERY_MAX_CHARS).collect();
        let folded = fold(&text);
        let mut found: BTreeMap<usize, (u32, BTreeSet<Resemblance>)> = BTreeMap::new();
        let terms = terms(&folded);
        if terms.is_empty() || folded.chars().count() < 2 {
            return Vec::new();
        }
        let mut total: Vec<Option<(u32, BTreeSet<Resemblance>)>> = vec![Some((0, BTreeSet::new())); self.cases.len()];
        for term in &terms {
            let costs = self.costs(term, searched);
            for (total, cost) in total.iter_mut().zip(costs) {
                match (total.as_mut(), cost) {
                    (Some((sum, why)), Some((cost, reason))) => {
                        *sum += cost;
                        why.insert(reason);
                    }
                    _ => *total = None,
                }
            }
        }
        found.extend(total.into_iter().enumerate().filter_map(|(i, total)| Some((i, total?))));
        if searched.identity {
            let typed = reference_key(&folded);
            for (i, _) in self.cases.iter().enumerate().filter(|(_, case)| names_reference(&typed, &case.reference)) {
                let one = found.entry(i).or_default();
                one.0 = 0;
                one.1.insert(Resemblance::Reference);
            }
        }
        let mut hits: Vec<(u32, Hit)> =
            found.into_iter().map(|(case, (cost, why))| (cost, Hit { case, why })).collect();
        hits.sort_by_key(|(cost, hit)| (*cost, hit.case));
        hits.truncate(limit);
        hits.into_iter().map(|(_, hit)| hit).collect()
    }

    /// For each case, how well it bears the term, and why.
    fn costs(&self, term: &Term, searched: Searched) -> Vec<Option<(u32, Resemblance)>> {
        let mut least: Vec<u32> = vec![u32::MAX; self.cases.len()];
        match term {
            Term::Word(word) => {
                if searched.identity {
                    self.names.note(word, 0, &mut least);
                }
                if searched.place {
                    self.streets.note(word, IN_ADDRESS, &mut least);
                }
                least.into_iter().map(|cost| (cost != u32::MAX).then(|| (cost, resemblance(cost)))).collect()
            }
            Term::Numbers(digits, numbers) => {
                if searched.place {
                    // Each of them must stand in the address.
                    let mut sums = vec![0_u32; self.cases.len()];
                    for number in numbers {
                        let mut one = vec![u32::MAX; self.cases.len()];
                        self.streets.note_numbers(number, &mut one);
                        sums.iter_mut().zip(one).for_each(|(sum, cost)| *sum = sum.saturating_add(cost));
                    }
                    least = sums;
                }
                let mut costs: Vec<Option<(u32, Resemblance)>> = (least.into_iter())
                    .map(|cost| (cost != u32::MAX).then_some((cost, Resemblance::Address)))
                    .collect();
                if searched.contact && digits.len() >= PHONE_MIN_DIGITS {
                    for (cost, case) in
                        costs.iter_mut().zip(&self.cases).filter(|(_, case)| case.phone.contains(digits))
                    {
                        let same = case.phone == *digits;
                        *cost = Some((0, if same { Resemblance::SamePhone } else { Resemblance::Phone }));
                    }
                }
                costs
            }
        }
    }

    /// Whoever may be the person who is being reported: the same phone, the same name but for one typing error, the same
    /// address; the likeliest first, then the newest. At most `limit`.
    #[must_use]
    pub fn duplicates(&self, typed: Typed<'_>, searched: Searched, limit: usize) -> Vec<Hit> {
        let mut found: BTreeMap<usize, BTreeSet<Resemblance>> = BTreeMap::new();
        let cut = |text: &str| text.chars().take(QUERY_MAX_CHARS).collect::<String>();
        let phone = national_phone(&cut(typed.phone));
        if searched.contact {
            for case in self.by_phone.get(&phone).into_iter().flatten() {
                found.entry(*case as usize).or_default().insert(Resemblance::SamePhone);
            }
        }
        let name = chars_of(&fold(&cut(typed.name)));
        // One letter is no name yet.
        if searched.identity && name.iter().any(|word| word.len() > 1) {
            let mut near: BTreeSet<u32> = BTreeSet::new();
            for (word, cases) in &self.names.words {
                let is_near = |typed: &Vec<char>| {
                    typed == word || (typed.len().min(word.len()) >= TYPO_MIN_CHARS && within_one_typo(typed, word))
                };
                if name.iter().any(is_near) {
                    near.extend(cases);
                }
            }
            for case in near {
                let own = chars_of(&self.cases[case as usize].name);
                let why = match name_typos(&name, &own) {
                    Some(0) if name.len() == own.len() => Resemblance::SameName,
                    Some(_) => Resemblance::NearName,
                    None => continue,
                };
                found.entry(case as usize).or_default().insert(why);
            }
        }
        if searched.place {
            for case in self.by_address.get(&fold(&cut(typed.address))).into_iter().flatten() {
                found.entry(*case as usize).or_default().insert(Resemblance::SameAddress);
            }
        }
        let mut hits: Vec<Hit> = found.into_iter().map(|(case, why)| Hit { case, why }).collect();
        hits.sort_by_key(|hit| (std::cmp::Reverse(weight(&hit.why)), std::cmp::Reverse(hit.case)));
        hits.truncate(limit);
        hits
    }
}

fn weight(why: &BTreeSet<Resemblance>) -> u32 {
    let one = |why: &Resemblance| match why {
        Resemblance::SamePhone | Resemblance::SameName => 4,
        Resemblance::NearName => 3,
        _ => 2,
    };
    why.iter().map(one).sum()
}

impl Words {
    /// Keeps the least cost of each case that bears a word like the typed one.
    fn note(&self, typed: &[char], base: u32, least: &mut [u32]) {
        for (word, cases) in &self.words {
            let Some(cost) = cost(typed, word) else { continue };
            for case in cases {
                let kept = &mut least[*case as usize];
                *kept = (*kept).min(base + cost);
            }
        }
    }

    /// The same for a number, in which there is no typing error: the house beside is another one.
    fn note_numbers(&self, typed: &[char], least: &mut [u32]) {
        for (word, cases) in self.words.iter().filter(|(word, _)| word.starts_with(typed)) {
            for case in cases {
                let kept = &mut least[*case as usize];
                *kept = (*kept).min(IN_ADDRESS + u32::from(word.len() != typed.len()));
            }
        }
    }
}

#[cfg(test)]
mod tests;
