//! Joins straight pieces into chains from junction to junction: nodes where nothing can be chosen become mere bends.

use super::build::{Chain, Piece, Pieces, Report};
use super::walking::Access;

/// Pieces around each vertex, in compressed rows.
struct Around {
    first: Vec<u32>,
    pieces: Vec<u32>,
}

impl Around {
    fn new(pieces: &Pieces) -> Self {
        let mut first = vec![0_u32; pieces.vertices.len() + 1];
        for piece in &pieces.list {
            first[piece.a as usize + 1] += 1;
            first[piece.b as usize + 1] += 1;
        }
        for i in 1..first.len() {
            first[i] += first[i - 1];
        }
        let mut next = first.clone();
        let mut list = vec![0; pieces.list.len() * 2];
        for (i, piece) in pieces.list.iter().enumerate() {
            for v in [piece.a, piece.b] {
                list[next[v as usize] as usize] = i as u32;
                next[v as usize] += 1;
            }
        }
        Self { first, pieces: list }
    }

    fn at(&self, vertex: u32) -> &[u32] {
        &self.pieces[self.first[vertex as usize] as usize..self.first[vertex as usize + 1] as usize]
    }
}

/// The access of a piece when walked away from `vertex`.
fn access_from(piece: &Piece, vertex: u32) -> Access {
    if piece.a == vertex { piece.walked.access } else { piece.walked.access.reversed() }
}

/// A bend joins exactly two pieces alike, with nothing in the way.
fn is_bend(pieces: &Pieces, around: &Around, vertex: u32) -> bool {
    let &[one, two] = around.at(vertex) else { return false };
    let (one, two) = (&pieces.list[one as usize], &pieces.list[two as usize]);
    pieces.blocks[vertex as usize].0 == 0
        && one.name == two.name
        && one.walked.highway == two.walked.highway
        && access_from(one, vertex).reversed() == access_from(two, vertex)
}

/// The chains of all pieces, each piece in exactly one, in the order of their first piece.
pub(super) fn contract(pieces: &Pieces, report: &mut Report) -> Vec<Chain> {
    let around = Around::new(pieces);
    let mut done = vec![false; pieces.list.len()];
    let mut chains = Vec::new();
    // First from every junction, then what is left: rings without any junction begin at their lowest vertex.
    for rings in [false, true] {
        for vertex in 0..pieces.vertices.len() as u32 {
            if !rings && is_bend(pieces, &around, vertex) {
                continue;
            }
            for &first in around.at(vertex) {
                if !done[first as usize] {
                    chains.push(follow(pieces, &around, vertex, first, &mut done));
                }
            }
        }
    }
    report.bends_joined = chains.iter().map(|c| c.vertices.len() as u64 - 2).sum();
    chains
}

fn follow(pieces: &Pieces, around: &Around, start: u32, first: u32, done: &mut [bool]) -> Chain {
    let piece = &pieces.list[first as usize];
    let mut chain = Chain {
        vertices: vec![start],
        highway: piece.walked.highway,
        access: access_from(piece, start),
        name: piece.name,
    };
    let (mut vertex, mut current) = (start, first);
    loop {
        done[current as usize] = true;
        let piece = &pieces.list[current as usize];
        vertex = if piece.a == vertex { piece.b } else { piece.a };
        chain.vertices.push(vertex);
        if vertex == start || !is_bend(pieces, around, vertex) {
            return chain;
        }
        match around.at(vertex).iter().find(|&&p| !done[p as usize]) {
            Some(&next) => current = next,
            None => return chain,
        }
    }
}
