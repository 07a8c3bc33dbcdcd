//! Certificates, made anew for each server.

use openssl::asn1::Asn1Time;
use openssl::bn::{BigNum, MsbOption};
use openssl::ec::{EcGroup, EcKey};
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkey::{PKey, Private};
use openssl::x509::extension::{BasicConstraints, SubjectAlternativeName};
use openssl::x509::{X509, X509Builder, X509Name, X509NameBuilder, X509NameRef};
use std::net::IpAddr;

/// Signs certificates.
pub struct Authority {
    certificate: X509,
    key: PKey<Private>,
}

/// A certificate and its key, as PEM.
pub struct Signed {
    /// The certificate.
    pub certificate: Vec<u8>,
    /// Its key, in the form PKCS #8: the only one that Kafka reads.
    pub key: Vec<u8>,
}

impl Authority {
    /// One of this name.
    ///
    /// # Panics
    /// When OpenSSL can't.
    pub fn new(name: &str) -> Self {
        let (name, key) = (named(name), new_key());
        let mut builder = unsigned(&name, &name, &key);
        let is_authority = BasicConstraints::new().critical().ca().build().expect("it is built");
        builder.append_extension(is_authority).expect("it is added");
        builder.sign(&key, MessageDigest::sha256()).expect("it is signed");
        Self { certificate: builder.build(), key }
    }

    /// Its own certificate, as PEM.
    ///
    /// # Panics
    /// When OpenSSL can't.
    pub fn pem(&self) -> Vec<u8> {
        self.certificate.to_pem().expect("it is written")
    }

    /// A certificate for a host or a user who is found at these addresses: names or IP addresses.
    ///
    /// # Panics
    /// When OpenSSL can't.
    pub fn sign(&self, name: &str, addresses: &[&str]) -> Signed {
        let key = new_key();
        let mut builder = unsigned(&named(name), self.certificate.subject_name(), &key);
        let context = builder.x509v3_context(Some(&self.certificate), None);
        let mut names = SubjectAlternativeName::new();
        for address in addresses {
            match address.parse::<IpAddr>() {
                Ok(_) => names.ip(address),
                Err(_) => names.dns(address),
            };
        }
        let host = names.build(&context).expect("it is built");
        builder.append_extension(host).expect("it is added");
        builder.sign(&self.key, MessageDigest::sha256()).expect("it is signed");
        Signed {
            certificate: builder.build().to_pem().expect("it is written"),
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
