//! Reading fixed-width numbers, of which dates and times are made.

/// A cursor over ASCII text that takes numbers of a fixed width and single marks.
pub(super) struct Digits<'t> {
    text: &'t [u8],
}

impl<'t> Digits<'t> {
    pub(super) fn new(text: &'t str) -> Digits<'t> {
        Digits { text: text.as_bytes() }
    }

    pub(super) fn is_done(&self) -> bool {
        self.text.is_empty()
    }

    /// Takes this mark if it's next.
    pub(super) fn mark(&mut self, mark: u8) -> bool {
        let is_next = self.text.first() == Some(&mark);
        if is_next {
            self.text = &self.text[1..];
        }
        is_next
    }

    /// Takes a number of exactly `width` digits.
    pub(super) fn number(&mut self, width: usize) -> Option<u16> {
        let digits = self.text.get(..width)?;
        let mut number = 0u16;
        for digit in digits {
            if !digit.is_ascii_digit() {
                return None;
            }
            number = number * 10 + u16::from(digit - b'0');
        }
        self.text = &self.text[width..];
        Some(number)
    }

    /// Takes a fraction's digits: nanoseconds (what's finer is cut off) and how many digits of
    /// it are written.
    pub(super) fn fraction(&mut self) -> Option<(u32, u8)> {
        let width = self.text.iter().take_while(|b| b.is_ascii_digit()).count();
        if width == 0 {
            return None;
        }
        let kept = width.min(9);
        let written =
            self.text[..kept].iter().fold(0u32, |sum, digit| sum * 10 + u32::from(digit - b'0'));
        self.text = &self.text[width..];
        Some((written * 10u32.pow(9 - kept as u32), kept as u8))
    }
}
