/// Makes a test of every case. `$fixture` is an `async fn() -> Fixture` of the module that calls it,
/// or a path from the crate's root; the crate needs `tokio` with `macros` and `rt-multi-thread`.
#[macro_export]
macro_rules! conformance_suite {
    ($fixture:path) => {
        $crate::conformance_tests! { $fixture;
            access {
                reading_a_forbidden_type_is_refused,
                writing_a_forbidden_type_is_refused,
                forbidden_types_are_not_seen,
                chains_do_not_cross_forbidden_types,
            }
            batches {
                a_failing_write_leaves_nothing,
                a_failing_guard_leaves_nothing,
                a_resource_twice_is_refused,
                writes_are_told_in_their_order,
                an_empty_batch_changes_nothing,
                five_thousand_writes_are_one_commit,
            }
            bookmarks {
                a_bookmark_is_as_last_set,
                replicas_carry_bookmarks,
                writes_and_bookmark_appear_together,
                a_bookmark_moves_from_where_it_was_seen,
                of_many_who_move_a_bookmark_one_does,
            }
            changes {
                changes_tell_what_was_committed,
                changes_are_paged_by_cursor,
                a_cursor_at_the_end_sees_what_comes,
                a_foreign_cursor_is_refused,
                the_horizon_is_the_last_change,
                creating_again_keeps_everything,
            }
            check {
                damaged_contents_are_named_by_the_check,
                mending_a_sound_store_changes_nothing,
            }
            deferred_index {
                what_was_deferred_is_found_once_built,
                deferring_and_building_may_be_repeated,
                deferral_is_one_collections_own,
                deferral_is_durable,
            }
            durability {
                what_was_committed_survives_reopening,
                a_removal_survives_reopening,
            }
            guards {
                a_guard_holds_when_it_finds_what_it_was_told,
                a_guard_fails_when_it_finds_something_else,
                a_guard_sees_the_state_before_its_batch,
                conditional_creates_make_one_resource_each,
            }
            history {
                an_instance_has_all_its_versions,
                types_and_the_system_have_theirs,
                since_takes_versions_from_a_moment_on,
                at_takes_versions_current_in_a_span,
            }
            history_pages {
                pages_make_up_the_whole,
                pages_stand_while_writes_go_on,
                a_foreign_position_is_refused,
            }
            isolation {
                collections_see_only_themselves,
                removing_one_leaves_the_others,
                generations_are_apart,
            }
            payloads {
                large_contents_come_back,
                small_contents_come_back,
                a_body_has_its_version_and_time,
            }
            offloaded {
                the_next_version_is_told,
                contents_kept_elsewhere_become_their_own_version_only,
                a_batch_past_its_deadline_writes_nothing,
            }
            preconditions {
                each_precondition_meets_each_state,
                the_conflicting_write_is_named,
            }
            purge {
                past_versions_can_be_purged,
                a_resource_can_be_purged_as_a_whole,
                a_purge_of_the_current_version_takes_all,
                changes_survive_a_purge,
                purging_nothing_changes_nothing,
                versions_go_on_after_a_purge,
                references_to_the_purged_stay,
            }
            races {
                each_version_has_one_winner,
                a_poller_misses_nothing,
            }
            references {
                targets_may_come_and_go,
                chains_keep_to_parameters_and_types,
                a_resource_may_refer_to_itself,
                references_are_those_of_current_versions,
            }
            reindex {
                reindexing_replaces_keys,
                reindexing_leaves_newer_versions_alone,
                comparing_names_what_differs,
                keys_of_every_kind_are_kept_exactly,
            }
            removal {
                what_was_never_created_is_unknown,
                what_was_removed_is_unknown,
                created_again_it_begins_anew,
                created_at_once_it_is_one,
            }
            replicate {
                versions_are_taken_over_as_given,
                repeating_changes_nothing,
                the_highest_version_is_current,
                a_history_may_begin_late,
                a_replicated_deletion_stays,
                replicas_and_commits_share_versions,
            }
            replicate_changes {
                each_replica_has_its_own_provenance,
                lineage_is_as_given,
                a_version_whose_contents_are_gone_is_a_change,
                purges_are_taken_over,
                a_purge_of_the_current_version_is_of_all,
                a_purge_stands_between_versions_of_one_batch,
                numbers_of_purged_versions_are_not_given_again,
                bookmarks_and_purges_appear_together,
                a_batch_that_follows_another_place_is_refused,
                what_was_purged_may_be_taken_over_again,
            }
            search {
                keys_follow_the_current_version,
                filters_combine,
                keys_and_types_narrow,
                spans_of_time_are_half_open,
                a_total_needs_no_results,
            }
            search_oracle {
                random_queries_over_commits_agree,
                random_queries_over_replicas_agree,
            }
            search_pages {
                search_pages_stand_while_others_write,
                list_pages_stand_while_others_write,
                lists_have_one_order,
                foreign_positions_are_refused,
                search_pages_make_up_the_whole,
                pages_lead_back,
            }
            search_values {
                texts_are_found_whole_and_by_range,
                texts_end_themselves,
                ordered_bytes_are_found_by_range,
                patterns_stand_for_terms,
                ranges_over_terms_may_share_a_bound,
                ranges_lie_behind_many_terms,
                ranges_lie_behind_two_of_many_terms,
                suffixes_follow_the_text,
                texts_are_found_by_what_they_contain,
                a_second_range_is_of_the_same_value,
                a_resource_is_found_once,
            }
            snapshots {
                a_search_sees_one_moment,
            }
            sorts {
                values_order_by_their_extremes,
                segments_order_one_after_another,
                texts_order_by_themselves,
                sort_keys_follow_each_other,
                times_and_arrival_order,
                ids_order_as_text,
            }
            versions {
                versions_rise_by_one,
                every_version_is_readable,
                a_deletion_is_current,
                deleting_what_is_not_there_writes_nothing,
                last_updated_never_goes_back,
                many_keys_are_read_in_the_order_asked,
                many_versions_are_read_in_the_order_asked,
                versions_are_read_up_to_a_size,
                ids_of_every_form_are_their_own,
                two_types_share_an_id,
            }
            words {
                words_are_found_whole_and_by_their_start,
                words_follow_their_resource,
                deferred_words_are_found_once_built,
            }
        }
    };
}

/// What [`crate::conformance_suite`] is made with.
#[doc(hidden)]
#[macro_export]
macro_rules! conformance_tests {
    ($fixture:path; $($theme:ident { $($case:ident,)* })*) => { $(
        mod $theme {
            #[allow(unused_imports)]
            use super::*;
            $(
                #[tokio::test(flavor = "multi_thread")]
                async fn $case() {
                    $crate::conformance::cases::$theme::$case($fixture().await).await;
                }
            )*
        }
    )* };
}
