use crate::Stored;

/// Versions up to a size, in the order asked: what [`Store::read_versions`](crate::Store::read_versions)
/// answers, for stores that look them up one by one.
#[derive(Debug)]
pub struct Gathered {
    versions: Vec<Option<Stored>>,
    size: usize,
    most: usize,
}

impl Gathered {
    /// Nothing so far, and room for so many bytes of contents.
    pub fn up_to(bytes: usize) -> Self {
        Self { versions: Vec::new(), size: 0, most: bytes }
    }

    /// Takes the next version if there is room for it, or if it is the first; whether it did.
    pub fn takes(&mut self, next: Option<Stored>) -> bool {
        let payload = next.as_ref().and_then(Stored::payload);
        self.size += payload.map_or(0, |payload| payload.as_kept().len());
        let fits = self.size <= self.most || self.versions.is_empty();
        if fits {
            self.versions.push(next);
        }
        fits
    }

    /// What was taken.
    pub fn versions(self) -> Vec<Option<Stored>> {
        self.versions
    }
}
