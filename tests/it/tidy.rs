//! Holds the house in shape by reading its sources: floors, who may speak JSON and SQL, sizes, first lines.
//!
//! The floors and their reasons are in `docs/ARCHITECTURE.md`. Comments and string literals are not code and are skipped.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Modules of the library by floor: one may import its own floor's own module and anything below, never a sibling.
const FLOORS: [(&str, u8); 9] = [
    ("domain", 0),
    ("geo", 1),
    ("network", 2),
    ("solve", 3),
    ("store", 3),
    ("format", 3),
    ("service", 4),
    ("http", 5),
    ("cli", 5),
];

/// Longest source file, tests inside it included.
const MAX_LINES: usize = 800;
/// Longest `docs/ARCHITECTURE.md`: it is read in one go or not at all.
const MAX_ARCHITECTURE_LINES: usize = 150;

/// A source file with its path from the root and its text without comments and without the inside of strings.
struct Source {
    path: String,
    text: String,
    code: String,
}

impl Source {
    /// The module of the library that the file belongs to: `network` for `src/network/build.rs`.
    fn module(&self) -> Option<&str> {
        let inside = self.path.strip_prefix("src/")?;
        Some(inside.split_once('/').map_or_else(|| inside.trim_end_matches(".rs"), |(module, _)| module))
    }

    /// `path:line` of each line of code that holds one of the words.
    fn lines_with(&self, words: &[&str]) -> Vec<String> {
        let holds = |line: &str| words.iter().any(|word| has_word(line, word));
        self.code
            .lines()
            .enumerate()
            .filter(|(_, line)| holds(line))
            .map(|(at, line)| format!("{}:{}: {}", self.path, at + 1, line.trim()))
            .collect()
    }
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// All files under a folder with one of the extensions, in path order; build output and packages left out.
fn files(folder: &str, extensions: &[&str]) -> Vec<Source> {
    let mut found = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        let Ok(entries) = fs::read_dir(&folder) else { continue };
        for entry in entries {
            let path = entry.expect("a readable folder").path();
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            if path.is_dir() {
                if !["node_modules", "dist", "target", "artifacts"].contains(&name) {
                    folders.push(path);
                }
            } else if path.extension().and_then(|extension| extension.to_str()).is_some_and(|e| extensions.contains(&e))
            {
                found.push(path);
            }
        }
    }
    found.sort();
    found.iter().map(PathBuf::as_path).map(read).collect()
}

fn read(path: &Path) -> Source {
    let text = fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let path = path.strip_prefix(root()).expect("under the root").to_string_lossy().replace('\\', "/");
    let code = code_only(&text);
    Source { path, text, code }
}

/// The text with comments and the inside of string literals blanked out; line breaks stay. Good for Rust and TypeScript.
fn code_only(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let mut code = String::with_capacity(text.len());
    let mut at = 0;
    let blank = |code: &mut String, c: char| code.push(if c == '\n' { '\n' } else { ' ' });
    while at < chars.len() {
        let two: (char, char) = (chars[at], chars.get(at + 1).copied().unwrap_or(' '));
        let raw_hashes = if two.0 == 'r' && (at == 0 || !is_word(chars[at - 1]) || chars[at - 1] == 'b') {
            let hashes = chars[at + 1..].iter().take_while(|&&c| c == '#').count();
            (chars.get(at + 1 + hashes) == Some(&'"')).then_some(hashes)
        } else {
            None
        };
        if two == ('/', '/') {
            while at < chars.len() && chars[at] != '\n' {
                at += 1;
            }
        } else if two == ('/', '*') {
            while at < chars.len() && (chars[at], chars.get(at + 1).copied().unwrap_or(' ')) != ('*', '/') {
                blank(&mut code, chars[at]);
                at += 1;
            }
            at += 2;
        } else if let Some(hashes) = raw_hashes {
            at += hashes + 2;
            while at < chars.len()
                && !(chars[at] == '"' && chars[at + 1..].iter().take(hashes).filter(|&&c| c == '#').count() == hashes)
            {
                blank(&mut code, chars[at]);
                at += 1;
            }
            at += hashes + 1;
        } else if two.0 == '"' {
            code.push('"');
            at += 1;
            while at < chars.len() && chars[at] != '"' {
                if chars[at] == '\\' {
                    at += 1;
                }
                blank(&mut code, chars.get(at).copied().unwrap_or(' '));
                at += 1;
            }
            code.push('"');
            at += 1;
        } else if two.0 == '\'' && chars.get(at + 2) == Some(&'\'') && two.1 != '\\' {
            code.push_str("' '");
            at += 3;
        } else if two == ('\'', '\\') {
            // An escaped character: the quote that closes it stands after the escaped one.
            let close = chars.iter().skip(at + 3).position(|&c| c == '\'').unwrap_or(0);
            code.push_str("' '");
            at += close + 4;
        } else {
            code.push(chars[at]);
            at += 1;
        }
    }
    code
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// Whether a line holds a word, not as a part of a longer one.
fn has_word(line: &str, word: &str) -> bool {
    line.match_indices(word).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        let after = line[at + word.len()..].chars().next();
        let goes_on = |neighbour: Option<char>, edge: bool| edge && neighbour.is_some_and(is_word);
        !goes_on(before, word.starts_with(is_word)) && !goes_on(after, word.ends_with(is_word))
    })
}

/// First segments of every `crate::…` path in some code, groups `crate::{a, b::{c, d}}` included.
fn crate_imports(code: &str) -> BTreeSet<String> {
    let mut imports = BTreeSet::new();
    for (at, _) in code.match_indices("crate::") {
        if code[..at].chars().next_back().is_some_and(is_word) {
            continue;
        }
        let rest = &code[at + "crate::".len()..];
        if let Some(group) = rest.strip_prefix('{') {
            let mut depth = 1;
            let mut segment = String::new();
            let mut taken = false;
            for c in group.chars() {
                match c {
                    '{' => depth += 1,
                    '}' => depth -= 1,
                    _ => {}
                }
                if depth == 0 || (c == ',' && depth == 1) {
                    imports.insert(std::mem::take(&mut segment));
                    taken = false;
                    if depth == 0 {
                        break;
                    }
                } else if depth == 1 && !taken && is_word(c) {
                    segment.push(c);
                } else if !segment.is_empty() {
                    taken = true;
                }
            }
        } else {
            imports.insert(rest.chars().take_while(|&c| is_word(c)).collect());
        }
    }
    imports.remove("");
    imports
}

fn floor(module: &str) -> Option<u8> {
    FLOORS.iter().find(|(name, _)| *name == module).map(|(_, floor)| *floor)
}

fn refuse(what: &str, found: &[String]) {
    assert!(found.is_empty(), "{what}:\n  {}", found.join("\n  "));
}

#[test]
fn imports_only_point_down_and_siblings_do_not_import_each_other() {
    let mut wrong = Vec::new();
    for source in files("src", &["rs"]) {
        let Some(module) = source.module() else { continue };
        let Some(own) = floor(module) else { continue };
        for import in crate_imports(&source.code) {
            if import != module && floor(&import).is_some_and(|other| other >= own) {
                wrong.push(format!("{} (floor {own}) imports crate::{import}", source.path));
            }
        }
        // `super` must not be a back door: as many as the file is deep reach the crate, one more inside an inline module.
        let depth = source.path.matches('/').count() - usize::from(source.path.ends_with("/mod.rs"));
        for (at, line) in source.code.lines().enumerate() {
            let inline = usize::from(line.starts_with(' '));
            if line.contains(&"super::".repeat(depth + inline)) {
                wrong.push(format!("{}:{}: {} (leaves {module}: write crate::)", source.path, at + 1, line.trim()));
            }
        }
    }
    refuse("imports that point up or sideways", &wrong);
}

#[test]
fn every_module_of_the_library_has_a_floor() {
    let unknown: Vec<String> = files("src", &["rs"])
        .iter()
        .filter_map(|source| source.module())
        .filter(|module| !["lib", "main"].contains(module) && floor(module).is_none())
        .map(str::to_owned)
        .collect();
    refuse("modules without a floor in docs/ARCHITECTURE.md and tests/it/tidy.rs", &unknown);
}

#[test]
fn only_the_store_speaks_sql_and_only_format_http_and_cli_speak_json() {
    let mut wrong = Vec::new();
    for source in files("src", &["rs"]) {
        let module = source.module().unwrap_or_default();
        if module != "store" {
            wrong.extend(source.lines_with(&["sqlx"]));
        }
        if !["format", "http", "cli"].contains(&module) {
            wrong.extend(source.lines_with(&["serde_json", "geojson"]));
        }
        if module == "http" {
            // A store's error becomes a status there; the store itself never comes that far.
            let store = source.lines_with(&["crate::store"]);
            wrong.extend(store.into_iter().filter(|line| !line.ends_with("use crate::store::StoreError;")));
        }
    }
    refuse("SQL or JSON on the wrong floor", &wrong);
}

#[test]
fn domain_types_cannot_be_serialised_and_know_no_clock_and_no_luck() {
    let mut wrong = Vec::new();
    for source in files("src", &["rs"]) {
        match source.module() {
            Some("domain") => wrong.extend(source.lines_with(&["serde", "Serialize", "Deserialize", "utoipa", "rand"])),
            Some("geo" | "network" | "solve" | "format") => {}
            _ => continue,
        }
        wrong.extend(source.lines_with(&["Utc::now", "Local::now", "SystemTime", "rand::rng", "thread_rng"]));
    }
    refuse("the lower floors are given the clock and the random generator, and domain types stay plain", &wrong);
}

#[test]
fn every_source_file_says_first_what_it_is() {
    let silent: Vec<String> = files("src", &["rs"])
        .into_iter()
        .chain(files("tests", &["rs"]))
        .filter(|source| !source.path.starts_with("src/main.rs") && !source.text.starts_with("//!"))
        .map(|source| source.path)
        .collect();
    refuse("files that do not open with //!", &silent);
}

#[test]
fn no_file_is_longer_than_a_sitting() {
    let mut long: Vec<String> = files("src", &["rs"])
        .into_iter()
        .chain(files("tests", &["rs"]))
        .chain(files("static/src", &["ts"]))
        .map(|source| (source.text.lines().count(), source.path))
        .filter(|(lines, _)| *lines > MAX_LINES)
        .map(|(lines, path)| format!("{path}: {lines} lines, at most {MAX_LINES}"))
        .collect();
    let architecture = fs::read_to_string(root().join("docs/ARCHITECTURE.md")).expect("docs/ARCHITECTURE.md");
    if architecture.lines().count() > MAX_ARCHITECTURE_LINES {
        long.push(format!("docs/ARCHITECTURE.md: at most {MAX_ARCHITECTURE_LINES} lines"));
    }
    refuse("too long", &long);
}

#[test]
fn nothing_is_left_to_do_later_and_no_lint_is_silenced_without_a_reason() {
    let mut found = Vec::new();
    for source in files("src", &["rs"]).into_iter().chain(files("tests", &["rs"])) {
        if source.path.ends_with("tidy.rs") {
            continue;
        }
        found.extend(source.lines_with(&["#[allow(", "#![allow(", "todo!", "unimplemented!"]));
        for (at, line) in source.text.lines().enumerate() {
            if has_word(line, "TODO") || has_word(line, "FIXME") || has_word(line, "XXX") {
                found.push(format!("{}:{}: {}", source.path, at + 1, line.trim()));
            }
        }
    }
    refuse("unfinished or silenced", &found);
}

#[test]
fn the_reader_of_sources_skips_comments_and_strings() {
    let code = code_only(
        "use crate::geo; // crate::http\n/* crate::cli */ let a = \"crate::store\"; let b = r#\"crate::x \"y\" \"#; 'c'",
    );
    assert_eq!(crate_imports(&code).into_iter().collect::<Vec<_>>(), ["geo"]);
    let grouped = crate_imports("use crate::{domain::{case::Case, units}, geo, network as n};");
    assert_eq!(grouped.into_iter().collect::<Vec<_>>(), ["domain", "geo", "network"]);
    assert!(has_word("a sqlx::query", "sqlx") && !has_word("a_sqlx_b", "sqlx"));
}

/// Every `path::test_name` that a document gives as evidence is a function in that file.
#[test]
fn the_evidence_of_the_threat_model_exists() {
    let document = fs::read_to_string(root().join("docs/THREAT_MODEL.md")).expect("docs/THREAT_MODEL.md");
    let mut checked = 0;
    for quoted in document.split('`').skip(1).step_by(2) {
        let Some((path, name)) = quoted.split_once("::").filter(|(path, _)| path.split('.').next_back() == Some("rs"))
        else {
            continue;
        };
        let source = fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"));
        let name = name.rsplit("::").next().unwrap_or(name);
        assert!(
            source.contains(&format!("fn {name}(")),
            "docs/THREAT_MODEL.md gives {quoted} as evidence: there is no such test"
        );
        checked += 1;
    }
    assert!(checked >= 40, "the document gives {checked} tests as evidence");
}
