//! What a target must be.

use crate::error::CopyError;
use crate::mark::{self, Mark};
use crate::side::Side;
use crate::write::overtaken;
use cresset_store::{Cursor, ReplicaBatch, Seq};

/// Where to go on from, if the target takes a copy of this source; an empty one is marked as such.
pub(crate) async fn admit(from: &Side, to: &Side) -> Result<Cursor, CopyError> {
    let horizon = from.horizon().await.map_err(CopyError::at(&from.place))?;
    let (mark, found) = stand(to).await?;
    if horizon.incarnation == found.incarnation {
        return Err(CopyError::Same);
    }
    let cursor = match mark {
        None => Cursor { seq: Seq(0), ..horizon },
        Some(mark) => mark.cursor,
    };
    match mark {
        None if found.seq == Seq(0) => claim(to, cursor).await?,
        None => return Err(CopyError::NotEmpty(to.place.clone())),
        Some(mark) => {
            is_untouched(to, mark, found.seq)?;
            if cursor.incarnation != horizon.incarnation {
                let (target, source_place) = (to.place.clone(), from.place.clone());
                return Err(CopyError::OtherSource { target, source_place });
            }
            if cursor.seq > horizon.seq {
                let (copied, found) = (cursor.seq, horizon.seq);
                let place = from.place.clone();
                return Err(CopyError::SetBack { place, copied, found });
            }
        }
    }
    Ok(cursor)
}

/// How far the copy in a target has got, if there is one, and where the target's sequence ends at that
/// moment: a commit of another copy may come between two reads.
pub(crate) async fn stand(to: &Side) -> Result<(Option<Mark>, Cursor), CopyError> {
    let mut mark = kept_mark(to).await?;
    loop {
        let found = to.horizon().await.map_err(CopyError::at(&to.place))?;
        let again = kept_mark(to).await?;
        if again == mark {
            return Ok((mark, found));
        }
        mark = again;
    }
}

async fn kept_mark(to: &Side) -> Result<Option<Mark>, CopyError> {
    let kept = to.store.bookmark(&to.scope, mark::NAME).await;
    let kept = kept.map_err(CopyError::at(&to.place))?;
    let unreadable = || CopyError::Mark(to.place.clone());
    kept.map(|bytes| Mark::decode(&bytes).ok_or_else(unreadable)).transpose()
}

/// Makes an empty collection the target of a copy.
async fn claim(to: &Side, cursor: Cursor) -> Result<(), CopyError> {
    let mark = Mark { cursor, before: Seq(0), most: 0 };
    let (after, bookmarks) = (Some(Seq(0)), vec![mark.bookmark()]);
    let batch = ReplicaBatch { after, bookmarks, ..ReplicaBatch::default() };
    let claimed = to.store.replicate(&to.scope, batch).await.map_err(overtaken);
    claimed.map(|_| ()).map_err(CopyError::at(&to.place))
}

/// Nobody but the copy has written to the target.
pub(crate) fn is_untouched(to: &Side, mark: Mark, found: Seq) -> Result<(), CopyError> {
    if (mark.before..=mark.left()).contains(&found) {
        return Ok(());
    }
    Err(CopyError::WrittenTo { place: to.place.clone(), found, left: mark.left() })
}
