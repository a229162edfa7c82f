//! Many rows at once: what is new, what changed, what stayed.
//!
//! The rows that bear one of the given references are read in the same transaction and compared here, in Rust, where a
//! row has an `==`; only what is new or differs is sent, several hundred rows to a statement. An import of the same file
//! twice therefore writes nothing, not even a line in `changes`.

use std::collections::{HashMap, HashSet};

use super::StoreError;

/// Rows in one statement: 500 × 18 values stay below `SQLite`'s 32,766 and `PostgreSQL`'s 65,535.
pub(super) const CHUNK: usize = 500;

/// What an upsert did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Upserted {
    /// Rows that were not there.
    pub created: usize,
    /// Rows that were there and differed.
    pub updated: usize,
    /// Rows that were there already, equal in every column.
    pub unchanged: usize,
}

/// A domain value that a table keeps under a reference.
pub(super) trait Referenced: PartialEq {
    /// The city's reference.
    fn reference(&self) -> &str;
    /// Every text of the value.
    fn texts(&self) -> Vec<&str>;
}

/// Refuses what one of the two databases would not take, before anything is written.
pub(super) fn check_storable<T: Referenced>(rows: &[T]) -> Result<(), StoreError> {
    let mut seen = HashSet::with_capacity(rows.len());
    for row in rows {
        if !seen.insert(row.reference()) {
            return Err(StoreError::Conflict { what: format!("reference {} (twice in one import)", row.reference()) });
        }
        check_texts(row)?;
    }
    Ok(())
}

/// `PostgreSQL` keeps no NUL in a text, and `SQLite` would stop counting at it.
pub(super) fn check_texts<T: Referenced>(row: &T) -> Result<(), StoreError> {
    if row.texts().iter().any(|text| text.contains('\0')) {
        let reason = "a text holds a NUL character".to_owned();
        return Err(StoreError::Invalid { row: row.reference().replace('\0', ""), reason });
    }
    Ok(())
}

/// Compares rows with the ones known by reference: what must be written, in the given order, with the key of a row that
/// is there already; and the count.
pub(super) fn compare<'a, T: Referenced>(
    rows: &'a [T],
    known: &HashMap<String, (i64, T)>,
) -> (Vec<(&'a T, Option<i64>)>, Upserted) {
    let mut count = Upserted::default();
    let mut to_write = Vec::new();
    for row in rows {
        match known.get(row.reference()) {
            Some((_, same)) if same == row => count.unchanged += 1,
            Some((id, _)) => {
                count.updated += 1;
                to_write.push((row, Some(*id)));
            }
            None => {
                count.created += 1;
                to_write.push((row, None));
            }
        }
    }
    (to_write, count)
}

/// Takes `n` keys of a table that no row ever had, and answers the first.
macro_rules! next_ids {
    ($tx:ident, $table:literal, $n:expr) => {{
        let taken = i64::try_from($n).unwrap_or(i64::MAX);
        let last: i64 = sqlx::query_scalar(
            "insert into counters (table_name, last) values ($1, $2) \
             on conflict (table_name) do update set last = counters.last + excluded.last returning last",
        )
        .bind($table)
        .bind(taken)
        .fetch_one(&mut *$tx)
        .await?;
        last - taken + 1
    }};
}

/// Reads the rows that bear one of the references, with their keys: `known!(tx, "select …", "table.reference", opened, rows)`.
macro_rules! known {
    ($tx:ident, $select:expr, $reference:literal, $opened:expr, $rows:expr) => {{
        let mut known = std::collections::HashMap::with_capacity($rows.len());
        for chunk in $rows.chunks($crate::store::upsert::CHUNK) {
            let mut query = sqlx::QueryBuilder::new($select);
            query.push(concat!(" where ", $reference, " in ("));
            let mut list = query.separated(", ");
            for row in chunk {
                list.push_bind($crate::store::upsert::Referenced::reference(row).to_owned());
            }
            query.push(")");
            // Not kept prepared: PostgreSQL would keep the plan that it made when the table was still empty.
            for row in query.build_query_as().persistent(false).fetch_all(&mut *$tx).await? {
                let (id, value) = $opened(row)?;
                known.insert($crate::store::upsert::Referenced::reference(&value).to_owned(), (id.0, value));
            }
        }
        known
    }};
}

/// Inserts rows, each bound by a closure, and answers their keys in ascending order.
macro_rules! insert {
    ($tx:ident, $insert:expr, $end:expr, $rows:expr, |$bind:ident, $row:ident| $body:block) => {{
        let mut keys: Vec<i64> = Vec::with_capacity($rows.len());
        for chunk in $rows.chunks($crate::store::upsert::CHUNK) {
            let mut query = sqlx::QueryBuilder::new($insert);
            query.push_values(chunk, |mut $bind, $row| $body);
            query.push($end);
            let inserted: Vec<i64> = query.build_query_scalar().fetch_all(&mut *$tx).await?;
            keys.extend(inserted);
        }
        keys.sort_unstable();
        keys
    }};
}

pub(super) use {insert, known, next_ids};
