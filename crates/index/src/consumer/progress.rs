//! How far each partition has been handled.

use std::collections::{BTreeMap, BTreeSet};

/// A record that was taken and has to be finished.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Ticket {
    pub(super) partition: i32,
    pub(super) offset: i64,
    /// Tells the times apart that the partition was ours.
    pub(super) assignment: u64,
}

/// What was taken, and what of it is finished.
#[derive(Debug, Default)]
pub(super) struct Progress {
    assignments: u64,
    /// Those that are ours, also without anything taken.
    ours: BTreeSet<i32>,
    partitions: BTreeMap<i32, Partition>,
}

#[derive(Debug)]
struct Partition {
    assignment: u64,
    /// After the last one that was taken.
    next: i64,
    /// Taken and not finished.
    open: BTreeSet<i64>,
    /// What the broker was told last.
    told: Option<i64>,
}

impl Partition {
    /// Everything before this is finished.
    fn done(&self) -> i64 {
        self.open.first().copied().unwrap_or(self.next)
    }
}

impl Progress {
    /// Notes a record as taken.
    pub(super) fn take(&mut self, partition: i32, offset: i64) -> Ticket {
        let assignments = &mut self.assignments;
        let of = self.partitions.entry(partition).or_insert_with(|| {
            *assignments += 1;
            Partition { assignment: *assignments, next: offset, open: BTreeSet::new(), told: None }
        });
        of.next = of.next.max(offset + 1);
        of.open.insert(offset);
        Ticket { partition, offset, assignment: of.assignment }
    }

    /// Notes it as finished; nothing happens if the partition isn't ours any more.
    pub(super) fn finish(&mut self, ticket: Ticket) {
        if let Some(of) = self.partitions.get_mut(&ticket.partition)
            && of.assignment == ticket.assignment
        {
            of.open.remove(&ticket.offset);
        }
    }

    /// Whether it is still ours to be finished.
    pub(super) fn holds(&self, ticket: Ticket) -> bool {
        let of = self.partitions.get(&ticket.partition);
        of.is_some_and(|of| of.assignment == ticket.assignment)
    }

    /// Notes a partition as ours.
    pub(super) fn own(&mut self, partition: i32) {
        self.ours.insert(partition);
    }

    /// Whether a partition is ours.
    pub(super) fn owns(&self, partition: i32) -> bool {
        self.ours.contains(&partition)
    }

    /// Forgets a partition.
    pub(super) fn lose(&mut self, partition: i32) {
        self.ours.remove(&partition);
        self.partitions.remove(&partition);
    }

    /// Where each partition goes on whose place has moved since this was last asked.
    pub(super) fn moved(&mut self) -> Vec<(i32, i64)> {
        let mut moved = Vec::new();
        for (partition, of) in &mut self.partitions {
            let done = of.done();
            if of.told != Some(done) {
                of.told = Some(done);
                moved.push((*partition, done));
            }
        }
        moved
    }

    /// What the broker was told may not have come to it.
    pub(super) fn tell_again(&mut self) {
        self.partitions.values_mut().for_each(|of| of.told = None);
    }

    /// Everything before this is finished, in a partition of which something was taken.
    pub(super) fn done(&self, partition: i32) -> Option<i64> {
        self.partitions.get(&partition).map(Partition::done)
    }

    /// How many are taken and not finished.
    pub(super) fn open(&self) -> usize {
        self.partitions.values().map(|of| of.open.len()).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_partition_goes_on_at_the_first_record_that_is_not_finished() {
        let mut progress = Progress::default();
        let [first, second, third] = [5, 6, 8].map(|offset| progress.take(2, offset));
        assert_eq!(progress.moved(), [(2, 5)]);
        progress.finish(third);
        progress.finish(second);
        assert_eq!((progress.moved(), progress.open()), (vec![], 1));
        progress.finish(first);
        assert_eq!(progress.moved(), [(2, 9)]);
        assert_eq!(progress.moved(), []);
        progress.tell_again();
        assert_eq!(progress.moved(), [(2, 9)]);
    }

    #[test]
    fn what_was_taken_before_a_partition_was_lost_moves_nothing() {
        let mut progress = Progress::default();
        let (old, other) = (progress.take(0, 5), progress.take(1, 3));
        progress.lose(0);
        assert!(!progress.holds(old) && progress.holds(other));
        let new = progress.take(0, 5);
        progress.finish(old);
        assert_eq!(progress.moved(), [(0, 5), (1, 3)]);
        progress.finish(new);
        assert_eq!(progress.moved(), [(0, 6)]);
    }
}
