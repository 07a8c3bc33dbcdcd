//! Certificates, made anew for each broker.

use openssl::asn1::Asn1Time;
use openssl::bn::{BigNum, MsbOption};
use openssl::ec::{EcGroup, EcKey};
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkey::{PKey, Private};
use openssl::x509::extension::{BasicConstraints, SubjectAlternativeName};
use openssl::x509::{X509, X509Builder, X509Name, X509NameBuilder, X509NameRef};

/// Signs certificates.
pub(crate) struct Authority {
    certificate: X509,
    key: PKey<Private>,
}

/// A certificate and its key, as PEM.
pub(crate) struct Signed {
    pub(crate) certificate: Vec<u8>,
    pub(crate) key: Vec<u8>,
}

impl Authority {
    pub(crate) fn new(name: &str) -> Self {
        let (name, key) = (named(name), new_key());
        let mut builder = unsigned(&name, &name, &key);
        let is_authority = BasicConstraints::new().critical().ca().build().expect("it is built");
        builder.append_extension(is_authority).expect("it is added");
        builder.sign(&key, MessageDigest::sha256()).expect("it is signed");
        Self { certificate: builder.build(), key }
    }

    pub(crate) fn pem(&self) -> Vec<u8> {
        self.certificate.to_pem().expect("it is written")
    }

    /// A certificate for somebody, who is on this machine.
    pub(crate) fn sign(&self, name: &str) -> Signed {
        let key = new_key();
        let mut builder = unsigned(&named(name), self.certificate.subject_name(), &key);
        let context = builder.x509v3_context(Some(&self.certificate), None);
        let mut names = SubjectAlternativeName::new();
        let host = names.dns("localhost").ip("127.0.0.1").build(&context).expect("it is built");
        builder.append_extension(host).expect("it is added");
        builder.sign(&self.key, MessageDigest::sha256()).expect("it is signed");
        Signed {
            certificate: builder.build().to_pem().expect("it is written"),
            // The only form that Kafka reads.
            key: key.private_key_to_pem_pkcs8().expect("it is written"),
        }
    }
}

fn new_key() -> PKey<Private> {
    let group = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1).expect("a curve");
    PKey::from_ec_key(EcKey::generate(&group).expect("a key")).expect("a key")
}

fn named(name: &str) -> X509Name {
    let mut builder = X509NameBuilder::new().expect("a name");
    builder.append_entry_by_nid(Nid::COMMONNAME, name).expect("a name");
    builder.build()
}

/// A certificate that holds for two days.
fn unsigned(of: &X509Name, by: &X509NameRef, key: &PKey<Private>) -> X509Builder {
    let mut serial = BigNum::new().expect("a number");
    serial.rand(64, MsbOption::ONE, false).expect("a number");
    let from = Asn1Time::days_from_now(0).expect("a time");
    let until = Asn1Time::days_from_now(2).expect("a time");
    let mut builder = X509Builder::new().expect("a certificate");
    builder.set_version(2).expect("it is set");
    builder.set_serial_number(&serial.to_asn1_integer().expect("a number")).expect("it is set");
    builder.set_subject_name(of).expect("it is set");
    builder.set_issuer_name(by).expect("it is set");
    builder.set_not_before(&from).expect("it is set");
    builder.set_not_after(&until).expect("it is set");
    builder.set_pubkey(key).expect("it is set");
    builder
}
