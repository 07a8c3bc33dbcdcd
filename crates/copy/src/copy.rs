use crate::error::CopyError;
use crate::explained::Unexplained;
use crate::pass::Pass;
use crate::patience::Patience;
use crate::progress::{Progress, Standing};
use crate::read::Reader;
use crate::rules::Rules;
use crate::settings::Settings;
use crate::side::Side;
use crate::target::{self, is_untouched, stand};
use crate::write::Writer;
use cresset_store::{Cursor, Seq};
use std::future::Future;
use std::pin::pin;

/// Changes that a source may be ahead for a copy to count as caught up: the next moment brings more.
const FEW: u64 = 1_000;

/// A copy from one collection to another.
pub struct Copy {
    from: Side,
    to: Side,
    settings: Settings,
    /// Changes and bytes in one commit: fewer after one that was too much.
    at_once: (usize, usize),
    rules: Rules,
    unexplained: Unexplained,
    /// The last change of the source that was taken over.
    cursor: Cursor,
    copied: u64,
    unindexed: u64,
    reindexed: u64,
}

impl std::fmt::Debug for Copy {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { from, to, cursor, .. } = self;
        f.debug_struct("Copy").field("from", from).field("to", to).field("cursor", cursor).finish()
    }
}

impl Copy {
    /// Begins a copy, or goes on with one. Both collections must be there.
    ///
    /// # Errors
    /// When the target holds anything but an unfinished or following copy of this source.
    pub async fn begin(from: Side, to: Side, settings: Settings) -> Result<Self, CopyError> {
        let mut patience = Patience::new(settings.patience);
        loop {
            match Self::begin_once(from.clone(), to.clone(), settings).await {
                Err(error) => patience.wait(error).await?,
                begun => return begun,
            }
        }
    }

    async fn begin_once(from: Side, to: Side, settings: Settings) -> Result<Self, CopyError> {
        let cursor = target::admit(&from, &to).await?;
        let rules = Rules::load(&from, &to, cursor.seq == Seq(0)).await?;
        let unexplained = Unexplained::default();
        let (copied, unindexed, reindexed) = (0, 0, 0);
        let at_once = (settings.changes, settings.bytes);
        let begun = Self {
            from,
            to,
            settings,
            at_once,
            rules,
            unexplained,
            cursor,
            copied,
            unindexed,
            reindexed,
        };
        Ok(begun)
    }

    /// The last change of the source that was taken over.
    pub fn seq(&self) -> Seq {
        self.cursor.seq
    }

    /// Takes over what the source has, and what comes meanwhile, until that is little.
    ///
    /// # Errors
    /// When a store fails, or somebody else writes to the target. Begun again, the copy goes on.
    pub async fn catch_up(
        &mut self,
        tell: &mut (dyn FnMut(Progress) + Send),
    ) -> Result<Standing, CopyError> {
        let mut before = u64::MAX;
        loop {
            let horizon = self.pass(tell).await?;
            if self.rules.are_unsettled() {
                self.settle().await?;
            }
            let behind = self.horizon().await?.0.saturating_sub(self.cursor.seq.0);
            // A source that is written faster than it is read is never caught up with.
            if behind <= FEW || behind >= before || horizon >= self.horizon().await? {
                return self.standing().await;
            }
            before = behind;
        }
    }

    /// Follows the source until `stop` is ready; then takes over what is there by then.
    ///
    /// # Errors
    /// As [`catch_up`](Self::catch_up).
    pub async fn follow(
        &mut self,
        stop: impl Future<Output = ()>,
        tell: &mut (dyn FnMut(Progress) + Send),
    ) -> Result<Standing, CopyError> {
        let (mut stop, mut is_stopped) = (pin!(stop), false);
        let poll = self.settings.poll;
        loop {
            let was_stopped = is_stopped;
            {
                let mut pass = pin!(self.pass(tell));
                loop {
                    tokio::select! {
                        done = &mut pass => {
                            done?;
                            break;
                        }
                        () = &mut stop, if !is_stopped => is_stopped = true,
                    }
                }
            }
            if self.rules.are_unsettled() || was_stopped {
                self.settle().await?;
            }
            if was_stopped {
                return self.standing().await;
            }
            if !is_stopped {
                tokio::select! {
                    () = tokio::time::sleep(poll) => {}
                    () = &mut stop => is_stopped = true,
                }
            }
        }
    }

    /// Takes over what the source has now; again while a store is busy. Returns up to where.
    async fn pass(&mut self, tell: &mut (dyn FnMut(Progress) + Send)) -> Result<Seq, CopyError> {
        let mut patience = Patience::new(self.settings.patience);
        loop {
            let copied = self.copied;
            let error = match self.pass_once(tell).await {
                Err(error) => error,
                done => {
                    self.at_once = (self.settings.changes, self.settings.bytes);
                    return done;
                }
            };
            if self.copied > copied {
                patience.restore();
            }
            patience.wait(error).await?;
            // A commit may take longer than the target allows.
            let (changes, bytes) = self.at_once;
            self.at_once = ((changes / 2).max(1), (bytes / 2).max(1));
        }
    }

    async fn pass_once(
        &mut self,
        tell: &mut (dyn FnMut(Progress) + Send),
    ) -> Result<Seq, CopyError> {
        // What was asked for last may have been written although it wasn't told so: the mark knows.
        let (mark, found) = stand(&self.to).await?;
        let mark = mark.ok_or_else(|| CopyError::NotEmpty(self.to.place.clone()))?;
        is_untouched(&self.to, mark, found.seq)?;
        self.cursor = mark.cursor;
        let horizon = self.horizon().await?;
        let mut progress = Progress { copied: self.copied, seq: self.cursor.seq, horizon };
        tell(progress);
        if self.cursor.seq >= horizon {
            return Ok(horizon);
        }
        let (changes, bytes) = self.at_once;
        let settings = Settings { changes, bytes, ..self.settings };
        let pass = Pass {
            reader: Reader::new(self.from.clone(), settings, self.cursor),
            rules: &mut self.rules,
            writer: Writer::new(self.to.clone(), found.seq),
            unexplained: &mut self.unexplained,
            until: horizon,
        };
        let (cursor, copied) = (&mut self.cursor, &mut self.copied);
        let unindexed = &mut self.unindexed;
        pass.run(|wrote| {
            cursor.seq = wrote.seq;
            *copied += wrote.changes;
            *unindexed += wrote.unindexed;
            (progress.copied, progress.seq) = (*copied, wrote.seq);
            tell(progress);
        })
        .await?;
        Ok(horizon)
    }

    /// Indexes anew what has to be.
    async fn settle(&mut self) -> Result<(), CopyError> {
        let mut patience = Patience::new(self.settings.patience);
        loop {
            match self.rules.settle().await {
                Ok(count) => {
                    self.reindexed += count;
                    return Ok(());
                }
                Err(error) => patience.wait(error).await?,
            }
        }
    }

    /// The source's last change.
    async fn horizon(&self) -> Result<Seq, CopyError> {
        let mut patience = Patience::new(self.settings.patience);
        let horizon = loop {
            let asked = self.from.horizon().await.map_err(CopyError::at(&self.from.place));
            match asked {
                Ok(horizon) => break horizon,
                Err(error) => patience.wait(error).await?,
            }
        };
        if horizon.incarnation == self.cursor.incarnation {
            return Ok(horizon.seq);
        }
        let (target, source_place) = (self.to.place.clone(), self.from.place.clone());
        Err(CopyError::OtherSource { target, source_place })
    }

    async fn standing(&self) -> Result<Standing, CopyError> {
        let seq = self.cursor.seq;
        Ok(Standing {
            copied: self.copied,
            seq,
            behind: self.horizon().await?.0.saturating_sub(seq.0),
            reindexed: self.reindexed,
            unindexed: self.unindexed,
            unexplained: self.unexplained.count(),
        })
    }
}
