//! `cresset sample` and `cresset import`.

mod support;

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::Path;
use std::process::{Output, Stdio};
use std::time::Duration;
use support::server::{cresset, run};

/// A population of a few patients as NDJSON.
fn sample(patients: u32) -> Vec<u8> {
    let output = run(&["sample", "--patients", &patients.to_string()]);
    assert!(output.status.success());
    output.stdout
}

/// Imports into `{folder}/{name}` and returns what the command said.
fn import(folder: &Path, name: &str, paths: &[&Path]) -> Output {
    let mut command = cresset(&["import", "--data"]);
    command
        .arg(folder.join(name))
        .arg("--refusals")
        .arg(folder.join("refusals.ndjson"))
        .args(paths);
    command.output().expect("the binary runs")
}

fn said(output: &Output) -> String {
    format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )
}

/// The resources of a store by type, each as its line without `meta`'s time.
fn contents(folder: &Path, name: &str) -> BTreeMap<String, Vec<String>> {
    let out = folder.join(format!("{name}-export"));
    let data = folder.join(name);
    let exported =
        run(&["export", "--data", data.to_str().unwrap(), "--out", out.to_str().unwrap()]);
    assert!(exported.status.success(), "{}", said(&exported));
    let files = fs::read_dir(out).unwrap().map(|file| file.unwrap().path());
    let of_file = |path: std::path::PathBuf| {
        let text = fs::read_to_string(&path).unwrap();
        let mut lines: Vec<_> = text.lines().map(without_time).collect();
        lines.sort();
        (path.file_name().unwrap().to_string_lossy().into_owned(), lines)
    };
    files.map(of_file).collect()
}

fn without_time(line: &str) -> String {
    let start = line.find(r#""lastUpdated":""#).expect("a time");
    let end = start + line[start..].find("\",").or(line[start..].find("\"}")).expect("its end");
    format!("{}{}", &line[..start], &line[end..])
}

#[test]
fn every_packing_gives_the_same_contents() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let text = sample(3);
    let lines = text.iter().filter(|byte| **byte == b'\n').count();
    let write = |name: &str, bytes: &[u8]| fs::write(folder.join(name), bytes).unwrap();
    write("plain.ndjson", &text);
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(&text).unwrap();
    write("packed.ndjson.gz", &gzip.finish().unwrap());
    write("packed.ndjson.zst", &zstd::encode_all(&text[..], 1).unwrap());
    write("bundle.json", &bundle_of(&text));
    let mut archive = tar::Builder::new(zstd::Encoder::new(Vec::new(), 1).unwrap());
    // Cut in the middle of the lines: order counts, files do not.
    let half =
        text.len() / 2 + text[text.len() / 2..].iter().position(|b| *b == b'\n').unwrap() + 1;
    for (name, part) in
        [("x/a.ndjson", &text[..half]), ("x/b.jsonl", &text[half..]), ("x/README", b"no FHIR")]
    {
        let mut header = tar::Header::new_gnu();
        header.set_size(part.len() as u64);
        header.set_mode(0o644);
        archive.append_data(&mut header, name, part).unwrap();
    }
    write("packed.tar.zst", &archive.into_inner().unwrap().finish().unwrap());
    fs::create_dir(folder.join("directory")).unwrap();
    write("directory/2.ndjson", &text[half..]);
    write("directory/1.ndjson", &text[..half]);
    write("directory/notes.txt", b"no FHIR");

    let mut first = None;
    for name in [
        "plain.ndjson",
        "packed.ndjson.gz",
        "packed.ndjson.zst",
        "packed.tar.zst",
        "bundle.json",
        "directory",
    ] {
        let store = format!("of-{name}");
        let imported = import(folder, &store, &[&folder.join(name)]);
        assert_eq!(imported.status.code(), Some(0), "{name}: {}", said(&imported));
        let counts = format!("{lines} created, 0 same, 0 different, 0 refused; ");
        assert!(said(&imported).starts_with(&counts), "{name}: {}", said(&imported));
        let contents = contents(folder, &store);
        assert_eq!(contents.values().map(Vec::len).sum::<usize>(), lines, "{name}");
        let first = first.get_or_insert_with(|| contents.clone());
        assert!(*first == contents, "{name} holds something else");
    }
    // Again, deferred: nothing new; verified: nothing wrong.
    let again = import(
        folder,
        "of-directory",
        &[&folder.join("plain.ndjson"), Path::new("--index=deferred")],
    );
    assert!(said(&again).starts_with(&format!("0 created, {lines} same, ")), "{}", said(&again));
    let verified = run(&["verify", "--data", folder.join("of-directory").to_str().unwrap()]);
    assert_eq!(verified.status.code(), Some(0), "{}", said(&verified));
}

/// The resources of NDJSON as a Bundle of the kind that imports take.
fn bundle_of(ndjson: &[u8]) -> Vec<u8> {
    let text = std::str::from_utf8(ndjson).unwrap();
    let entries: Vec<_> = text.lines().map(|line| format!(r#"{{"resource":{line}}}"#)).collect();
    format!(r#"{{"resourceType":"Bundle","type":"collection","entry":[{}]}}"#, entries.join(","))
        .into()
}

#[test]
fn a_bundle_of_a_hundred_thousand_entries_takes_bounded_memory() {
    const ENTRIES: usize = 100_000;
    const MOST_MIB: u64 = 512;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("bundle.json");
    let mut out = BufWriter::new(File::create(&file).unwrap());
    write!(out, r#"{{"resourceType":"Bundle","type":"transaction","entry":["#).unwrap();
    for number in 0..ENTRIES {
        let comma = if number == 0 { "" } else { "," };
        let id = |n: usize| format!("00000000-0000-4000-8000-{n:012}");
        // Each refers to its neighbour, which may come later.
        let (own, next) = (id(number), id((number + 1) % ENTRIES));
        write!(out, r#"{comma}{{"fullUrl":"urn:uuid:{own}","resource":{{"resourceType":"Basic","id":"{own}","code":{{"text":"entry {number}"}},"subject":{{"reference":"urn:uuid:{next}"}}}},"request":{{"method":"POST","url":"Basic"}}}}"#).unwrap();
    }
    write!(out, "]}}").unwrap();
    out.into_inner().unwrap().sync_all().unwrap();

    let mut command = cresset(&["import", "--data"]);
    command.arg(folder.path().join("store")).arg(&file);
    command.current_dir(folder.path()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = command.spawn().unwrap();
    let mut peak = 0;
    while child.try_wait().unwrap().is_none() {
        peak = peak.max(peak_mib(child.id()));
        std::thread::sleep(Duration::from_millis(10));
    }
    let output = child.wait_with_output().unwrap();
    assert!(
        said(&output).starts_with("100000 created, 0 same, 0 different, 0 refused; "),
        "{}",
        said(&output)
    );
    assert!((1..MOST_MIB).contains(&peak), "{peak} MiB at the peak");

    let server = support::server::Server::start(&folder.path().join("store"), &[], &[]);
    let last =
        server.client().get("/fhir/Basic/00000000-0000-4000-8000-000000099999").unwrap().json();
    assert_eq!(last["code"]["text"], "entry 99999");
    assert_eq!(last["subject"]["reference"], "Basic/00000000-0000-4000-8000-000000000000");
}

/// The most that a running process has held, in MiB; 0 when it has just ended.
fn peak_mib(pid: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    peak.and_then(|text| text.trim().trim_end_matches(" kB").parse::<u64>().ok())
        .map_or(0, |kib| kib >> 10)
}

#[test]
fn what_is_refused_is_named_with_its_reason() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let lines = [
        r#"{"resourceType":"Patient","id":"good"}"#,
        r#"{"resourceType":"Patient","id":"bad","birthDate":"ZZSECRETZZ"}"#,
        r#"{"resourceType":"Patient"}"#,
        "",
        r#"{"resourceType":"Patient","id":"good","active":true}"#,
        r#"{"resourceType":"Patient","id":"good"}"#,
        "ZZSECRETZZ",
    ];
    let file = folder.join("mixed.ndjson");
    fs::write(&file, lines.join("\n")).unwrap();
    let imported = import(folder, "store", &[&file]);
    assert_eq!(imported.status.code(), Some(1), "{}", said(&imported));
    assert!(
        said(&imported).starts_with("1 created, 1 same, 1 different, 3 refused; "),
        "{}",
        said(&imported)
    );
    assert!(!said(&imported).contains("ZZSECRETZZ"), "{}", said(&imported));
    let refusals = fs::read_to_string(folder.join("refusals.ndjson")).unwrap();
    assert!(!refusals.contains("ZZSECRETZZ"), "{refusals}");
    let noted = refusals.lines().map(|line| {
        let note: serde_json::Value = serde_json::from_str(line).unwrap();
        let reason = note["reasons"][0].as_str().unwrap_or_default().to_owned();
        (note["entry"].as_u64().unwrap(), note["outcome"].as_str().unwrap().to_owned(), reason)
    });
    let mut noted: Vec<_> = noted.collect();
    noted.sort();
    let places: Vec<_> =
        noted.iter().map(|(entry, outcome, _)| (*entry, outcome.as_str())).collect();
    assert_eq!(places, [(2, "refused"), (3, "refused"), (5, "different"), (7, "refused")]);
    assert!(noted[0].2.starts_with("Patient.birthDate: "), "{}", noted[0].2);
    assert!(noted[1].2.contains("no id"), "{}", noted[1].2);
}

#[test]
fn a_larger_sample_begins_with_the_smaller_one() {
    let (two, three) = (sample(2), sample(3));
    assert!(three.starts_with(&two) && three.len() > two.len());
    assert_eq!(sample(2), two);
    let other = run(&["sample", "--patients", "2", "--seed", "7"]).stdout;
    assert_ne!(other, two);
}
