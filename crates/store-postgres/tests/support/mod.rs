//! Announcements that are carried by a task instead of Kafka: late, twice and out of order.

// Each test binary uses its part.
#![allow(dead_code)]

use cresset_store::*;
use cresset_store_postgres::{PostgresStore, Settings};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

type Carried = (CollectionName, u32, Announcement);

/// Carries announcements to an indexer of its own.
#[derive(Debug)]
pub(crate) struct Courier {
    road: UnboundedSender<Carried>,
    pub(crate) told: Arc<Told>,
}

/// What became of announcements.
#[derive(Debug, Default)]
pub(crate) struct Told {
    pub(crate) verdicts: Mutex<BTreeMap<Verdict, usize>>,
    pub(crate) announced: AtomicUsize,
}

impl Courier {
    /// One that delivers to the database of this URL.
    pub(crate) fn to(url: &str) -> Arc<Self> {
        let (road, arriving) = unbounded_channel();
        let told = Arc::new(Told::default());
        tokio::spawn(deliver(url.to_owned(), arriving, Arc::clone(&told)));
        Arc::new(Self { road, told })
    }
}

impl Announcer for Courier {
    fn announce<'a>(
        &'a self,
        collection: &'a Collection,
        announcements: &'a [Announcement],
    ) -> StoreFuture<'a, ()> {
        self.told.announced.fetch_add(announcements.len(), Ordering::Relaxed);
        for announcement in announcements.iter().rev() {
            let place = (collection.name.clone(), collection.generation);
            drop(self.road.send((place.0, place.1, announcement.clone())));
        }
        Box::pin(std::future::ready(Ok(())))
    }
}

pub(crate) fn scope(name: &CollectionName, generation: u32) -> Scope {
    let catalogue = Catalogue::new();
    let (kind, fhir_version) = (CollectionKind::Fhir, "4.0.1".into());
    let entry = Collection { name: name.clone(), generation, kind, fhir_version };
    catalogue.enter(entry).expect("it is new");
    catalogue.scope(name, &Arc::new(Principal::unrestricted("index"))).expect("it is there")
}

/// Hands everything over until its verdict is final, and then once more.
async fn deliver(url: String, mut arriving: UnboundedReceiver<Carried>, told: Arc<Told>) {
    let settings = Settings {
        readers: 1,
        writers: 1,
        patience: Duration::from_secs(60),
        ..Settings::default()
    };
    let store = PostgresStore::open(&url, settings).await.expect("the store opens");
    let mut waiting: Vec<(Carried, u8)> = Vec::new();
    loop {
        if waiting.is_empty() {
            match arriving.recv().await {
                Some(carried) => waiting.push((carried, 2)),
                None => return,
            }
        }
        while let Ok(carried) = arriving.try_recv() {
            waiting.push((carried, 2));
        }
        let mut places: BTreeMap<(CollectionName, u32), Vec<(Carried, u8)>> = BTreeMap::new();
        for (carried, times) in waiting.drain(..) {
            let place = (carried.0.clone(), carried.1);
            places.entry(place).or_default().push((carried, times));
        }
        for ((name, generation), carried) in places {
            let batch: Vec<_> = carried.iter().map(|(carried, _)| carried.2.clone()).collect();
            let verdicts = match store.index(&scope(&name, generation), batch).await {
                Ok(verdicts) => verdicts,
                // Removed in the meantime.
                Err(StoreError::UnknownCollection(_)) => continue,
                // Busy, or torn down with its test.
                Err(_) if arriving.is_closed() => return,
                Err(_) => {
                    waiting.extend(carried);
                    continue;
                }
            };
            for ((carried, times), verdict) in carried.into_iter().zip(verdicts) {
                *told.verdicts.lock().expect("no panic").entry(verdict).or_default() += 1;
                match verdict {
                    Verdict::Early => waiting.push((carried, times)),
                    _ if times > 1 => waiting.push((carried, times - 1)),
                    _ => {}
                }
            }
        }
        if arriving.is_closed() && waiting.iter().all(|(_, times)| *times == 2) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}
