use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Failures in a row after which nobody else need find out for himself.
const FAILURES: u32 = 8;
/// How long it stays open; then one request tries.
const REST: Duration = Duration::from_secs(2);

/// A circuit breaker: while what lies behind it is down, callers are told at once.
#[derive(Debug, Default)]
pub(crate) struct Breaker {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    failures: u32,
    open_until: Option<Instant>,
}

impl Breaker {
    /// Whether a request may go through. One of those who come after the rest is let through, and
    /// decides for all.
    pub(crate) fn lets_through(&self) -> bool {
        self.lets_through_at(Instant::now())
    }

    fn lets_through_at(&self, now: Instant) -> bool {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        match state.open_until {
            None => true,
            Some(until) if now < until => false,
            Some(_) => {
                state.open_until = Some(now + REST);
                true
            }
        }
    }

    /// Notes how a request ended.
    pub(crate) fn note(&self, worked: bool) {
        self.note_at(worked, Instant::now());
    }

    fn note_at(&self, worked: bool, now: Instant) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if worked {
            if state.open_until.is_some() {
                tracing::info!("the payload store answers again");
            }
            *state = State::default();
            return;
        }
        state.failures = state.failures.saturating_add(1);
        if state.failures >= FAILURES {
            if state.open_until.is_none() {
                tracing::warn!("the payload store is taken to be down");
            }
            state.open_until = Some(now + REST);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_opens_after_failures_in_a_row_and_one_request_closes_it() {
        let (breaker, start) = (Breaker::default(), Instant::now());
        for round in 0..3 {
            for _ in 1..FAILURES {
                breaker.note_at(false, start);
            }
            assert!(breaker.lets_through_at(start), "round {round}: failures, but too few");
            breaker.note_at(true, start);
        }
        for _ in 0..FAILURES {
            breaker.note_at(false, start);
        }
        assert!(!breaker.lets_through_at(start), "it is open");
        let later = start + REST;
        assert!(breaker.lets_through_at(later), "one tries");
        assert!(!breaker.lets_through_at(later), "and only one");
        breaker.note_at(false, later);
        assert!(!breaker.lets_through_at(later + REST / 2), "in vain");
        assert!(breaker.lets_through_at(later + REST), "the next one");
        breaker.note_at(true, later + REST);
        assert!(breaker.lets_through_at(later + REST) && breaker.lets_through_at(later + REST));
    }
}
