//! One row of the index: a first resource, and the distances to those that follow.

use cresset_store::payload::{read_varint, write_varint};

/// Bytes of `more` beyond which a block is split. It keeps a row inside its page.
pub(crate) const LARGEST: usize = 900;

/// A row's `r` and `more`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Block {
    pub(crate) first: u64,
    pub(crate) more: Vec<u8>,
}

impl Block {
    /// Packs ascending numbers into as few blocks as [`LARGEST`] allows.
    pub(crate) fn pack(members: impl IntoIterator<Item = u64>) -> Vec<Self> {
        let mut blocks: Vec<Self> = Vec::new();
        let mut last = 0;
        for member in members {
            match blocks.last_mut().filter(|block| block.more.len() < LARGEST) {
                Some(block) => write_varint(member - last, &mut block.more),
                None => blocks.push(Self { first: member, more: Vec::new() }),
            }
            last = member;
        }
        blocks
    }
}

/// The members of a block, ascending.
pub(crate) fn members(first: u64, mut more: &[u8]) -> impl Iterator<Item = u64> {
    let mut at = first;
    std::iter::once(first).chain(std::iter::from_fn(move || {
        let (distance, rest) = read_varint(more)?;
        more = rest;
        at += distance;
        Some(at)
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_come_back_from_bounded_blocks() {
        let all: Vec<u64> = (0..5000).map(|n| n * n + 7).collect();
        let blocks = Block::pack(all.iter().copied());
        assert!(blocks.len() > 1);
        assert!(blocks.iter().all(|b| b.more.len() < LARGEST + 10));
        let back: Vec<u64> = blocks.iter().flat_map(|b| members(b.first, &b.more)).collect();
        assert_eq!(back, all);
    }
}
