use crate::context::{Context, PreferReturn};
use crate::criteria::ATTEMPTS;
use crate::failure::Failure;
use crate::outcome::{Contents, Outcome, Success};
use crate::prepare::Prepared;
use crate::service::Service;
use cresset_fhir::definitions::ResourceType;
use cresset_store::{Batch, Key, Precondition, StoreError};

impl Service {
    /// `If-None-Exist` (R4, section 3.1.0.8.1): creates unless the criteria match. The commit itself
    /// checks that they still match nothing, so of two clients only one creates.
    pub(crate) async fn conditional_create(
        &self,
        context: &Context,
        resource_type: ResourceType,
        criteria: &str,
        prepared: Prepared,
    ) -> Result<Outcome, Failure> {
        let criteria = self.criteria_text(context, resource_type, criteria).await;
        let criteria = criteria.map_err(|f| f.at("http.If-None-Exist"))?;
        let write = prepared.write(Precondition::Unknown);
        for _ in 0..ATTEMPTS {
            let found = self.find(context, &criteria).await?;
            if let Some(key) = found.at_most_one()? {
                return self.existing(context, key).await;
            }
            let batch = Batch {
                guards: vec![found.guard()],
                writes: vec![write.clone()],
                provenance: context.provenance(),
                ..Batch::default()
            };
            match self.commit(context, batch).await {
                Ok(committed) => return self.written(context, &write, &committed.written[0]),
                Err(StoreError::Guard(_)) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(StoreError::Guard(0).into())
    }

    /// 200 with the one that is there.
    async fn existing(&self, context: &Context, key: &Key) -> Result<Outcome, Failure> {
        let stored = self.current(context, key).await?;
        let mut outcome = self.shown(&stored, None)?;
        outcome.success = Success::Ok;
        let reference = format!("{}/{}", self.type_name(key), key.id);
        outcome.location = Some(format!("{reference}/_history/{}", stored.version));
        if context.prefer_return == Some(PreferReturn::Minimal) {
            outcome.contents = Contents::Empty;
        }
        Ok(outcome)
    }
}
