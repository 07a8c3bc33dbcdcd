//! Logical ids in the shape of a version 4 UUID.

/// The 36 characters of an id.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Id {
    text: [u8; 36],
}

impl Id {
    /// The id made of two random words; version and variant bits are set.
    pub(crate) fn new(high: u64, low: u64) -> Self {
        let high = high & 0xFFFF_FFFF_FFFF_0FFF | 0x4000;
        let low = low & 0x3FFF_FFFF_FFFF_FFFF | 0x8000_0000_0000_0000;
        let bits = u128::from(high) << 64 | u128::from(low);
        let mut text = [b'-'; 36];
        let mut at = 0;
        for byte in bits.to_be_bytes() {
            if matches!(at, 8 | 13 | 18 | 23) {
                at += 1;
            }
            text[at] = HEX[usize::from(byte >> 4)];
            text[at + 1] = HEX[usize::from(byte & 15)];
            at += 2;
        }
        Self { text }
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.text
    }
}

const HEX: &[u8; 16] = b"0123456789abcdef";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_has_the_layout_of_a_random_uuid() {
        let text = |high, low| String::from_utf8(Id::new(high, low).text.to_vec()).unwrap();
        assert_eq!(text(0, 0), "00000000-0000-4000-8000-000000000000");
        assert_eq!(text(u64::MAX, u64::MAX), "ffffffff-ffff-4fff-bfff-ffffffffffff");
    }
}
