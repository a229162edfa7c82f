//! Reads the whole trail and says what is wrong with it.
//!
//! Each chain is walked in order, a page at a time: the memory needed does not grow with the trail. A row that was edited,
//! swapped or inserted does not bear the signature of what it says after the row before it; a removed one leaves a gap; a
//! cut end disagrees with the signed head; a chain that vanished whole is missing in the signed roll and in the rows of
//! other chains that name it. What lies below a signed checkpoint was let go and is not missed (`audit_retention.rs`). A
//! writer that found the end of its chain treated so has left a row `break` (`audit.rs`), which is a finding for ever.
//!
//! What cannot be seen from inside: these tables put back, while no program ran, as they were signed at an earlier moment.
//! An end noted elsewhere (`audit verify` prints it) shows that too.

use std::collections::BTreeSet;

use chrono::{DateTime, SubsecRound, Utc};
use sqlx::{FromRow, Row as _};

use super::audit::{
    COLUMNS, Checkpoint, Head, ROLL, Row, SELECT_HEADS, audit_cipher, reason_place, roll_holds, row_mac,
};
use super::dialect::BeginRead;
use super::seal::{Secret, open_with};
use super::{Store, StoreError};
use crate::domain::audit::Act;
use crate::domain::closed_list::closed_list;

/// Rows read at a time.
const PAGE: i64 = 1000;
/// Findings kept; the rest is counted. Who has altered so many has altered them all.
const FINDINGS_MAX: usize = 500;

const CHAINS: &str = "select chain_id from audit_heads union select chain_id from audit \
    union select chain_id from audit_checkpoints";
const CHECKPOINTS: &str = "select chain_id, seq, mac, signature from audit_checkpoints order by chain_id, seq";
const MAC_OF: &str = "select mac from audit where chain_id = $1 and seq = $2";
const COUNTERS: &str = "select count(*) from counters";

closed_list!(
    /// What can be wrong with the trail.
    Flaw {
        Altered = "altered",
        Missing = "missing",
        Unreadable = "unreadable",
        Inserted = "inserted",
        CutEnd = "cut_end",
        HeadMissing = "head_missing",
        HeadForged = "head_forged",
        CheckpointForged = "checkpoint_forged",
        ChainMissing = "chain_missing",
        RollForged = "roll_forged",
        EmptyTrail = "empty_trail",
        PutBack = "put_back",
        Broken = "broken",
    }
);

impl Flaw {
    /// In words.
    #[must_use]
    pub const fn says(self) -> &'static str {
        match self {
            Self::Altered => "this row, or its place after the row before it, is not what was signed",
            Self::Missing => "rows before this one are missing",
            Self::Unreadable => "this row holds what no row of ours holds",
            Self::Inserted => "this row lies where rows were let go, and was put there afterwards",
            Self::CutEnd => "the chain does not end where it was signed to end",
            Self::HeadMissing => "the signed end of the chain is missing",
            Self::HeadForged => "the signature of the chain's end does not hold",
            Self::CheckpointForged => "the signature of a checkpoint does not hold",
            Self::ChainMissing => "a row that another chain names is not here",
            Self::RollForged => "the chains are not the ones that have begun here",
            Self::EmptyTrail => "records were written and the trail is empty",
            Self::PutBack => "the chain ends before a row that this program has written",
            Self::Broken => "here the chain did not end where it was signed to end, and was gone on with",
        }
    }
}

/// Something wrong with the trail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Whose chain; `*` for the roll of all chains.
    pub chain_id: String,
    /// Where, from 1.
    pub seq: i64,
    /// What.
    pub flaw: Flaw,
}

/// A chain as it was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChainState {
    /// Its name.
    pub chain_id: String,
    /// Rows that are here.
    pub rows: u64,
    /// Number of the first one; 0 without any.
    pub first_seq: i64,
    /// Number of the last one; that of the checkpoint when all were let go.
    pub last_seq: i64,
    /// The signature of the last row: noted elsewhere, it shows later that nothing was put back.
    pub end: Vec<u8>,
}

/// What the verification found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Verification {
    /// Every chain, by name.
    pub chains: Vec<ChainState>,
    /// What is wrong; empty when nothing is.
    pub findings: Vec<Finding>,
    /// How many more findings there are.
    pub more: u64,
}

impl Verification {
    /// Whether nothing is wrong.
    #[must_use]
    pub fn intact(&self) -> bool {
        self.findings.is_empty()
    }

    fn note(&mut self, chain: &str, seq: i64, flaw: Flaw) {
        if self.findings.len() < FINDINGS_MAX {
            self.findings.push(Finding { chain_id: chain.to_owned(), seq, flaw });
        } else {
            self.more += 1;
        }
    }
}

/// A row of one chain that a row of another names: chain, number, mac.
type Named = (String, i64, Vec<u8>);

/// One chain while it is walked.
struct Walk<'a> {
    secret: &'a Secret,
    chain: String,
    /// Number of the row before the next one.
    at: i64,
    /// Its mac; `None` when it is missing, so that the next row cannot be held against it.
    mac: Option<Vec<u8>>,
    segment: Option<String>,
    state: ChainState,
    named: BTreeSet<Named>,
}

impl<'a> Walk<'a> {
    fn begin(secret: &'a Secret, chain: &str, checkpoint: Option<&Checkpoint>) -> Self {
        let (at, mac) = checkpoint.map_or((0, vec![0; 32]), |c| (c.seq, c.mac.clone()));
        Self {
            secret,
            chain: chain.to_owned(),
            at,
            segment: None,
            state: ChainState { chain_id: chain.to_owned(), rows: 0, first_seq: 0, last_seq: at, end: mac.clone() },
            mac: Some(mac),
            named: BTreeSet::new(),
        }
    }

    fn step(&mut self, seq: i64, row: Result<Row, sqlx::Error>, found: &mut Verification) {
        if self.state.rows == 0 {
            self.state.first_seq = seq;
        }
        self.state.rows += 1;
        self.state.last_seq = seq;
        if seq != self.at + 1 {
            found.note(&self.chain, seq, Flaw::Missing);
            self.mac = None;
        }
        self.at = seq;
        let Ok(row) = row else {
            found.note(&self.chain, seq, Flaw::Unreadable);
            self.mac = None;
            return;
        };
        // The signature covers milliseconds, and takes no reason and an empty one for the same: neither is ever written.
        let well_formed = row.at.trunc_subsecs(3) == row.at && row.reason.as_ref().is_none_or(|r| !r.is_empty());
        let signed =
            self.mac.as_ref().is_none_or(|before| row_mac(self.secret, &row, before).as_slice() == row.mac.as_slice());
        if !well_formed || !signed {
            found.note(&self.chain, seq, Flaw::Altered);
        } else if row.act == Act::Segment.code() {
            self.named.extend(self.names_in(&row));
        } else if row.act == Act::Break.code() {
            found.note(&self.chain, seq, Flaw::Broken);
        }
        self.segment = Some(row.segment);
        self.state.end.clone_from(&row.mac);
        self.mac = Some(row.mac);
    }

    fn names_in(&self, row: &Row) -> Vec<Named> {
        let place = reason_place(&row.chain_id, row.seq);
        let plain = row.reason.as_deref().and_then(|sealed| open_with(&audit_cipher(self.secret), &place, sealed));
        plain.map(|plain| names(&String::from_utf8_lossy(&plain))).unwrap_or_default()
    }

    fn end(&self, head: Option<&Head>, found: &mut Verification) {
        let Some(head) = head else {
            return found.note(&self.chain, self.at, Flaw::HeadMissing);
        };
        if !head.is_signed(self.secret) {
            found.note(&self.chain, head.seq, Flaw::HeadForged);
        }
        let ends_there = head.seq == self.at
            && self.mac.as_ref().is_none_or(|mac| *mac == head.mac)
            && self.segment.as_ref().is_none_or(|segment| *segment == head.segment);
        if !ends_there {
            found.note(&self.chain, head.seq, Flaw::CutEnd);
        }
    }
}

/// Reads `chain:seq:mac chain:seq:mac`; a chain's name may hold spaces.
fn names(text: &str) -> Vec<Named> {
    let mut found = Vec::new();
    let mut chain = String::new();
    for word in text.split(' ') {
        chain.push_str(word);
        let mut parts = word.rsplitn(3, ':');
        let mac = parts.next().and_then(|mac| data_encoding::HEXLOWER.decode(mac.as_bytes()).ok());
        let seq = parts.next().and_then(|seq| seq.parse::<i64>().ok());
        if let (Some(mac), Some(seq), true) = (mac.filter(|mac| mac.len() == 32), seq, parts.next().is_some()) {
            let name = chain.rsplitn(3, ':').nth(2).unwrap_or_default().to_owned();
            found.push((name, seq, mac));
            chain.clear();
        } else {
            chain.push(' ');
        }
    }
    found
}

/// A row of the trail, or why it is none. `SQLite` keeps the moment as text, in which anything may stand.
fn read<'r, R>(raw: &'r R) -> Result<Row, sqlx::Error>
where
    R: sqlx::Row,
    Row: FromRow<'r, R>,
{
    Row::from_row(raw)
}

impl Store {
    /// Reads every chain, at one moment.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer; what is wrong with the trail is no error.
    pub async fn verify_trail(&self) -> Result<Verification, StoreError> {
        let secret = &self.secrets.audit;
        let mut found = Verification::default();
        // Before the tables are looked at: they may say more than this, and never less.
        let known = self.last_end.known();
        on_pool!(self, pool => {
            let mut tx = pool.begin_read().await?;
            let heads: Vec<Head> = sqlx::query_as(SELECT_HEADS).fetch_all(&mut *tx).await?;
            let mut chains: Vec<String> = sqlx::query_scalar(CHAINS).fetch_all(&mut *tx).await?;
            chains.retain(|chain| chain != ROLL);
            chains.sort_unstable();
            if !roll_holds(secret, &heads) {
                found.note(ROLL, heads.iter().find(|head| head.chain_id == ROLL).map_or(0, |roll| roll.seq), Flaw::RollForged);
            }
            if let Some(known) = known.filter(|known| !heads.iter().any(|head| head.follows(known))) {
                found.note(&known.chain_id, known.seq, Flaw::PutBack);
            }
            if chains.is_empty() && sqlx::query_scalar::<_, i64>(COUNTERS).fetch_one(&mut *tx).await? > 0 {
                found.note(ROLL, 0, Flaw::EmptyTrail);
            }
            let mut checkpoints: Vec<Checkpoint> = Vec::new();
            for checkpoint in sqlx::query_as::<_, Checkpoint>(CHECKPOINTS).fetch_all(&mut *tx).await? {
                if checkpoint.is_signed(secret) {
                    checkpoints.push(checkpoint);
                } else {
                    found.note(&checkpoint.chain_id, checkpoint.seq, Flaw::CheckpointForged);
                }
            }
            let mut named: BTreeSet<Named> = BTreeSet::new();
            for chain in chains {
                let checkpoint = checkpoints.iter().rfind(|c| c.chain_id == chain);
                let mut walk = Walk::begin(secret, &chain, checkpoint);
                let mut after = i64::MIN;
                loop {
                    let mut query = sqlx::QueryBuilder::new(COLUMNS);
                    query.push(" where chain_id = ").push_bind(chain.clone());
                    query.push(" and seq > ").push_bind(after);
                    query.push(" order by seq limit ").push_bind(PAGE);
                    let rows = query.build().fetch_all(&mut *tx).await?;
                    for raw in &rows {
                        after = raw.try_get("seq")?;
                        if checkpoint.is_some_and(|c| after <= c.seq) {
                            found.note(&chain, after, Flaw::Inserted);
                        } else {
                            walk.step(after, read(raw), &mut found);
                        }
                    }
                    if (rows.len() as i64) < PAGE {
                        break;
                    }
                }
                walk.end(heads.iter().find(|head| head.chain_id == chain), &mut found);
                named.append(&mut walk.named);
                found.chains.push(walk.state);
            }
            for (chain, seq, mac) in named {
                let here: Option<Vec<u8>> = if chain == ROLL {
                    // The roll only grows.
                    heads.iter().find(|head| head.chain_id == ROLL && head.seq >= seq).map(|_| mac.clone())
                } else {
                    match checkpoints.iter().rfind(|c| c.chain_id == chain && c.seq >= seq) {
                        Some(checkpoint) if checkpoint.seq == seq => Some(checkpoint.mac.clone()),
                        Some(_) => Some(mac.clone()),
                        None => sqlx::query_scalar(MAC_OF).bind(&chain).bind(seq).fetch_optional(&mut *tx).await?,
                    }
                };
                if here.as_ref() != Some(&mac) {
                    found.note(&chain, seq, Flaw::ChainMissing);
                }
            }
        });
        Ok(found)
    }

    /// When the oldest row of the trail was written.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn trail_begins_at(&self) -> Result<Option<DateTime<Utc>>, StoreError> {
        const OLDEST: &str = "select at from audit order by at limit 1";
        Ok(on_pool!(self, pool => sqlx::query_scalar(OLDEST).fetch_optional(pool).await?))
    }
}

#[cfg(test)]
mod tests {
    use super::names;

    #[test]
    fn names_of_heads_are_read_though_a_chain_is_called_in_two_words() {
        let mac = "ab".repeat(32);
        let read = names(&format!("*:2:{mac} command line:17:{mac} a:b:3:{mac}"));
        let short: Vec<(&str, i64)> = read.iter().map(|(chain, seq, _)| (&**chain, *seq)).collect();
        assert_eq!(short, [("*", 2), ("command line", 17), ("a:b", 3)]);
        assert!(names("").is_empty() && names("server:x:00").is_empty());
    }
}
