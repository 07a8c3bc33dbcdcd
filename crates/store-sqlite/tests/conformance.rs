//! The embedded store is a store, as the conformance suite defines it, whichever way it answers
//! searches.

use cresset_store::conformance::Fixture;
use cresset_store_sqlite::{OpenMode, Plans, Settings, SqliteStore};

async fn opened(plans: Plans) -> Fixture {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let root = folder.path().to_owned();
    Fixture::opening(move || {
        let settings = Settings { plans, ..Settings::default() };
        std::future::ready(SqliteStore::open(&root, OpenMode::Write, settings))
    })
    .await
    .keeping(folder)
}

async fn fixture() -> Fixture {
    opened(Plans::Cheapest).await
}

cresset_store::conformance_suite!(fixture);

/// What depends on the plan, once for each way that the planner doesn't choose.
mod other_plans {
    use super::*;
    use cresset_store::conformance::cases;

    macro_rules! by_every_plan {
        ($($theme:ident::$case:ident,)*) => { $(
            #[tokio::test(flavor = "multi_thread")]
            async fn $case() {
                for plans in [Plans::Walk, Plans::Sets] {
                    cases::$theme::$case(opened(plans).await).await;
                }
            }
        )* };
    }

    by_every_plan! {
        search::filters_combine,
        search::keys_and_types_narrow,
        search::spans_of_time_are_half_open,
        search::a_total_needs_no_results,
        search_oracle::random_queries_over_commits_agree,
        search_oracle::random_queries_over_replicas_agree,
        search_pages::search_pages_stand_while_others_write,
        search_pages::foreign_positions_are_refused,
        search_pages::search_pages_make_up_the_whole,
        search_pages::pages_lead_back,
        search_values::texts_are_found_by_what_they_contain,
        search_values::suffixes_follow_the_text,
        references::targets_may_come_and_go,
        references::chains_keep_to_parameters_and_types,
        references::a_resource_may_refer_to_itself,
        access::chains_do_not_cross_forbidden_types,
        access::forbidden_types_are_not_seen,
        sorts::values_order_by_their_extremes,
        sorts::segments_order_one_after_another,
        sorts::texts_order_by_themselves,
        sorts::sort_keys_follow_each_other,
        sorts::times_and_arrival_order,
        sorts::ids_order_as_text,
    }
}
