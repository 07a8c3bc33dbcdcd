//! Encrypted connections, with libpq's options: `sslmode`, `sslrootcert`, `sslcert`, `sslkey`.

use crate::error::Outcome;
use cresset_store::StoreError;
use openssl::error::ErrorStack;
use openssl::pkey::PKey;
use openssl::ssl::{SslConnector, SslConnectorBuilder, SslMethod, SslVerifyMode, SslVersion};
use openssl::x509::X509;
use openssl::x509::store::X509StoreBuilder;
use postgres_openssl::MakeTlsConnector;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use tokio_postgres::config::SslMode;

/// The names of the options.
pub(crate) const OPTIONS: [&str; 4] = ["sslmode", "sslrootcert", "sslcert", "sslkey"];

/// What `sslrootcert` names when the system's authorities are meant.
const SYSTEM: &str = "system";

/// The options as the URL gives them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct TlsOptions {
    pub(crate) mode: Mode,
    pub(crate) root: Option<String>,
    pub(crate) certificate: Option<String>,
    pub(crate) key: Option<String>,
}

/// libpq's modes, from the weakest to the strongest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd)]
pub(crate) enum Mode {
    Disable,
    Allow,
    #[default]
    Prefer,
    Require,
    VerifyCa,
    VerifyFull,
}

impl Mode {
    const NAMES: [(&'static str, Self); 6] = [
        ("disable", Self::Disable),
        ("allow", Self::Allow),
        ("prefer", Self::Prefer),
        ("require", Self::Require),
        ("verify-ca", Self::VerifyCa),
        ("verify-full", Self::VerifyFull),
    ];

    fn parse(name: &str) -> Option<Self> {
        Self::NAMES.iter().find(|(known, _)| *known == name).map(|(_, mode)| *mode)
    }

    fn name(self) -> &'static str {
        Self::NAMES.iter().find(|(_, mode)| *mode == self).map_or("", |(name, _)| name)
    }

    /// What to try, one after another.
    pub(crate) fn attempts(self) -> &'static [SslMode] {
        match self {
            Self::Disable => &[SslMode::Disable],
            Self::Allow => &[SslMode::Disable, SslMode::Require],
            Self::Prefer => &[SslMode::Prefer, SslMode::Disable],
            Self::Require | Self::VerifyCa | Self::VerifyFull => &[SslMode::Require],
        }
    }
}

impl TlsOptions {
    /// The options out of those that [`OPTIONS`] names.
    pub(crate) fn of(mut given: impl FnMut(&str) -> Option<String>) -> Outcome<Self> {
        let named = given("sslmode");
        let [root, certificate, key] = ["sslrootcert", "sslcert", "sslkey"].map(&mut given);
        let by_system = root.as_deref() == Some(SYSTEM);
        let mode = match named.as_deref() {
            // As libpq's: the system's authorities vouch for anybody, so the name must be looked at.
            None if by_system => Mode::VerifyFull,
            None => Mode::default(),
            Some(name) => Mode::parse(name).ok_or_else(|| {
                refused(
                    "sslmode",
                    "must be disable, allow, prefer, require, verify-ca or verify-full",
                )
            })?,
        };
        if by_system && mode < Mode::VerifyFull {
            return Err(refused("sslrootcert", "system needs sslmode=verify-full"));
        }
        if root.is_some() && mode < Mode::Require {
            // libpq would look at the certificate, and go on without encryption when it is wrong.
            let problem = format!("doesn't protect under sslmode={}: set verify-full", mode.name());
            return Err(refused("sslrootcert", &problem));
        }
        if root.is_none() && mode > Mode::Require {
            let problem = format!("must name the authority's certificate for {}", mode.name());
            return Err(refused("sslrootcert", &problem));
        }
        match (&certificate, &key) {
            (Some(_), None) => Err(refused("sslkey", "must name the key of sslcert")),
            (None, Some(_)) => Err(refused("sslcert", "must name the certificate of sslkey")),
            _ => Ok(Self { mode, root, certificate, key }),
        }
    }

    /// The options for messages. Names of files, and nothing that is in them.
    pub(crate) fn told(&self) -> String {
        let files = [("sslrootcert", &self.root), ("sslcert", &self.certificate)];
        let files = files.iter().filter_map(|(name, file)| Some((name, file.as_ref()?)));
        let files: String = files.map(|(name, file)| format!(", {name}={file}")).collect();
        format!("sslmode={}{files}", self.mode.name())
    }

    /// Reads the files.
    pub(crate) fn connector(&self) -> Outcome<MakeTlsConnector> {
        let unusable = |error: ErrorStack| refused("sslmode", &format!("can't be had: {error}"));
        let mut builder = SslConnector::builder(SslMethod::tls_client()).map_err(unusable)?;
        builder.set_min_proto_version(Some(SslVersion::TLS1_2)).map_err(unusable)?;
        postgres_openssl::set_postgresql_alpn(&mut builder).map_err(unusable)?;
        match self.root.as_deref() {
            None => builder.set_verify(SslVerifyMode::NONE),
            Some(SYSTEM) => trust_system(&mut builder)?,
            Some(file) => trust(&mut builder, file)?,
        }
        if let (Some(certificate), Some(key)) = (&self.certificate, &self.key) {
            present(&mut builder, certificate, key)?;
        }
        let mut connector = MakeTlsConnector::new(builder.build());
        // `require` with an authority is libpq's old way to say `verify-ca`.
        let any_name = self.mode != Mode::VerifyFull;
        connector.set_callback(move |connection, _| {
            connection.set_verify_hostname(!any_name);
            Ok(())
        });
        Ok(connector)
    }
}

/// Believes the authorities in a file, and no others.
fn trust(builder: &mut SslConnectorBuilder, file: &str) -> Outcome<()> {
    const OPTION: &str = "sslrootcert";
    let text = read(OPTION, file)?;
    let wrong = |error: ErrorStack| refused(OPTION, &format!("{file}: {error}"));
    let authorities = X509::stack_from_pem(&text).map_err(wrong)?;
    if authorities.is_empty() {
        return Err(refused(OPTION, &format!("{file}: there is no certificate (PEM) in it")));
    }
    let mut store = X509StoreBuilder::new().map_err(wrong)?;
    for authority in authorities {
        store.add_cert(authority).map_err(wrong)?;
    }
    builder.set_cert_store(store.build());
    builder.set_verify(SslVerifyMode::PEER);
    Ok(())
}

/// Believes the authorities that the distribution has; OpenSSL, which is compiled in, doesn't know where
/// these are.
fn trust_system(builder: &mut SslConnectorBuilder) -> Outcome<()> {
    let found = openssl_probe::probe();
    let Some(file) = found.cert_file else {
        let problem =
            "system: this system's certificates aren't where they usually are: name the file";
        return Err(refused("sslrootcert", problem));
    };
    trust(builder, &file.to_string_lossy())?;
    Ok(())
}

/// Shows a certificate to the server when it asks for one.
fn present(builder: &mut SslConnectorBuilder, certificate: &str, key: &str) -> Outcome<()> {
    let wrong = |error: ErrorStack| refused("sslcert", &format!("{certificate}: {error}"));
    read("sslcert", certificate)?;
    builder.set_certificate_chain_file(certificate).map_err(wrong)?;
    let text = read("sslkey", key)?;
    is_private(key)?;
    // Without this OpenSSL would ask the terminal for the pass phrase of an encrypted key.
    let read = PKey::private_key_from_pem_callback(&text, |_| Ok(0));
    let problem = |_| refused("sslkey", &format!("{key}: no key (PEM), or one with a pass phrase"));
    let read = read.map_err(problem)?;
    let mismatch = |_| refused("sslkey", &format!("{key}: it isn't the key of {certificate}"));
    builder.set_private_key(&read).map_err(mismatch)?;
    builder.check_private_key().map_err(mismatch)
}

/// A key that others can read is refused, as libpq does.
fn is_private(file: &str) -> Outcome<()> {
    let metadata =
        Path::new(file).metadata().map_err(|error| unreadable("sslkey", file, &error))?;
    // One of root's may be readable by a group.
    let others = if metadata.uid() == 0 { 0o027 } else { 0o077 };
    if metadata.mode() & others != 0 {
        return Err(refused("sslkey", &format!("{file}: others may use it: chmod 600 it")));
    }
    Ok(())
}

fn read(option: &'static str, file: &str) -> Outcome<Vec<u8>> {
    std::fs::read(file).map_err(|error| unreadable(option, file, &error))
}

fn unreadable(option: &'static str, file: &str, error: &std::io::Error) -> StoreError {
    refused(option, &format!("{file}: {error}"))
}

/// What is wrong with an option.
fn refused(option: &'static str, problem: &str) -> StoreError {
    let source = format!("{option}: {problem}").into();
    StoreError::Backend { context: "reading the URL of the database", source }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(given: &[(&str, &str)]) -> Outcome<TlsOptions> {
        let find =
            |name: &str| given.iter().find(|(n, _)| *n == name).map(|(_, v)| (*v).to_owned());
        TlsOptions::of(find)
    }

    fn problem(given: &[(&str, &str)]) -> String {
        match options(given).and_then(|options| options.connector()) {
            Ok(_) => panic!("{given:?} is taken"),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn encryption_is_preferred_when_nothing_is_said() {
        let options = options(&[]).expect("they are taken");
        assert_eq!((options.mode, options.told().as_str()), (Mode::Prefer, "sslmode=prefer"));
    }

    #[test]
    fn the_systems_authorities_come_with_the_name() {
        let system = ("sslrootcert", "system");
        assert_eq!(options(&[system]).expect("taken").mode, Mode::VerifyFull);
        assert!(problem(&[("sslmode", "verify-ca"), system]).contains("verify-full"));
    }

    #[test]
    fn what_would_not_protect_is_refused() {
        assert!(problem(&[("sslmode", "sure")]).contains("sslmode: must be disable, allow"));
        assert!(problem(&[("sslmode", "prefer"), ("sslrootcert", "x")]).contains("sslmode=prefer"));
        assert!(problem(&[("sslmode", "verify-ca")]).contains("sslrootcert: must name"));
        assert!(problem(&[("sslcert", "x")]).contains("sslkey: must name"));
        assert!(problem(&[("sslkey", "x")]).contains("sslcert: must name"));
    }

    #[test]
    fn files_that_cannot_be_used_are_named_with_their_option() {
        let file = tempfile::NamedTempFile::new().expect("a file");
        std::fs::write(file.path(), "nothing").expect("it is written");
        let name = file.path().to_str().expect("a name");
        let mode = ("sslmode", "require");
        assert!(problem(&[mode, ("sslrootcert", name)]).contains(&format!("sslrootcert: {name}:")));
        let told = problem(&[mode, ("sslrootcert", "/nowhere/ca.pem")]);
        assert!(told.contains("sslrootcert: /nowhere/ca.pem: No such file"), "{told}");
        let told = problem(&[("sslcert", name), ("sslkey", name)]);
        assert!(told.contains(&format!("sslcert: {name}:")), "{told}");
    }
}
