//! The trail: append-only, one chain per writer, each row signed together with the row before it.
//!
//! A row's `mac` is an HMAC-SHA-256 over the row and the `mac` before it, under a secret that lies sealed in the database:
//! who can write to the tables but lacks the key file can neither alter nor forge a row. `audit_heads` signs where each
//! chain ends, so a row cut off at the end is missed. A month begins with a row that names the heads of all chains, so a
//! chain that vanished whole is missed too, and a signed roll counts the chains that have begun (`audit_verify.rs`). The
//! roll is as old as the database's secrets: where they are, it must be.
//!
//! A chain goes on only from an end that holds: the head is signed, bears the last row's `mac`, and says no less than this
//! program has seen. From any other end the writing goes on too, for the service must, but behind a row `break` that no
//! verification passes over: what somebody did to the tables is never signed as if it were ours.
//!
//! Reference: B. Schneier, J. Kelsey, "Secure audit logs to support computer forensics", ACM TISSEC 2(2), 1999.

use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, SubsecRound, Utc};
use zeroize::Zeroizing;

use super::audit_verify::Flaw;
use super::dialect::BeginWrite;
use super::seal::{Secret, keyed_hash, open_with, seal_with};
use super::{Store, StoreError};
use crate::domain::audit::{Act, Actor, Author, Entry, Resource, Subject};

/// A chain's head beside the chain's last row.
pub(super) const SELECT_END: &str = "select h.chain_id, h.seq, h.segment, h.mac, h.signature, a.seq as last_seq, \
    a.mac as last_mac from audit_heads h left join audit a on a.chain_id = $1 \
    and a.seq = (select seq from audit where chain_id = $1 order by seq desc limit 1) where h.chain_id = $1";
pub(super) const LAST_ROW: &str = "select seq, mac from audit where chain_id = $1 order by seq desc limit 1";
pub(super) const CHECKPOINTS_OF: &str =
    "select chain_id, seq, mac, signature from audit_checkpoints where chain_id = $1 order by seq";
pub(super) const KEY_IS_KNOWN: &str = "select count(*) from key_checks where key_id = $1";
pub(super) const SELECT_HEADS: &str =
    "select chain_id, seq, segment, mac, signature from audit_heads order by chain_id";
pub(super) const INSERT: &str = "insert into audit (chain_id, seq, segment, at, actor, act, resource, subject, records, \
    outcome, reason, mac) ";
pub(super) const UPSERT_HEAD: &str = "insert into audit_heads (chain_id, seq, segment, mac, signature) \
    values ($1, $2, $3, $4, $5) on conflict (chain_id) do update set seq = excluded.seq, segment = excluded.segment, \
    mac = excluded.mac, signature = excluded.signature";
pub(super) const COLUMNS: &str =
    "select chain_id, seq, segment, at, actor, act, resource, subject, records, outcome, reason, mac from audit";

/// Name under which `audit_heads` keeps the roll of all chains: how many have begun, signed. A chain that vanishes whole
/// before another has named it is missed through it.
pub(super) const ROLL: &str = "*";

/// A row as it lies in the table.
#[derive(Debug, Clone, sqlx::FromRow)]
pub(super) struct Row {
    pub chain_id: String,
    pub seq: i64,
    pub segment: String,
    pub at: DateTime<Utc>,
    pub actor: String,
    pub act: String,
    pub resource: String,
    pub subject: String,
    pub records: i64,
    pub outcome: String,
    pub reason: Option<Vec<u8>>,
    pub mac: Vec<u8>,
}

/// Where a chain ends.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub(super) struct Head {
    pub chain_id: String,
    pub seq: i64,
    pub segment: String,
    pub mac: Vec<u8>,
    pub signature: Vec<u8>,
}

impl Head {
    pub(super) fn is_signed(&self, secret: &Secret) -> bool {
        head_signature(secret, self).as_slice() == self.signature
    }

    /// Whether a chain that once ended at `earlier` may end here.
    pub(super) fn follows(&self, earlier: &Self) -> bool {
        self.chain_id == earlier.chain_id
            && (self.seq > earlier.seq || (self.seq == earlier.seq && self.mac == earlier.mac))
    }
}

/// A head beside the chain's last row.
#[derive(Debug, sqlx::FromRow)]
pub(super) struct End {
    #[sqlx(flatten)]
    pub head: Head,
    pub last_seq: Option<i64>,
    pub last_mac: Option<Vec<u8>>,
}

/// Up to where a chain was let go.
#[derive(Debug, Clone, sqlx::FromRow)]
pub(super) struct Checkpoint {
    pub chain_id: String,
    pub seq: i64,
    pub mac: Vec<u8>,
    pub signature: Vec<u8>,
}

impl Checkpoint {
    pub(super) fn is_signed(&self, secret: &Secret) -> bool {
        checkpoint_signature(secret, &self.chain_id, self.seq, &self.mac).as_slice() == self.signature
    }
}

/// Where the writer's chain ended at this program's last commit. Tables that say less were put back.
#[derive(Debug, Default)]
pub(super) struct LastEnd(Mutex<Option<Head>>);

impl LastEnd {
    pub(super) fn known(&self) -> Option<Head> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) fn remember(&self, head: Head) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.as_ref().is_none_or(|known| known.seq < head.seq) {
            *known = Some(head);
        }
    }
}

/// A row of the trail, opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditRow {
    /// Whose chain.
    pub chain_id: String,
    /// Number in the chain, from 1.
    pub seq: i64,
    /// When.
    pub at: DateTime<Utc>,
    /// `account:3`, `command_line`, `nobody` or `service`.
    pub actor: String,
    /// Code of an [`Act`].
    pub act: String,
    /// Code of a [`Resource`].
    pub resource: String,
    /// Pseudonym, 32 hexadecimal digits, or empty.
    pub subject: String,
    /// How many records.
    pub records: i64,
    /// `done` or `refused`.
    pub outcome: String,
    /// Why; may be empty.
    pub reason: String,
}

/// Which rows of the trail.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditFilter {
    /// From this moment on.
    pub from: Option<DateTime<Utc>>,
    /// Before this moment.
    pub until: Option<DateTime<Utc>>,
    /// `account:3`, `command_line`, `nobody` or `service`.
    pub actor: Option<String>,
    /// An act.
    pub act: Option<Act>,
    /// A resource.
    pub resource: Option<Resource>,
    /// A person's pseudonym, or the person.
    pub subject: Option<String>,
    /// Older than this row: moment, chain, number.
    pub before: Option<(DateTime<Utc>, String, i64)>,
    /// At most this many; 0 for all.
    pub limit: u32,
}

/// Rows ready to be inserted, and the new head.
pub(super) struct Extension {
    pub rows: Vec<Row>,
    pub head: Head,
}

impl Store {
    /// The pseudonym under which a person stands in the trail: 32 hexadecimal digits.
    #[must_use]
    pub fn pseudonym(&self, subject: Subject) -> String {
        let hash = keyed_hash(&self.secrets.pseudonym, &[subject.to_string().as_bytes()]);
        data_encoding::HEXLOWER.encode(&hash[..16])
    }

    /// Writes entries in a transaction of their own, before what they speak of is shown.
    ///
    /// # Errors
    /// [`StoreError`] when they cannot be written: then nothing may be shown.
    pub async fn record(&self, entries: &[Entry]) -> Result<(), StoreError> {
        on_pool!(self, pool => {
            let mut tx = pool.begin_write().await?;
            append_audit!(tx, self, entries);
            tx.commit().await?;
        });
        Ok(())
    }

    /// Rows of the trail, newest first.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn audit(&self, filter: &AuditFilter) -> Result<Vec<AuditRow>, StoreError> {
        let rows: Vec<Row> = on_pool!(self, pool => {
            let mut query = sqlx::QueryBuilder::new(COLUMNS);
            query.push(" where 1 = 1");
            if let Some(from) = filter.from {
                query.push(" and at >= ").push_bind(from);
            }
            if let Some(until) = filter.until {
                query.push(" and at < ").push_bind(until);
            }
            for (column, value) in [
                (" and actor = ", filter.actor.clone()),
                (" and act = ", filter.act.map(|act| act.code().to_owned())),
                (" and resource = ", filter.resource.map(|resource| resource.code().to_owned())),
                (" and subject = ", filter.subject.clone()),
            ] {
                if let Some(value) = value {
                    query.push(column).push_bind(value);
                }
            }
            if let Some((at, chain, seq)) = filter.before.clone() {
                query.push(" and (at < ").push_bind(at);
                query.push(" or (at = ").push_bind(at);
                query.push(" and (chain_id < ").push_bind(chain.clone());
                query.push(" or (chain_id = ").push_bind(chain);
                query.push(" and seq < ").push_bind(seq);
                query.push("))))");
            }
            query.push(" order by at desc, chain_id desc, seq desc");
            if filter.limit > 0 {
                query.push(" limit ").push_bind(i64::from(filter.limit));
            }
            query.build_query_as().fetch_all(pool).await?
        });
        rows.into_iter().map(|row| self.opened_row(row)).collect()
    }

    fn opened_row(&self, row: Row) -> Result<AuditRow, StoreError> {
        let reason = match &row.reason {
            Some(sealed) => {
                let plain =
                    open_with(&audit_cipher(&self.secrets.audit), &reason_place(&row.chain_id, row.seq), sealed);
                let plain = plain.ok_or_else(|| StoreError::corrupt("audit.reason does not open"))?;
                String::from_utf8_lossy(&plain).into_owned()
            }
            None => String::new(),
        };
        Ok(AuditRow {
            chain_id: row.chain_id,
            seq: row.seq,
            at: row.at,
            actor: row.actor,
            act: row.act,
            resource: row.resource,
            subject: row.subject,
            records: row.records,
            outcome: row.outcome,
            reason,
        })
    }

    /// The roll when this writer's chain begins beside those that have a head.
    pub(super) fn roll_with_this_writer(&self, heads: &[Head]) -> Head {
        let mut chains: Vec<&str> = heads.iter().map(|h| &*h.chain_id).filter(|chain| *chain != ROLL).collect();
        chains.push(&self.writer);
        chains.sort_unstable();
        roll(&self.secrets.audit, &chains)
    }

    /// Whether the writer's chain may simply go on from its head.
    pub(super) fn goes_on(&self, end: &End) -> bool {
        end.head.is_signed(&self.secrets.audit)
            && end.last_seq == Some(end.head.seq)
            && end.last_mac.as_ref() == Some(&end.head.mac)
            && self.last_end.known().is_none_or(|known| end.head.follows(&known))
    }

    /// Where the writer's chain goes on when it cannot simply follow its head, and what is wrong with it; nothing is with a
    /// chain that begins or of which everything was let go. A number that was signed once is never given again.
    pub(super) fn end_of_chain(
        &self,
        heads: &[Head],
        last_row: Option<(i64, Vec<u8>)>,
        checkpoints: &[Checkpoint],
    ) -> (Head, Option<Flaw>) {
        let secret = &self.secrets.audit;
        let head = heads.iter().find(|head| *head.chain_id == *self.writer);
        let known = self.last_end.known();
        let let_go = checkpoints.iter().filter(|c| c.is_signed(secret)).map(|c| (c.seq, c.mac.clone())).max();
        let here = last_row.max(let_go);
        let flaw = match head {
            None if here.is_some() || known.is_some() => Some(Flaw::HeadMissing),
            None => (!roll_holds(secret, heads)).then_some(Flaw::RollForged),
            Some(head) if !head.is_signed(secret) => Some(Flaw::HeadForged),
            Some(head) if here != Some((head.seq, head.mac.clone())) => Some(Flaw::CutEnd),
            Some(head) => known.as_ref().is_some_and(|known| !head.follows(known)).then_some(Flaw::PutBack),
        };
        let signed = head.filter(|head| head.is_signed(secret)).map(|head| (head.seq, head.mac.clone()));
        let ends = [here, signed, known.map(|known| (known.seq, known.mac))];
        let (seq, mac) = ends.into_iter().flatten().max().unwrap_or_else(|| (0, vec![0; 32]));
        let chain_id = self.writer.to_string();
        (Head { chain_id, seq, segment: String::new(), mac, signature: Vec::new() }, flaw)
    }

    /// The rows that follow `head` for these entries, behind a row that says what is wrong with the end, if something is.
    /// `heads` are all chains' heads, named where a month begins.
    pub(super) fn extension(
        &self,
        mut head: Head,
        flaw: Option<Flaw>,
        heads: &[Head],
        entries: &[Entry],
    ) -> Result<Extension, StoreError> {
        let secret = &self.secrets.audit;
        let cipher = audit_cipher(secret);
        let mut rows = Vec::with_capacity(entries.len() + 1);
        let mut push = |entry: &Entry| {
            let at = entry.author.at.trunc_subsecs(3);
            let seq = head.seq.saturating_add(1);
            let reason = if entry.reason.is_empty() {
                None
            } else {
                Some(seal_with(&cipher, 0, &reason_place(&head.chain_id, seq), entry.reason.as_bytes())?)
            };
            let mut row = Row {
                chain_id: head.chain_id.clone(),
                seq,
                segment: at.format("%Y-%m").to_string(),
                at,
                actor: entry.author.actor.to_string(),
                act: entry.act.code().to_owned(),
                resource: entry.resource.code().to_owned(),
                subject: entry.subject.map(|subject| self.pseudonym(subject)).unwrap_or_default(),
                records: i64::from(entry.records),
                outcome: entry.outcome.code().to_owned(),
                reason,
                mac: Vec::new(),
            };
            row.mac = row_mac(secret, &row, &head.mac).to_vec();
            (head.seq, head.segment, head.mac) = (seq, row.segment.clone(), row.mac.clone());
            rows.push(row);
            Ok::<_, StoreError>(())
        };
        let mut segment =
            heads.iter().find(|h| *h.chain_id == *self.writer).map(|h| h.segment.clone()).unwrap_or_default();
        if let Some((flaw, first)) = flaw.zip(entries.first()) {
            tracing::error!(chain = %self.writer, flaw = flaw.code(), "the trail does not end where it was signed to end");
            let author = Author { actor: Actor::Service, ..first.author };
            push(&author.entry(Act::Break, Resource::Audit).because(flaw.code()))?;
        }
        for entry in entries {
            let month = entry.author.at.format("%Y-%m").to_string();
            if month != segment {
                let names: Vec<String> = heads.iter().map(head_name).collect();
                let author = Author { actor: Actor::Service, ..entry.author };
                push(&author.entry(Act::Segment, Resource::Audit).over(heads.len()).because(names.join(" ")))?;
                segment = month;
            }
            push(entry)?;
        }
        head.signature = head_signature(secret, &head).to_vec();
        Ok(Extension { rows, head })
    }
}

/// The roll once `chains` have begun.
pub(super) fn roll(secret: &Secret, chains: &[&str]) -> Head {
    let mut parts: Vec<&[u8]> = vec![b"roll"];
    parts.extend(chains.iter().map(|chain| chain.as_bytes()));
    let mac = keyed_hash(secret, &parts).to_vec();
    let seq = chains.len() as i64;
    let mut roll = Head { chain_id: ROLL.to_owned(), seq, segment: String::new(), mac, signature: Vec::new() };
    roll.signature = head_signature(secret, &roll).to_vec();
    roll
}

/// Whether the roll among these heads names the other ones, and no others.
pub(super) fn roll_holds(secret: &Secret, heads: &[Head]) -> bool {
    let (rolls, chains): (Vec<&Head>, Vec<&Head>) = heads.iter().partition(|head| head.chain_id == ROLL);
    let mut names: Vec<&str> = chains.iter().map(|head| &*head.chain_id).collect();
    names.sort_unstable();
    rolls.first().is_some_and(|known| **known == roll(secret, &names))
}

/// `chain:seq:mac`, as a segment row names another chain's head.
fn head_name(head: &Head) -> String {
    format!("{}:{}:{}", head.chain_id, head.seq, data_encoding::HEXLOWER.encode(&head.mac))
}

pub(super) fn reason_place(chain: &str, seq: i64) -> String {
    format!("audit\0{chain}\0{seq}")
}

pub(super) fn audit_cipher(secret: &Secret) -> chacha20poly1305::XChaCha20Poly1305 {
    use chacha20poly1305::KeyInit;
    let key = Zeroizing::new(keyed_hash(secret, &[b"reason"]));
    chacha20poly1305::XChaCha20Poly1305::new((&*key).into())
}

pub(super) fn row_mac(secret: &Secret, row: &Row, before: &[u8]) -> [u8; 32] {
    keyed_hash(
        secret,
        &[
            b"row",
            before,
            row.chain_id.as_bytes(),
            &row.seq.to_le_bytes(),
            row.segment.as_bytes(),
            &row.at.timestamp_millis().to_le_bytes(),
            row.actor.as_bytes(),
            row.act.as_bytes(),
            row.resource.as_bytes(),
            row.subject.as_bytes(),
            &row.records.to_le_bytes(),
            row.outcome.as_bytes(),
            row.reason.as_deref().unwrap_or_default(),
        ],
    )
}

fn head_signature(secret: &Secret, head: &Head) -> [u8; 32] {
    let seq = head.seq.to_le_bytes();
    keyed_hash(secret, &[b"head", head.chain_id.as_bytes(), &seq, head.segment.as_bytes(), &head.mac])
}

pub(super) fn checkpoint_signature(secret: &Secret, chain: &str, seq: i64, mac: &[u8]) -> [u8; 32] {
    keyed_hash(secret, &[b"checkpoint", chain.as_bytes(), &seq.to_le_bytes(), mac])
}

/// Appends entries to the writer's chain in the transaction of what they speak of.
macro_rules! append_audit {
    ($tx:ident, $store:expr, $entries:expr) => {{
        let entries: &[$crate::domain::audit::Entry] = $entries;
        if let Some(last) = entries.last() {
            // What this transaction sealed must be sealed with a key that a rotation has not thrown away meanwhile.
            let known: i64 = sqlx::query_scalar($crate::store::audit::KEY_IS_KNOWN)
                .bind(i64::from($store.vault.ring().current()))
                .fetch_one(&mut *$tx)
                .await?;
            if known == 0 {
                $store.vault.reload()?;
                return Err($crate::store::StoreError::Rotated);
            }
            let end: Option<$crate::store::audit::End> = sqlx::query_as($crate::store::audit::SELECT_END)
                .bind(&*$store.writer)
                .fetch_optional(&mut *$tx)
                .await?;
            let sound = end.filter(|end| $store.goes_on(end)).map(|end| end.head);
            let month = last.author.at.format("%Y-%m").to_string();
            let heads: Vec<$crate::store::audit::Head> = match &sound {
                Some(head) if head.segment == month => vec![head.clone()],
                _ => sqlx::query_as($crate::store::audit::SELECT_HEADS).fetch_all(&mut *$tx).await?,
            };
            let (head, flaw) = match sound {
                Some(head) => (head, None),
                None => {
                    let row: Option<(i64, Vec<u8>)> = sqlx::query_as($crate::store::audit::LAST_ROW)
                        .bind(&*$store.writer)
                        .fetch_optional(&mut *$tx)
                        .await?;
                    let checkpoints: Vec<$crate::store::audit::Checkpoint> =
                        sqlx::query_as($crate::store::audit::CHECKPOINTS_OF)
                            .bind(&*$store.writer)
                            .fetch_all(&mut *$tx)
                            .await?;
                    $store.end_of_chain(&heads, row, &checkpoints)
                }
            };
            let begins = !heads.iter().any(|head| *head.chain_id == *$store.writer);
            let roll = begins.then(|| $store.roll_with_this_writer(&heads));
            let extension = $store.extension(head, flaw, &heads, entries)?;
            for chunk in extension.rows.chunks($crate::store::upsert::CHUNK) {
                let mut query = sqlx::QueryBuilder::new($crate::store::audit::INSERT);
                query.push_values(chunk, |mut bind, row| {
                    bind.push_bind(row.chain_id.clone())
                        .push_bind(row.seq)
                        .push_bind(row.segment.clone())
                        .push_bind(row.at)
                        .push_bind(row.actor.clone())
                        .push_bind(row.act.clone())
                        .push_bind(row.resource.clone())
                        .push_bind(row.subject.clone())
                        .push_bind(row.records)
                        .push_bind(row.outcome.clone())
                        .push_bind(row.reason.clone())
                        .push_bind(row.mac.clone());
                });
                query.build().execute(&mut *$tx).await?;
            }
            $tx.ends_at(&$store.last_end, &extension.head);
            for head in std::iter::once(extension.head).chain(roll) {
                sqlx::query($crate::store::audit::UPSERT_HEAD)
                    .bind(head.chain_id)
                    .bind(head.seq)
                    .bind(head.segment)
                    .bind(head.mac)
                    .bind(head.signature)
                    .execute(&mut *$tx)
                    .await?;
            }
        }
    }};
}
pub(super) use append_audit;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{KeySource, Pool};

    #[tokio::test]
    async fn a_line_that_was_rolled_back_is_no_end_that_the_program_remembers() {
        let folder = tempfile::tempdir().expect("a folder");
        let url = format!("sqlite:{}", folder.path().join("test.sqlite").display());
        let keys = KeySource::Text(format!("1 {}", "11".repeat(32)).into());
        let store = Store::open(&url, keys, "test").await.expect("open");
        let Pool::Sqlite(pool) = &store.pool else { panic!("a file") };
        let at = DateTime::from_timestamp(1_795_000_000, 0).expect("a moment");
        let line = [Author::command_line(at).entry(Act::Read, Resource::Cases)];
        store.record(&line).await.expect("recorded");
        let rolled_back = async {
            let mut tx = pool.begin_write().await?;
            append_audit!(tx, store, &line);
            Ok::<(), StoreError>(())
        };
        rolled_back.await.expect("written, and never committed");
        store.record(&line).await.expect("recorded");
        assert!(store.verify_trail().await.expect("read").intact());
        assert_eq!(store.last_end.known().map(|head| head.seq), Some(3), "the month, and two lines");
    }
}
