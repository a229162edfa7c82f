//! The compiled network as bytes: one versioned, checksummed file, read in one go.
//!
//! Little-endian. `BVNET\0` · version `u16` · CRC-32 of the rest `u32` · sections, each a count `u32` and its records.
//! Reading checks the sum, every count against the bytes left, and every index: a bad file is an error, never a panic.

use super::graph::{Edge, FixedPoint, GroundKind, Network, Parts};
use super::walking::{Access, Highway, NodeBlocks};

const MAGIC: &[u8; 6] = b"BVNET\0";
const VERSION: u16 = 1;
const HEADER: usize = 12;

/// Why bytes are no network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FileError {
    /// Not written by this program.
    #[error("this is not a compiled street network")]
    NotANetwork,
    /// Written by another version.
    #[error("this network was compiled by another version of the program (format {0}); import the streets again")]
    Version(u16),
    /// Cut or changed since it was written.
    #[error("the compiled network is damaged (its checksum is wrong); import the streets again")]
    Damaged,
    /// The sum is right and the content is not.
    #[error("the compiled network is inconsistent ({0}); import the streets again")]
    Inconsistent(&'static str),
}

/// The bytes of a network. The same network gives the same bytes.
#[must_use]
pub fn encode(parts: &Parts) -> Vec<u8> {
    let mut out = Vec::with_capacity(HEADER + 8 * (parts.nodes.len() + parts.shape.len()) + 20 * parts.edges.len());
    out.extend_from_slice(MAGIC);
    out.extend_from_slice(&VERSION.to_le_bytes());
    out.extend_from_slice(&[0; 4]);
    points(&mut out, &parts.nodes);
    out.extend(parts.node_blocks.iter().map(|b| b.0));
    count(&mut out, parts.edges.len());
    for edge in &parts.edges {
        for word in [edge.from, edge.to, edge.length_mm, edge.name] {
            out.extend_from_slice(&word.to_le_bytes());
        }
        out.extend_from_slice(&[edge.highway as u8, edge.access.0]);
    }
    for start in &parts.shape_start {
        out.extend_from_slice(&start.to_le_bytes());
    }
    points(&mut out, &parts.shape);
    count(&mut out, parts.names.len());
    for name in &parts.names {
        count(&mut out, name.len());
        out.extend_from_slice(name.as_bytes());
    }
    count(&mut out, parts.grounds.len());
    for &(kind, start, end) in &parts.grounds {
        out.push(kind as u8);
        out.extend_from_slice(&start.to_le_bytes());
        out.extend_from_slice(&end.to_le_bytes());
    }
    points(&mut out, &parts.ground_shape);
    let sum = crc32fast::hash(&out[HEADER..]);
    out[8..HEADER].copy_from_slice(&sum.to_le_bytes());
    out
}

fn count(out: &mut Vec<u8>, n: usize) {
    let n = u32::try_from(n).expect("the builder refuses networks with more than 4 billion of anything");
    out.extend_from_slice(&n.to_le_bytes());
}

fn points(out: &mut Vec<u8>, points: &[FixedPoint]) {
    count(out, points.len());
    for p in points {
        out.extend_from_slice(&p[0].to_le_bytes());
        out.extend_from_slice(&p[1].to_le_bytes());
    }
}

/// The checksum in a network's bytes: its identity, as 8 hexadecimal digits.
#[must_use]
pub fn checksum(bytes: &[u8]) -> Option<String> {
    let sum: [u8; 4] = bytes.get(8..HEADER)?.try_into().ok()?;
    Some(format!("{:08x}", u32::from_le_bytes(sum)))
}

/// A network from its bytes, ready to search. O(bytes), a few milliseconds for a city.
///
/// # Errors
/// [`FileError`] says what is wrong and what to do.
pub fn decode(bytes: &[u8]) -> Result<Network, FileError> {
    if bytes.len() < HEADER || &bytes[..6] != MAGIC {
        return Err(FileError::NotANetwork);
    }
    let version = u16::from_le_bytes([bytes[6], bytes[7]]);
    if version != VERSION {
        return Err(FileError::Version(version));
    }
    let body = &bytes[HEADER..];
    if crc32fast::hash(body).to_le_bytes() != bytes[8..HEADER] {
        return Err(FileError::Damaged);
    }
    let parts = read(&mut Reader(body)).ok_or(FileError::Inconsistent("a section is cut or holds an unknown code"))?;
    parts.check().map_err(FileError::Inconsistent)?;
    Ok(Network::new(parts))
}

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn bytes(&mut self, n: usize) -> Option<&'a [u8]> {
        let (head, tail) = self.0.split_at_checked(n)?;
        self.0 = tail;
        Some(head)
    }

    fn word(&mut self) -> Option<u32> {
        Some(u32::from_le_bytes(self.bytes(4)?.try_into().ok()?))
    }

    /// Records of a fixed size; the count is believed only as far as there are bytes.
    fn records(&mut self, n: usize, size: usize) -> Option<std::slice::ChunksExact<'a, u8>> {
        Some(self.bytes(n.checked_mul(size)?)?.chunks_exact(size))
    }

    fn points(&mut self) -> Option<Vec<FixedPoint>> {
        let n = self.word()? as usize;
        Some(self.records(n, 8)?.map(|r| [word(r, 0) as i32, word(r, 4) as i32]).collect())
    }
}

fn word(record: &[u8], at: usize) -> u32 {
    u32::from_le_bytes([record[at], record[at + 1], record[at + 2], record[at + 3]])
}

fn read(reader: &mut Reader<'_>) -> Option<Parts> {
    let nodes = reader.points()?;
    let node_blocks = reader.bytes(nodes.len())?.iter().map(|&b| NodeBlocks(b)).collect();
    let edges = reader.word()? as usize;
    let edges: Vec<Edge> = reader
        .records(edges, 18)?
        .map(|r| {
            Some(Edge {
                from: word(r, 0),
                to: word(r, 4),
                length_mm: word(r, 8),
                name: word(r, 12),
                highway: *Highway::ALL.get(r[16] as usize)?,
                access: Access(r[17] & 15),
            })
        })
        .collect::<Option<_>>()?;
    let shape_start = reader.records(edges.len() + 1, 4)?.map(|r| word(r, 0)).collect();
    let shape = reader.points()?;
    let names = reader.word()?;
    let names = (0..names)
        .map(|_| {
            let n = reader.word()? as usize;
            String::from_utf8(reader.bytes(n)?.to_vec()).ok()
        })
        .collect::<Option<_>>()?;
    let grounds = reader.word()? as usize;
    let grounds = reader
        .records(grounds, 9)?
        .map(|r| Some((*GroundKind::ALL.get(r[0] as usize)?, word(r, 1), word(r, 5))))
        .collect::<Option<_>>()?;
    let ground_shape = reader.points()?;
    reader.0.is_empty().then_some(Parts { nodes, node_blocks, edges, shape_start, shape, names, grounds, ground_shape })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::town::town;

    #[test]
    fn a_network_survives_its_file_byte_for_byte() {
        let town = town("a--b--c\n|     | \nd-----e");
        let bytes = encode(town.network.parts());
        let back = decode(&bytes).expect("just written");
        assert_eq!(back.parts(), town.network.parts());
        assert_eq!(encode(back.parts()), bytes);
    }

    #[test]
    fn any_changed_or_missing_byte_is_noticed() {
        let bytes = encode(town("a--b\n|  |\nc--d").network.parts());
        for i in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[i] ^= 0x40;
            assert!(decode(&changed).is_err(), "byte {i}");
            assert!(decode(&bytes[..i]).is_err(), "cut at {i}");
        }
    }

    #[test]
    fn a_right_sum_over_wrong_content_is_an_error_and_no_panic() {
        let bytes = encode(town("a--b\n|  |\nc--d").network.parts());
        for i in HEADER..bytes.len() {
            for value in [0, 1, 0x7f, 0xff] {
                let mut changed = bytes.clone();
                changed[i] = value;
                let sum = crc32fast::hash(&changed[HEADER..]);
                changed[8..HEADER].copy_from_slice(&sum.to_le_bytes());
                let _ = decode(&changed);
            }
        }
    }
}
