//! Index changes that wait to be entered, packed: an import's commit has over a million.

use crate::error::{Outcome, corrupt};

/// Keys that come or go.
#[derive(Debug, Default)]
pub(crate) struct Deltas {
    values: Vec<u8>,
    changes: Vec<Change>,
}

/// One key that comes or goes; its value lies among the others'.
#[derive(Clone, Copy, Debug)]
struct Change {
    parameter: u32,
    at: u32,
    length: u32,
    /// Twice its place among the changes, and one more when the key comes.
    turn: u32,
    resource: u64,
}

impl Deltas {
    /// Takes a change. Of two that concern one key, the later counts.
    pub(crate) fn push(&mut self, parameter: u32, value: &[u8], resource: u64, add: bool) {
        // Emptied long before four gigabytes: see `size`.
        let (at, length) = (self.values.len() as u32, value.len() as u32);
        let turn = (self.changes.len() as u32) << 1 | u32::from(add);
        self.values.extend_from_slice(value);
        self.changes.push(Change { parameter, at, length, turn, resource });
    }

    /// Bytes that they take.
    pub(crate) fn size(&self) -> usize {
        self.values.len() + size_of_val(self.changes.as_slice())
    }

    /// Gives all changes, value by value in their order, those of one value in ascending order of
    /// resource and then as they were taken; and empties itself.
    pub(crate) fn drain_by_value(
        &mut self,
        mut visit: impl FnMut(u32, &[u8], &mut dyn Iterator<Item = (u64, bool)>) -> Outcome<()>,
    ) -> Outcome<()> {
        let values = std::mem::take(&mut self.values);
        let mut changes = std::mem::take(&mut self.changes);
        let value = |c: &Change| values.get(c.at as usize..(c.at + c.length) as usize);
        changes.sort_unstable_by(|a, b| {
            let by_value = || value(a).cmp(&value(b));
            let by_resource = || a.resource.cmp(&b.resource).then(a.turn.cmp(&b.turn));
            a.parameter.cmp(&b.parameter).then_with(by_value).then_with(by_resource)
        });
        for group in changes.chunk_by(|a, b| a.parameter == b.parameter && value(a) == value(b)) {
            let bytes = value(&group[0]).ok_or_else(|| corrupt("an index change is too far"))?;
            visit(
                group[0].parameter,
                bytes,
                &mut group.iter().map(|c| (c.resource, c.turn & 1 == 1)),
            )?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_come_by_value_then_resource_then_turn() {
        let mut deltas = Deltas::default();
        let taken: [(u32, &[u8], u64, bool); 6] = [
            (2, b"b", 1, true),
            (1, b"", 5, true),
            (1, b"", 5, false),
            (2, b"ab", 9, true),
            (1, b"", 4, true),
            (2, b"b", 0, false),
        ];
        for (parameter, value, resource, add) in taken {
            deltas.push(parameter, value, resource, add);
        }
        let mut seen = Vec::new();
        let visit = |parameter, value: &[u8], changes: &mut dyn Iterator<Item = (u64, bool)>| {
            seen.push((parameter, value.to_vec(), changes.collect::<Vec<_>>()));
            Ok(())
        };
        deltas.drain_by_value(visit).unwrap();
        let expected = [
            (1, b"".to_vec(), vec![(4, true), (5, true), (5, false)]),
            (2, b"ab".to_vec(), vec![(9, true)]),
            (2, b"b".to_vec(), vec![(0, false), (1, true)]),
        ];
        assert_eq!(seen, expected);
        assert_eq!(deltas.size(), 0);
    }
}
