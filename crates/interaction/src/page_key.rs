//! The key that page tokens are sealed with: made once for a collection and kept in its store, so
//! that links survive a restart and work on every front end.

use crate::context::Context;
use crate::failure::{ErrorKind, Failure};
use crate::page_token::{self, Binding};
use crate::service::Service;
use chacha20poly1305::aead::{Aead, Generate, Key, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use cresset_store::{Batch, Bookmark, CollectionName};
use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

/// The bookmark that holds it.
const BOOKMARK: &str = "page-token-key";
/// The first byte of a sealed place: how it is sealed.
const FORM: u8 = 1;
/// A nonce so long that random ones don't meet.
const NONCE: usize = 24;

/// A key for page tokens: XChaCha20-Poly1305.
#[derive(Clone)]
pub(crate) struct PageKey {
    bytes: [u8; 32],
    cipher: XChaCha20Poly1305,
}

impl std::fmt::Debug for PageKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PageKey")
    }
}

impl PageKey {
    /// A new one, from the system's source of randomness.
    pub(crate) fn generate() -> Result<Self, Failure> {
        let key = Key::<XChaCha20Poly1305>::try_generate().map_err(|_| no_randomness())?;
        Ok(Self::from_bytes(key.into()))
    }

    fn from_bytes(bytes: [u8; 32]) -> Self {
        Self { bytes, cipher: XChaCha20Poly1305::new(&bytes.into()) }
    }

    fn kept(bytes: &[u8]) -> Result<Self, Failure> {
        let bytes = bytes.try_into().map_err(|_| broken("the kept page key has a wrong length"))?;
        Ok(Self::from_bytes(bytes))
    }

    /// Encrypts `place` and binds it to `bound`.
    pub(crate) fn seal(&self, bound: &[u8], place: &[u8]) -> Result<Vec<u8>, Failure> {
        let nonce = XNonce::try_generate().map_err(|_| no_randomness())?;
        let payload = Payload { msg: place, aad: bound };
        let sealed = self.cipher.encrypt(&nonce, payload);
        let sealed = sealed.map_err(|_| broken("a page token can't be sealed"))?;
        let mut out = Vec::with_capacity(1 + NONCE + sealed.len());
        out.push(FORM);
        out.extend_from_slice(&nonce);
        out.extend_from_slice(&sealed);
        Ok(out)
    }

    /// What was sealed; `None` when it wasn't by this key, or is bound to something else.
    pub(crate) fn open(&self, bound: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
        let (FORM, rest) = sealed.split_first().map(|(form, rest)| (*form, rest))? else {
            return None;
        };
        let (nonce, sealed) = rest.split_at_checked(NONCE)?;
        let nonce: [u8; NONCE] = nonce.try_into().ok()?;
        self.cipher.decrypt(&nonce.into(), Payload { msg: sealed, aad: bound }).ok()
    }
}

fn no_randomness() -> Failure {
    broken("the system gives no random numbers")
}

fn broken(cause: &str) -> Failure {
    let problem = "the links of this page can't be made; the log has the cause under this \
                   request's id";
    let mut failure = Failure::new(ErrorKind::Internal, "exception", problem);
    failure.cause = Some(cause.into());
    failure
}

/// The keys of the collections that were asked for, by name and generation.
#[derive(Debug, Default)]
pub(crate) struct PageKeys {
    known: RwLock<HashMap<(CollectionName, u32), Arc<PageKey>>>,
    /// Held while a key is made: this process makes one only.
    making: tokio::sync::Mutex<()>,
}

impl PageKeys {
    fn get(&self, of: &(CollectionName, u32)) -> Option<Arc<PageKey>> {
        self.known.read().unwrap_or_else(PoisonError::into_inner).get(of).cloned()
    }

    fn set(&self, of: (CollectionName, u32), key: Option<Arc<PageKey>>) {
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        match key {
            Some(key) => known.insert(of, key),
            None => known.remove(&of),
        };
    }
}

fn collection(context: &Context) -> (CollectionName, u32) {
    let collection = context.scope.collection();
    (collection.name.clone(), collection.generation)
}

impl Service {
    /// The collection's key, made if there is none.
    ///
    /// Setting a bookmark replaces what another process may have set meanwhile, so what counts is
    /// what stands there afterwards. Two processes that make the first key of a collection at the
    /// same moment can still disagree until one of them reads again; [`opened`](Self::opened) does
    /// so before it refuses a token, and what the loser sealed in between has to start over.
    pub(crate) async fn page_key(&self, context: &Context) -> Result<Arc<PageKey>, Failure> {
        let of = collection(context);
        if let Some(key) = self.page_keys.get(&of) {
            return Ok(key);
        }
        let _making = self.page_keys.making.lock().await;
        if let Some(key) = self.page_keys.get(&of) {
            return Ok(key);
        }
        if let Some(key) = self.kept_page_key(context).await? {
            return Ok(key);
        }
        let value = PageKey::generate()?.bytes.to_vec();
        let bookmarks = vec![Bookmark { name: BOOKMARK.to_owned(), value }];
        let batch = Batch { bookmarks, provenance: context.provenance(), ..Batch::default() };
        self.store.commit(&context.scope, batch).await?;
        let kept = self.kept_page_key(context).await?;
        kept.ok_or_else(|| broken("the page key that was just kept is not there"))
    }

    /// The key as the store has it now.
    async fn kept_page_key(&self, context: &Context) -> Result<Option<Arc<PageKey>>, Failure> {
        let kept = self.store.bookmark(&context.scope, BOOKMARK).await?;
        let key = kept.map(|bytes| PageKey::kept(&bytes)).transpose()?.map(Arc::new);
        self.page_keys.set(collection(context), key.clone());
        Ok(key)
    }

    /// The place that a token stands for.
    ///
    /// # Errors
    /// 400 for a token that isn't ours, was changed, or belongs to a search with other parameters.
    pub(crate) async fn opened(
        &self,
        context: &Context,
        binding: &Binding,
        token: &str,
    ) -> Result<Vec<u8>, Failure> {
        let sealed = page_token::decode(token)?;
        let known = self.page_keys.get(&collection(context));
        let place = known.and_then(|key| key.open(binding.as_bytes(), &sealed));
        if let Some(place) = place {
            return Ok(place);
        }
        let kept = self.kept_page_key(context).await?;
        let place = kept.and_then(|key| key.open(binding.as_bytes(), &sealed));
        place.ok_or_else(page_token::unusable)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rig::Rig;

    async fn sealed(rig: &Rig, binding: &Binding) -> String {
        let key = rig.service.page_key(&rig.context).await.unwrap();
        page_token::seal(&key, binding, b"a place").unwrap()
    }

    #[tokio::test]
    async fn tokens_survive_a_restart_and_open_on_every_front_end() {
        let rig = Rig::new().await;
        let binding = Binding::new("Patient", &[]);
        let token = sealed(&rig, &binding).await;
        let other = rig.restarted();
        let opened = other.service.opened(&other.context, &binding, &token).await;
        assert_eq!(opened.unwrap(), b"a place");
        let token = sealed(&other, &binding).await;
        assert!(rig.service.opened(&rig.context, &binding, &token).await.is_ok());
    }

    #[tokio::test]
    async fn whoever_lost_the_race_for_the_first_key_learns_of_it() {
        let (rig, binding) = (Rig::new().await, Binding::new("Patient", &[]));
        sealed(&rig, &binding).await;
        let value = PageKey::generate().unwrap().bytes.to_vec();
        let bookmarks = vec![Bookmark { name: BOOKMARK.to_owned(), value }];
        let batch = Batch { bookmarks, ..Batch::default() };
        rig.service.store.commit(&rig.context.scope, batch).await.unwrap();
        let winner = rig.restarted();
        let token = sealed(&winner, &binding).await;
        assert!(rig.service.opened(&rig.context, &binding, &token).await.is_ok());
        let token = sealed(&rig, &binding).await;
        assert!(winner.service.opened(&winner.context, &binding, &token).await.is_ok());
    }

    #[tokio::test]
    async fn one_key_is_made_however_many_ask() {
        let rig = Rig::new().await;
        let (one, other) =
            tokio::join!(rig.service.page_key(&rig.context), rig.service.page_key(&rig.context));
        assert_eq!(one.unwrap().bytes, other.unwrap().bytes);
    }

    #[tokio::test]
    async fn a_token_without_a_key_is_refused_and_makes_none() {
        let rig = Rig::new().await;
        let binding = Binding::new("Patient", &[]);
        assert!(rig.service.opened(&rig.context, &binding, "AQAA").await.is_err());
        let kept = rig.service.store.bookmark(&rig.context.scope, BOOKMARK).await.unwrap();
        assert_eq!(kept, None);
    }
}
