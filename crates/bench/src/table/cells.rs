//! What stands in a cell of a table.

use crate::latency::Quantiles;
use crate::measurement::Measurement;

/// CPU seconds that were used by neither the server nor the load.
pub(super) fn others(measurement: &Measurement) -> String {
    let seconds = measurement.used.others_cpu_seconds;
    or_dash(seconds.map(|seconds| format!("{seconds:.2}")))
}

pub(super) fn cpu(measurement: &Measurement) -> String {
    or_dash(measurement.used.server.map(|used| format!("{:.2}", used.cpu_seconds)))
}

pub(super) fn latency(quantiles: Option<Quantiles>) -> String {
    match quantiles {
        Some(q) => format!("{:.2} | {:.2} | {:.2} | {:.2}", q.p50, q.p95, q.p99, q.max),
        None => "– | – | – | –".into(),
    }
}

pub(super) fn errors(measurement: &Measurement) -> String {
    if measurement.errors.is_empty() {
        return "0".into();
    }
    let each = measurement.errors.iter();
    let each: Vec<_> = each.map(|(how, count)| format!("{count} × {how}")).collect();
    cell(&each.join(", "))
}

/// Whole numbers with separators; of slow works, a decimal too.
pub(super) fn rate(rate: f64) -> String {
    if rate < 100.0 {
        return format!("{rate:.1}");
    }
    let digits = format!("{rate:.0}");
    let mut grouped = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

pub(super) fn bytes(count: u64) -> String {
    const MIB: f64 = 1024.0 * 1024.0;
    let mebibytes = count as f64 / MIB;
    if mebibytes >= 10_240.0 {
        format!("{:.1} GiB", mebibytes / 1024.0)
    } else {
        format!("{mebibytes:.1} MiB")
    }
}

pub(super) fn or_dash(text: Option<String>) -> String {
    text.unwrap_or_else(|| "–".into())
}

/// A query that leaves room for the figures.
pub(super) fn shortened(query: &str) -> String {
    const MOST: usize = 90;
    let start: String = query.chars().take(MOST).collect();
    let dots = if query.chars().count() > MOST { "…" } else { "" };
    cell(&format!("{start}{dots}"))
}

/// Text in which nothing ends a table's cell.
pub(super) fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace(['\n', '\r'], " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_readable() {
        assert_eq!(rate(0.25), "0.2");
        assert_eq!(rate(999.6), "1,000");
        assert_eq!(rate(1_234_567.0), "1,234,567");
        assert_eq!(bytes(0), "0.0 MiB");
    }
}
