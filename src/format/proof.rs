//! The proof of a purge as JSON, as it is kept in the database.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::domain::retention::Proof;

#[derive(Serialize, Deserialize)]
struct Written {
    cases: usize,
    needles: usize,
    found: usize,
    #[serde(rename = "where")]
    places: Vec<String>,
    #[serde(default)]
    remarks: Vec<String>,
    #[serde(default)]
    exports_at: Vec<DateTime<Utc>>,
}

/// Writes a proof.
#[must_use]
pub fn write_proof(proof: &Proof) -> String {
    let Proof { cases, needles, found, places, remarks, exports_at } = proof.clone();
    serde_json::to_string(&Written { cases, needles, found, places, remarks, exports_at })
        .expect("numbers, texts and moments are always JSON")
}

/// Reads what [`write_proof`] wrote; `None` for anything else.
#[must_use]
pub fn read_proof(text: &str) -> Option<Proof> {
    let Written { cases, needles, found, places, remarks, exports_at } = serde_json::from_str(text).ok()?;
    Some(Proof { cases, needles, found, places, remarks, exports_at })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proof_comes_back_as_it_was_written() {
        let proof = Proof {
            cases: 2,
            needles: 26,
            found: 0,
            places: vec!["base « test » : 0".into()],
            remarks: vec!["sauvegardes".into()],
            exports_at: vec![DateTime::from_timestamp(1_795_428_000, 0).expect("a moment")],
        };
        assert_eq!(read_proof(&write_proof(&proof)), Some(proof));
        assert_eq!(read_proof("{}"), None);
    }
}
